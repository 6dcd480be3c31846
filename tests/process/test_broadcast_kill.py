"""kill -9 of the sender in the middle of a large broadcast: the list still ends true (docs/reliability.md)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.fake_bot_api import FakeBotApi
from tests.support.killing import broadcast_with_kills
from tests.support.process import Bot

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

MEMBERS = 20_000
KILLS = 5


@pytest.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    """A Bot API in the test's own process, which is never killed; 10 ms away, so that a kill finds calls on the way."""
    async with FakeBotApi(round_trip=0.01) as api:
        yield api


@pytest.fixture
async def bot(tmp_path: Path, api: FakeBotApi) -> AsyncIterator[Bot]:
    """An installation that nothing runs on yet."""
    bot = Bot(tmp_path, api)
    yield bot
    await bot.end()


async def test_after_five_kills_nobody_is_missed_and_nobody_gets_it_twice(bot: Bot, api: FakeBotApi) -> None:
    ending = await broadcast_with_kills(bot, api, MEMBERS, KILLS, seed=2025)
    assert len(ending.outcomes) == MEMBERS
    assert ending.missed == ending.twice == ending.unlisted == []
    assert set(ending.outcomes.values()) == {"sent", "uncertain"}
    assert 0 < ending.uncertain <= sum(ending.in_flight)
