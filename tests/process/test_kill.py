"""kill -9 of the real process at seeded moments: nothing lost, nothing twice (DESIGN, decisions 2 and 3)."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.fake_bot_api import FakeBotApi, Fault
from tests.support.process import Bot

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

CHATS = range(1000, 1050)
EACH = 10
MEMBERS = 3000
TEXT = "Họp toàn thể lúc 8 giờ."
ALL = 10**6


@pytest.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    """A Bot API in the test's own process, which is never killed."""
    async with FakeBotApi() as api:
        yield api


@pytest.fixture
async def bot(tmp_path: Path, api: FakeBotApi) -> AsyncIterator[Bot]:
    """An installation that nothing runs on yet."""
    bot = Bot(tmp_path, api)
    yield bot
    await bot.end()


def slowly(api: FakeBotApi) -> None:
    """Let every answer take 20 ms, so that a kill finds calls on the wire."""
    api.fail_next("sendMessage", Fault.SLOW, ALL, seconds=0.02)


def moments(seed: int, count: int, last: int) -> list[int]:
    """After how many calls to kill."""
    return sorted(random.Random(seed).sample(range(1, last), count))


async def calls_reach(api: FakeBotApi, count: int) -> None:
    await api.wait_until(lambda: len(api.chats.messages) >= count, 60)


def tags(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"tin số (\d+)", text)]


async def test_every_update_is_handled_once_and_every_reply_arrives(bot: Bot, api: FakeBotApi) -> None:
    """500 updates from 50 members, five kills; after each some acknowledged updates come again."""
    slowly(api)
    await bot.does("seed", "--members", str(len(CHATS)))
    for number in range(EACH):
        for chat in CHATS:
            api.user_says(chat, f"tin số {number}")
    updates = list(api.updates.pending)
    in_flight: Counter[tuple[str, int]] = Counter()
    for moment in moments(7, 5, len(updates)):
        await bot.start()
        await calls_reach(api, moment)
        await bot.kill()
        sending = bot.rows(
            "SELECT a.external_id, o.body FROM outbox o JOIN address a ON a.id = o.address_id WHERE o.state = 'sending'"
        )
        in_flight.update((chat, tag) for chat, body in sending for tag in tags(body))
        waiting = {update["update_id"] for update in api.updates.pending}
        for update in updates[:20]:
            if update["update_id"] not in waiting:
                api.updates.repeat(update)
    assert in_flight
    await bot.start()
    await bot.until_quiet()
    await bot.stop()

    assert bot.rows("SELECT state, COUNT(*) FROM inbox GROUP BY state") == [("done", len(updates))]
    replies = bot.rows(
        "SELECT a.external_id, o.body FROM outbox o JOIN address a ON a.id = o.address_id WHERE o.lane = 0"
    )
    answered = Counter((chat, tag) for chat, body in replies for tag in tags(body))
    assert answered == Counter({(str(chat), number): 1 for chat in CHATS for number in range(EACH)})
    assert bot.states(lane=0) == {"sent": len(updates)}
    for chat in CHATS:
        heard = [tag for message in api.sent(chat) for tag in tags(message.text)]
        assert heard == sorted(heard)
        assert set(heard) == set(range(EACH))
        for tag, times in Counter(heard).items():
            assert times - 1 <= in_flight[str(chat), tag]


async def test_a_broadcast_goes_on_and_nobody_gets_it_twice(bot: Bot, api: FakeBotApi) -> None:
    """3,000 members, a SIGTERM and four kills, the first of them right after a start."""
    slowly(api)
    await bot.does("seed", "--members", str(MEMBERS))
    await bot.does("broadcast", "--to", "all", "--text", TEXT, "--yes")
    await bot.start()
    await calls_reach(api, 50)
    await bot.stop()
    assert set(bot.states(lane=2)) <= {"sent", "pending"}
    assert bot.states(lane=2)["sent"] == len(api.chats.messages)
    in_flight: set[int] = set()
    for moment in [len(api.chats.messages), *moments(11, 3, MEMBERS)]:
        await bot.start()
        await calls_reach(api, moment)
        await bot.kill()
        in_flight |= {id for (id,) in bot.rows("SELECT id FROM outbox WHERE state = 'sending'")}
    assert in_flight
    await bot.start()
    await bot.until_quiet()
    await bot.stop()

    assert set(bot.states(lane=2)) <= {"sent", "uncertain"}
    rows = bot.rows(
        "SELECT o.id, o.state, a.external_id FROM outbox o JOIN address a ON a.id = o.address_id WHERE o.lane = 2"
    )
    assert len({chat for _, _, chat in rows}) == len(rows) == MEMBERS
    got = Counter(str(message.chat) for message in api.chats.messages if TEXT in message.text)
    assert set(got.values()) == {1}
    assert {chat for _, state, chat in rows if state == "sent"} <= set(got)
    uncertain = {id for id, state, _ in rows if state == "uncertain"}
    assert uncertain <= in_flight
    assert {chat for id, _, chat in rows if chat not in got} <= {chat for id, _, chat in rows if id in uncertain}


async def test_a_stop_leaves_nothing_sending_though_an_answer_does_not_come(bot: Bot, api: FakeBotApi) -> None:
    """Within ten seconds; the reply goes again at the next start, the push is not known to have arrived."""
    await bot.does("seed", "--members", "6")
    for chat in (1000, 1001):
        api.fail_next("sendMessage", Fault.SLOW, 1, chat=chat, seconds=60)
    await bot.start()
    api.user_says(1001, "tin số 1")
    await calls_reach(api, 1)
    await bot.does("broadcast", "--to", "all", "--text", TEXT, "--yes")
    await calls_reach(api, 6)
    await bot.stop()
    assert bot.states(lane=0) == {"pending": 1}
    assert bot.states(lane=2) == {"sent": 4, "uncertain": 1, "pending": 1}
    await bot.start()
    await bot.until_quiet()
    await bot.stop()
    assert bot.states(lane=0) == {"sent": 1}
    assert bot.states(lane=2) == {"sent": 5, "uncertain": 1}
    assert Counter(message.chat for message in api.chats.messages if TEXT in message.text) == dict.fromkeys(
        CHATS[:6], 1
    )
    assert [tags(message.text) for message in api.sent(1001)] == [[1], [1], []]


async def test_a_token_refused_in_the_middle_stops_the_sender_and_fails_nothing(bot: Bot, api: FakeBotApi) -> None:
    await bot.does("seed", "--members", "300")
    await bot.does("broadcast", "--to", "all", "--text", TEXT, "--yes")
    slowly(api)
    await bot.start()
    await calls_reach(api, 100)
    api.heal()
    api.fail_next("sendMessage", Fault.REFUSE, ALL, status=401, description="Unauthorized")
    await api.wait_until(lambda: api.calls[-1].status == 0, 30)
    api.user_says(1000, "tin số 1")
    async with asyncio.timeout(30):
        while bot.rows("SELECT COUNT(*) FROM inbox WHERE state = 'done'") != [(1,)]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await bot.stop()
    assert "sender_stopped" in bot.log
    assert len([call for call in api.called("sendMessage") if call.status == 0]) <= 128
    assert set(bot.states(lane=2)) == {"sent", "pending"}
    api.heal()
    await bot.start()
    await bot.until_quiet()
    await bot.stop()
    assert bot.states(lane=2) == {"sent": 300}
    assert bot.states(lane=0) == {"sent": 1}
    got = Counter(message.chat for message in api.chats.messages if TEXT in message.text)
    assert set(got.values()) == {1}
    assert len(got) == 300
