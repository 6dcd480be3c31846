"""A unit is merged or ends: members are asked, answer, and it is done on the day; until then it can be taken back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.people import Member, RoleKind
from bot.domain.time import DAY
from bot.services import access, tables, unit_ending
from bot.services.turn import Turn
from bot.storage import members, privacy, units
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import audited, granted, member_id, sends, times
from tests.support.people import settled, taps_pushed


async def admin_of(house: House) -> Phone:
    return await granted(house, await settled(house, "700", "Quản Trị", "LD"), "LD", RoleKind.ADMIN, title="")


async def decides(house: House, admin: Phone, what: str, unit: str, into: str = "", last_day: str = "8/5/2025") -> str:
    """Make a decision, without restarts or crashes; returns the confirmation shown before."""
    variant, house.variant = house.variant, "plain"
    house.running.intake._arrivals.clear()
    await admin.says("/ketthucdonvi")
    await admin.taps(what)
    for code in filter(None, (unit, into)):
        found = await admin.says(code)
        assert "chọn đơn vị" in found
        await admin.says("1")
    shown = await admin.says(last_day)
    house.variant = variant
    return shown


async def now_in(house: House, phone: Phone) -> tuple[str, str, str]:
    """The unit, its state, and the standing of the member behind a phone."""
    id = await member_id(house, phone)

    def read(tx: Transaction) -> tuple[str, str, str]:
        member = members.by_id(tx, id)
        assert isinstance(member, Member)
        unit = units.by_id(tx, member.unit_id) if member.unit_id else None
        return unit.code if unit else "", member.unit_state, member.standing

    return await house.running.db.read(read)


async def test_a_merge(house: House) -> None:
    """The numbers first; three choices; who is silent moves; officers' roles end in the first minute."""
    admin = await admin_of(house)
    an = await granted(house, await settled(house, "801", "Trần Văn An"), "LC0421")
    binh, chi = await settled(house, "802", "Lò Bình"), await settled(house, "803", "Vàng Chi")
    shown = await decides(house, admin, "Sáp nhập", "LC0421", "LC0422")
    assert "sáp nhập vào CĐCS Trường Ví dụ B, ngày cuối 8/5/2025" in shown
    assert "Hỏi ý 3 đoàn viên" in shown
    assert "Thôi 1 việc" in shown
    assert "Đã ghi quyết định" in await admin.taps("Ghi quyết định")
    await house.passes("2025-05-05 10:00")
    if house.variant != "crashes":
        assert times(binh, "sáp nhập vào CĐCS Trường Ví dụ B") == 1
    assert "vẫn nhận bài, không còn thuộc" in await taps_pushed(house, binh, "Chỉ nhận bài")
    assert "thuộc CĐCS Trường Ví dụ B" in await taps_pushed(house, chi, "Về đơn vị mới")
    await house.passes("2025-05-08 23:58")
    assert await now_in(house, an) == ("LC0421", "confirmed", "member")
    await house.passes("2025-05-09 00:00")
    await house.passes("2025-05-09 00:01")
    assert await now_in(house, an) == ("LC0422", "confirmed", "member")
    assert await now_in(house, binh) == ("", "none", "former")
    assert await now_in(house, chi) == ("LC0422", "confirmed", "member")
    acts = await audited(house)
    assert [acts.count(act) for act in ("unit_ending_decided", "role_ended", "unit_ended")] == [1, 1, 1]
    await house.passes("2025-05-09 08:00")
    await house.passes("2025-05-09 08:10")
    if house.variant != "crashes":
        assert times(an, "thôi việc Chủ tịch ở đó") == 1
        assert times(an, "Từ nay anh thuộc CĐCS Trường Ví dụ B") == 1
        assert times(an, "Xin nhắc") == 1
        assert times(chi, "Xin nhắc") == 0


@pytest.fixture
async def one_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One channel: what follows does not depend on it."""
    house = House(tmp_path_factory.mktemp("house"))
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


async def test_roles_end_before_anything_ran(one_house: House) -> None:
    """The check looks at the unit: a minute past midnight, without a tick, an officer is none."""
    admin = await admin_of(one_house)
    an = await granted(one_house, await settled(one_house, "801", "Trần Văn An"), "LC0421")
    await decides(one_house, admin, "Sáp nhập", "LC0421", "LC0422")
    await admin.taps("Ghi quyết định")
    id = await member_id(one_house, an)

    def held(tx: Transaction) -> list[int]:
        turn = Turn(tx, one_house.running.installation, one_house.clock.now(), "t", member=members.by_id(tx, id))
        return access.officer_units(turn)

    one_house.clock.at("2025-05-08 23:59")
    assert len(await one_house.running.db.read(held)) == 1
    one_house.clock.at("2025-05-09 00:00")
    assert await one_house.running.db.read(held) == []


async def test_an_end_and_who_is_silent(one_house: House) -> None:
    """Without a successor a member chooses a unit, or goes on reading and is listed to the administrator."""
    admin = await admin_of(one_house)
    an, binh = await settled(one_house, "801", "Trần Văn An"), await settled(one_house, "802", "Lò Bình")
    gone = await settled(one_house, "803", "Vàng Chi")
    await decides(one_house, admin, "Kết thúc hoạt động", "LC0421")
    await admin.taps("Ghi quyết định")
    await one_house.passes("2025-05-05 10:00")
    assert "về đơn vị nào" in await taps_pushed(one_house, an, "Về đơn vị khác")
    await an.says("LC0422")
    assert "Đã ghi" in await an.says("1")
    assert "không gửi gì cho" in await taps_pushed(one_house, gone, "Ngừng hẳn")
    await one_house.passes("2025-05-09 00:01")
    assert await now_in(one_house, an) == ("LC0422", "pending", "member")
    assert await now_in(one_house, binh) == ("", "sought", "member")
    assert "Trước ở CĐCS Công ty Ví dụ A" in await admin.says("gán đơn vị")


async def test_taken_back(one_house: House) -> None:
    """Until the last day: the unit goes on, members hear of it, an old button gets a sentence."""
    admin, an = await admin_of(one_house), await settled(one_house, "801", "Trần Văn An")
    await decides(one_house, admin, "Sáp nhập", "LC0421", "LC0422")
    await admin.taps("Ghi quyết định")
    await one_house.passes("2025-05-05 10:00")
    assert "đã có quyết định" in await decides(one_house, admin, "Kết thúc hoạt động", "LC0421")
    await admin.says("/ketthucdonvi")
    await admin.taps("Thu hồi quyết định")
    assert "Đã thu hồi" in await admin.says("1")
    question = next(shown for shown in an.shown if "sáp nhập" in shown.text)
    assert "đã xong hoặc đã thu hồi" in await an.presses(question, question.buttons[0].data)
    await one_house.passes("2025-05-05 11:00")
    assert times(an, "vẫn hoạt động như trước") == 1
    await one_house.passes("2025-05-09 00:01")
    assert await now_in(one_house, an) == ("LC0421", "confirmed", "member")


@pytest.mark.parametrize(
    ("unit", "into", "day", "problem"),
    [
        ("LD", "", "2025-06-01", "top"),
        ("LC0423", "", "2025-06-01", "past"),
        ("LC0421", "", "2025-05-04", "past"),
        ("LC01", "LC0421", "2025-06-01", "under"),
        ("LC0421", "LC0421", "2025-06-01", "under"),
        ("LC0421", "LC0423", "2025-06-01", "gone"),
        ("LC0421", "LC01", "2025-06-01", ""),
    ],
)
async def test_what_cannot_be_decided(one_house: House, unit: str, into: str, day: str, problem: str) -> None:
    admin = await admin_of(one_house)
    stranger = await settled(one_house, "801", "Trần Văn An")
    one_house.clock.at("2025-05-05 10:00")
    ids = [await member_id(one_house, phone) for phone in (admin, stranger)]

    def problems(tx: Transaction) -> list[str]:
        found = {each.code: each.id for each in units.every(tx)}
        decision = unit_ending.Decision(unit=found[unit], successor=found.get(into, 0), last_day=day)
        return [
            unit_ending.numbers(
                Turn(tx, one_house.running.installation, one_house.clock.now(), "t", member=members.by_id(tx, id)),
                decision,
            )["problem"]
            for id in ids
        ]

    assert await one_house.running.db.read(problems) == [problem, "right"]


async def test_the_tree_as_a_file(plain_house: House) -> None:
    """An administrator gets their part of it; nobody else anything."""
    admin = await granted(plain_house, await settled(plain_house, "700", "Quản Trị", "LD"), "LC01", RoleKind.ADMIN)
    other = await granted(plain_house, await settled(plain_house, "801", "Trần Văn An"), "LC0421")
    assert "Đây là 4 đơn vị" in await admin.says("/caydonvi")
    (_, path), *_ = [media for shown in admin.shown for media in shown.media]
    if plain_house.channel.capabilities.uploads:
        content = await asyncio.to_thread(Path(path).read_bytes)
        table = tables.read(content)
        assert isinstance(table, tables.Table)
        assert [cells[0] for _, cells in table.rows] == ["LC01", "LC0421", "LC0423", "LC0422"]
    assert "Đây là" not in await other.says("/caydonvi")
    assert not [media for shown in other.shown for media in shown.media]


async def test_another_unit_than_the_successor(plain_house: House) -> None:
    """Chosen right under the question, and weeks later too; the question says what *Chỉ nhận bài* means."""
    admin = await admin_of(plain_house)
    an = await settled(plain_house, "801", "Trần Văn An")
    await decides(plain_house, admin, "Sáp nhập", "LC0421", "LC0422", "10/6/2025")
    await admin.taps("Ghi quyết định")
    await plain_house.passes("2025-05-05 10:00")
    assert times(an, "Chỉ nhận bài là thôi là đoàn viên, vẫn nhận bài") == 1
    plain_house.clock.at("2025-06-02 10:00")
    assert "về đơn vị nào" in await taps_pushed(plain_house, an, "Về đơn vị khác")
    await an.says("LC01")
    assert "Đã ghi" in await an.says("1")
    await plain_house.passes("2025-06-11 00:01")
    assert await now_in(plain_house, an) == ("LC01", "pending", "member")


async def test_what_waits_at_a_unit_that_ends(one_house: House) -> None:
    """An introduction goes up the same minute; a planned announcement is not sent, and its author hears why."""
    admin = await admin_of(one_house)
    an = await granted(one_house, await settled(one_house, "801", "Trần Văn An"), "LC0421")
    binh = await settled(one_house, "802", "Lò Bình")
    now = one_house.clock.now()
    ids = [await member_id(one_house, phone) for phone in (an, admin)]

    def plant(tx: Transaction) -> None:
        at = {unit.code: unit.id for unit in units.every(tx)}
        units.grant(tx, ids[0], at["LC0421"], RoleKind.REVIEWER, now)
        units.grant(tx, ids[1], at["LC01"], RoleKind.REVIEWER, now)
        tx.run(
            "INSERT INTO nomination (code, kind, nominee, unit_id, unit_name, told, happened, why, named, straight_up,"
            " anchor_id, level_id, created_at, moved_at) VALUES ('GT-1', 'person', 'Hoa', ?, 'A', '…', '', '', 1, 0,"
            " ?, ?, ?, ?)",
            (at["LC0421"], at["LC0421"], at["LC0421"], now, now),
        )

    await one_house.running.db.write(plant)
    one_house.clock.at("2025-05-05 09:00")
    planned = await sends(one_house, an, send_at=one_house.clock.now() + 7 * DAY)
    await decides(one_house, admin, "Sáp nhập", "LC0421", "LC0422")
    await admin.taps("Ghi quyết định")
    await one_house.passes("2025-05-09 00:00")
    await one_house.passes("2025-05-09 00:01")
    level = "SELECT u.code FROM nomination n JOIN unit u ON u.id = n.level_id"
    assert await one_house.running.db.read(lambda tx: tx.scalar(level)) == "LC01"
    await one_house.passes("2025-05-12 09:01")
    await one_house.passes("2025-05-12 09:02")
    state = await one_house.running.db.read(
        lambda tx: tx.scalar("SELECT state FROM announcement WHERE id = ?", (planned,))
    )
    assert state == "stopped"
    assert times(binh, "họp 14 giờ") == 0
    assert times(an, "chưa gửi cho ai") == 1
    assert (await audited(one_house)).count("announcement_not_sent") == 1


async def test_erased_while_a_decision_stands(one_house: House) -> None:
    """Who was asked and who decided may go: the decision is carried out all the same."""
    admin, an = await admin_of(one_house), await settled(one_house, "801", "Trần Văn An")
    binh = await settled(one_house, "802", "Lò Bình")
    await decides(one_house, admin, "Sáp nhập", "LC0421", "LC0422")
    await admin.taps("Ghi quyết định")
    await one_house.passes("2025-05-05 10:00")
    for phone in (an, admin):
        id = await member_id(one_house, phone)
        await one_house.running.db.write(lambda tx, id=id: privacy.erase(tx, id, one_house.clock.now()))
    left = await one_house.running.db.read(lambda tx: tx.all("SELECT member_id FROM unit_ending_member"))
    assert left == [(await member_id(one_house, binh),)]
    assert await one_house.running.db.read(lambda tx: tx.all("SELECT decided_by FROM unit_ending")) == [(None,)]
    await one_house.passes("2025-05-09 00:01")
    assert await now_in(one_house, binh) == ("LC0422", "confirmed", "member")
