"""Whoever has a role, whatever they open: it is the same whoever of the members read, answered or scored what.

Everything that holders of all roles can open is opened twice, in two copies of one installation in which other members
learned, and other members answered what is asked without names, as many or, fewer than five, not as many. What is shown,
and what is in the files, must be equal.
"""

import functools
import inspect
import itertools
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import handlers
from bot.channels.contract import Outcome, OutcomeKind
from bot.domain.people import RoleKind
from bot.domain.time import DAY
from bot.services.standing_services import STANDING
from bot.storage import learning, recipients
from bot.storage.database import Transaction
from bot.storage.learning import Missed
from tests.support.house import PACK, House, Phone
from tests.support.officers import granted, member_id, sends
from tests.support.people import a_minute_later, introduce, settled

BREADTH = 9
DEPTH = 4
MEMBERS = [f"81{number}" for number in range(10)]
CODE = re.compile(r"\b(?=[A-Z0-9-]*\d)[A-Z0-9-]{6,}\b")
UNREACHED = {
    "offer_announcement": "the officer's own text",
    "offer_recording": "the officer's own voice",
    "give_back": "a note to the author of what waits for approval",
    "reopen": "the author's own draft",
}
"""Flows the walk does not come to, with what they show."""


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of the flows that ran."""
    found: set[str] = set()

    def watched(name: str, function: Any) -> Any:
        @functools.wraps(function)
        async def run(*args: Any, **kwargs: Any) -> Any:
            found.add(name)
            return await function(*args, **kwargs)

        return run

    for name, flow in list(handlers.FLOWS.items()):
        monkeypatch.setitem(handlers.FLOWS, name, replace(flow, function=watched(name, flow.function)))
    return found


async def test_nothing_tells_who_learned_or_answered(tmp_path: Path, walked: set[str]) -> None:
    """Every flow for holders of roles is walked, or is named above."""
    seen = []
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    house = House(first)
    await house.open()
    await house.plant_units()
    await _people(house)
    await house.close()
    shutil.copytree(first, second)
    for directory, active, few in ((first, MEMBERS[:5], MEMBERS[:1]), (second, MEMBERS[5:], MEMBERS[5:9])):
        house = House(directory)
        house._updates = itertools.count(1_000)
        await house.open()
        try:
            await _learn(house, active, few)
            seen.append(await _everything(house))
        finally:
            await house.close()
    for one, other in zip(*seen, strict=True):
        assert one == other
    by_role = {name for name, flow in handlers.FLOWS.items() if flow.open_to == "role"}
    assert by_role - walked == set(UNREACHED), "views for holders of roles that the walk does not open"


async def _people(house: House) -> None:
    """Ten members of one unit, who differ only by name; one person with every role; two announcements without names."""
    boss = await settled(house, "900", "Người Có Quyền", "LC0421")
    for unit, kind in (("LC0421", RoleKind.OFFICER), *(("LD", kind) for kind in RoleKind)):
        await granted(house, boss, unit, kind)
    for chat in (*MEMBERS, "840", "841"):
        await settled(house, chat, f"Đoàn Viên {chat}")
    pending = await settled(house, "830", "Người Chờ")
    id = await member_id(house, pending)
    await house.running.db.write(lambda tx: tx.run("UPDATE member SET unit_state = 'pending' WHERE id = ?", (id,)))
    await introduce(house, house.phone(MEMBERS[0]))
    until = house.clock.now() + 9 * DAY
    became = {"840": Outcome(OutcomeKind.REJECTED), "841": Outcome(OutcomeKind.AMBIGUOUS)}
    house.channel.outcome_for = lambda delivery: became.get(delivery.chat)
    await sends(house, boss, body="Họp.", valid_until=until)
    await sends(house, boss, body="Góp ý.", question="words", valid_until=until)
    await sends(house, boss, body="Nộp báo cáo.", kind="task", question="done", named=True, valid_until=until)
    house.channel.outcome_for = lambda delivery: None


async def _learn(house: House, chats: list[str], few: list[str]) -> None:
    """These members read, save, answer right and wrong, and answer what is asked without names; few one question."""
    ids = [await member_id(house, house.phone(chat)) for chat in chats]
    few_ids = [await member_id(house, house.phone(chat)) for chat in few]
    now = house.clock.now()

    def learn(tx: Transaction) -> None:
        for id in ids:
            for card in PACK.cards:
                learning.mark_read(tx, id, card.id, card.revision, now)
                learning.save(tx, id, card.id, now)
            learning.set_work(tx, id, "bep-an", now)
            learning.set_language(tx, id, "blt", now)
            for question in PACK.questions[:20]:
                learning.mark_right(tx, id, question.id)
            for question in PACK.questions[20:25]:
                learning.put_missed(tx, id, Missed(question.id, date(2025, 5, 3), 1, 0.2, 6.4, 0))
            recipients.set_answer(tx, 2, id, "words", "Nên họp sớm.", now)
        for id in few_ids:
            recipients.set_answer(tx, 1, id, "received", "", now)

    await house.running.db.write(learn)


async def _everything(house: House) -> list[str]:
    """All that holders of roles are shown in four days, and all they can open and take as a file."""
    for day in (2, 3, 4):
        await house.passes(f"2025-05-0{day}T09:00")
    boss = house.phone("900")
    unit = await house.running.db.read(lambda tx: tx.scalar("SELECT id FROM unit WHERE code = 'LC0421'"))
    for data in (f"una:3.{unit}:list", f"una:2.{unit}:words", "rem:1:send"):
        await _quiet(house, boss)
        await boss.taps_data(data)
    starts = [
        f"/{flow.commands[0]}" if flow.commands else house.running.installation.texts.words[flow.word].show
        for flow in handlers.FLOWS.values()
        if flow.open_to == "role" and (flow.commands or flow.word) and _needs_nothing(flow.function)
    ]
    known: set[str] = set()
    paths = [[start] for start in starts]
    while paths:
        path = paths.pop(0)
        shown = await _go(house, boss, path)
        prompt = CODE.sub("", re.sub(r"\d", "0", shown))
        if shown and prompt not in known and len(path) < DEPTH:
            known.add(prompt)
            paths += [[*path, label] for label in boss.last.labels[:BREADTH]]
    pressed: set[str] = set()
    for message in boss.shown:
        for button in message.buttons:
            kind = button.data.partition(":")[0]
            if kind in STANDING and kind not in pressed:
                pressed.add(kind)
                await _quiet(house, boss)
                await boss.taps_data(button.data)
    return [*(CODE.sub("", message.text) for message in boss.shown), *_files(house)]


def _needs_nothing(function: Any) -> bool:
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return all(parameter.default is not inspect.Parameter.empty for parameter in parameters)


async def _quiet(house: House, boss: Phone) -> None:
    a_minute_later(house)
    await boss.says("/menu")
    a_minute_later(house)


async def _go(house: House, boss: Phone, path: list[str]) -> str:
    """What is shown at the end of a path of labels; "" when there is no such choice any more."""
    await _quiet(house, boss)
    shown = await boss.says(path[0])
    for label in path[1:]:
        a_minute_later(house)
        if label not in boss.last.labels:
            return ""
        shown = await boss.taps(label)
    return shown


def _files(house: House) -> list[str]:
    """What stands in the workbooks made on the way."""
    found = []
    for path in sorted((house.directory / "exports").glob("*.xlsx")):
        book = load_workbook(path)
        found += [str([cell.value for cell in row]) for sheet in book for row in sheet.rows]
    assert found
    return found
