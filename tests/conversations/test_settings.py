"""Settings: every change by button and by typing, said back, and the list again."""

from bot.domain.lanes import Lane
from bot.domain.messages import Outbound
from bot.domain.people import Member
from bot.domain.prompts import text
from bot.services import posting
from bot.services.turn import Turn
from bot.storage import members, outbox
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.people import settled


async def member_of(house: House, phone: Phone) -> Member:
    """The member behind a phone, from the database."""

    def read(tx: Transaction) -> Member | None:
        id = tx.scalar("SELECT member_id FROM address WHERE external_id = ?", (phone.chat,))
        return members.by_id(tx, id)

    found = await house.running.db.read(read)
    assert found is not None
    return found


async def test_the_list_shows_what_is_set(house: House) -> None:
    """Every current value, and every change one tap or one number away."""
    lan = house.phone("601")
    await lan.joins(form="Chị", name="Lò Thị Lan", hour="Sáng sớm")
    shown = await lan.says("cai dat")
    assert "chị Lò Thị Lan" in shown
    assert "Sáng sớm (06:30)" in shown
    assert "21:00–06:00" in shown
    assert "CĐCS Công ty Ví dụ A (chờ cán bộ xác nhận)" in shown
    assert [label.partition(". ")[2] for label in lan.last.labels] == [
        "Cách xưng hô",
        "Giờ nhận bài",
        "Giờ không làm phiền",
        "Tạm nghỉ đến ngày…",
        "Chuyển đơn vị",
        "Tư cách đoàn viên",
        "Việc làm của tôi",
        "Ngôn ngữ nghe",
        "Máy và ứng dụng",
        "Dữ liệu của tôi",
        "Xóa dữ liệu của tôi",
        "Ngừng tham gia",
    ]


async def test_form_and_name(house: House) -> None:
    """The new form is used at once; the name is kept exactly as typed."""
    phone = house.phone("602")
    await phone.joins(form="Anh")
    await phone.says("/caidat")
    await phone.says("1")
    assert "Tên cô là gì" in await phone.says("co")
    answer = await phone.says("Nguyễn  Thị   Hai")
    assert "Từ nay tôi gọi là cô Nguyễn Thị Hai." in answer
    assert "Cài đặt của cô" in answer
    await phone.taps("Cách xưng hô")
    assert "Tên đang ghi: Nguyễn Thị Hai" in await phone.taps("Đồng chí")
    assert "đồng chí Nguyễn Thị Hai" in await phone.says("giữ")
    member = await member_of(house, phone)
    assert (member.form, member.name) == ("đồng chí", "Nguyễn Thị Hai")


async def test_a_name_that_is_no_name_is_asked_again(plain_house: House) -> None:
    """Too long, with a link, without a letter: nothing is saved until the name is good."""
    house = plain_house
    phone = house.phone("603")
    await phone.joins(form="Chị", name="Vàng A Sử")
    await phone.says("cài đặt")
    await phone.says("xưng hô")
    await phone.says("anh")
    for typed in ("x" * 61, "https://lua-dao.example/x", "12345", "a" * 5000):
        assert "chưa ghi được tên" in await phone.says(typed)
    assert (await member_of(house, phone)).form == "chị"
    assert "anh Huy" in await phone.says("Huy")


async def test_cancel_while_the_name_is_asked(house: House) -> None:
    """«Hủy» with its accent is the command, and nothing was changed."""
    phone = house.phone("604")
    await phone.joins(form="Chị", name="Lan")
    await phone.says("cài đặt")
    await phone.says("1")
    await phone.says("anh")
    assert "Đã hủy" in await phone.says("Hủy")
    assert (await member_of(house, phone)).form == "chị"


async def test_hour_in_words(house: House) -> None:
    """Sáng sớm, trưa, tối, or none."""
    phone = house.phone("605")
    await phone.joins(hour="Tối")
    await phone.says("8")
    await phone.says("2")
    answer = await phone.says("trua")
    assert "Đã đặt giờ nhận bài: Trưa (11:30)." in answer
    assert "Giờ nhận bài: Trưa (11:30)" in answer
    await phone.taps("Giờ nhận bài")
    assert "không tự gửi bài" in await phone.says("tự mở")
    assert (await member_of(house, phone)).slot == "none"


async def test_quiet_hours(house: House) -> None:
    """They may cross midnight, may be none, and the usual ones are one tap away."""
    phone = house.phone("606")
    await phone.joins()
    await phone.says("cài đặt")
    await phone.says("giờ không làm phiền")
    answer = await phone.says("từ 22h30 đến 5 giờ sáng")
    assert "Đã đặt giờ không làm phiền: 22:30–05:00." in answer
    member = await member_of(house, phone)
    assert (member.quiet_from, member.quiet_to) == (22 * 60 + 30, 5 * 60)
    await phone.says("3")
    assert "Đã tắt giờ không làm phiền" in await phone.says("tat")
    assert "Giờ không làm phiền: tắt" in phone.last.text
    await phone.says("3")
    assert "21:00–06:00" in await phone.says("1")
    member = await member_of(house, phone)
    assert (member.quiet_from, member.quiet_to) == (21 * 60, 6 * 60)


async def test_periods_and_dates_that_cannot_be(plain_house: House) -> None:
    """A sentence with an example, and the question again."""
    phone = plain_house.phone("614")
    await phone.joins()
    await phone.says("cài đặt")
    await phone.says("giờ không làm phiền")
    for typed in ("lúc nào cũng được", "25h đến 6h", "22h đến 22h", "1" * 5000):
        assert "chưa đọc được giờ" in await phone.says(typed)
    await phone.says("/caidat")
    await phone.says("tạm nghỉ")
    for typed in ("bao giờ khỏe", "31/2", "{{7*7}}"):
        assert "chưa đọc được ngày" in await phone.says(typed)
    for typed in ("1/1/2024", "2/5/2026", "hôm qua"):
        assert "từ hôm nay đến một năm" in await phone.says(typed)


async def test_quiet_hours_never_hold_a_reply(house: House) -> None:
    """At midnight an answer comes at once."""
    phone = house.phone("607")
    await phone.joins()
    house.clock.at("2025-05-02T00:30")
    assert "Cài đặt của anh" in await phone.says("cài đặt")


async def test_pause_until_a_date(house: House) -> None:
    """A date in the future, at most a year; «Nhận lại ngay» ends it."""
    phone = house.phone("608")
    await phone.joins()
    await phone.says("cài đặt")
    assert "đến hết ngày nào" in await phone.says("tạm nghỉ")
    answer = await phone.says("19/5")
    assert "đến hết ngày 19/5/2025" in answer
    assert "Tạm nghỉ: đến hết ngày 19/5/2025" in answer
    assert str((await member_of(house, phone)).paused_until) == "2025-05-19"
    await phone.says("tam nghi")
    assert phone.last.labels == ["1. Nhận lại ngay", "2. Giữ như cũ"]
    assert "nhận lại bài và lời nhắc" in await phone.taps("Nhận lại ngay")
    assert (await member_of(house, phone)).paused_until is None


async def test_a_pause_that_is_over_is_not_shown(house: House) -> None:
    """The day after, the list says there is none."""
    phone = house.phone("609")
    await phone.joins()
    await phone.says("cài đặt")
    await phone.says("4")
    await phone.says("mai")
    house.clock.at("2025-05-02T09:00")
    assert "Tạm nghỉ: đến hết ngày 2/5/2025" in await phone.says("/caidat")
    house.clock.at("2025-05-03T09:00")
    assert "Tạm nghỉ: không" in await phone.says("/caidat")


async def test_change_of_unit_returns_to_the_list(house: House) -> None:
    """The new unit waits for its officer."""
    phone = house.phone("610")
    await phone.joins()
    await phone.says("cài đặt")
    await phone.says("chuyển đơn vị")
    await phone.says("truong vi du b")
    answer = await phone.says("1")
    assert "Đã ghi CĐCS Trường Ví dụ B" in answer
    assert "Cài đặt của anh" in answer


async def test_choosing_ones_own_unit_again_keeps_it_confirmed(house: House) -> None:
    """The officer has nothing to do about it."""
    phone = await settled(house, "616", "Lò Thị Lan", form="chị")
    await phone.says("chuyển đơn vị")
    await phone.says("LC0421")
    answer = await phone.says("1")
    assert "Vâng, chị vẫn ở CĐCS Công ty Ví dụ A." in answer
    assert (await member_of(house, phone)).unit_state == "confirmed"


async def test_standing(house: House) -> None:
    """A worker who is no member says so."""
    phone = house.phone("611")
    await phone.joins()
    await phone.says("cài đặt")
    await phone.says("6")
    assert "Đã ghi: Người lao động." in await phone.says("nguoi lao dong")
    assert (await member_of(house, phone)).standing == "worker"


async def test_leaving_and_coming_back(house: House) -> None:
    """«ngừng» from anywhere outside a dialog; pushes stop, data stays, consent is asked again at the return."""
    phone = house.phone("612")
    await phone.joins(name="Giàng A Páo")
    assert "tôi không tự gửi gì nữa" in await phone.says("ngừng")
    assert "vẫn nhận tin như trước" in await phone.says("thôi")
    assert (await member_of(house, phone)).state == "active"
    await phone.says("ngung")
    assert "đã ngừng tham gia" in await phone.says("1")
    member = await member_of(house, phone)
    assert (member.state, member.name) == ("left", "Giàng A Páo")
    assert "đã ngừng tham gia rồi" in await phone.says("ngừng")
    assert "đang ngừng tham gia" in await phone.says("cài đặt")
    assert phone.last.labels[-1] == "12. Tham gia lại"
    assert "đồng ý không" in await phone.says("tham gia lại")
    assert "Giàng A Páo trở lại" in await phone.taps("Đồng ý")
    assert (await member_of(house, phone)).state == "active"


async def wait_for(house: House, member: Member, *lanes: Lane) -> None:
    """Pushes that go out in an hour."""

    def enqueue(tx: Transaction) -> None:
        address = members.push_address(tx, member.id)
        assert address is not None
        for lane in lanes:
            later, body = house.clock.now() + 3_600_000, Outbound(f"Tin {lane.name}")
            outbox.enqueue(tx, address.account_id, address.id, body, 0, lane=lane, not_before=later)

    await house.running.db.write(enqueue)


async def in_two_hours(house: House, phone: Phone) -> list[str]:
    """What has come by then."""
    phone.new  # noqa: B018 - what came so far is seen
    house.clock.forward(hours=2)
    house.running.wake(pushes=True)
    await house.settle()
    return [message.text for message in phone.new]


async def test_what_waits_for_one_who_leaves_is_not_sent(plain_house: House) -> None:
    """Waiting pushes are cancelled at leaving, and no new one is made."""
    house = plain_house
    phone = house.phone("613")
    await phone.joins()
    member = await member_of(house, phone)
    await wait_for(house, member, Lane.ANNOUNCEMENT, Lane.DAILY)
    await phone.says("/ngung")
    await phone.taps("Ngừng")

    def push(tx: Transaction) -> int | None:
        turn, hello = Turn(tx, house.running.installation, house.clock.now(), "test"), [text("routing.menu")]
        until = house.clock.now() + 3_600_000
        return posting.push(turn, member.id, hello, lane=Lane.DAILY, origin="test:1", valid_until=until)

    assert await house.running.db.write(push) is None
    assert await in_two_hours(house, phone) == []


async def test_a_pause_stops_what_waits_but_not_the_unions_announcements(plain_house: House) -> None:
    """The sentence says so."""
    phone = plain_house.phone("615")
    await phone.joins()
    await wait_for(plain_house, await member_of(plain_house, phone), Lane.ANNOUNCEMENT, Lane.MILESTONE, Lane.DAILY)
    await phone.says("/caidat")
    await phone.says("4")
    assert "thông báo của công đoàn vẫn tới" in await phone.says("tuần sau")
    assert await in_two_hours(plain_house, phone) == ["Tin ANNOUNCEMENT"]
