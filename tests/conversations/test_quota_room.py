"""A plan for so many people: who comes after them is told so, may wait, and is told once when there is a place."""

from pathlib import Path

import pytest

from bot.domain.messages import InboundKind
from bot.services import waiting as places
from bot.services.turn import Turn
from bot.storage import members
from bot.storage.database import Transaction
from content.federation import Federation
from tests.support.house import FEDERATION, House, Phone
from tests.support.officers import may_be_lost, set_member, times
from tests.support.people import pushed, settled
from tests.support.quota import account, allow, waiting


async def full(house: House, users: int = 2) -> list[Phone]:
    """As many members as the plan has places."""
    there = [await settled(house, str(801 + number), f"Người {number}") for number in range(users)]
    await allow(house, users=users)
    return there


async def counted(house: House, table: str) -> int:
    found: int = await house.running.db.read(lambda tx: tx.scalar(f"SELECT COUNT(*) FROM {table}"))
    return found


async def listed(house: House, chat: str) -> Phone:
    """A newcomer who put themselves on the waiting list, without restarts or crashes."""
    variant, house.variant = house.variant, "plain"
    phone = house.phone(chat)
    await phone.says("chào")
    await phone.says("1")
    house.variant = variant
    return phone


async def test_waiting_until_there_is_room(house: House) -> None:
    """Told courteously, listed with address and time only, told once when somebody leaves, and then begins."""
    first, _ = await full(house)
    phone = house.phone("901")
    answer = await phone.says("/start u_LC0421")
    assert "chỉ nhận 2 người và đã đủ" in answer
    assert "chỉ giữ địa chỉ nhắn tin này và lúc ghi" in answer
    assert phone.last.labels == ["1. Ghi tên chờ", "2. Thôi"]
    assert "Đã ghi" in await phone.says("ghi ten cho")
    assert await waiting(house) == [("901", False)]
    assert await counted(house, "member") == 2
    assert await counted(house, "dialog") == 0
    await house.passes("2025-05-04T07:57")
    assert "chờ từ 1/5/2025, trước anh/chị còn 0 người" in await phone.says("còn chờ không")
    assert "có chỗ tôi báo một lần" in await phone.says("chờ tiếp")
    await set_member(house, first, state="left")
    await house.passes("2025-05-04T08:15")
    await house.passes("2025-05-04T08:45")
    assert "Đã có chỗ" in (await pushed(house, phone)).text
    assert times(phone, "Đã có chỗ") == 1 or may_be_lost(house)
    assert await waiting(house) == [("901", True)]
    assert "Đồng ý" in " ".join([await phone.says("chào"), *phone.last.labels])
    assert "Nguồn:" in await phone.says("đồng ý")
    await house.passes("2025-05-04T09:00")
    assert await waiting(house) == []


async def test_words_of_who_waits_are_not_kept(plain_house: House) -> None:
    """A day after they wrote nothing is left of them but the address and the moment, as they were told."""
    await full(plain_house)
    phone = plain_house.phone("901")
    await phone.says("chào")
    assert "mẹ tôi ốm nặng" in await phone.says("mẹ tôi ốm nặng")
    await phone.says("ghi tên chờ")
    assert "còn 0 người" in await phone.says("sao lâu thế")
    await plain_house.passes("2025-05-02T07:50")
    address = "address_id = (SELECT id FROM address WHERE external_id = '901')"
    assert await counted(plain_house, f"outbox WHERE {address}") > 0
    await plain_house.passes("2025-05-02T07:57")
    assert await counted(plain_house, f"outbox WHERE {address}") == 0
    await plain_house.running.wipe()
    for path in plain_house.directory.glob("bot.db*"):
        assert "mẹ tôi ốm nặng".encode() not in path.read_bytes()
    assert await waiting(plain_house) == [("901", False)]
    assert "chờ từ 1/5/2025" in await phone.says("còn chờ không")


async def test_not_waiting_keeps_nothing(house: House) -> None:
    """*Thôi* leaves no address behind."""
    await full(house)
    phone = house.phone("901")
    await phone.says("chào")
    assert "không lưu gì cả" in await phone.says("thôi")
    assert await waiting(house) == []
    await house.passes("2025-05-01T07:57")
    assert await counted(house, "address") == 2
    assert "đã đủ" in await phone.says("chào")


async def test_waiting_no_longer(house: House) -> None:
    """Who waits may stop waiting; then nothing is kept either."""
    await full(house)
    phone = await listed(house, "901")
    await phone.says("thôi nhé")
    assert phone.last.labels == ["1. Chờ tiếp", "2. Thôi chờ"]
    assert "không lưu gì cả" in await phone.says("2")
    assert await waiting(house) == []
    await house.passes("2025-05-01T07:57")
    assert await counted(house, "address") == 2


async def test_members_are_never_turned_away(house: House) -> None:
    """A plan that shrank turns nobody out; who had left may come back."""
    there = await full(house, 3)
    await allow(house, users=1)
    for phone in there:
        assert "Bài hôm nay" in " ".join([await phone.says("menu"), *phone.last.labels])
    await set_member(house, there[0], state="left")
    await there[0].says("/start")
    assert "trở lại" in await there[0].says("đồng ý")


async def test_the_longest_waiting_first(plain_house: House) -> None:
    """A place is kept three days for who was told; then it is the next one's. Nobody comes before those who wait."""
    first, _ = await full(plain_house)
    for number in range(3):
        plain_house.clock.forward(minutes=1)
        await listed(plain_house, f"90{number}")
    await set_member(plain_house, first, state="left")
    stranger = plain_house.phone("950")
    assert "đã đủ" in await stranger.says("chào")
    assert "trước anh/chị còn 1 người" in await plain_house.phone("901").says("chào")
    assert "Đồng ý" in "".join([await plain_house.phone("900").says("chào"), *plain_house.phone("900").last.labels])
    await plain_house.passes("2025-05-01T08:15")
    assert await waiting(plain_house) == [("900", True), ("901", False), ("902", False)]
    assert "đã đủ" in await plain_house.phone("950").says("chào")
    assert plain_house.phone("900").last.labels == ["1. Đồng ý", "2. Để sau"]
    await plain_house.passes("2025-05-04T08:00")
    assert await waiting(plain_house) == [("900", True), ("901", False), ("902", False)]
    await plain_house.passes("2025-05-04T08:30")
    assert await waiting(plain_house) == [("901", True), ("902", False)]
    assert [times(plain_house.phone(f"90{number}"), "Đã có chỗ") for number in range(3)] == [0, 1, 0]


@pytest.mark.parametrize(("users", "told"), [(3, 1), (4, 2), (0, 3)])
async def test_a_bigger_plan_lets_them_in(plain_house: House, users: int, told: int) -> None:
    """As many as there are places; everybody when the plan has no limit any more."""
    await full(plain_house)
    for number in range(3):
        await listed(plain_house, f"90{number}")
    await allow(plain_house, users=users)
    await plain_house.passes("2025-05-01T08:15")
    assert [done for _, done in await waiting(plain_house)].count(True) == told
    assert "Đồng ý" in "".join([await plain_house.phone("900").says("chào"), *plain_house.phone("900").last.labels])


async def test_nobody_is_woken(plain_house: House) -> None:
    """A place that is free at night is told of in the morning."""
    first, _ = await full(plain_house)
    phone = await listed(plain_house, "901")
    await set_member(plain_house, first, state="left")
    plain_house.clock.at("2025-05-01T22:50")
    await plain_house.passes("2025-05-01T23:00")
    assert times(phone, "Đã có chỗ") == 0
    await plain_house.passes("2025-05-02T06:01")
    assert times(phone, "Đã có chỗ") == 1


async def test_an_open_question_about_waiting_is_over(plain_house: House) -> None:
    """Whoever was asked whether they still wait begins at once when there is a place."""
    first, _ = await full(plain_house)
    phone = await listed(plain_house, "901")
    assert "chờ tiếp chứ" in await phone.says("chào")
    await set_member(plain_house, first, state="left")
    await plain_house.passes("2025-05-01T08:15")
    await phone.says("1")
    assert phone.last.labels == ["1. Đồng ý", "2. Để sau"]


async def test_who_cannot_be_written_to_holds_no_place(plain_house: House) -> None:
    """Blocked meanwhile: off the list."""
    await full(plain_house)
    phone = await listed(plain_house, "901")
    await phone.sends(InboundKind.BLOCKED)
    await plain_house.passes("2025-05-01T08:15")
    assert await waiting(plain_house) == []


async def test_the_last_place_goes_to_who_agrees_first(plain_house: House) -> None:
    """Two read the same question; one place."""
    await full(plain_house, 1)
    await allow(plain_house, users=2)
    one, two = plain_house.phone("901"), plain_house.phone("902")
    await one.says("chào")
    await two.says("chào")
    assert "Nguồn:" in await two.says("đồng ý")
    assert "đã đủ" in await one.says("đồng ý")
    assert await counted(plain_house, "member") == 2


async def test_the_wrong_door(plain_house: House) -> None:
    """Members who open the waiting list, and strangers while there is room, are where they belong."""
    member = (await full(plain_house))[0]
    assert "đã tham gia rồi" in await member.taps_data("m:waiting")
    await allow(plain_house, users=3)
    stranger = plain_house.phone("901")
    await stranger.taps_data("m:waiting")
    assert stranger.last.labels == ["1. Đồng ý", "2. Để sau"]


async def test_nonsense_at_the_question(plain_house: House) -> None:
    """Is quoted back with the question, as anywhere."""
    await full(plain_house)
    phone = plain_house.phone("901")
    await phone.says("chào")
    assert "chưa hiểu “abc xyz”" in await phone.says("abc xyz")
    assert phone.last.labels == ["1. Ghi tên chờ", "2. Thôi"]
    assert "không lưu gì cả" in await phone.says("hủy")


async def offered(house: House, federation: Federation = FEDERATION, public_url: str = "") -> places.Offer:
    """What a newcomer on the first channel is offered."""

    def ask(tx: Transaction) -> places.Offer | None:
        address = members.arrive(tx, account(house), "901", house.clock.now()).address
        at = house.running.installation
        at.federation, at.public_url = federation, public_url
        return places.offer(Turn(tx, at, house.clock.now(), "test", address))

    offer = await house.running.db.write(ask)
    assert offer is not None
    return offer


async def test_other_ways_in(tmp_path: Path) -> None:
    """The web chat always; Telegram only where the federation proposes it to members."""
    house = House(tmp_path, channel="zalo_bot", beside=("webchat", "telegram"))
    house.public_url = ""
    for name in ("webchat", "telegram"):
        house.channels[name].link = f"https://{name}.example.test"
    await house.open()
    await house.plant_units()
    await full(house)
    answer = await house.phone("901").says("chào")
    assert "vào ngay được ở trang trò chuyện: https://webchat.example.test" in answer
    assert "Hoặc qua Telegram: https://telegram.example.test" in answer
    silent = FEDERATION.model_copy(update={"proposed_channels": ()})
    assert (await offered(house, silent))["telegram"] == ""
    assert (await offered(house, silent))["web"] == "https://webchat.example.test"
    assert (await offered(house, public_url="https://bot.example.test"))["web"] == "https://bot.example.test/chat"
    await house.close()


async def test_no_other_way_in(house: House) -> None:
    """Where there is only this channel nothing else is promised."""
    await full(house)
    answer = await house.phone("901").says("chào")
    assert "trang trò chuyện" not in answer
    assert "Telegram" not in answer
