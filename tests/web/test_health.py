"""`/healthz` and `/metrics`."""

import json

import pytest

from bot.channels.contract import Outcome, OutcomeKind
from bot.domain.lanes import Lane
from bot.domain.sending import Sending
from bot.site import Site
from bot.web.counters import Counters
from bot.web.listening import AddressInUse, listen
from bot.web.metrics import exposition
from tests.web.conftest import Public

TOKEN = "metrics-token-0123"


async def test_a_healthy_bot_says_so(public: Public) -> None:
    status, body = await public.newcomer().get("/healthz")
    assert status == 200
    assert json.loads(body) == {"status": "ok", "database": "ok", "senders": {"webchat": "ok"}, "backlog": {}}


async def test_a_stopped_sender_is_told_without_its_reason(public: Public) -> None:
    [dispatcher] = public.app.dispatchers.values()
    dispatcher.stopped_because = "401: token 123:SECRET"
    status, body = await public.newcomer().get("/healthz")
    assert status == 503
    assert json.loads(body)["senders"] == {"webchat": "stopped"}
    assert "SECRET" not in body


async def test_a_database_that_does_not_answer_is_told(public: Public) -> None:
    await public.sql("ALTER TABLE outbox RENAME TO hidden")
    status, body = await public.newcomer().get("/healthz")
    assert status == 503
    assert json.loads(body)["database"] == "silent"
    await public.sql("ALTER TABLE hidden RENAME TO outbox")
    assert (await public.newcomer().get("/healthz"))[0] == 200


async def test_metrics_count_what_happened(public: Public) -> None:
    visitor = await public.visitor()
    await visitor.says("/start")
    await visitor.says("chào")
    await public.app.settle()
    status, text = await visitor.get("/metrics")
    assert status == 200
    lines = text.splitlines()
    assert "bot_inbound_handled_total 2.0" in lines
    assert "bot_turn_failures_total 0.0" in lines
    assert 'bot_outbox_pending{lane="daily"} 0.0' in lines
    [sent] = [line for line in lines if line.startswith('bot_deliveries_total{lane="reply",outcome="sent"}')]
    assert float(sent.split()[-1]) >= 2
    [commits] = [line for line in lines if line.startswith("bot_commits_total")]
    assert float(commits.split()[-1]) > 0


async def test_metrics_are_for_this_machine_or_the_token(public: Public) -> None:
    visitor = public.newcomer()
    assert (await visitor.get("/metrics"))[0] == 200
    assert (await visitor.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}))[0] == 200
    assert (await visitor.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "8.8.8.8"}))[
        0
    ] == 200
    for headers in (
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"X-Forwarded-Proto": "https"},
        {"Via": "1.1 proxy"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer "},
    ):
        assert (await visitor.get("/metrics", headers=headers))[0] == 403, headers


def test_outcomes_are_counted_by_lane_and_kind() -> None:
    counters = Counters()
    for kind in (OutcomeKind.SENT, OutcomeKind.SENT, OutcomeKind.THROTTLED):
        counters.sent(Lane.MILESTONE, Outcome(kind), 0.1)
    counters.senders = lambda: [
        Sending("telegram", 7, False, 2, 4, 12.5, 12.5, 3, {(int(Lane.DAILY), "uncertain"): 5}, 6, 2)
    ]
    text = exposition(counters, {"milestone": 3}, {"milestone": 40_000}, 100_000)
    for line in (
        'bot_outbox_oldest_seconds{lane="milestone"} 60.0',
        'bot_outbox_oldest_seconds{lane="daily"} 0.0',
        'bot_outbox_ended_total{channel="telegram",lane="daily",state="uncertain"} 5.0',
        'bot_outbox_faults_total{channel="telegram"} 6.0',
        'bot_outbox_set_aside_total{channel="telegram"} 2.0',
        'bot_breaker_opened_total{channel="telegram"} 4.0',
        'bot_breaker_state{channel="telegram"} 2.0',
        'bot_sender_in_flight{channel="telegram"} 7.0',
        'bot_sender_stopped{channel="telegram"} 0.0',
        'bot_sender_paused_seconds{channel="telegram"} 12.5',
        'bot_sender_rate{channel="telegram"} 12.5',
        'bot_sender_chats_paused{channel="telegram"} 3.0',
    ):
        assert line in text.splitlines()
    assert 'bot_deliveries_total{lane="milestone",outcome="sent"} 2.0' in text
    assert 'bot_deliveries_total{lane="milestone",outcome="throttled"} 1.0' in text
    assert 'bot_outbox_pending{lane="milestone"} 3.0' in text


async def test_a_port_in_use_is_one_sentence(public: Public) -> None:
    port = int(public.site.url.rpartition(":")[2])
    with pytest.raises(AddressInUse) as caught:
        listen("127.0.0.1", port)
    assert "\n" not in str(caught.value)


async def test_a_server_stops_although_somebody_listens(public: Public) -> None:
    visitor = await public.visitor()
    second = await Site.open(public.app, listen("127.0.0.1", 0))
    visitor.url = second.url
    async with visitor.stream() as events:
        assert (await anext(events)).name == "hello"
        await second.stop()
        assert [event.name async for event in events] == ["ready"]
