"""People who are already there: members with a name and a unit, reviewers over one."""

import orjson

from bot.channels.render import plain
from bot.domain.messages import Outbound
from bot.domain.people import RoleKind
from bot.storage import members, units
from bot.storage.database import Row, Transaction
from tests.support.fake_channel import Shown, written_choices
from tests.support.house import House, Phone

MENU = [
    "1. Bài hôm nay",
    "2. Trả lời câu hỏi",
    "3. Thông báo",
    "4. Giới thiệu gương tốt",
    "5. Sắp tới",
    "6. Thư viện",
    "7. Gặp cán bộ",
    "8. Cài đặt",
]
"""The main menu of a member without a role, as buttons."""


async def settled(
    house: House, chat: str, name: str, unit: str = "LC0421", *, form: str = "anh", reviews: str = ""
) -> Phone:
    """A member of `unit` who joined before; `reviews` is the code of a unit they review for."""

    def plant(tx: Transaction) -> None:
        account = house.running.accounts[house.channel.name]
        arrival = members.arrive(tx, account, chat, house.clock.now())
        member = members.create(tx, arrival.address.id, "2025-1", 21 * 60, 6 * 60, house.clock.now())
        own = units.by_code(tx, unit)
        members.set_fields(
            tx,
            member.id,
            name=name,
            form=form,
            slot="none",
            unit_id=own.id if own else None,
            unit_state="confirmed",
        )
        level = units.by_code(tx, reviews)
        if level is not None:
            units.grant(tx, member.id, level.id, RoleKind.REVIEWER, house.clock.now(), title="Ủy viên")

    await house.running.db.write(plant)
    return house.phone(chat)


async def introduce(
    house: House, phone: Phone, nominee: str = "Lò Thị Bình", *, unit: str = "LC0421", told: str = "Trả lại ví"
) -> str:
    """Introduce somebody, without photos, restarts or crashes; returns the receipt's code."""
    variant, house.variant = house.variant, "plain"
    await phone.says("/gioithieu")
    await phone.says("1")
    await phone.says(nominee)
    await phone.says(unit)
    await phone.says(told)
    await phone.says("hôm qua")
    await phone.says("Bỏ qua")
    await phone.says("xong")
    await phone.says("nêu tên")
    code = code_in(await phone.says("gửi"))
    house.variant = variant
    a_minute_later(house)
    return code


async def pushed(house: House, phone: Phone) -> Shown:
    """The newest unasked message to a phone. One that was in flight at a crash may never have arrived: that is allowed."""

    def read(tx: Transaction) -> Row | None:
        return tx.one(
            "SELECT o.id, o.state, o.body FROM outbox o JOIN address a ON a.id = o.address_id"
            " WHERE a.external_id = ? AND o.lane > 0 ORDER BY o.id DESC LIMIT 1",
            (phone.chat,),
        )

    row = await house.running.db.read(read)
    assert row is not None
    id, state, body = row
    assert state == "sent" or (state == "uncertain" and house.variant == "crashes")
    message = Outbound.from_json(orjson.loads(body))
    shown, buttons = plain(message.html), [b for line in message.buttons for b in line]
    if not phone.channel.capabilities.buttons:
        shown, buttons = written_choices(shown)
    return Shown(id, shown, message.html, buttons)


async def taps_pushed(house: House, phone: Phone, label: str) -> str:
    """Tap a button of the newest unasked message."""
    message = await pushed(house, phone)
    return await phone.presses(message, next(b.data for b in message.buttons if b.label == label))


def a_minute_later(house: House) -> None:
    """Nobody has written too fast."""
    house.running.intake._arrivals.clear()


def code_in(shown: str) -> str:
    """The receipt code in a message."""
    return shown[shown.index("GT-") :][:9]
