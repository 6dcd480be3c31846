"""The getUpdates loop: one update an answer, an idle poll is an error, and the last update may come for ever."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.channels.contract import TokenRefused
from bot.channels.zalo_bot import Quirks, ZaloBotChannel
from bot.domain.messages import Inbound, InboundKind
from tests.support.fake_zalo import FakeZalo, Fault

CHAT = "6ede9afa66b88fe6d6a9"
GATEWAY = {"status": 502, "body": "<html>Bad Gateway</html>"}


@pytest_asyncio.fixture
async def api() -> AsyncIterator[FakeZalo]:
    async with FakeZalo() as api:
        yield api


class Intake:
    """Collects batches; while closed it holds them, and it fails as often as it is told."""

    def __init__(self, api: FakeZalo) -> None:
        self.api = api
        self.taken: list[Inbound] = []
        self.offered: list[Inbound] = []
        self.failures = 0
        self.door = asyncio.Event()
        self.door.set()

    async def __call__(self, batch: Sequence[Inbound]) -> None:
        self.offered += batch
        self.api.changed()
        await self.door.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        self.taken += batch
        self.api.changed()

    @property
    def texts(self) -> list[str]:
        return [inbound.text for inbound in self.taken]


@asynccontextmanager
async def polling(
    api: FakeZalo, intake: Intake, seconds: float = 5, **quirks: Any
) -> AsyncIterator[asyncio.Task[None]]:
    """Without a floor under the polls, unless one is given: the tests must not wait."""
    quirks = {"poll_floor": 0.0, "throttle_seconds": 0.0} | quirks
    channel = ZaloBotChannel(api.token, api.url, "polling", quirks=Quirks(**quirks), poll_timeout=seconds)
    await channel.open()
    task = asyncio.create_task(channel.receive(intake))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()


async def test_the_webhook_is_taken_away_first_and_what_waits_is_taken(api: FakeZalo) -> None:
    api.user_says(CHAT, "đến trước")
    intake = Intake(api)
    async with polling(api, intake, seconds=30):
        await api.wait_until(lambda: intake.texts == ["đến trước"])
    assert [call.method for call in api.calls][:3] == ["getMe", "deleteWebhook", "getUpdates"]
    assert api.called("getUpdates")[0].values == {"timeout": "30"}


async def test_an_idle_poll_is_asked_again_without_a_word(api: FakeZalo) -> None:
    intake = Intake(api)
    with capture_logs() as logs:
        async with polling(api, intake, seconds=0.02):
            await api.wait_until(lambda: len(api.called("getUpdates")) == 5)
            api.mirrors = False
            await api.wait_until(lambda: len(api.called("getUpdates")) == 10)
            api.user_says(CHAT, "một")
            await api.wait_until(lambda: intake.texts == ["một"])
    assert {call.code for call in api.called("getUpdates")} == {200, 408}
    assert not logs


async def test_a_gateways_408_is_an_idle_poll_too(api: FakeZalo) -> None:
    intake = Intake(api)
    api.fail_next("getUpdates", Fault.ANSWER, 2, status=408, body="")
    api.user_says(CHAT, "một")
    with capture_logs() as logs:
        async with polling(api, intake):
            await api.wait_until(lambda: intake.texts == ["một"])
    assert not logs


async def test_updates_arrive_one_by_one_in_order(api: FakeZalo) -> None:
    intake = Intake(api)
    for number in range(50):
        api.user_says(CHAT, str(number))
    async with polling(api, intake):
        await api.wait_until(lambda: len(intake.taken) == 50)
    assert intake.texts == [str(number) for number in range(50)]


async def test_what_is_sent_again_and_again_is_taken_once(api: FakeZalo) -> None:
    api.updates.mode = "replay"
    intake = Intake(api)
    async with polling(api, intake):
        api.user_says(CHAT, "một")
        await api.wait_until(lambda: len(api.called("getUpdates")) > 5)
        api.user_says(CHAT, "hai")
        await api.wait_until(lambda: intake.texts == ["một", "hai"])
        await api.wait_until(lambda: len(api.called("getUpdates")) > 10)
    assert [inbound.text for inbound in intake.offered] == ["một", "hai"]


@pytest.mark.parametrize("what", ["replayed", "unknown", "none at all"])
async def test_polls_that_bring_nothing_new_wait_for_the_floor(what: str, api: FakeZalo) -> None:
    """The floor is longer than the test: after the poll that brings nothing there is no other."""
    api.updates.mode = "replay"
    intake = Intake(api)
    match what:
        case "replayed":
            api.user_says(CHAT, "một")
        case "unknown":
            api.updates.push({"event_name": "bot.blinked"})
        case _:
            api.fail_next("getUpdates", Fault.ANSWER, 100, status=408)
    polls = 2 if what == "replayed" else 1
    async with polling(api, intake, poll_floor=3600):
        await api.wait_until(lambda: len(api.called("getUpdates")) == polls)
        with pytest.raises(AssertionError, match="did not happen"):
            await api.wait_until(lambda: len(api.called("getUpdates")) > polls, 0.3)
    assert len(intake.taken) == (1 if what == "replayed" else 0)


async def test_the_floor_does_not_hold_up_what_is_new(api: FakeZalo) -> None:
    intake = Intake(api)
    for text in ("một", "hai", "ba"):
        api.user_says(CHAT, text)
    async with polling(api, intake, poll_floor=3600):
        await api.wait_until(lambda: intake.texts == ["một", "hai", "ba"])


async def test_nothing_more_is_asked_for_until_the_intake_has_returned(api: FakeZalo) -> None:
    intake = Intake(api)
    intake.door.clear()
    async with polling(api, intake):
        api.user_says(CHAT, "một")
        api.user_says(CHAT, "hai")
        await api.wait_until(lambda: intake.offered)
        assert len(api.called("getUpdates")) == 1
        intake.door.set()
        await api.wait_until(lambda: intake.texts == ["một", "hai"])


async def test_a_failing_intake_is_offered_the_same_again(api: FakeZalo) -> None:
    intake = Intake(api)
    intake.failures = 2
    with capture_logs() as logs:
        async with polling(api, intake):
            api.user_says(CHAT, "một")
            api.user_says(CHAT, "hai")
            await api.wait_until(lambda: intake.texts == ["một", "hai"])
    assert [inbound.text for inbound in intake.offered] == ["một", "một", "một", "hai"]
    assert [log["event"] for log in logs] == ["zalo_intake_failed"] * 2


async def test_after_a_restart_a_replayed_update_comes_again(api: FakeZalo) -> None:
    """The inbox knows it; this process cannot."""
    api.updates.mode = "replay"
    first, second = Intake(api), Intake(api)
    async with polling(api, first):
        api.user_says(CHAT, "một")
        await api.wait_until(lambda: first.taken)
    async with polling(api, second):
        await api.wait_until(lambda: second.taken)
    assert second.taken == first.taken


async def test_a_lost_update_is_lost_alone(api: FakeZalo) -> None:
    intake = Intake(api)
    api.fail_next("getUpdates", Fault.SWALLOW)
    api.user_says(CHAT, "mất trên đường")
    async with polling(api, intake):
        await api.wait_until(lambda: api.updates.handed_out)
        api.user_says(CHAT, "hai")
        await api.wait_until(lambda: intake.texts == ["hai"])


TROUBLES: dict[str, tuple[Fault, dict[str, Any]]] = {
    "connection closed": (Fault.DROP, {}),
    "500": (Fault.REFUSE, {"code": 500}),
    "504": (Fault.REFUSE, {"code": 504}),
    "403, an internal error": (Fault.REFUSE, {"code": 403, "description": "Internal server error"}),
    "404": (Fault.REFUSE, {"code": 404}),
    "a proxy's 502": (Fault.ANSWER, GATEWAY),
    "broken JSON": (Fault.ANSWER, {"body": '{"ok":'}),
}


@pytest.mark.parametrize("name", TROUBLES)
async def test_trouble_is_waited_out(name: str, api: FakeZalo) -> None:
    fault, details = TROUBLES[name]
    intake = Intake(api)
    api.fail_next("getUpdates", fault, 2, **details)
    api.user_says(CHAT, "một")
    with capture_logs() as logs:
        async with polling(api, intake):
            await api.wait_until(lambda: intake.texts == ["một"])
    assert [(log["event"], log["method"]) for log in logs] == [("zalo_call_failed", "getUpdates")] * 2


async def test_a_webhook_that_is_not_there_may_be_not_found(api: FakeZalo) -> None:
    api.fail_next("deleteWebhook", Fault.REFUSE, code=404, description="Not Found")
    intake = Intake(api)
    api.user_says(CHAT, "một")
    async with polling(api, intake):
        await api.wait_until(lambda: intake.texts == ["một"])


async def test_a_throttled_poll_waits_as_long_as_we_think_it_lasts(api: FakeZalo) -> None:
    intake = Intake(api)
    api.fail_next("getUpdates", Fault.REFUSE, code=429, description="Quota exceeded")
    api.user_says(CHAT, "một")
    with capture_logs() as logs:
        async with polling(api, intake, throttle_seconds=0.5):
            await api.wait_until(lambda: intake.texts == ["một"])
    assert {"event": "zalo_call_throttled", "log_level": "warning", "method": "getUpdates", "seconds": 0.5} in logs


async def test_a_webhook_set_by_somebody_is_named_and_outlasted(api: FakeZalo) -> None:
    intake = Intake(api)
    with capture_logs() as logs:
        async with polling(api, intake, seconds=0.02):
            await api.wait_until(lambda: api.called("getUpdates"))
            api.updates.webhook_url = "https://other.example/secret-path"
            await api.wait_until(lambda: len([c for c in api.called("getUpdates") if c.code == 400]) > 1)
            api.updates.webhook_url = ""
            api.user_says(CHAT, "một")
            await api.wait_until(lambda: intake.texts == ["một"])
    told = [log for log in logs if log["event"] == "zalo_webhook_in_the_way"]
    assert {log["host"] for log in told} <= {"other.example", ""}  # it may be gone when we ask
    assert told[0]["host"] == "other.example"
    assert "secret-path" not in str(logs)


@pytest.mark.parametrize("mirrors", [True, False])
async def test_a_token_reset_in_the_middle_ends_the_polling(mirrors: bool, api: FakeZalo) -> None:
    api.mirrors = mirrors
    intake = Intake(api)
    async with polling(api, intake) as task:
        api.user_says(CHAT, "một")
        await api.wait_until(lambda: intake.taken)
        api.fail_next("getUpdates", Fault.REFUSE, code=401, description="Unauthorized")
        api.user_says(CHAT, "hai")
        with pytest.raises(TokenRefused, match="ZALO_BOT_TOKEN"):
            await asyncio.wait_for(task, 5)


async def test_two_pollers_of_one_bot_share_the_updates_and_lose_none(api: FakeZalo) -> None:
    ours, theirs = Intake(api), Intake(api)
    async with polling(api, ours), polling(api, theirs):
        for number in range(20):
            api.user_says(CHAT, str(number))
        await api.wait_until(lambda: len(ours.taken) + len(theirs.taken) == 20)
    assert sorted(map(int, ours.texts + theirs.texts)) == list(range(20))


async def test_polling_ends_when_it_is_cancelled_though_an_answer_comes_in_the_same_moment(api: FakeZalo) -> None:
    """The client swallows every fifth such cancellation; a poller that went on would hang the stop."""
    api.updates.mode = "replay"
    api.user_says(CHAT, "một")
    for number in range(40):
        intake = Intake(api)
        async with polling(api, intake) as task:
            await api.wait_until(lambda polls=number * 10: len(api.called("getUpdates")) > polls)
            task.cancel()
            await asyncio.wait([task], timeout=5)
            assert task.done()


@pytest.mark.parametrize(
    ("told", "mention"),
    [("Bot Công đoàn", "@Bot Công đoàn"), ("", "@Bot Công đoàn"), ("", f"@{FakeZalo.account_name}")],
)
async def test_a_group_is_heard_by_the_name_the_platform_tells(told: str, mention: str) -> None:
    async with FakeZalo(display_name=told) as api:
        intake = Intake(api)
        async with polling(api, intake):
            api.group_says("g1", CHAT, "chuyện riêng")
            api.group_says("g1", CHAT, f"{mention} ơi")
            await api.wait_until(lambda: intake.taken)
    assert [(inbound.kind, inbound.chat) for inbound in intake.offered] == [(InboundKind.GROUP, "g1")]
