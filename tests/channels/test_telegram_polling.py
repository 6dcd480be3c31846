"""The getUpdates loop: stored first, then confirmed; two kinds of conflict; trouble waited out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.channels.contract import ChannelUnusable
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.api import Api
from bot.channels.telegram.parse import parse
from bot.channels.telegram.polling import ALLOWED_UPDATES, Poller
from bot.channels.telegram.transport import Transport
from bot.domain.messages import Inbound, InboundKind
from tests.support.fake_bot_api import FakeBotApi, Fault

CHAT = 5001


@pytest_asyncio.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as api:
        yield api


class Intake:
    """Collects batches; while closed it holds them, and it fails as often as it is told."""

    def __init__(self, api: FakeBotApi) -> None:
        self.api = api
        self.batches: list[list[Inbound]] = []
        self.offered: list[list[Inbound]] = []
        self.failures = 0
        self.door = asyncio.Event()
        self.door.set()

    async def __call__(self, batch: Sequence[Inbound]) -> None:
        self.offered.append(list(batch))
        self.api.changed()
        await self.door.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        self.batches.append(list(batch))
        self.api.changed()

    @property
    def texts(self) -> list[str]:
        return [inbound.text for batch in self.batches for inbound in batch]


@asynccontextmanager
async def polling(api: FakeBotApi, intake: Intake) -> AsyncIterator[asyncio.Task[None]]:
    channel = TelegramChannel(api.token, api.url, "polling", poll_timeout=5)
    await channel.open()
    task = asyncio.create_task(channel.receive(intake))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()


async def test_the_first_call_keeps_what_is_pending_and_names_the_kinds(api: FakeBotApi) -> None:
    api.user_says(CHAT, "đến trước")
    intake = Intake(api)
    async with polling(api, intake):
        await api.wait_until(lambda: intake.texts == ["đến trước"])
        await api.wait_until(lambda: not api.updates.pending)
    methods = [call.method for call in api.calls]
    assert methods[:3] == ["getMe", "deleteWebhook", "getUpdates"]
    assert api.called("deleteWebhook")[0].values == {"drop_pending_updates": False}
    question = api.called("getUpdates")[0].values
    assert question == {"limit": 100, "timeout": 5, "allowed_updates": list(ALLOWED_UPDATES)}


async def test_the_offset_moves_only_after_the_intake(api: FakeBotApi) -> None:
    intake = Intake(api)
    intake.door.clear()
    async with polling(api, intake):
        update_id = api.user_says(CHAT, "một")
        await api.wait_until(lambda: intake.offered)
        assert [update["update_id"] for update in api.updates.pending] == [update_id]
        assert len(api.called("getUpdates")) == 1
        intake.door.set()
        await api.wait_until(lambda: not api.updates.pending)
        assert intake.texts == ["một"]


async def test_a_failing_intake_is_offered_the_same_again(api: FakeBotApi) -> None:
    intake = Intake(api)
    intake.failures = 2
    with capture_logs() as logs:
        async with polling(api, intake):
            update_id = api.user_says(CHAT, "một")
            await api.wait_until(lambda: len(intake.offered) == 2)
            assert [update["update_id"] for update in api.updates.pending] == [update_id]
            await api.wait_until(lambda: not api.updates.pending)
    assert intake.texts == ["một"]
    assert [log["event"] for log in logs] == ["telegram_intake_failed"] * 2


async def test_after_a_restart_what_was_not_confirmed_comes_again(api: FakeBotApi) -> None:
    first, second = Intake(api), Intake(api)
    first.door.clear()
    async with polling(api, first):
        api.user_says(CHAT, "một")
        await api.wait_until(lambda: first.offered)
    async with polling(api, second):
        await api.wait_until(lambda: second.batches)
    assert second.batches == first.offered
    assert [call.values.get("offset") for call in api.called("getUpdates")] == [None, None]


async def test_updates_that_do_not_concern_us_are_confirmed_too(api: FakeBotApi) -> None:
    intake = Intake(api)
    async with polling(api, intake):
        api.group_says(-100, CHAT, "chuyện riêng")
        await api.wait_until(lambda: not api.updates.pending)
        api.group_says(-100, CHAT, f"@{api.username} ơi")
        await api.wait_until(lambda: intake.batches)
    assert [inbound.kind for inbound in intake.offered[0]] == [InboundKind.GROUP]
    assert len(intake.offered) == 1


async def test_more_than_one_batch_arrives_in_order(api: FakeBotApi) -> None:
    intake = Intake(api)
    for number in range(250):
        api.user_says(CHAT, str(number))
    async with polling(api, intake):
        await api.wait_until(lambda: not api.updates.pending)
    assert intake.texts == [str(number) for number in range(250)]
    assert [len(batch) for batch in intake.batches] == [100, 100, 50]


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.SERVER_ERROR, Fault.BAD_GATEWAY, Fault.GARBAGE])
async def test_a_network_that_fails_is_waited_out(api: FakeBotApi, fault: Fault) -> None:
    intake = Intake(api)
    api.fail_next("deleteWebhook", fault)
    api.fail_next("getUpdates", fault)
    api.user_says(CHAT, "một")
    with capture_logs() as logs:
        async with polling(api, intake):
            await api.wait_until(lambda: not api.updates.pending)
    assert intake.texts == ["một"]
    assert [log["event"] for log in logs] == ["telegram_poll_failed"] * 2


async def test_a_throttled_poll_is_waited_out(api: FakeBotApi) -> None:
    intake = Intake(api)
    api.fail_next("getUpdates", Fault.THROTTLE, seconds=1)
    api.user_says(CHAT, "một")
    with capture_logs() as logs:
        async with polling(api, intake):
            await api.wait_until(lambda: intake.texts == ["một"])
    assert {"event": "telegram_poll_throttled", "log_level": "warning", "seconds": 1.0} in logs


async def test_a_webhook_set_by_somebody_is_named_and_outlasted(api: FakeBotApi) -> None:
    intake = Intake(api)
    with capture_logs() as logs:
        async with polling(api, intake), Transport(1) as transport:
            await api.wait_until(lambda: api.called("deleteWebhook"))
            somebody = Api(transport, api.url, api.token)
            await somebody.call("setWebhook", {"url": "https://other.example/hook"})
            await api.wait_until(lambda: [c for c in api.called("getUpdates") if c.status == 409][1:])
            await somebody.call("deleteWebhook", {})
            api.user_says(CHAT, "một")
            await api.wait_until(lambda: intake.texts == ["một"])
    assert {log["rival"] for log in logs if log["event"] == "telegram_poll_conflict"} == {"webhook"}


async def test_a_second_poller_is_named_and_outlasted(api: FakeBotApi) -> None:
    ours, theirs = Intake(api), Intake(api)
    with capture_logs() as logs:
        async with polling(api, ours):
            await api.wait_until(lambda: api.called("deleteWebhook"))
            async with polling(api, theirs):
                await api.wait_until(lambda: [c for c in api.called("getUpdates") if c.status == 409])
            api.user_says(CHAT, "một")
            await api.wait_until(lambda: ours.texts == ["một"])
    assert {log["rival"] for log in logs if log["event"] == "telegram_poll_conflict"} == {"second poller"}


async def test_a_refused_token_ends_the_polling(api: FakeBotApi) -> None:
    async with Transport(1) as transport:
        poller = Poller(Api(transport, api.url, "1:wrong"), parse, 0)
        with pytest.raises(ChannelUnusable, match="TELEGRAM_BOT_TOKEN"):
            await poller.run(Intake(api))


async def test_a_day_of_silence_forgets_the_offset(api: FakeBotApi) -> None:
    clock = [0.0]
    intake = Intake(api)
    async with Transport(1) as transport:
        poller = Poller(Api(transport, api.url, api.token), parse, 0.02, monotonic=lambda: clock[0])
        task = asyncio.create_task(poller.run(intake))
        update_id = api.user_says(CHAT, "một")
        await api.wait_until(lambda: api.called("getUpdates")[-1:] and _offset(api) == update_id + 1)
        clock[0] = 24 * 3600 - 1
        asked = len(api.called("getUpdates"))
        await api.wait_until(lambda: len(api.called("getUpdates")) > asked + 1)
        assert _offset(api) == update_id + 1
        clock[0] += 2
        await api.wait_until(lambda: _offset(api) is None)
        api.updates.repeat({"update_id": 3, "message": _message("số mới")})
        await api.wait_until(lambda: intake.texts == ["một", "số mới"])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _offset(api: FakeBotApi) -> int | None:
    return api.called("getUpdates")[-1].values.get("offset")


def _message(text: str) -> dict[str, object]:
    chat = {"id": CHAT, "type": "private", "first_name": "A"}
    return {"message_id": 1, "date": 1746061200, "chat": chat, "text": text}


async def test_polling_ends_when_it_is_cancelled_though_an_answer_comes_in_the_same_moment(api: FakeBotApi) -> None:
    """The client swallows some such cancellations; a poller that went on would hang the stop."""
    for number in range(1, 41):
        async with polling(api, Intake(api)) as task:
            await api.wait_until(lambda number=number: len(api.called("deleteWebhook")) == number)
            before = len(api.called("getUpdates"))
            api.user_says(CHAT, str(number))
            await api.wait_until(lambda before=before: len(api.called("getUpdates")) > before)
            task.cancel()
            await asyncio.wait([task], timeout=5)
            assert task.done()
