"""A message that cannot stand in one: an album and the text with its buttons, in order, changed and taken back whole."""

from dataclasses import replace

import pytest

from bot.channels.contract import Capabilities, Operation, OutcomeKind
from bot.channels.render import compose
from bot.domain.lanes import Lane
from bot.domain.messages import Button, Outbound, OutboundMedia
from tests.outbox.desk import Desk, outcome
from tests.support.fake_channel import CAPABILITIES

BUTTONS = (Button("Đã nhận", "a:1"),)
ROWS = (BUTTONS,)


def files(*kinds: str) -> tuple[OutboundMedia, ...]:
    return tuple(OutboundMedia(kind, number) for number, kind in enumerate(kinds, 1))


def shape(messages: list[Outbound]) -> list[tuple[str, int, int]]:
    """Of every message its text, its files, its buttons."""
    return [(m.html[:8], len(m.media), sum(len(row) for row in m.buttons)) for m in messages]


LONG = "x" * 1025
TELEGRAM = [
    (("photo",), "chữ", BUTTONS, [("chữ", 1, 1)]),
    (("video",), "chữ", (), [("chữ", 1, 0)]),
    (("voice",), LONG[:1024], BUTTONS, [("xxxxxxxx", 1, 1)]),
    (("document",), LONG, BUTTONS, [("", 1, 0), ("xxxxxxxx", 0, 1)]),
    (("photo", "video"), "chữ", (), [("chữ", 2, 0)]),
    (("photo", "video"), "chữ", BUTTONS, [("", 2, 0), ("chữ", 0, 1)]),
    (("photo",) * 10, LONG, (), [("", 10, 0), ("xxxxxxxx", 0, 0)]),
    (("photo",) * 11, "chữ", (), [("", 10, 0), ("", 1, 0), ("chữ", 0, 0)]),
    (("photo", "document", "document", "voice"), "chữ", (), [("", 1, 0), ("", 2, 0), ("", 1, 0), ("chữ", 0, 0)]),
    (("photo", "photo"), "", (), [("", 2, 0)]),
]
ZALO = [
    (("photo",), "chữ", [("chữ", 1, 0)]),
    (("photo", "photo"), "chữ", [("", 1, 0), ("", 1, 0), ("chữ", 0, 0)]),
    (("video",), "chữ", [("chữ", 1, 0)]),
    (("photo", "video", "document"), "chữ", [("", 1, 0), ("chữ", 2, 0)]),
    (("voice",), "chữ", [("", 1, 0), ("chữ", 0, 0)]),
]


@pytest.mark.parametrize(("kinds", "text", "buttons", "expected"), TELEGRAM)
def test_files_texts_and_buttons_on_telegram(
    kinds: tuple[str, ...], text: str, buttons: tuple[Button, ...], expected: list[tuple[str, int, int]]
) -> None:
    texts = [text] if text else []
    assert shape(compose(texts, buttons, CAPABILITIES["telegram"], (), files(*kinds))) == expected


@pytest.mark.parametrize(("kinds", "text", "expected"), ZALO)
def test_files_and_texts_on_zalo(kinds: tuple[str, ...], text: str, expected: list[tuple[str, int, int]]) -> None:
    """Each picture by itself; what Zalo cannot carry is a link in the text."""
    assert shape(compose([text], (), CAPABILITIES["zalo_bot"], (), files(*kinds))) == expected


def test_a_chain_survives_the_database() -> None:
    whole = Outbound("", media=files("photo", "photo"), then=(Outbound("chữ", ROWS), Outbound("nữa")))
    assert Outbound.from_json(whole.as_json()) == whole
    assert Capabilities(1, False, False, {}).delete_hours == 0


ALBUM = Outbound("", media=files("photo", "photo"), then=(Outbound("chữ", ROWS),))


async def album(desk: Desk, chat: str) -> int:
    desk.composed = lambda row: ALBUM
    return await desk.put(chat, None, Lane.ANNOUNCEMENT, origin="announcement:1", valid_until=desk.clock.now() + 60_000)


async def test_the_rest_follows_before_anything_else(desk: Desk) -> None:
    first = await album(desk, "1")
    later = await desk.put("1", "another", Lane.ANNOUNCEMENT)
    await desk.work()
    assert [(len(call.outbound.media), call.outbound.html) for call in desk.wire.calls] == [
        (2, ""),
        (0, "chữ"),
        (0, "another"),
    ]
    follower = desk.wire.rows[1]
    assert (await desk.row(first))["external_id"] == f"x{first},x{follower}"
    assert await desk.state(later) == "sent"
    counted = await desk.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM outbox WHERE origin = 'announcement:1'"))
    assert counted == 1


async def test_an_album_and_its_text_are_taken_back_together(desk: Desk) -> None:
    first = await album(desk, "1")
    await desk.work()
    await desk.put("1", None, Lane.ANNOUNCEMENT, operation="delete", target_id=first)
    await desk.work()
    last = desk.wire.calls[-1]
    assert (last.operation, last.target) == (Operation.DELETE, f"x{first},x{desk.wire.rows[1]}")


async def test_the_rest_waits_for_a_first_that_is_tried_again(desk: Desk) -> None:
    first = await album(desk, "1")
    desk.wire.once(outcome(OutcomeKind.THROTTLED, retry_after=5))
    await desk.work()
    assert await desk.states() == {"pending": 1}
    desk.forward(6)
    await desk.work()
    assert [call.outbound.html for call in desk.wire.calls] == ["", "", "chữ"]
    assert desk.wire.rows[:2] == [first, first]


@pytest.mark.parametrize("kind", [OutcomeKind.AMBIGUOUS, OutcomeKind.REJECTED, OutcomeKind.UNREACHABLE])
async def test_no_buttons_come_where_the_message_did_not(desk: Desk, kind: OutcomeKind) -> None:
    await album(desk, "1")
    desk.wire.once(outcome(kind))
    await desk.work()
    assert len(desk.wire.calls) == 1
    assert sum((await desk.states()).values()) == 1


async def test_an_edit_where_nothing_can_be_edited_is_a_new_message(desk: Desk) -> None:
    sent = await desk.sent_before("1")
    claimer = desk.dispatcher._claimer
    claimer._by = replace(claimer._by, edits=False)
    edit = await desk.put("1", "20 %", operation="edit", target_id=sent)
    await desk.work()
    assert desk.wire.calls[-1].operation is Operation.SEND
    assert await desk.state(edit) == "sent"


@pytest.mark.parametrize("operation", ["delete", "edit"])
async def test_what_is_taken_back_or_changed_before_its_rest_arrived(desk: Desk, operation: str) -> None:
    """The rest does not come after a recall, nor with the old text after the right one."""
    first = await album(desk, "1")
    left = [outcome(OutcomeKind.NOT_DELIVERED)]
    desk.wire.answer = lambda d: left.pop() if d.outbound.html == "chữ" and left else None
    await desk.work()
    await desk.put("1", "right", Lane.REPLY, operation=operation, target_id=first)
    await desk.work()
    for _ in range(4):
        desk.forward(1)
        await desk.work()
    said = [(call.operation, call.outbound.html) for call in desk.wire.calls[2:]]
    if operation == "delete":
        assert said == [(Operation.DELETE, "right")]
    else:
        assert said == [(Operation.SEND, "chữ"), (Operation.EDIT, "right")]
