"""What a member read, saved and answered is for that member alone: few modules can even reach it."""

import ast

from handlers import card, start
from tests.architecture.modules import dotted, modules

FLOWS_OF = {"card": card.FLOWS, "start": start.FLOWS}
OWN = ("learning", "questions", "privacy", "works", "daily", "reading", "listening", "errata")
MAY_READ = {f"bot/services/{name}.py" for name in OWN}
TABLES = (
    "card_read",
    "erratum_sent",
    "card_saved",
    "question_right",
    "missed_question",
    "day_return",
    "member_work",
    "member_language",
)


def imported(tree: ast.Module) -> set[str]:
    """Full names of everything a module imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_only_the_members_own_services_read_it() -> None:
    """No officer's or reviewer's service imports the storage of learning."""
    found = {path for path, tree in modules().items() if "bot.storage.learning" in imported(tree)}
    assert "bot/services/learning.py" in found
    assert found <= MAY_READ


def test_its_tables_are_named_in_two_places() -> None:
    """No SQL goes around that module, but for what a member is shown of their own data."""
    naming = {
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and any(t in node.value for t in TABLES)
    }
    assert naming == {"bot/storage/learning.py", "bot/storage/privacy.py"}


def test_what_is_held_is_gathered_for_the_member_only() -> None:
    """`privacy.held`, which reads those tables, has one caller."""
    calling = {
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and dotted(node) == "privacy.held"
    }
    assert calling == {"bot/services/privacy.py"}


def test_what_officers_do_about_recordings_does_not_lead_to_who_listens() -> None:
    """The language somebody chose is read where a card is shown to them, and in their settings, nowhere else."""
    found = {path for path, tree in modules().items() if "bot.services.listening" in imported(tree)}
    own = {f"bot/services/{name}.py" for name in ("learning", "questions", "reading", "standing_services")}
    assert found == own | {f"handlers/{name}.py" for name in ("card", "quiz", "settings", "today")}


def test_no_view_for_holders_of_roles_leads_there() -> None:
    """Only the member's own conversations, the way in, the day's message and their buttons use what reads it."""
    found = {path for path, tree in modules().items() if "bot.services.reading" in imported(tree)}
    assert found == {
        "bot/services/daily.py",
        "bot/services/standing_services.py",
        "handlers/card.py",
        "handlers/start.py",
    }
    assert {flow.open_to for name in ("card", "start") for flow in FLOWS_OF[name]} == {"member", "anyone"}
