"""Every code Zalo documents, and what it does not, over the real client: the closed table of outcomes."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.channels.contract import Delivery, Operation, Outcome, OutcomeKind
from bot.channels.zalo_bot import Quirks, ZaloBotChannel
from bot.domain.messages import Outbound
from tests.support.fake_zalo import TOKEN, FakeZalo, Fault

CHAT = "6ede9afa66b88fe6d6a9"
HELLO = Outbound("Xin chào")
THROTTLE = 17.0


def send(outbound: Outbound = HELLO, **changes: Any) -> Delivery:
    fields: dict[str, Any] = {"row": 1, "chat": CHAT, "operation": Operation.SEND, "outbound": outbound}
    return Delivery(**(fields | changes))


@asynccontextmanager
async def opened(api: FakeZalo, **quirks: Any) -> AsyncIterator[ZaloBotChannel]:
    channel = ZaloBotChannel(api.token, api.url, "polling", quirks=Quirks(throttle_seconds=THROTTLE, **quirks))
    await channel.open()
    yield channel
    await channel.close()


@pytest.fixture(params=[True, False], ids=["http mirrors the code", "http says 200"])
async def api(request: pytest.FixtureRequest) -> AsyncIterator[FakeZalo]:
    async with FakeZalo(mirrors=request.param) as api:
        yield api


CODES = {
    400: OutcomeKind.REJECTED,
    401: OutcomeKind.FATAL,
    403: OutcomeKind.AMBIGUOUS,
    404: OutcomeKind.REJECTED,  # while getMe is well: it is about this chat
    408: OutcomeKind.AMBIGUOUS,
    409: OutcomeKind.REJECTED,
    413: OutcomeKind.REJECTED,
    426: OutcomeKind.REJECTED,
    429: OutcomeKind.THROTTLED,
    500: OutcomeKind.AMBIGUOUS,
    502: OutcomeKind.AMBIGUOUS,
    503: OutcomeKind.AMBIGUOUS,
    504: OutcomeKind.AMBIGUOUS,
}


@pytest.mark.parametrize("code", CODES)
async def test_outcome_of_a_code(code: int, api: FakeZalo) -> None:
    async with opened(api) as channel:
        await channel.deliver(send())  # the connection is a kept-alive one from here on
        api.fail_next("sendMessage", Fault.REFUSE, code=code, description="Lý do")
        outcome = await channel.deliver(send())
        assert outcome.kind is CODES[code]
        assert outcome.retry_after == (THROTTLE if code == 429 else 0)
        assert outcome.detail == f"HTTP {code if api.mirrors else 200}, error {code}: Lý do"
        assert len(api.called("sendMessage")) == 2, "the client sent it again by itself"
        assert (await channel.deliver(send())).kind is OutcomeKind.SENT


@pytest.mark.parametrize(("code", "kind"), [(401, OutcomeKind.FATAL), (404, OutcomeKind.FATAL), (502, None)])
async def test_a_404_stops_all_sending_only_when_the_bot_itself_is_unknown(
    code: int, kind: OutcomeKind | None, api: FakeZalo
) -> None:
    async with opened(api) as channel:
        api.fail_next("sendMessage", Fault.REFUSE, code=404)
        api.fail_next("getMe", Fault.REFUSE, code=code)
        assert (await channel.deliver(send())).kind is (kind or OutcomeKind.NOT_DELIVERED)
        api.fail_next("sendMessage", Fault.REFUSE, code=404)
        api.fail_next("getMe", Fault.DROP)
        assert (await channel.deliver(send())).kind is OutcomeKind.NOT_DELIVERED
    assert not api.messages


ANSWERS: dict[str, tuple[int, str, OutcomeKind]] = {
    "errorCode": (200, '{"ok":false,"errorCode":429,"description":"x"}', OutcomeKind.THROTTLED),
    "a code in quotes": (200, '{"ok":false,"error_code":"401"}', OutcomeKind.FATAL),
    "the code wins over the status": (502, '{"ok":false,"error_code":400}', OutcomeKind.REJECTED),
    "no code but a status": (400, '{"message":"no"}', OutcomeKind.REJECTED),
    "no code at all": (200, '{"ok":false}', OutcomeKind.AMBIGUOUS),
    "a code of another kind": (200, '{"ok":false,"error_code":-216}', OutcomeKind.AMBIGUOUS),
    "neither ok nor error": (200, '{"message":"Success"}', OutcomeKind.AMBIGUOUS),
    "broken JSON": (200, '{"ok":tru', OutcomeKind.AMBIGUOUS),
    "JSON that is no object": (200, "[true]", OutcomeKind.AMBIGUOUS),
    "nothing": (200, "", OutcomeKind.AMBIGUOUS),
    "a proxy's 502": (502, "<html>Bad Gateway</html>", OutcomeKind.AMBIGUOUS),
    "a firewall's 403": (403, "<html>blocked</html>", OutcomeKind.AMBIGUOUS),
    "a firewall's 404": (404, "<html>not here</html>", OutcomeKind.AMBIGUOUS),
    "a proxy's 429": (429, "<html>slow down</html>", OutcomeKind.THROTTLED),
    "a proxy's 408": (408, "", OutcomeKind.AMBIGUOUS),
    "ok without a result": (200, '{"ok":true}', OutcomeKind.SENT),
    "ok with an odd result": (200, '{"ok":true,"result":[]}', OutcomeKind.SENT),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_outcome_of_an_answer(name: str) -> None:
    status, body, kind = ANSWERS[name]
    async with FakeZalo() as api, opened(api) as channel:
        api.fail_next("sendMessage", Fault.ANSWER, status=status, body=body)
        outcome = await channel.deliver(send())
        assert outcome.kind is kind
        assert len(api.called("sendMessage")) == 1


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.SWALLOW])
async def test_written_and_not_answered_is_ambiguous(fault: Fault) -> None:
    async with FakeZalo() as api, opened(api) as channel:
        await channel.deliver(send())
        api.fail_next("sendMessage", fault)
        assert (await channel.deliver(send())).kind is OutcomeKind.AMBIGUOUS
        assert len(api.called("sendMessage")) == 2, "the client sent it again by itself"
        assert len(api.messages) == (2 if fault is Fault.SWALLOW else 1)


async def test_not_written_is_not_delivered() -> None:
    async with FakeZalo() as api:
        channel = ZaloBotChannel(api.token, api.url, "polling")
        await channel.open()
    first = await channel.deliver(send())  # may be written to the connection that was kept
    assert first.kind in (OutcomeKind.AMBIGUOUS, OutcomeKind.NOT_DELIVERED)
    assert (await channel.deliver(send())).kind is OutcomeKind.NOT_DELIVERED
    await channel.close()


async def test_sent_carries_the_message_id(api: FakeZalo) -> None:
    async with opened(api) as channel:
        outcome = await channel.deliver(send())
    [message] = api.sent(CHAT)
    assert outcome == Outcome(OutcomeKind.SENT, external_id=message.message_id)


SIGNS = [
    (("403",), 403, "Internal server error", OutcomeKind.UNREACHABLE),
    (("blocked by",), 400, "Bot was BLOCKED by user", OutcomeKind.UNREACHABLE),
    (("404", "gone"), 404, "Not Found", OutcomeKind.UNREACHABLE),
    (("403",), 400, "code 403", OutcomeKind.REJECTED),
    (("",), 400, "anything", OutcomeKind.REJECTED),
]


@pytest.mark.parametrize(("signs", "code", "description", "kind"), SIGNS)
async def test_what_was_learned_of_blocking_counts(
    signs: tuple[str, ...], code: int, description: str, kind: OutcomeKind, api: FakeZalo
) -> None:
    async with opened(api, unreachable=signs) as channel:
        api.fail_next("sendMessage", Fault.REFUSE, code=code, description=description)
        assert (await channel.deliver(send())).kind is kind


async def test_a_month_that_is_used_up_throttles(api: FakeZalo) -> None:
    api.methods.quota = 1
    async with opened(api) as channel:
        assert (await channel.deliver(send())).kind is OutcomeKind.SENT
        outcome = await channel.deliver(send())
    assert (outcome.kind, outcome.retry_after) == (OutcomeKind.THROTTLED, THROTTLE)


async def test_details_are_short_and_hold_no_token(api: FakeZalo) -> None:
    async with opened(api) as channel:
        api.fail_next("sendMessage", Fault.REFUSE, code=400, description=f"no such path\n/bot{TOKEN}/x " + "x" * 500)
        outcome = await channel.deliver(send())
    assert len(outcome.detail) <= 200
    assert TOKEN not in outcome.detail
    assert "no such path /bot…/x" in outcome.detail


STYLED = Outbound("<b>Bài</b> R&amp;D")


async def test_styles_that_are_refused_are_sent_once_more_as_plain_text(api: FakeZalo) -> None:
    async with opened(api) as channel:
        api.fail_next("sendMessage", Fault.REFUSE, description="text_styles is invalid")
        with capture_logs() as logs:
            outcome = await channel.deliver(send(STYLED, row=77))
    [message] = api.sent(CHAT)
    assert (outcome.external_id, message.text, message.styles) == (message.message_id, "Bài R&D", [])
    assert [(log["event"], log["log_level"], log["row"]) for log in logs] == [("zalo_markup_refused", "error", 77)]
    assert "text_styles is invalid" in json.dumps(logs)


async def test_what_is_refused_plain_too_is_rejected_and_no_bug_of_ours(api: FakeZalo) -> None:
    async with opened(api) as channel:
        api.fail_next("sendMessage", Fault.REFUSE, 2)
        with capture_logs() as logs:
            assert (await channel.deliver(send(STYLED))).kind is OutcomeKind.REJECTED
        assert len(api.called("sendMessage")) == 2
        api.fail_next("sendMessage", Fault.REFUSE)
        api.fail_next("sendMessage", Fault.DROP)
        assert (await channel.deliver(send(STYLED))).kind is OutcomeKind.AMBIGUOUS
    assert not logs
