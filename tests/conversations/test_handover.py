"""What goes with a handover: the list that arrives, announcements to come; and an administrator who has it done."""

import asyncio
import io
import unicodedata
from pathlib import Path

import pypdf

from bot.domain.announcements import Audience
from bot.domain.people import RoleKind
from bot.domain.time import DAY
from bot.services import controls, offers
from bot.services.turn import Turn
from bot.storage import announcements, group_posts, members, units
from bot.storage.announcements import Announcement
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import granted, member_id, officer_of, times
from tests.support.people import pushed, settled, taps_pushed


async def list_to_sign(phone: Phone) -> list[str]:
    """The lines of the newest file on a phone."""
    path = [media for shown in phone.shown for media in shown.media][-1][1]
    content = await asyncio.to_thread(Path(path).read_bytes)
    [page] = pypdf.PdfReader(io.BytesIO(content)).pages
    return unicodedata.normalize("NFC", page.extract_text()).splitlines()


async def test_the_list_that_arrives(plain_house: House) -> None:
    """Both get it, with both names and titles where they sign."""
    an = await officer_of(plain_house, "LC0421")
    lan = await granted(plain_house, await settled(plain_house, "701", "Lò Thị Lan"), "LC0423", title="Tổ trưởng")
    for said in ("/bangiao", "lò thị lan", "1", "gửi lời mời"):
        await an.says(said)
    assert "Trần Văn An mời anh nhận bàn giao việc đang giữ:\n1. Chủ tịch" in (await pushed(plain_house, lan)).text
    await taps_pushed(plain_house, lan, "Nhận việc")
    if not plain_house.channel.capabilities.uploads:
        return
    for phone in (an, lan):
        lines = [line.strip() for line in await list_to_sign(phone) if line.strip()]
        assert "Người bàn giao: Trần Văn An, Chủ tịch" in lines
        assert "Người nhận bàn giao: Lò Thị Lan, Tổ trưởng" in lines
        assert "1. Chủ tịch, CĐCS Công ty Ví dụ A" in lines
        signing = " ".join(lines[lines.index("Hai bên cùng ký xác nhận.") :])
        assert all(said in signing for said in ("Chủ tịch", "Tổ trưởng", "Trần Văn An", "Lò Thị Lan"))


def announced(house: House, tx: Transaction, author: int, states: tuple[str, ...]) -> list[int]:
    """An announcement of LC0421 in each of these states; their ids."""
    unit, now = units.by_code(tx, "LC0421"), house.clock.now()
    assert unit is not None
    return [
        announcements.create(
            tx,
            Announcement(
                id=0, author_id=author, unit_id=unit.id, unit_name=unit.name, speaker="", title="Chủ tịch",
                audience=Audience(unit.id), kind="information", reason="", body=f"Tin {state}", created_at=now,
                valid_until=now + 30 * DAY, state=state, digest="0" * 64, send_at=now + 20 * DAY,
            ),
        )
        for state in states
    ]  # fmt: skip


async def test_announcements_to_come_are_the_successors(plain_house: House) -> None:
    """Timed, waiting, held; what has begun stays its author's. Nobody is left to approve their own."""
    an, lan = await officer_of(plain_house, "LC0421"), await settled(plain_house, "701", "Lò Thị Lan")
    await granted(plain_house, lan, "LC0421", title="Phó Chủ tịch")
    admin = await granted(
        plain_house, await settled(plain_house, "700", "Quản Trị", "LD"), "LD", RoleKind.ADMIN, title=""
    )
    ids = [await member_id(plain_house, phone) for phone in (an, lan)]
    states = ("scheduled", "waiting", "held", "sending", "done", "returned")

    await plain_house.running.db.write(lambda tx: announced(plain_house, tx, ids[0], states))
    for said in ("/bangiao", "lò thị lan"):
        await an.says(said)
    assert "Thông báo đã hẹn hoặc chờ duyệt: 3." in await an.says("1")
    await an.says("gửi lời mời")

    def accept(tx: Transaction) -> list[str]:
        turn = Turn(
            tx, plain_house.running.installation, plain_house.clock.now(), "t", members.push_address(tx, ids[1])
        )
        turn.member = members.by_id(tx, ids[1])
        return [text.name for text in offers.pressed(turn, "1", "take").texts]

    assert await plain_house.running.db.write(accept) == ["roles.taken_over"]
    authors = await plain_house.running.db.read(
        lambda tx: dict(tx.all("SELECT body, author_id FROM announcement ORDER BY id"))
    )
    assert [authors[f"Tin {state}"] for state in states] == [ids[1]] * 3 + [ids[0]] * 3
    await plain_house.settle()
    assert times(admin, "Tin waiting") == 1


async def test_what_was_posted_to_the_group_goes_along(plain_house: House) -> None:
    """In the list to sign, then the successor's; what the holder posted for another unit stays theirs."""
    an, lan = await officer_of(plain_house, "LC0421"), await settled(plain_house, "701", "Lò Thị Lan")
    ids = [await member_id(plain_house, phone) for phone in (an, lan)]

    def declare(tx: Transaction) -> None:
        for ref, code in (("the-1", "LC0421"), ("the-2", "LC0421"), ("the-1", "LC0422")):
            unit = units.by_code(tx, code)
            assert unit is not None
            group_posts.declare(tx, "card", ref, unit.id, ids[0], plain_house.clock.now())

    await plain_house.running.db.write(declare)
    for said in ("/bangiao", "lò thị lan"):
        await an.says(said)
    assert "Tin đã gửi nhóm: 2." in await an.says("1")
    await an.says("gửi lời mời")
    await taps_pushed(plain_house, lan, "Nhận việc")
    sql = "SELECT u.code, g.ref, g.declared_by FROM group_post g JOIN unit u ON u.id = g.unit_id ORDER BY u.code, g.ref"
    found = await plain_house.running.db.read(lambda tx: tx.all(sql))
    assert found == [("LC0421", "the-1", ids[1]), ("LC0421", "the-2", ids[1]), ("LC0422", "the-1", ids[0])]
    if plain_house.channel.capabilities.uploads:
        assert "Tin đã báo gửi nhóm của đơn vị: 2" in [line.strip() for line in await list_to_sign(lan)]


async def test_an_administrator_hands_over_for_who_left(plain_house: House) -> None:
    """Found by name, only below; the successor accepts; the administrator gets the list too."""
    admin = await granted(
        plain_house, await settled(plain_house, "700", "Quản Trị", "LD"), "LC01", RoleKind.ADMIN, title=""
    )
    an, lan = await officer_of(plain_house, "LC0421"), await settled(plain_house, "701", "Lò Thị Lan")
    outside = await granted(plain_house, await settled(plain_house, "802", "Trần Văn An", "LD"), "LD")
    for said in ("/ngung", "1"):
        await an.says(said)
    await admin.says("ai giữ việc gì")
    assert "Bàn giao thay ai" in await admin.says("bàn giao thay")
    assert "chọn đúng người" in await admin.says("trần văn an")
    assert [label for label in admin.last.labels if "Trần Văn An" in label] == ["1. Trần Văn An, CĐCS Công ty Ví dụ A"]
    for said in ("1", "lan", "1"):
        await admin.says(said)
    assert "Đã gửi lời mời" in await admin.says("gửi lời mời")
    await taps_pushed(plain_house, lan, "Nhận việc")
    ids = [await member_id(plain_house, phone) for phone in (an, lan, outside)]
    now = plain_house.clock.now()
    held = [await plain_house.running.db.read(lambda tx, id=id: units.roles_of(tx, id, now)) for id in ids]
    assert [[role.title for role in one] for one in held] == [[], ["Chủ tịch"], ["Chủ tịch"]]
    assert times(admin, "Lò Thị Lan đã nhận bàn giao từ Trần Văn An") == 1
    if plain_house.channel.capabilities.uploads:
        assert "Người nhận bàn giao: Lò Thị Lan, CĐCS Công ty Ví dụ A" in [s.strip() for s in await list_to_sign(admin)]


async def test_a_members_number_is_never_given_again(plain_house: House) -> None:
    """The audit log names people by it, so the newest who goes takes theirs along."""
    if plain_house.channel.name != "telegram":
        return
    ids = []
    for chat in ("701", "702", "703"):
        phone = await settled(plain_house, chat, "Lò Thị Lan")
        ids.append(await member_id(plain_house, phone))
        for said in ("xóa dữ liệu của tôi", "XÓA"):
            await phone.says(said)
    assert ids == sorted(set(ids))


async def test_what_was_done_to_an_announcement_is_read_where_it_was_done(plain_house: House) -> None:
    """By the administrators of its unit, not of the whole tree only."""
    admin = await granted(
        plain_house, await settled(plain_house, "700", "Quản Trị"), "LC0421", RoleKind.ADMIN, title=""
    )
    an = await officer_of(plain_house, "LC0421")
    id = await member_id(plain_house, an)

    def cancel(tx: Transaction) -> bool:
        turn = Turn(tx, plain_house.running.installation, plain_house.clock.now(), "t", member=members.by_id(tx, id))
        return controls.cancel(turn, announced(plain_house, tx, id, ("scheduled",))[0])

    assert await plain_house.running.db.write(cancel)
    assert "Trần Văn An: hủy thông báo chưa gửi, CĐCS Công ty Ví dụ A" in await admin.says("/nhatky")
