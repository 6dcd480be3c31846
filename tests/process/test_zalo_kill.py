"""kill -9 with Zalo as the only channel: nothing that was stored is lost, nothing is handled or pushed twice."""

import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Literal

import pytest

from bot.settings import SHIPPED_FEDERATION
from bot.storage import installation, seeding, units
from bot.storage.database import Database, Transaction
from bot.storage.migrate import migrate
from content.federation import load_federation
from tests.support.fake_zalo import TOKEN, FakeZalo, Fault
from tests.support.process import STARTED_WITHIN, Bot

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

CHATS = [f"6ede9afa66b88fe6{number:04x}" for number in range(30)]
EACH = 8
MEMBERS = 3000
TEXT = "Họp toàn thể lúc 8 giờ."
PORT_OF = "http://127.0.0.1:{}"
NOW = 1_746_061_200_000
ALL = 10**6


class ZaloBot(Bot):
    """`python -m bot` with Zalo only, without rates and without a quota."""

    def __init__(self, folder: Path, api: FakeZalo, **variables: str) -> None:
        only_zalo = {
            "TELEGRAM_BOT_TOKEN": "",
            "ZALO_BOT_TOKEN": TOKEN,
            "ZALO_API_URL": api.url,
            "ZALO_RATE": "0",
            "ZALO_POLL_FLOOR": "0.02",
            "ZALO_QUOTA_USERS": "0",
            "ZALO_QUOTA_MESSAGES": "0",
        }
        super().__init__(folder, api, **only_zalo, **variables)  # type: ignore[arg-type]
        self._begins_with = "setWebhook" if variables else "deleteWebhook"

    async def start(self) -> None:
        """Start `run` and wait until it is about to take updates."""
        assert self._process is None
        before = len(self._api.called(self._begins_with))
        self._process = await self._spawn("run")
        await self._api.wait_until(lambda: len(self._api.called(self._begins_with)) > before, STARTED_WITHIN)

    async def seed(self, chats: Iterable[str]) -> None:
        """Members of one unit who wrote to the bot before."""
        chats = list(chats)
        federation = load_federation(SHIPPED_FEDERATION)

        def plant(tx: Transaction) -> None:
            account = installation.account_id(tx, "zalo_bot", TOKEN.split(":")[0])
            unit = units.put(tx, "TAI0", None, federation.unit_kinds[-1].id, "Công đoàn thử tải", None, None)
            for start in range(0, len(chats), 500):
                some = chats[start : start + 500]
                seeding.add_members(tx, account, some, [unit], federation.consent_version, NOW)

        self.database.parent.mkdir(parents=True)
        db = await Database.open(self.database)
        await migrate(db, NOW)
        await db.write(plant)
        await db.close()


@pytest.fixture
async def api() -> AsyncIterator[FakeZalo]:
    """A Zalo in the test's own process, which is never killed."""
    async with FakeZalo() as api:
        yield api


@pytest.fixture
async def bot(tmp_path: Path, api: FakeZalo) -> AsyncIterator[ZaloBot]:
    """An installation that polls, and that nothing runs on yet."""
    bot = ZaloBot(tmp_path, api)
    yield bot
    await bot.end()


@pytest.fixture
async def hooked(tmp_path: Path, api: FakeZalo, unused_tcp_port: int) -> AsyncIterator[ZaloBot]:
    """One that is pushed to."""
    address = PORT_OF.format(unused_tcp_port)
    secret = "s3cret-between-us"
    bot = ZaloBot(
        tmp_path,
        api,
        HTTP_PORT=str(unused_tcp_port),
        PUBLIC_URL=address,
        ZALO_MODE="webhook",
        ZALO_WEBHOOK_SECRET=secret,
    )
    yield bot
    await bot.end()


def slowly(api: FakeZalo) -> None:
    """Let every answer take 20 ms, so that a kill finds calls on the wire."""
    api.fail_next("sendMessage", Fault.SLOW, ALL, seconds=0.02)


def moments(seed: int, count: int, last: int) -> list[int]:
    """After how many messages to kill."""
    return sorted(random.Random(seed).sample(range(1, last), count))


def tags(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"tin số (\d+)", text)]


def everybody_writes(api: FakeZalo) -> int:
    for number in range(EACH):
        for chat in CHATS:
            api.user_says(chat, f"tin số {number}")
    return EACH * len(CHATS)


def stored(bot: Bot) -> int:
    return int(bot.rows("SELECT COUNT(*) FROM inbox")[0][0])


def sending(bot: Bot) -> Counter[tuple[str, int]]:
    """What is on the wire, by chat and number."""
    rows = bot.rows(
        "SELECT a.external_id, o.body FROM outbox o JOIN address a ON a.id = o.address_id WHERE o.state = 'sending'"
    )
    return Counter((chat, tag) for chat, body in rows for tag in tags(body))


def check_replies(bot: Bot, api: FakeZalo, count: int, in_flight: Counter[tuple[str, int]]) -> None:
    """Every message was handled once and answered in order; a reply came twice only if it was on the wire at a kill."""
    assert bot.rows("SELECT state, COUNT(*) FROM inbox GROUP BY state") == [("done", count)]
    replies = bot.rows(
        "SELECT a.external_id, o.body FROM outbox o JOIN address a ON a.id = o.address_id WHERE o.lane = 0"
    )
    answered = Counter((chat, tag) for chat, body in replies for tag in tags(body))
    assert answered == Counter({(chat, number): 1 for chat in CHATS for number in range(EACH)})
    assert bot.states(lane=0) == {"sent": count}
    for chat in CHATS:
        heard = [tag for message in api.sent(chat) for tag in tags(message.text)]
        assert heard == sorted(heard)
        assert set(heard) == set(range(EACH))
        for tag, times in Counter(heard).items():
            assert times - 1 <= in_flight[chat, tag]


@pytest.mark.parametrize("mode", ["consume", "replay"])
async def test_polling_loses_at_most_what_was_in_hand_and_handles_nothing_twice(
    mode: Literal["consume", "replay"], bot: ZaloBot, api: FakeZalo
) -> None:
    """240 messages, five kills; after each the last ones come again, as a platform may bring them."""
    api.updates.mode = mode
    slowly(api)
    await bot.seed(CHATS)
    count = everybody_writes(api)
    in_flight: Counter[tuple[str, int]] = Counter()
    handed_out: set[str] = set()
    for moment in moments(7, 5, count):
        await bot.start()
        await api.wait_until(lambda moment=moment: len(api.messages) >= moment, 60)
        await bot.kill()
        in_flight += sending(bot)
        handed_out |= {event["message"]["message_id"] for event in api.updates.handed_out}
        assert 0 <= len(handed_out) - stored(bot) <= 1
        for event in reversed(api.updates.handed_out[-20:]):
            api.updates.pending.insert(0, event)
    assert in_flight
    await bot.start()
    await bot.until_quiet()
    await bot.stop()
    check_replies(bot, api, count, in_flight)


async def test_a_webhook_loses_nothing_and_nothing_is_handled_twice(hooked: ZaloBot, api: FakeZalo) -> None:
    slowly(api)
    await hooked.seed(CHATS)
    count = everybody_writes(api)
    in_flight: Counter[tuple[str, int]] = Counter()
    for moment in moments(3, 5, count):
        await hooked.start()
        await api.wait_until(lambda moment=moment: len(api.messages) >= moment, 60)
        await hooked.kill()
        in_flight += sending(hooked)
        assert len(api.updates.handed_out) <= stored(hooked) <= len(api.updates.handed_out) + 1
    assert in_flight
    for event in api.updates.handed_out[:20]:
        api.updates.push(event)
    await hooked.start()
    await hooked.until_quiet()
    await hooked.stop()
    check_replies(hooked, api, count, in_flight)


async def test_a_broadcast_goes_on_and_nobody_gets_it_twice(bot: ZaloBot, api: FakeZalo) -> None:
    """3,000 members, a SIGTERM and three kills."""
    slowly(api)
    chats = [f"6ede9afa66b88fe6{number:04x}" for number in range(MEMBERS)]
    await bot.seed(chats)
    await bot.does("broadcast", "--to", "all", "--text", TEXT, "--yes")
    await bot.start()
    await api.wait_until(lambda: len(api.messages) >= 50, 60)
    await bot.stop()
    assert set(bot.states(lane=2)) <= {"sent", "pending"}
    assert bot.states(lane=2)["sent"] == len(api.messages)
    in_flight: set[int] = set()
    for more in (1, 200, 300):
        await bot.start()
        moment = len(api.messages) + more
        await api.wait_until(lambda moment=moment: len(api.messages) >= moment, 60)
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
    assert sorted(chat for _, _, chat in rows) == chats
    got = Counter(message.chat for message in api.messages if TEXT in message.text)
    assert set(got.values()) == {1}
    assert {chat for _, state, chat in rows if state == "sent"} <= set(got)
    uncertain = {id for id, state, _ in rows if state == "uncertain"}
    assert uncertain <= in_flight
    assert {chat for id, _, chat in rows if chat not in got} <= {chat for id, _, chat in rows if id in uncertain}
