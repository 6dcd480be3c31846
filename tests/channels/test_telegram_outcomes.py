"""Every outcome of DESIGN's closed set, over the real transport."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.channels.contract import Delivery, Operation, Outcome, OutcomeKind
from bot.channels.telegram import TelegramChannel
from bot.domain.messages import Button, Outbound
from tests.support.fake_bot_api import FakeBotApi, Fault

CHAT = 5001
HELLO = Outbound("<b>Xin chào</b>")


def send(outbound: Outbound = HELLO, **changes: Any) -> Delivery:
    fields: dict[str, Any] = {"row": 1, "chat": str(CHAT), "operation": Operation.SEND, "outbound": outbound}
    return Delivery(**(fields | changes))


@pytest_asyncio.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi(any_chat=False) as api:
        api.user_says(CHAT, "/start")
        yield api


@pytest_asyncio.fixture
async def channel(api: FakeBotApi) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(api.token, api.url, "polling")
    await channel.open()
    yield channel
    await channel.close()


FAULTS: dict[str, tuple[Fault, dict[str, Any], OutcomeKind]] = {
    "answer swallowed after acceptance": (Fault.SWALLOW, {}, OutcomeKind.AMBIGUOUS),
    "connection closed before the answer": (Fault.DROP, {}, OutcomeKind.AMBIGUOUS),
    "500": (Fault.SERVER_ERROR, {}, OutcomeKind.AMBIGUOUS),
    "502 page of a proxy": (Fault.BAD_GATEWAY, {}, OutcomeKind.AMBIGUOUS),
    "200 that is not JSON": (Fault.GARBAGE, {}, OutcomeKind.AMBIGUOUS),
    "429": (Fault.THROTTLE, {"seconds": 17}, OutcomeKind.THROTTLED),
    "migrated": (Fault.MIGRATED, {"new_chat": -1009876543210}, OutcomeKind.MOVED),
    "401": (Fault.REFUSE, {"status": 401, "description": "Unauthorized"}, OutcomeKind.FATAL),
    "404": (Fault.REFUSE, {"status": 404, "description": "Not Found"}, OutcomeKind.FATAL),
    "403": (
        Fault.REFUSE,
        {"status": 403, "description": "Forbidden: user is deactivated"},
        OutcomeKind.UNREACHABLE,
    ),
    "413": (Fault.REFUSE, {"status": 413, "description": "Request Entity Too Large"}, OutcomeKind.REJECTED),
    "other 400": (Fault.REFUSE, {"description": "Bad Request: BUTTON_DATA_INVALID"}, OutcomeKind.REJECTED),
    "query is too old": (
        Fault.REFUSE,
        {"description": "Bad Request: query is too old and response timeout expired or query ID is invalid"},
        OutcomeKind.NO_OP,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_outcome_of_a_fault(name: str, api: FakeBotApi, channel: TelegramChannel) -> None:
    fault, details, kind = FAULTS[name]
    await channel.deliver(send())  # the connection is a kept-alive one from here on
    api.fail_next("sendMessage", fault, **details)
    outcome = await channel.deliver(send())
    assert outcome.kind is kind
    assert outcome.retry_after == (17 if kind is OutcomeKind.THROTTLED else 0)
    assert outcome.moved_to == ("-1009876543210" if kind is OutcomeKind.MOVED else "")
    assert len(api.called("sendMessage")) == 2, "the client sent it again by itself"
    assert (await channel.deliver(send())).kind is OutcomeKind.SENT


async def test_sent_carries_the_message_id(api: FakeBotApi, channel: TelegramChannel) -> None:
    outcome = await channel.deliver(send())
    [message] = api.sent(CHAT)
    assert outcome == Outcome(OutcomeKind.SENT, external_id=str(message.message_id))


async def test_an_unknown_chat_and_a_blocked_bot_are_unreachable(api: FakeBotApi, channel: TelegramChannel) -> None:
    assert (await channel.deliver(send(chat="404404"))).kind is OutcomeKind.UNREACHABLE
    api.blocks(CHAT)
    assert (await channel.deliver(send())).kind is OutcomeKind.UNREACHABLE


async def test_both_kinds_of_429(api: FakeBotApi, channel: TelegramChannel) -> None:
    api.user_says(6, "/start")
    api.throttle(100, chat=CHAT)
    assert (await channel.deliver(send())).retry_after == pytest.approx(100, abs=1)
    assert (await channel.deliver(send(chat="6"))).kind is OutcomeKind.SENT
    api.throttle(30)
    assert (await channel.deliver(send(chat="6"))).kind is OutcomeKind.THROTTLED


async def test_no_ops(api: FakeBotApi, channel: TelegramChannel) -> None:
    sent = await channel.deliver(send())
    same = send(operation=Operation.EDIT, target=sent.external_id)
    assert (await channel.deliver(same)).kind is OutcomeKind.NO_OP
    for operation in (Operation.EDIT, Operation.EDIT_KEYBOARD, Operation.DELETE):
        outcome = await channel.deliver(send(operation=operation, target="999999"))
        assert outcome.kind is OutcomeKind.NO_OP, operation


async def test_a_connection_that_died_while_idle_is_ambiguous_at_worst(
    api: FakeBotApi, channel: TelegramChannel
) -> None:
    await channel.deliver(send())
    api.close_idle_connections()
    first = await channel.deliver(send())  # written before the client could hear of the closing
    assert first.kind in (OutcomeKind.AMBIGUOUS, OutcomeKind.SENT)
    assert (await channel.deliver(send())).kind is OutcomeKind.SENT
    assert len(api.sent(CHAT)) == 2 + (first.kind is OutcomeKind.SENT)


async def test_markup_telegram_cannot_read_is_sent_once_more_as_plain_text(
    api: FakeBotApi, channel: TelegramChannel
) -> None:
    broken = Outbound("<b>Bài <i>hôm nay</b> R&amp;D &lt;3", ((Button("Xem", "1:1:a"),),))
    with capture_logs() as logs:
        outcome = await channel.deliver(send(broken, row=77))
    assert outcome.kind is OutcomeKind.SENT
    [message] = api.sent(CHAT)
    assert (message.raw, message.labels) == ("Bài hôm nay R&D <3", ["Xem"])
    assert logs == [{"event": "telegram_markup_refused", "log_level": "error", "row": 77}]


async def test_markup_refused_twice_is_rejected(api: FakeBotApi, channel: TelegramChannel) -> None:
    api.fail_next("sendMessage", Fault.REFUSE, 2, description="Bad Request: can't parse entities: x")
    assert (await channel.deliver(send())).kind is OutcomeKind.REJECTED
    assert len(api.called("sendMessage")) == 2
