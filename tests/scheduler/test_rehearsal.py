"""A year and a month of the calendar, played day by day with the real code."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from bot.app import Application, Line, Plan
from bot.channels.contract import Delivery
from bot.channels.render import plain
from bot.domain.time import civil_date, is_quiet, minute_of_day
from bot.storage.database import Transaction
from bot.storage.schedule import Occurrence
from scheduler.clock import MovableClock
from scheduler.rehearsal import rehearse
from tests.support.clock import ZONE
from tests.support.fake_channel import FakeChannel
from tests.support.house import FEDERATION, PACK

FIRST, LAST = date(2025, 5, 1), date(2026, 5, 31)
MEMBERS: Final = {
    1: ("morning", 21 * 60, 6 * 60),
    2: ("noon", 11 * 60, 14 * 60),
    3: ("evening", 19 * 60, 6 * 60),
    4: ("none", 21 * 60, 6 * 60),
    5: ("", 0, 0),
}
"""Slot and quiet hours, in minutes after midnight."""
PUSHED: Final = ("quoc-khanh", "ngay-thanh-lap-dang", "ngay-sinh-bac-ho", "cong-doan-viet-nam")


@dataclass
class Arrived:
    member: int
    day: date
    minute: int
    text: str


def plant(tx: Transaction, account: int) -> None:
    for id, (slot, quiet_from, quiet_to) in MEMBERS.items():
        tx.run(
            "INSERT INTO member (id, slot, quiet_from, quiet_to, consent_version, consent_at, created_at)"
            " VALUES (?, ?, ?, ?, '1', 0, 0)",
            (id, slot, quiet_from, quiet_to),
        )
        tx.run(
            "INSERT INTO address (account_id, external_id, member_id, created_at, last_in_at) VALUES (?, ?, ?, 0, 0)",
            (account, str(id), id),
        )


async def play() -> tuple[list[Occurrence], list[Arrived]]:
    arrived: list[Arrived] = []

    async def open_application(folder: Path, clock: MovableClock) -> Application:
        def note(delivery: Delivery) -> None:
            now = clock.now()
            text = plain(delivery.outbound.html)
            arrived.append(Arrived(int(delivery.chat), civil_date(now, ZONE), minute_of_day(now, ZONE), text))

        channel = FakeChannel()
        channel.outcome_for = note
        plan = Plan(folder / "bot.db", folder, clock, FEDERATION, PACK, ZONE, [Line(channel, 0, 0)], ticking=False)
        app = await Application.open(plan)
        await app.start()
        await app.db.write(lambda tx: plant(tx, app.accounts[channel.name]))
        return app

    return await rehearse(open_application, FIRST, LAST, ZONE), arrived


async def test_a_year_and_a_month() -> None:
    """The countdowns with their anniversaries, one message a member a day, none in quiet hours, all in order."""
    found, arrived = await play()

    per_day = Counter((message.member, message.day) for message in arrived)
    assert set(per_day.values()) == {1}
    queued = [(o.member_id, o.day) for o in found if o.state == "queued"]
    assert sorted(queued) == sorted(per_day)
    for message in arrived:
        _, quiet_from, quiet_to = MEMBERS[message.member]
        assert not is_quiet(message.minute, quiet_from, quiet_to), message
    assert [message.day for message in arrived] == sorted(message.day for message in arrived)

    countdown = {m.day: m.text for m in arrived if m.member == 4 and "Ngày sinh Chủ tịch Hồ Chí Minh" in m.text}
    assert list(countdown) == [date(year, 5, day) for year in (2025, 2026) for day in (12, 16, 18, 19)]
    for day, text in countdown.items():
        years = day.year - 1890
        assert f"kỷ niệm {years} năm Ngày sinh Chủ tịch Hồ Chí Minh (19/5/1890 - 19/5/{day.year})." in text
        assert text.startswith(f"Còn {19 - day.day} ngày nữa là" if day.day < 19 else "Hôm nay kỷ niệm")
    assert {years for years in (135, 136) for text in countdown.values() if f" {years} năm" in text} == {135, 136}

    steps = Counter(part for o in found if o.member_id == 4 for part in o.parts)
    assert steps == {f"step:{id}": 8 if id == "ngay-sinh-bac-ho" else 4 for id in PUSHED}
    hours = {id: {m.minute for m in arrived if m.member == id} for id in MEMBERS}
    assert hours == {1: {6 * 60 + 30}, 2: {14 * 60}, 3: set(), 4: {8 * 60}, 5: {8 * 60}}
    assert {o.state for o in found if o.member_id == 3} == {"missed"}
    assert not any("năm nay" in message.text.lower() or "!" in message.text for message in arrived)
    cards = [m.text for m in arrived if m.member == 1 and "Chuyên đề năm 2025 · Bài" in m.text]
    assert len(cards) == len(PACK.cards)
