"""Texts and words: what code names exists, can be filled with what code gives, and nothing lies about unused."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import pytest
import yaml
from jinja2 import Environment, meta, nodes

import handlers
from bot.app import federation_variables
from bot.services import standing_services
from content.texts import DIRECTORY, LABEL_LIMIT, Texts
from tests.architecture.modules import modules, prose
from tests.support.house import FEDERATION

COMMON = {"goi", "Goi", "ten", *federation_variables(FEDERATION)}
TEXTS = Texts(federation_variables(FEDERATION))
SPEAKING = ("bot", "handlers", "scheduler")
PAGES = [path.read_text("utf-8") for path in sorted((DIRECTORY.parents[2] / "bot" / "web" / "templates").glob("*"))]
SCRIPTS = [path.read_text("utf-8") for path in sorted((DIRECTORY.parents[2] / "bot" / "web" / "static").glob("*.js"))]


@cache
def needs() -> dict[str, set[str]]:
    """The variables each text needs, beside those every text has."""
    environment = Environment(autoescape=True)
    found = {}
    for path in sorted(DIRECTORY.glob("*.j2")):
        for block in environment.parse(path.read_text("utf-8")).find_all(nodes.Block):
            variables = meta.find_undeclared_variables(
                nodes.Template(block.body, lineno=1).set_environment(environment)
            )
            found[f"{path.stem}.{block.name}"] = variables - COMMON - {"caller", "loop"}
    return found


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of one of these functions, with where it stands."""
    for path, tree in modules(*SPEAKING).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield f"{path}:{node.lineno}", node


def named(node: ast.expr | None) -> list[str]:
    """The pattern of every value an expression of literals can have: plain, formatted, or one of two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [re.escape(node.value)]
    if isinstance(node, ast.JoinedStr):
        parts = [re.escape(p.value) if isinstance(p, ast.Constant) else r"\w+" for p in node.values]
        return ["".join(parts)]
    if isinstance(node, ast.IfExp):
        return named(node.body) + named(node.orelse)
    return []


@cache
def literals() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Every string in code that could name a text, a word or a flow: the plain ones, and the forms of the others."""
    plain, formed = set(), set()
    for tree in modules(*SPEAKING).values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                plain.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                fixed = "".join(p.value for p in node.values if isinstance(p, ast.Constant))
                formed |= set(named(node)) if len(fixed) >= 3 else set()
    return frozenset(plain), tuple(re.compile(pattern) for pattern in formed)


def mentioned(*names: str) -> bool:
    """Whether code holds a string that is one of the names, or could become one."""
    plain, formed = literals()
    return any(name in plain or any(form.fullmatch(name) for form in formed) for name in names)


def test_every_text_that_code_names_exists() -> None:
    missing = [
        (where, pattern)
        for where, call in calls("text", "Text")
        for pattern in named(call.args[0] if call.args else None)
        if not any(re.fullmatch(pattern, name) for name in needs())
    ]
    assert not missing


def test_every_text_gets_what_it_needs() -> None:
    starved = []
    for where, call in calls("text"):
        name = call.args[0] if call.args else None
        if not isinstance(name, ast.Constant) or any(keyword.arg is None for keyword in call.keywords):
            continue  # formed, or filled from a mapping: the transcripts render these
        given = {keyword.arg for keyword in call.keywords}
        if not needs()[name.value] <= given:
            starved.append((where, name.value, needs()[name.value] - given))
    assert not starved


def test_every_text_is_used() -> None:
    pages = "\n".join(PAGES + SCRIPTS)
    unused = [
        name
        for name in sorted(needs())
        if not mentioned(name)
        and not (name.startswith("web.") and re.search(rf"\b{name[4:]}\b", pages))
        and f"self.{name.partition('.')[2]}()" not in _sources()
    ]
    assert not unused


@cache
def _sources() -> str:
    return "\n".join(path.read_text("utf-8") for path in DIRECTORY.glob("*.j2"))


def test_every_word_that_code_names_exists() -> None:
    missing = []
    for where, call in calls("Option"):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if "label" in given:
            continue
        wanted = given.get("word") or (call.args[1] if len(call.args) > 1 else call.args[0])
        missing += [
            (where, pattern)
            for pattern in named(wanted)
            if not any(re.fullmatch(pattern, word) for word in TEXTS.words)
        ]
    assert not missing


def test_every_word_is_used() -> None:
    flows = {flow.word for flow in handlers.FLOWS.values()}
    pages = "\n".join(PAGES)
    unused = [w for w in sorted(TEXTS.words) if w not in flows and not mentioned(w) and f'"{w}"' not in pages]
    assert not unused


@pytest.mark.parametrize("word", sorted(TEXTS.words))
def test_a_label_fits_a_button(word: str) -> None:
    show = TEXTS.words[word].show
    assert 0 < len(show) <= LABEL_LIMIT
    assert unicodedata.is_normalized("NFC", show)


@pytest.mark.parametrize("path", sorted(path.name for path in DIRECTORY.iterdir()))
def test_people_read_composed_vietnamese_in_the_plans_spelling(path: str) -> None:
    source = (DIRECTORY / path).read_text("utf-8")
    assert unicodedata.is_normalized("NFC", source)
    assert not re.findall(r"(?i)(?<!q)(?:o[áàảãạéèẻẽẹ]|u[ýỳỷỹỵ])(?!\w)", _shown(path, source))
    assert not re.findall(r"(?i)\b(?:đề cử|năm nay|sinh nhật|ẩn danh)\b", _shown(path, source))


def _shown(path: str, source: str) -> str:
    """What a file shows: the spelling of what people may type is theirs."""
    if not path.startswith("words"):
        return source
    return "\n".join(word["show"] for word in yaml.safe_load(source).values())


def test_every_flow_can_be_reached_and_every_way_leads_somewhere() -> None:
    shut = [
        flow.name
        for flow in handlers.FLOWS.values()
        if not (flow.commands or flow.word or mentioned(flow.name, f"m:{flow.name}"))
    ]
    assert not shut
    for where, call in calls("Go"):
        for pattern in named(call.args[0]):
            assert any(re.fullmatch(pattern, name) for name in handlers.FLOWS), where
    assert set(handlers.MENU) | set(handlers.ROLE_MENU) <= set(handlers.FLOWS)


def test_menu_labels_and_commands_are_each_one_flows() -> None:
    commands = [command for flow in handlers.FLOWS.values() for command in flow.commands]
    assert len(commands) == len(set(commands))
    labels = [TEXTS.words[handlers.FLOWS[name].word].show for name in (*handlers.MENU, *handlers.ROLE_MENU)]
    assert len(labels) == len(set(labels))


def test_standing_buttons_fit_callback_data() -> None:
    assert all(re.fullmatch("[a-z]{1,12}", kind) for kind in standing_services.STANDING)


def test_what_people_read_is_not_written_in_code() -> None:
    found = []
    for path, tree in modules().items():
        if path.startswith("bot/vietnamese/"):
            continue
        read_by_developers = prose(tree)
        found += [
            f"{path}:{node.lineno} {node.value!r}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in read_by_developers
            and _is_vietnamese(node.value)
        ]
    assert not found


def _is_vietnamese(value: str) -> bool:
    """A letter with a mark, or đ."""
    return any("LATIN" in unicodedata.name(letter, "") and ord(letter) > 0xBF for letter in value)
