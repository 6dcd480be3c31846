"""Roles for people who are already there, and what became of the messages their work caused."""

from collections import Counter
from typing import Any

from bot.domain.people import RoleKind
from bot.services import sending
from bot.services.drafts import Draft, begun
from bot.services.turn import Turn
from bot.storage import members, units
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.people import a_minute_later, settled

MEETING = "Mời {goi} {ten} họp 14 giờ thứ Sáu."
ON_THE_PHONE = {"sent"}
IN_DOUBT = {"sent", "uncertain"}
"""A push that was on the wire at a crash is listed as uncertain and never sent again."""


async def member_id(house: House, phone: Phone) -> int:
    """The member behind a phone."""
    found = await house.running.db.read(
        lambda tx: tx.scalar("SELECT member_id FROM address WHERE external_id = ?", (phone.chat,))
    )
    assert isinstance(found, int)
    return found


async def granted(
    house: House,
    phone: Phone,
    unit: str,
    kind: RoleKind = RoleKind.OFFICER,
    *,
    title: str = "Chủ tịch",
    valid_until: int | None = None,
) -> Phone:
    """Give the person behind a phone a role over a unit."""
    id = await member_id(house, phone)

    def grant(tx: Transaction) -> None:
        over = units.by_code(tx, unit)
        assert over is not None
        units.grant(tx, id, over.id, kind, house.clock.now(), title=title, valid_until=valid_until)

    await house.running.db.write(grant)
    return phone


async def officer_of(house: House, unit: str = "LC01", chat: str = "801") -> Phone:
    """A member of a unit who is its officer."""
    return await granted(house, await settled(house, chat, "Trần Văn An", unit), unit)


async def writes(officer: Phone, body: str = MEETING, kind: str = "Thông tin", who: str = "Cả đơn vị") -> str:
    """Write an announcement up to its preview, which is returned."""
    await officer.says("/thongbao_moi")
    await officer.says(body)
    shown = await officer.says(kind)
    return await officer.says(who) if "Gửi cho" in shown else shown


async def sends(house: House, officer: Phone, unit: str = "LC0421", body: str = MEETING, **fields: Any) -> int:
    """Send an announcement with these fields of a draft, without the conversation; returns its id."""
    id = await member_id(house, officer)

    def send(tx: Transaction) -> int:
        turn = Turn(tx, house.running.installation, house.clock.now(), "test", member=members.by_id(tx, id))
        over = units.by_code(tx, unit)
        assert over is not None
        draft = begun(over.id, over.id, body, fields.pop("kind", "information"))
        sent = sending.send(turn, Draft(**{**draft, **fields}))  # type: ignore[typeddict-item]
        assert sent is not None
        return sent["id"]

    sent = await house.running.db.write(send)
    await house.settle()
    return sent


async def set_member(house: House, phone: Phone, **fields: object) -> None:
    """Change columns of the member behind a phone."""
    id = await member_id(house, phone)
    await house.running.db.write(lambda tx: members.set_fields(tx, id, **fields))


async def outcomes(house: House, origin: str) -> Counter[str]:
    """How many outbox rows of an origin (SQL LIKE) are in each state."""
    rows = await house.running.db.read(
        lambda tx: tx.all("SELECT state, COUNT(*) FROM outbox WHERE origin LIKE ? GROUP BY state", (origin,))
    )
    return Counter(dict(rows))


async def audited(house: House) -> list[str]:
    """The acts in the audit log, oldest first."""
    return [row[0] for row in await house.running.db.read(lambda tx: tx.all("SELECT act FROM audit ORDER BY id"))]


def times(phone: Phone, words: str) -> int:
    """How many messages on the phone contain these words."""
    return sum(words in message.text for message in phone.shown)


def may_be_lost(house: House) -> bool:
    """Whether a push may have been on the wire when the process was killed."""
    return house.variant == "crashes"


async def opened(house: House, an: Phone) -> None:
    """Look at the newest announcement in the list of those sent."""
    a_minute_later(house)
    await an.says("menu")
    await an.says("thông báo đã gửi")
    await an.says("1")
