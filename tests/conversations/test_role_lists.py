"""Many roles by one pasted list: shown line by line, offered to who is found, a code for who is not there yet."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.contract import Refusal
from bot.domain.messages import InboundKind
from bot.domain.people import RoleKind
from bot.services import list_granting, offers, role_lists, tables
from bot.services.role_lists import ListedRole
from bot.services.turn import Turn
from bot.storage import members, units
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import audited, granted, may_be_lost, member_id, times
from tests.support.people import settled, taps_pushed

LIST = """STT; Họ và tên; Đơn vị; Chức danh; Việc; Đến ngày
1; Lò Thị Lan; LC0421; Chủ tịch; cán bộ; đến hết ngày 31/12/2028
2; lo van trung; Công ty Ví dụ A; Phó Chủ tịch
3; Người Chưa Đến; LC0422; ; người xét gương tốt; không thời hạn
4; Vàng Thị Sai; KHONGCO; Chủ tịch"""


async def held(house: House, phone: Phone) -> list[tuple[str, str]]:
    id = await member_id(house, phone)
    found = await house.running.db.read(lambda tx: units.roles_of(tx, id, house.clock.now()))
    return [(role.kind.value, role.title) for role in found]


async def test_a_list(house: House) -> None:
    """Understood, corrected, given; who is meant accepts or not; the code works for who joins later."""
    admin = await granted(house, await settled(house, "700", "Quản Trị", "LD"), "LD", RoleKind.ADMIN, title="")
    lan = await settled(house, "701", "Lò Thị Lan")
    one, two = await settled(house, "702", "Lò Văn Trung"), await settled(house, "703", "Lò Văn Trung")
    late = await settled(house, "704", "Người Chưa Đến", "LC01")
    assert "mỗi người một dòng" in await admin.says("/giaodanhsach")
    shown = await admin.says(LIST)
    assert "Tôi hiểu 3/4 dòng:\n1. Lò Thị Lan – Chủ tịch, CĐCS Công ty Ví dụ A, đến hết ngày 31/12/2028\n2. " in shown
    assert "2. lo van trung – Phó Chủ tịch, CĐCS Công ty Ví dụ A, không thời hạn (có nhiều người trùng tên" in shown
    assert "(chưa có ở đơn vị này, tôi làm mã)" in shown
    assert "không có đơn vị “KHONGCO” trong phạm vi" in shown
    shown = await admin.says("Vàng Thị Sai, LC0422, Chủ tịch")
    assert "Tôi hiểu 4/4 dòng" in shown
    assert "có nhiều người tên lo van trung" in await admin.says("giao luôn")
    given = await admin.says("2")
    assert "Đã mời 2 người" in given
    assert [await held(house, phone) for phone in (lan, one, two)] == [[], [], []]
    codes = re.findall(r"– (.+?), .*: (QT-\w{4}-\w{4})", given)
    assert [name for name, _ in codes] == ["Người Chưa Đến", "Vàng Thị Sai"]
    assert "là Người xét gương tốt của" in await late.says(codes[0][1])
    if may_be_lost(house) and not (lan.shown and two.shown):
        return
    await taps_pushed(house, lan, "Nhận việc")
    await taps_pushed(house, two, "Không phải tôi")
    assert not one.shown
    assert await held(house, lan) == [("officer", "Chủ tịch")]
    assert await held(house, two) == []
    if not may_be_lost(house):
        assert times(admin, "Lò Thị Lan đã nhận việc") == times(admin, "Lò Văn Trung không nhận") == 1
    assert [(await audited(house)).count(act) for act in ("role_offered", "role_code_issued", "role_claimed")] == [
        2,
        2,
        2,
    ]


def shown_last(phone: Phone, count: int) -> str:
    """What the last messages say; a page of numbered lines may look like choices where there are no buttons."""
    return "\n".join("\n".join([message.text, *message.labels]) for message in phone.shown[-count:])


async def test_a_long_list_is_told_once(plain_house: House) -> None:
    """After each message how many there are, and what was not understood; the whole when asked for, and at the end."""
    admin = await granted(
        plain_house, await settled(plain_house, "700", "Quản Trị", "LD"), "LD", RoleKind.ADMIN, title=""
    )
    await admin.says("/giaodanhsach")

    def people(first: int, count: int) -> str:
        return "\n".join(f"Người Thứ {n}, LC0421, Chủ tịch" for n in range(first, first + count))

    assert "Tôi hiểu 12/12 dòng" in await admin.says(people(100, 12))
    shown = await admin.says(people(200, 12) + "\nVàng Thị Sai; KHONGCO; Chủ tịch")
    assert shown.startswith("Đã nhận thêm 13 dòng, có 25.\nChưa hiểu:\n– “Vàng Thị Sai; KHONGCO; Chủ tịch”: không có")
    assert "Người Thứ" not in shown
    assert "Đã sửa, có 25 dòng." in await admin.says("Vàng Thị Sai; LC0422; Chủ tịch")
    await admin.says("xem ca danh sach")
    whole = shown_last(admin, 3)
    assert all(said in whole for said in ("Tôi hiểu 25/25 dòng", "Người Thứ 100", "25. Vàng Thị Sai"))
    assert "xem lại" not in whole
    assert "Đã nhận thêm 1 dòng, có 26." in await admin.says("Người Thứ Cuối, LC0421, Chủ tịch")
    await admin.says("giao luôn")
    last = shown_last(admin, 3)
    assert "xem lại cả danh sách" in last
    assert "26. Người Thứ Cuối" in last
    await admin.says("giao luôn")
    assert "Mã cho người chưa có" in shown_last(admin, 3)
    assert (await audited(plain_house)).count("role_code_issued") == 26


HEADER = ("Họ và tên", "Đơn vị", "Chức danh", "Việc", "Đến ngày")
ROWS = [["'=Lan", "LC0421", "", "cán bộ", ""], ["Lò Thị Lan", "LC0421", "Chủ tịch", "cán bộ", "2028-12-31"]]


async def test_a_list_in_a_file(plain_house: House) -> None:
    """Asked for again while it is on its way; what is no table is said to be none; what is one is read as if pasted."""
    admin = await granted(
        plain_house, await settled(plain_house, "700", "Quản Trị"), "LC0421", RoleKind.ADMIN, title=""
    )
    fetch, late = plain_house.channel.fetch, True

    async def moody(ref: str, limit: int) -> bytes | Refusal:
        return Refusal.TRY_LATER if late else await fetch(ref, limit)

    plain_house.channel.fetch = moody  # type: ignore[method-assign]
    await admin.says("giao việc theo danh sách")
    for ref, content in (
        ("broken", b"PK\x03\x04 no"),
        ("list", tables.write("a.xlsx", HEADER, ROWS)),
        ("bytes", b"\xff"),
    ):
        plain_house.channel.files[ref] = content
    assert "đang nhận tệp" in await admin.sends(InboundKind.DOCUMENT, ref="list")
    assert "chưa tới hết" in await admin.says("đọc tệp")
    late = False
    await plain_house.restart()
    await plain_house.settle()
    shown = await admin.says("đọc tệp")
    assert "Tôi hiểu 2/2 dòng" in shown
    assert "Lò Thị Lan – Chủ tịch, CĐCS Công ty Ví dụ A, đến hết ngày 31/12/2028" in shown
    for ref in ("broken", "bytes"):
        await admin.sends(InboundKind.DOCUMENT, ref=ref)
        assert "Tôi không đọc được tệp này" in await admin.says("đọc tệp")
    assert "không quá 1 MB" in await admin.sends(InboundKind.DOCUMENT, ref="list", size=30_000_000)
    assert "Mã cho người chưa có" in await admin.says("giao luôn")


@pytest.fixture
async def one_house(tmp_path: Path) -> AsyncIterator[House]:
    """An administrator of LC01 with two people, on one channel."""
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    await granted(house, await settled(house, "700", "Quản Trị", "LC0421"), "LC01", RoleKind.ADMIN, title="")
    await settled(house, "701", "Lò Thị Lan")
    yield house
    await house.close()


def acting(house: House, tx: Transaction, id: int) -> Turn:
    return Turn(tx, house.running.installation, house.clock.now(), "test", member=members.by_id(tx, id))


async def read(house: House, typed: str, chat: str = "700") -> role_lists.Read:
    id = await member_id(house, house.phone(chat))
    return await house.running.db.read(lambda tx: role_lists.read(acting(house, tx, id), typed))


GOOD = {
    "Lò Thị Lan, LC0421, Chủ tịch, cán bộ, 31/12/2028": ("officer", "Chủ tịch", "2028-12-31", 1),
    "1. lo thi lan; lc 0421; chu tich; 31-12-2028": ("officer", "Chủ tịch", "2028-12-31", 1),
    "2) Lò Thị Lan – LC0421 – Tổ phó – đến 1/6/2028": ("officer", "Tổ phó", "2028-06-01", 1),
    "Lò Thị Lan | CĐCS Công ty Ví dụ A | người xét": ("reviewer", "", "", 1),
    "Lò Thị Lan LC0421 Phó Chủ tịch cán bộ 31/12/2028": ("officer", "Phó Chủ tịch", "2028-12-31", 1),
    "3 Lò Thị Lan, LC0421, quản trị, không thời hạn": ("admin", "", "", 0),
    "Lò Thị Lân, LC0421, Chủ tịch": ("officer", "Chủ tịch", "", 0),
    "Lò Thị Lan, LC0422, Chủ tịch": ("officer", "Chủ tịch", "", 0),
    "Lò Thị Lan, LC0421, chuyên môn, 2028-12-31": ("staff", "", "2028-12-31", 1),
}


@pytest.mark.parametrize("line", GOOD)
async def test_a_line_in_loose_form(one_house: House, line: str) -> None:
    found = (await read(one_house, line))["lines"]
    assert [(r["problem"], r["kind"], r["title"], r["until"], len(r["who"])) for r in found] == [("", *GOOD[line])]


BAD = {
    "Lò Thị Lan": "no_unit",
    "Lò Thị Lan, LC0421": "no_kind",
    "12345, LC0421, Chủ tịch": "no_name",
    "Lò Thị Lan, LD, Chủ tịch": "no_such_unit",
    "Lò Thị Lan, CĐCS, Chủ tịch": "which_unit",
    "Lò Thị Lan, LC0421, Chủ tịch, 31/2/2028": "bad_date",
    "Lò Thị Lan, LC0421, 31/2/2028": "bad_date",
    "Lò Thị Lan, LC0421, Chủ tịch, 1/1/2020": "past",
    "Lò Thị Lan, LC0421, a, b, c, d": "unclear",
    "Lò Thị Lan, LC0421, " + "x" * 61: "title_long",
    "Lò Thị Lan, LC0421, " + "x" * 300: "line_long",
    "Quản Trị, LC0421, Chủ tịch": "yourself",
    "http://a.vn, LC0421, Chủ tịch": "no_name",
    "<b>Lan</b>, LC0421; DROP TABLE role": "no_such_unit",
}


@pytest.mark.parametrize("line", BAD)
async def test_a_line_that_cannot_be_used(one_house: House, line: str) -> None:
    """It alone is refused; the one beside it stands."""
    found = (await read(one_house, f"{line}\nHoàng Văn Tốt, LC0421, Chủ tịch"))["lines"]
    assert [(r["problem"]) for r in found] == [BAD[line], ""]


async def test_lists_that_cannot_be_used(one_house: House) -> None:
    line = "Lò Thị Lan, LC0421, Chủ tịch\n"
    assert (await read(one_house, "".join(f"Người {n}, LC0421, Chủ tịch\n" for n in range(201))))["problem"] == "many"
    assert len((await read(one_house, "".join(f"Ng {n}, LC0421, Chủ tịch\n" for n in range(200))))["lines"]) == 200
    assert len((await read(one_house, "STT, Họ tên, Đơn vị\n" + line * 200))["lines"]) == 1
    assert (await read(one_house, "x" * 20_001))["problem"] == "long"
    assert (await read(one_house, "\n , \n"))["problem"] == "empty"
    assert (await read(one_house, line, "701"))["problem"] == "right"


async def test_a_later_line_takes_the_place_of_an_earlier_one(one_house: House) -> None:
    lines = [
        "LC0421",
        "LC0421, Chủ tịch",
        "LC0421, Phó Chủ tịch",
        "LC0421, xét",
        "LC0422, Chủ tịch",
        "LC0421, người xét",
    ]
    found = (await read(one_house, "\n".join(f"Lò Thị Lan, {line}" for line in lines)))["lines"]
    assert [(r["kind"], r["title"]) for r in found] == [("officer", "xét"), ("officer", "Chủ tịch"), ("reviewer", "")]


async def test_forged_lists(one_house: House) -> None:
    """Units outside, other people, invented kinds, twice the same; a promise ends with who made it."""
    ids = {chat: await member_id(one_house, one_house.phone(chat)) for chat in ("700", "701")}
    (line,) = (await read(one_house, "Lò Thị Lan, LC0421, Chủ tịch"))["lines"]

    def forge(tx: Transaction) -> None:
        admin, lan = acting(one_house, tx, ids["700"]), acting(one_house, tx, ids["701"])
        outside = units.by_code(tx, "LD")
        assert outside is not None

        def done(turn: Turn, changed: ListedRole, who: int) -> bool:
            return list_granting.give(turn, [changed], [who])[0]["done"]

        over_all: ListedRole = {**line, "unit": outside.id}
        king: ListedRole = {**line, "kind": "king"}
        assert not done(admin, over_all, ids["701"])
        assert not done(admin, over_all, list_granting.CODE)
        assert not done(admin, king, ids["701"])
        assert not done(admin, king, list_granting.CODE)
        assert not done(admin, line, ids["700"])
        assert not done(admin, line, 999)
        assert not done(lan, line, ids["700"])
        assert not done(lan, line, list_granting.CODE)
        assert done(admin, line, ids["701"])
        assert not done(admin, line, ids["701"])
        assert role_lists.read(admin, "Lò Thị Lan, LC0421, Chủ tịch")["lines"][0]["problem"] == "has_it"
        tx.run("DELETE FROM role WHERE member_id = ?", (ids["700"],))
        assert offers.pressed(lan, "1", "take").texts[0].name == "roles.offer_over"

    await one_house.running.db.write(forge)
    assert await held(one_house, one_house.phone("701")) == []
