"""A plan for so many messages: counted both ways, shown to administrators, warned of once."""

import structlog

from bot.domain.people import RoleKind
from tests.support.house import House, Phone
from tests.support.officers import granted, may_be_lost, officer_of, outcomes, set_member, times
from tests.support.people import pushed, settled
from tests.support.quota import allow, spend, used


async def admin_of(house: House, unit: str = "LD") -> Phone:
    return await granted(house, await settled(house, "700", "Quản Trị", unit), unit, RoleKind.ADMIN, title="")


async def asked(house: House, admin: Phone) -> tuple[str, int, int]:
    """What an administrator reads, by way of their work; and what was sent and received by then."""
    await admin.says("việc của cán bộ")
    sent, received = await used(house)
    return await admin.taps("Hạn mức kênh"), sent, received + 1


async def test_what_people_send_is_counted_once(house: House) -> None:
    """With the row it is stored in; a second delivery of the same update is not another message."""
    await allow(house, messages=3000)
    phone = await settled(house, "801", "Lê Thị Bình")
    for text in ("menu", "chào", "thông báo"):
        await phone.says(text)
    assert (await used(house))[1] == 3


async def test_what_goes_out_is_counted(house: House) -> None:
    """With the mark that says so: what was in flight at a crash went out again, and is counted when it is marked."""
    await allow(house, messages=3000)
    phone = await settled(house, "801", "Lê Thị Bình")
    for text in ("menu", "chào", "thông báo"):
        await phone.says(text)
    assert (await used(house))[0] == len(phone.shown) == 3


async def test_nothing_is_counted_without_a_plan(plain_house: House) -> None:
    """No row is written for an account without limits."""
    phone = await settled(plain_house, "801", "Lê Thị Bình")
    await phone.says("menu")
    assert await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM quota_use")) == 0


async def test_administrators_see_what_is_used(house: House) -> None:
    """People and messages of the plan's numbers, days left, who waits and since when."""
    admin = await admin_of(house)
    await settled(house, "801", "Lê Thị Bình")
    await allow(house, users=2, messages=3000)
    variant, house.variant = house.variant, "plain"
    newcomer = house.phone("901")
    await newcomer.says("chào")
    await newcomer.says("1")
    house.variant = variant
    house.clock.at("2025-05-03T09:00")
    await spend(house, sent=1000, received=100)
    shown, sent, received = await asked(house, admin)
    assert "Người dùng: 2 trong 2." in shown
    assert "Danh sách chờ: 1 người, lâu nhất từ 1/5/2025." in shown
    assert received == 104
    assert f"Tin tháng này: {sent + received} trong 3000 (gửi {sent}, nhận {received})." in shown
    assert "Còn 29 ngày" in shown


async def test_only_what_is_sent_where_the_plan_says_so(plain_house: House) -> None:
    """And without a limit of people nothing is said of them."""
    admin = await admin_of(plain_house)
    await allow(plain_house, messages=500, counts_received=False)
    await spend(plain_house, sent=40, received=100)
    shown, sent, received = await asked(plain_house, admin)
    assert f"Tin tháng này: {sent} trong 500 (gửi {sent}, nhận {received})." in shown
    assert "Người dùng" not in shown


async def test_who_sees_it(plain_house: House) -> None:
    """Administrators, and only where there is a plan."""
    admin = await admin_of(plain_house)
    await admin.says("việc của cán bộ")
    assert "Hạn mức" not in " ".join(admin.last.labels)
    assert "không có hạn mức" in await admin.says("hạn mức kênh")
    await allow(plain_house, messages=500)
    officer = await officer_of(plain_house)
    await officer.says("việc của cán bộ")
    assert "Hạn mức" not in " ".join(officer.last.labels)
    assert "dành cho người được giao" in await officer.says("hạn mức kênh")


async def test_a_warning_once_a_month(house: House) -> None:
    """At 80 % of the messages; the next month counts anew."""
    house.clock.at("2025-05-20T08:00")
    admin = await admin_of(house)
    await allow(house, messages=1000)
    await spend(house, sent=500, received=299)
    await house.passes("2025-05-20T08:15")
    assert (await outcomes(house, "quota:%")).total() == 0
    await spend(house, received=1)
    await house.passes("2025-05-20T08:30")
    assert "đã dùng 800 trong 1000 tin của tháng này, còn 12 ngày" in (await pushed(house, admin)).text
    await house.restart()
    await house.passes("2025-05-21T09:00")
    assert (await outcomes(house, "quota:messages")).total() == 1
    assert times(admin, "đã dùng") == 1 or may_be_lost(house)
    await spend(house, sent=900, month="2025-06")
    await house.passes("2025-06-02T09:00")
    assert (await outcomes(house, "quota:messages")).total() == 2


async def test_the_month_is_the_installations(plain_house: House) -> None:
    """What comes at half past midnight of 1 June in Vietnam, 17:30 of 31 May in Greenwich, is June's."""
    await allow(plain_house, messages=1000)
    phone = await settled(plain_house, "801", "Lê Thị Bình")
    plain_house.clock.at("2025-05-31T23:59")
    await phone.says("menu")
    plain_house.clock.at("2025-06-01T00:30")
    await phone.says("menu")
    assert (await used(plain_house, "2025-05"))[1] == 1
    assert (await used(plain_house, "2025-06"))[1] == 1


async def test_a_warning_when_places_run_out(house: House) -> None:
    """Once at 80 % of the people, whatever month; again only for another plan."""
    house.clock.at("2025-05-20T08:00")
    admin = await admin_of(house)
    await allow(house, users=5)
    for number in range(2):
        await settled(house, f"80{number}", "Đoàn Viên")
    await house.passes("2025-05-20T08:15")
    assert (await outcomes(house, "quota:%")).total() == 0
    phone = await settled(house, "809", "Đoàn Viên")
    await house.passes("2025-05-20T08:30")
    assert "đã có 4 trong 5 người" in (await pushed(house, admin)).text
    await house.passes("2025-06-01T08:30")
    await set_member(house, phone, state="left")
    await house.passes("2025-06-02T08:30")
    await set_member(house, phone, state="active")
    await house.passes("2025-06-03T08:30")
    assert (await outcomes(house, "quota:users")).total() == 1
    await allow(house, users=4)
    await house.passes("2025-06-04T08:30")
    assert (await outcomes(house, "quota:users")).total() == 2


async def test_the_log_says_it_too(plain_house: House) -> None:
    """One line a warning, also where nobody administers yet."""
    await allow(plain_house, messages=1000)
    await spend(plain_house, sent=900)
    with structlog.testing.capture_logs() as lines:
        await plain_house.passes("2025-05-01T08:15")
        await plain_house.passes("2025-05-01T08:30")
    assert [line["what"] for line in lines if line["event"] == "quota_nearly_used"] == ["messages"]


async def test_the_last_tenth_is_kept(house: House) -> None:
    """No piece is pushed then, which is recorded; reminders of the great days still are."""
    await settled(house, "801", "Lê Thị Bình")
    await set_member(house, house.phone("801"), slot="morning")
    await allow(house, messages=1000, counts_received=False)
    await spend(house, sent=901)
    await house.passes("2025-05-02T06:31")
    assert (await outcomes(house, "daily:%")).total() == 0
    states = await house.running.db.read(lambda tx: tx.all("SELECT state FROM occurrence"))
    assert states == [("missed",)]
    await spend(house, sent=-1)
    await house.passes("2025-05-03T06:31")
    assert (await outcomes(house, "daily:2025-05-03")).total() == 1
    house.clock.at("2025-05-11T12:00")
    await spend(house, sent=50)
    await house.passes("2025-05-12T06:31")
    assert (await outcomes(house, "daily:2025-05-12")).total() == 1
