"""A broadcast whose sender is killed again and again, and what became of it in the end: on the list, and on the wire."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass

from tests.support.fake_bot_api import FakeBotApi
from tests.support.process import Bot

TEXT = "Họp toàn thể lúc 8 giờ."
UNKNOWN = ("uncertain", "failed")
"""What stands on the list beside somebody of whom nobody can say that they got the message."""


@dataclass(frozen=True)
class Ending:
    """How a broadcast to `members` ended. `outcomes` is the officer's list by chat, `got` what the platform counted.

    `in_flight` is how many rows each kill left on the wire.
    """

    members: int
    outcomes: dict[int, str]
    got: Counter[int]
    in_flight: list[int]

    @property
    def uncertain(self) -> int:
        return sum(outcome == "uncertain" for outcome in self.outcomes.values())

    @property
    def uncertain_without(self) -> int:
        """Of the uncertain those who did not get it."""
        return sum(outcome == "uncertain" and not self.got[chat] for chat, outcome in self.outcomes.items())

    @property
    def missed(self) -> list[int]:
        """Members who got nothing and of whom the list does not say so."""
        return [chat for chat, outcome in self.outcomes.items() if not self.got[chat] and outcome not in UNKNOWN]

    @property
    def twice(self) -> list[int]:
        """Members who got it more than once."""
        return [chat for chat, times in self.got.items() if times > 1]

    @property
    def unlisted(self) -> list[int]:
        """Chats that got it though the list does not know them, or says that they did not."""
        return [chat for chat in self.got if self.outcomes.get(chat) not in ("sent", "uncertain")]


async def broadcast_with_kills(bot: Bot, api: FakeBotApi, members: int, kills: int, seed: int) -> Ending:
    """Broadcast to `members`, kill the sender at `kills` seeded moments and start it again each time, to the end.

    A moment is so many messages at the platform and up to 30 ms more, the first of them while recipients are added.
    """
    chance = random.Random(seed)
    await bot.does("seed", "--members", str(members))
    await bot.does("broadcast", "--to", "all", "--text", TEXT, "--yes")
    in_flight = []
    for moment in [1, *sorted(chance.sample(range(2, members - 200), kills - 1))]:
        await bot.start()
        await api.wait_until(lambda moment=moment: len(api.chats.messages) >= moment, 600)  # type: ignore[misc]
        await asyncio.sleep(chance.uniform(0, 0.03))
        await bot.kill()
        in_flight.append(bot.rows("SELECT COUNT(*) FROM outbox WHERE state = 'sending'")[0][0])
    await bot.start()
    async with asyncio.timeout(600):
        while bot.rows("SELECT state FROM announcement") != [("done",)]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await bot.stop()
    listed = bot.rows(
        "SELECT CAST(a.external_id AS INTEGER), r.outcome FROM recipient r JOIN address a ON a.member_id = r.member_id"
    )
    got = Counter(message.chat for message in api.chats.messages if TEXT in message.text)
    return Ending(members, dict(listed), got, in_flight)
