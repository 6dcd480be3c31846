"""YAML read with the line of every value, and with nothing in it that could make a small file endless."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

Position = tuple[str | int, ...]

_DEEPEST: Final = 100
_LONGEST_NUMBER: Final = 63
"""Bits: one of thousands of digits cannot even be written out again."""
_BRACKET: Final = re.compile(r"[\[\]{}]")
_DASHES: Final = re.compile(rf"(?:[-?] +){{{_DEEPEST}}}")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong on a line, counted from 0: `unreadable`, `repeated-key` or `yaml-alias`."""

    line: int
    rule: str
    detail: str


@dataclass(slots=True)
class Parsed:
    """A file's value, None when it cannot be read; the line of each value in it, counted from 0; the problems."""

    value: Any = None
    lines: dict[Position, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class _Alias(Exception):
    """A value written elsewhere: with it a small file could be endless."""


def parse(text: str) -> Parsed:
    """Read one YAML document. Raises nothing for bad input."""
    parsed = Parsed()
    if (deep := _too_deep(text)) is not None:
        parsed.problems.append(Problem(text[:deep].count("\n"), "unreadable", "too deep"))
        return parsed
    loader = yaml.CSafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            parsed.problems.append(Problem(0, "unreadable", "YAML"))
        else:
            parsed.value = _Builder(loader, parsed).build(node, ())
    except _Alias:
        parsed.problems.append(Problem(_alias_line(text), "yaml-alias", ""))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        detail = getattr(error, "problem", None) or str(error)
        parsed.problems.append(Problem(0 if mark is None else mark.line, "unreadable", detail))
    finally:
        loader.dispose()
    return parsed


class _Builder:
    """Builds values from nodes, because only these know their lines."""

    def __init__(self, loader: yaml.CSafeLoader, parsed: Parsed) -> None:
        self._loader = loader
        self._parsed = parsed
        self._built: set[int] = set()

    def build(self, node: yaml.Node, place: Position) -> Any:
        """The value of a node. Raises _Alias when it was built before."""
        if id(node) in self._built:
            raise _Alias
        self._built.add(id(node))
        self._parsed.lines.setdefault(place, node.start_mark.line)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*place, number)) for number, item in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            return self._scalar(node)
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(self._scalar(key_node))
            if key in values:
                self._parsed.problems.append(Problem(key_node.start_mark.line, "repeated-key", key))
            self._parsed.lines[(*place, key)] = key_node.start_mark.line
            values[key] = self.build(value_node, (*place, key))
        return values

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            value = self._loader.construct_object(node)
        except (ValueError, LookupError, AttributeError) as error:  # the last two of tags that do not fit: !!bool x
            self._parsed.problems.append(Problem(node.start_mark.line, "unreadable", str(error)))
            return None
        if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER:
            self._parsed.problems.append(Problem(node.start_mark.line, "unreadable", "number too long"))
            return None
        return value


def _too_deep(text: str) -> int | None:
    """Where values lie in each other so deep that the C loader, which recurses, would end the process."""
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > _DEEPEST:
            return bracket.start()
    dashes = _DASHES.search(text)
    return None if dashes is None else dashes.start()


def _alias_line(text: str) -> int:
    """The line of the first value that stands for one written elsewhere."""
    events = yaml.parse(text, Loader=yaml.CSafeLoader)
    marks = (event.start_mark for event in events if isinstance(event, yaml.AliasEvent))
    return next((mark.line for mark in marks if mark is not None), 0)
