"""Journals of an earlier version still replay (tests/support/golden.py says how to write one for a new flow)."""

import json
from typing import Any, cast

import pytest

import handlers
from bot.app import federation_variables
from bot.dialog import Dialog, Flow
from bot.domain.prompts import text
from bot.inbound.replaying import Fate, Verdict, judge
from bot.services.turn import Installation, Turn
from bot.storage.dialogs import StoredDialog
from content.texts import Texts
from tests.support.clock import ZONE
from tests.support.golden import DIRECTORY
from tests.support.house import FEDERATION, PACK

NEVER_WAIT = {"export_units", "link", "move", "my_data", "person", "quota", "rejoin", "reopen", "upcoming", "why"}
"""Flows that say and end: nobody can be in the middle of them."""
GOLDEN = sorted(DIRECTORY.glob("*.json"))


def verdict(golden: dict[str, Any]) -> Verdict:
    """Nothing may be read for it: what was read stands in the journal."""
    texts = Texts(federation_variables(FEDERATION))
    at = Installation(FEDERATION, texts, PACK, ZONE, b"secret", {}, {}, DIRECTORY, {})
    journal = json.dumps(golden["journal"])
    stored = StoredDialog(1, 1, golden["flow"], "waiting", 0, journal, golden["asked"], None, 0, 0)
    return judge(handlers.FLOWS, Turn(cast("Any", None), at, 0, "golden"), stored)


def test_every_flow_that_waits_has_one() -> None:
    assert sorted({path.stem for path in GOLDEN} | NEVER_WAIT) == sorted(handlers.FLOWS)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_it_still_fits(path: Any) -> None:
    assert verdict(json.loads(path.read_text("utf-8"))) == Verdict(Fate.FITS)


def test_marks_at_a_pending_question_fit_too() -> None:
    """They stand beside the entries, only while there are some."""
    asked = {"id": "x", "text": "?", "options": ["a", "b", "c", "d"], "several": True}
    entries = [["commit", "draw", ["x"]], ["load", "question:x", asked]]
    golden = {"flow": "quiz", "asked": "answer:x", "journal": [{}, entries, [], ["A", "C"]]}
    assert verdict(golden) == Verdict(Fate.FITS)


def test_what_no_longer_fits_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another order is fed again, a commit that is never reached is parked, a broken text too."""
    ask = text("welcome.ask_name")

    async def changed(dialog: Dialog) -> None:
        await dialog.ask("second", ask, lambda answer: answer.text)
        await dialog.ask("first", ask, lambda answer: answer.text)
        await dialog.ask("third", ask, lambda answer: answer.text)

    async def shorter(dialog: Dialog) -> None:
        await dialog.ask("first", ask, lambda answer: answer.text)

    async def broken(dialog: Dialog) -> None:
        await dialog.ask("first", text("welcome.no_such_text"), lambda answer: answer.text)

    monkeypatch.setitem(handlers.FLOWS, "changed", Flow("changed", changed))
    monkeypatch.setitem(handlers.FLOWS, "shorter", Flow("shorter", shorter))
    monkeypatch.setitem(handlers.FLOWS, "broken", Flow("broken", broken))
    raw = {"k": "text", "t": "a", "d": "2025-05-01"}
    answers = [["ask", key, "a", raw] for key in ("first", "second")]
    golden = {"flow": "changed", "asked": "third", "journal": [{}, answers, []]}
    assert verdict(golden).fate is Fate.FED
    committed = {"flow": "shorter", "asked": "third", "journal": [{}, [*answers, ["commit", "done", None]], []]}
    assert verdict(committed).fate is Fate.PARKED
    assert verdict({"flow": "broken", "asked": "first", "journal": [{}, [], []]}).fate is Fate.PARKED
