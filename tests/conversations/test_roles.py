"""Roles lent, handed over, ending: told to everybody concerned, and gone the very instant."""

from bot.domain.people import RoleKind
from bot.services import offers
from bot.services.turn import Turn
from bot.storage import members, units
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import audited, granted, may_be_lost, member_id, officer_of, outcomes, times
from tests.support.people import introduce, settled, taps_pushed


async def held(house: House, phone: Phone) -> list[tuple[str, str]]:
    """What a person may do now, as (kind, title)."""
    id = await member_id(house, phone)
    found = await house.running.db.read(lambda tx: units.roles_of(tx, id, house.clock.now()))
    return [(role.kind.value, role.title) for role in found]


async def admin_of(house: House) -> Phone:
    return await granted(house, await settled(house, "700", "Quản Trị", "LD"), "LD", RoleKind.ADMIN, title="")


async def test_handing_over(house: House) -> None:
    """Everything in one step: shown, accepted, moved at once, told, and a list to sign."""
    admin = await admin_of(house)
    an = await officer_of(house, "LC0421")
    await granted(house, an, "LC0421", RoleKind.REVIEWER, title="")
    lan = await settled(house, "701", "Lò Thị Lan")
    await an.says("/bangiao")
    assert "Không thấy ai tên “Vàng A”" in await an.says("Vàng A")
    assert "chọn đúng người" in await an.says("lo thi lan")
    shown = await an.says("1")
    assert "Trần Văn An bàn giao cho Lò Thị Lan:\n1. Chủ tịch, CĐCS Công ty Ví dụ A\n2. Người xét gương tốt" in shown
    assert "Đã gửi lời mời" in await an.says("gửi lời mời")
    assert await held(house, lan) == []
    if may_be_lost(house) and not lan.shown:
        return
    answer = await taps_pushed(house, lan, "Nhận việc")
    assert "đã nhận bàn giao" in answer
    assert await held(house, lan) == [("officer", "Chủ tịch"), ("reviewer", "")]
    assert await held(house, an) == []
    assert (await outcomes(house, "handover:%")).total() >= 2
    if not may_be_lost(house):
        assert times(admin, "Lò Thị Lan đã nhận bàn giao từ Trần Văn An") == 1
    assert (await audited(house)).count("role_handed_over") == 2


async def test_a_handover_lapses(plain_house: House) -> None:
    """After seven days nothing has moved, both hear of it, and the button is worth nothing."""
    an, lan = await officer_of(plain_house, "LC0421"), await settled(plain_house, "701", "Lò Thị Lan")
    for said in ("/bangiao", "lò thị lan", "1", "gửi lời mời"):
        await an.says(said)
    await plain_house.passes("2025-05-09T08:00:01")
    assert times(an, "hết hiệu lực") >= 1
    assert "quá 7 ngày" in lan.last.text
    assert await held(plain_house, an) == [("officer", "Chủ tịch")]
    id = await member_id(plain_house, lan)

    def press(tx: Transaction) -> str:
        turn = Turn(tx, plain_house.running.installation, plain_house.clock.now(), "t", member=members.by_id(tx, id))
        return offers.pressed(turn, "1", "take").texts[0].name

    assert await plain_house.running.db.write(press) == "roles.offer_over"


async def test_a_deputy(plain_house: House) -> None:
    """Accepted, marked as standing in, without the right to lend it on; ended by the principal at any time."""
    an, lan = await officer_of(plain_house, "LC01"), await settled(plain_house, "701", "Lò Thị Lan")
    await an.says("/viecduocgiao")
    await an.says("ủy quyền")
    await an.says("công ty ví dụ a")
    await an.says("2")
    await an.says("lan")
    assert "Muộn nhất là 30/6/2025" in await an.says("1")
    assert "quá xa" in await an.says("1/7/2025")
    assert "Đã gửi lời mời" in await an.says("30/6/2025")
    await taps_pushed(plain_house, lan, "Nhận việc")
    assert await held(plain_house, lan) == [("officer", "thay mặt Chủ tịch Công đoàn xã Ví dụ")]
    assert "Lò Thị Lan đã nhận làm thay" in an.last.text
    assert "dành cho người được giao" in await lan.says("ủy quyền")
    assert "Ủy quyền cho Lò Thị Lan đến hết ngày 30/6/2025" in await an.says("/viecduocgiao")
    await an.says("thôi ủy quyền")
    assert "Đã thôi ủy quyền" in await an.says("1")
    assert await held(plain_house, lan) == []
    assert times(lan, "thôi đảm nhận việc thay mặt Chủ tịch") == 1


async def test_a_deputy_ends_with_the_principals_role(plain_house: House) -> None:
    """Taken back from the one, it is gone from the other in the same moment."""
    admin = await admin_of(plain_house)
    an, lan = await officer_of(plain_house, "LC0421"), await settled(plain_house, "701", "Lò Thị Lan")
    for said in ("ủy quyền", "cả đơn vị", "lan", "1", "10/5/2025"):
        await an.says(said)
    await taps_pushed(plain_house, lan, "Nhận việc")
    assert await held(plain_house, lan) == [("officer", "thay mặt Chủ tịch")]
    for said in ("thôi giao việc", "1", "thôi giao"):
        await admin.says(said)
    assert await held(plain_house, an) == await held(plain_house, lan) == []
    assert times(admin, "không còn cán bộ công đoàn nào") == 1


async def test_a_term(plain_house: House) -> None:
    """Told fourteen days and one day ahead; renewed by an administrator; else over, and told."""
    admin = await admin_of(plain_house)
    an = await settled(plain_house, "801", "Trần Văn An")
    ends = plain_house.clock
    ends.at("2025-05-20T00:00")
    until = ends.now()
    ends.at("2025-05-01T07:55")
    await granted(plain_house, an, "LC0421", valid_until=until)
    await plain_house.passes("2025-05-02T08:00:01")
    assert not an.shown
    await plain_house.passes("2025-05-06T08:00:01")
    assert times(an, "đến hết ngày 19/5/2025") == 1
    await plain_house.passes("2025-05-19T08:00:01")
    assert times(an, "đến hết ngày 19/5/2025") == 2
    await taps_pushed(plain_house, admin, "Gia hạn")
    assert "Đã gia hạn" in await admin.says("25/5/2025")
    assert "được gia hạn đến hết ngày 25/5/2025" in an.last.text
    plain_house.clock.at("2025-05-25T23:59")
    assert await held(plain_house, an) == [("officer", "Chủ tịch")]
    plain_house.clock.at("2025-05-26T00:00")
    assert await held(plain_house, an) == []
    await plain_house.passes("2025-05-26T08:00:01")
    assert times(an, "thôi đảm nhận việc Chủ tịch") == 1
    assert times(admin, "không còn cán bộ công đoàn nào") == 1
    assert (await audited(plain_house)).count("role_over") == 1


async def test_open_reviews_go_on_when_a_reviewers_role_ends(plain_house: House) -> None:
    admin = await admin_of(plain_house)
    await settled(plain_house, "901", "Người Xét", "LC0421", reviews="LC0421")
    above = await settled(plain_house, "902", "Người Trên", "LC01", reviews="LC01")
    await introduce(plain_house, await settled(plain_house, "701", "Lò Thị Lan"))
    assert not above.shown
    for said in ("thôi giao việc", "2", "thôi giao"):
        await admin.says(said)
    assert times(above, "gương tốt mới chờ") == 1


async def test_forged_offers(plain_house: House) -> None:
    """Others' roles, units outside, too long a time, others' offers: nothing."""
    an, lan = await officer_of(plain_house, "LC0421"), await settled(plain_house, "701", "Lò Thị Lan")
    ids = [await member_id(plain_house, phone) for phone in (an, lan)]

    def forge(tx: Transaction) -> None:
        at, now = plain_house.running.installation, plain_house.clock.now()
        mine = Turn(tx, at, now, "test", member=members.by_id(tx, ids[0]))
        theirs = Turn(tx, at, now, "test", member=members.by_id(tx, ids[1]))
        role = units.roles_of(tx, ids[0], now)[0]
        outside = units.by_code(tx, "LC0422")
        assert outside is not None
        assert not offers.deputise(theirs, role.id, ids[0], role.unit_id, "2025-05-10")
        assert not offers.deputise(mine, role.id, ids[1], outside.id, "2025-05-10")
        assert not offers.deputise(mine, role.id, ids[1], role.unit_id, "2025-07-10")
        assert not offers.deputise(mine, role.id, ids[0], role.unit_id, "2025-04-10")
        assert not offers.offer_handover(theirs, ids[0], ids[1])
        assert not offers.offer_handover(mine, 0, ids[0])
        assert offers.offer_handover(mine, 0, ids[1])
        assert offers.pressed(mine, "1", "take").texts[0].name == "roles.offer_over"
        assert offers.pressed(theirs, "x", "take").texts[0].name == "roles.offer_over"

    await plain_house.running.db.write(forge)


async def test_what_staff_did(plain_house: House) -> None:
    """Administrators read it for their subtree, in plain words; erasing an officer ends the deputy's role too."""
    admin, below = await admin_of(plain_house), await settled(plain_house, "699", "Quản Trị B", "LC0422")
    await granted(plain_house, below, "LC0422", RoleKind.ADMIN, title="")
    an, lan = await officer_of(plain_house, "LC0421"), await settled(plain_house, "701", "Lò Thị Lan")
    for said in ("ủy quyền", "cả đơn vị", "lan", "1", "10/5/2025"):
        await an.says(said)
    await taps_pushed(plain_house, lan, "Nhận việc")
    assert "Trần Văn An: mời làm thay, CĐCS Công ty Ví dụ A" in await admin.says("/nhatky")
    assert "Lò Thị Lan: nhận làm thay" in admin.last.text
    await admin.says("để sau")
    assert "Chưa có việc nào" in await below.says("/nhatky")
    for said in ("xóa dữ liệu của tôi", "XÓA"):
        await an.says(said)
    assert await held(plain_house, lan) == []
    assert times(admin, "không còn cán bộ công đoàn nào") == 1


async def test_an_officer_who_leaves(plain_house: House) -> None:
    """The duties stay to be handed over; administrators hear of it."""
    admin, an = await admin_of(plain_house), await officer_of(plain_house, "LC0421")
    await an.says("/ngung")
    await an.says("1")
    assert times(admin, "Trần Văn An, Chủ tịch của CĐCS Công ty Ví dụ A, đã ngừng tham gia") == 1
    assert await held(plain_house, an) == [("officer", "Chủ tịch")]
