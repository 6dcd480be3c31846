"""Every act that is recorded anywhere can be read in plain words."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import PurePosixPath
from typing import NamedTuple

import pytest

from bot.app import federation_variables
from bot.domain.prompts import text
from bot.services.audit_log import MEMBERS_OWN
from content.texts import Texts, Voice
from tests.architecture.modules import dotted, modules
from tests.support.house import FEDERATION

TEXTS = Texts(federation_variables(FEDERATION))
ACT = 3
"""Where in the arguments of `record_audit` the act stands."""


class Place(NamedTuple):
    """A function of a module."""

    path: str
    function: ast.FunctionDef | ast.AsyncFunctionDef


def calls(*ends: str, path: str = "") -> Iterator[tuple[ast.Call, Place]]:
    """Every call of these dotted names (in the module of `path`, or in all), with where it stands."""
    for end in ends:
        for call, place in every_call().get(end, ()):
            if path in ("", place.path):
                yield call, place


@cache
def every_call() -> dict[str, list[tuple[ast.Call, Place]]]:
    """The calls of each dotted name. Each module is walked once: there are too many questions to walk for each."""
    found: dict[str, list[tuple[ast.Call, Place]]] = defaultdict(list)
    for where, tree in modules().items():
        for function in ast.walk(tree):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call):
                        found[dotted(call.func)].append((call, Place(where, function)))
    return found


def values(node: ast.expr, place: Place) -> set[str]:
    """Every text an expression can be, as far as it is made of literals; raises AssertionError where it is not."""
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.IfExp):
        return values(node.body, place) | values(node.orelse, place)
    if isinstance(node, ast.FormattedValue):
        return values(node.value, place)
    if isinstance(node, ast.JoinedStr):
        return {"".join(parts) for parts in product(*(values(part, place) for part in node.values))}
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        dictionaries = assigned(node.value.id, modules()[place.path])
        return {
            str(value.value)
            for found in dictionaries
            if isinstance(found, ast.Dict)
            for value in found.values
            if isinstance(value, ast.Constant)
        }
    if isinstance(node, ast.Name):
        given = [(value, place) for value in assigned(node.id, place.function)] or passed(place, node.id)
        assert given, f"{place.path} {place.function.name}: nothing gives {node.id}"
        return {found for value, where in given for found in values(value, where)}
    raise AssertionError(f"{place.path}:{node.lineno} is no literal")


def assigned(name: str, tree: ast.AST) -> list[ast.expr]:
    """What is assigned to a name."""
    plain = [(target, node.value) for node in ast.walk(tree) if isinstance(node, ast.Assign) for target in node.targets]
    typed = [(node.target, node.value) for node in ast.walk(tree) if isinstance(node, ast.AnnAssign) and node.value]
    found = []
    for target, value in (*plain, *typed):
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            found += [one for to, one in zip(target.elts, value.elts, strict=True) if dotted(to) == name]
        elif dotted(target) == name:
            found.append(value)
    return found


def passed(place: Place, parameter: str) -> list[tuple[ast.expr, Place]]:
    """What every call of the function gives for a parameter: by its name in its module, with the module's elsewhere."""
    names = [argument.arg for argument in place.function.args.args]
    if parameter not in names:
        return []
    at, name = names.index(parameter), place.function.name
    own = calls(name, path=place.path)
    others = calls(f"{PurePosixPath(place.path).stem}.{name}")
    return [(call.args[at], where) for call, where in (*own, *others) if len(call.args) > at]


def recorded() -> set[str]:
    """Every act in the code."""
    found = calls("installation.record_audit", "record_audit")
    return {act for call, place in found for act in values(call.args[ACT], place)}


ACTS = sorted(recorded() - set(MEMBERS_OWN))


def test_acts_are_found() -> None:
    """Also those that stand in a variable, in a parameter, or are put together."""
    assert {"role_claimed", "group_post_withdrawn", "role_over", "nomination_not_good", "nomination_asked"} <= set(ACTS)


@pytest.mark.parametrize("act", ACTS)
def test_an_act_has_words(act: str) -> None:
    unknown = TEXTS.render(text("acts.phrase", act="no such act"), Voice())
    assert TEXTS.render(text("acts.phrase", act=act), Voice()) != unknown, "give it words in content/texts/vi/acts.j2"
