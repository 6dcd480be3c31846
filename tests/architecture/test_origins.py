"""Whoever gets a message unasked can ask why: every origin that code gives one has an answer of its own."""

import ast
import re
from collections.abc import Iterator

from bot.services import daily
from tests.architecture.modules import modules

NEVER_ASKED = {"then"}
"""The rest of a message, which stands for itself nowhere."""
KIND = re.compile("([a-z_]+):")


def origins(tree: ast.AST) -> Iterator[ast.expr]:
    """What is given as an origin: to a push, to a variable or by a function of that name."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="tell" | "tell_with") | ast.Name(id="tell" | "tell_with")):
                yield from node.args
                yield from (keyword.value for keyword in node.keywords)
            case ast.Call():
                yield from (keyword.value for keyword in node.keywords if keyword.arg == "origin")
            case ast.Assign(targets=[ast.Name(id="origin")]):
                yield node.value
            case ast.FunctionDef() if node.name.endswith(("origin", "_name")):
                yield from (each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value)


def kind(given: ast.expr) -> str | None:
    """What such an origin begins with."""
    first = given.values[0] if isinstance(given, ast.JoinedStr) else given
    written = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    found = KIND.match(written)
    return found[1] if found else None


def test_every_origin_can_say_why() -> None:
    given = {kind(each) for tree in modules().values() for each in origins(tree)} - {None}
    assert given - NEVER_ASKED == set(daily.WHY) | {"daily"}
