"""A list of who is to do what, as an administrator has it: each line read on its own, with its unit and its people."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypedDict

from bot.domain.people import Member, RoleKind, Unit
from bot.services import access
from bot.services.turn import Turn
from bot.storage import roles, roster, units
from bot.vietnamese import fold, format_date, has_accents, matches, parse_date, quote, tidy_name

LINES_AT_MOST: Final = 200
LONGEST: Final = 20_000
LINE_LIMIT: Final = 300
TITLE_LIMIT: Final = 60
SHOWN_UNITS: Final = 3
_NUMBER: Final = re.compile(r"^\s*\d{1,3}\s*[.)/:]\s+")
_SEPARATORS: Final = (";", "|", ",")
_DASH: Final = re.compile(r"\s+[-\u2010-\u2015]\s+")


class Somebody(TypedDict):
    """Who a line may mean: the name as they wrote it, and the day they joined."""

    id: int
    name: str
    joined: str


class ListedRole(TypedDict):
    """A line as understood; `until` is an ISO date or "", `day` the same as shown.

    `problem` is "" or names the sentence about it, with `about` in it; `who` are the members it may mean, none when
    nobody of that name is there yet.
    """

    line: str
    name: str
    unit: int
    unit_name: str
    kind: str
    role: str
    title: str
    until: str
    day: str
    problem: str
    about: str
    who: list[Somebody]


class Read(TypedDict):
    """A list as read; `problem` is "", right, many, long or empty."""

    lines: list[ListedRole]
    problem: str


class _Unclear(Exception):
    """(problem, about)."""


@dataclass(slots=True)
class _Parts:
    """What the parts of a line are; `rest` are those that are neither a kind of role, nor a title, nor a date."""

    rest: list[str] = field(default_factory=list)
    kind: str = ""
    title: str = ""
    until: str | None = None


def read(turn: Turn, typed: str) -> Read:
    """Read a list.

    A later line takes the place of an earlier one about the same person that was not understood or gives the same role.
    """
    if not access.is_admin(turn):
        return Read(lines=[], problem="right")
    if len(typed) > LONGEST:
        return Read(lines=[], problem="long")
    reader = _Reader(turn)
    written = [line.strip() for line in typed.splitlines() if fold(line) and not reader.is_header(line)]
    if len(written) > LINES_AT_MOST:
        return Read(lines=[], problem="many")
    found: dict[tuple[str, int, str], ListedRole] = {}
    for line in written:
        role = reader.line(line)
        name = fold(role["name"])
        found.pop((name, 0, ""), None)
        key = (name, 0, "") if role["problem"] else (name, role["unit"], role["kind"])
        found.pop(key, None)
        found[key] = role
    reader.find_people(list(found.values()))
    return Read(lines=list(found.values()), problem="" if found else "empty")


class _Reader:
    """Knows the units the acting person administers, by code and by name."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        inside = roster.units_under(turn.tx, access.admin_units(turn))
        self._codes: dict[str, Unit] = {}
        self._words: dict[str, dict[int, Unit]] = {}
        self._names: dict[str, dict[int, Unit]] = {}
        for unit, name in units.names(turn.tx, turn.today):
            if unit.id in inside:
                self._codes[unit.code] = unit
                self._names.setdefault(fold(name), {})[unit.id] = unit
                for word in fold(name).split():
                    self._words.setdefault(word, {})[unit.id] = unit
        words = turn.at.texts.words
        self._kinds = {
            kind.value: (words[f"role_{kind.value}"].show, *words[f"role_{kind.value}"].accept) for kind in RoleKind
        }
        self._no_end, self._until, self._header = (
            (words[name].show, *words[name].accept) for name in ("no_end", "list_until", "list_header")
        )

    def is_header(self, line: str) -> bool:
        """Whether a line names the columns."""
        return matches(_split(line)[0], self._header)

    def line(self, line: str) -> ListedRole:
        """A line, without its people."""
        role = ListedRole(
            line=quote(line), name="", unit=0, unit_name="", kind="", role="", title="", until="", day="",
            problem="", about="", who=[],
        )  # fmt: skip
        try:
            self._understand(line, role)
        except _Unclear as unclear:
            role["problem"], role["about"] = unclear.args
        return role

    def _understand(self, line: str, role: ListedRole) -> None:
        if len(line) > LINE_LIMIT:
            raise _Unclear("line_long", str(LINE_LIMIT))
        parts = self._parts(_split(line))
        if len(parts.rest) == 1:
            parts = self._parts(self._around_code(parts.rest[0]), parts)
        role["name"] = (tidy_name(parts.rest[0]) if parts.rest else None) or ""
        if not role["name"]:
            raise _Unclear("no_name", "")
        if len(parts.rest) < 2:
            raise _Unclear("no_unit", "")
        unit = self._unit(parts.rest[1])
        if len(parts.rest) > 3 or (len(parts.rest) == 3 and parts.title):
            last = parts.rest[-1]
            raise _Unclear(
                "bad_date" if any(map(str.isdigit, last)) and self._like_date(last) else "unclear", quote(last)
            )
        title = parts.title or (parts.rest[2] if len(parts.rest) == 3 else "")
        if len(title) > TITLE_LIMIT:
            raise _Unclear("title_long", str(TITLE_LIMIT))
        if any(character.isdigit() for character in title) and self._like_date(title):
            raise _Unclear("bad_date", quote(title))
        kind = parts.kind or (RoleKind.OFFICER.value if title else "")
        if not kind:
            raise _Unclear("no_kind", "")
        until = parts.until or ""
        if until and until < self._turn.today.isoformat():
            raise _Unclear("past", until)
        role["unit"], role["unit_name"] = unit.id, unit.name
        role["kind"], role["title"], role["until"] = kind, title, until
        role["role"] = title or self._kinds[kind][0]
        role["day"] = format_date(datetime.fromisoformat(until).date()) if until else ""

    def _parts(self, split: Sequence[str], so_far: _Parts | None = None) -> _Parts:
        parts = _Parts() if so_far is None else _Parts([], so_far.kind, so_far.title, so_far.until)
        for part in split:
            named = len(parts.rest) > 0
            kind = next((kind for kind, phrases in self._kinds.items() if matches(part, phrases)), "")
            title = next((title for title in self._turn.at.federation.officer_titles if matches(part, (title,))), "")
            until = self._day(part)
            if named and kind and not parts.kind:
                parts.kind = kind
            elif named and title and not parts.title:
                parts.title = title
            elif named and until is not None and parts.until is None:
                parts.until = until
            else:
                parts.rest.append(part)
        return parts

    def _day(self, part: str) -> str | None:
        """An ISO date, "" for no end, None for anything else."""
        if matches(part, self._no_end):
            return ""
        if not any(character.isdigit() for character in part):
            return None
        day = parse_date(_without(part, self._until), self._turn.today, "future")
        return day.isoformat() if day is not None else None

    @staticmethod
    def _like_date(part: str) -> bool:
        return re.search(r"\d{1,4}\s*[/.-]\s*\d{1,2}", part) is not None

    def _around_code(self, line: str) -> list[str]:
        """A line without separators (a spreadsheet's rows lose theirs on the way), parted at its unit's code."""
        words = line.split()
        at = next((i for i, word in enumerate(words) if i and word.upper() in self._codes), 0)
        if not at:
            return [line]
        return [" ".join(words[:at]), words[at], *self._after_code(words[at + 1 :])]

    def _after_code(self, words: list[str]) -> Iterator[str]:
        for end in range(max(0, len(words) - 6), len(words)):
            if self._day(" ".join(words[end:])) is not None:
                yield " ".join(words[end:])
                words = words[:end]
                break
        for start in range(len(words)):
            rest = " ".join(words[start:])
            if any(matches(rest, phrases) for phrases in self._kinds.values()):
                yield rest
                words = words[:start]
                break
        if words:
            yield " ".join(words)

    def _unit(self, written: str) -> Unit:
        by_code = self._codes.get("".join(written.split()).upper())
        if by_code is not None:
            return by_code
        folded = fold(written)
        found = self._names.get(folded)
        if found is None:
            having = [self._words.get(word, {}) for word in folded.split()]
            found = {id: u for id, u in having[0].items() if all(id in other for other in having)} if having else {}
        if not found:
            raise _Unclear("no_such_unit", quote(written))
        if len(found) > 1:
            listed = [f"{unit.name} ({unit.code})" for unit in list(found.values())[:SHOWN_UNITS]]
            raise _Unclear("which_unit", "; ".join(listed))
        return next(iter(found.values()))

    def find_people(self, lines: Sequence[ListedRole]) -> None:
        """Fill in who each understood line may mean, and what there is to say against it."""
        turn = self._turn
        good = [line for line in lines if not line["problem"]]
        there: dict[tuple[int, str], list[Member]] = {}
        for member in roles.people_of(turn.tx, sorted({line["unit"] for line in good})):
            there.setdefault((member.unit_id or 0, fold(member.name)), []).append(member)
        for line in good:
            same = there.get((line["unit"], fold(line["name"])), [])
            found = [m for m in same if matches(line["name"], (m.name,)) or not has_accents(m.name)]
            if [m.id for m in found] == [turn.me.id]:
                line["problem"] = "yourself"
            elif len(found) == 1 and roles.has_or_is_offered(
                turn.tx, found[0].id, line["unit"], line["kind"], turn.now
            ):
                line["problem"] = "has_it"
            else:
                line["who"] = [
                    Somebody(id=m.id, name=m.name, joined=_on(turn, m.consent_at)) for m in found if m.id != turn.me.id
                ]


def _on(turn: Turn, instant: int) -> str:
    return format_date(datetime.fromtimestamp(instant / 1000, turn.at.zone).date())


def _split(line: str) -> list[str]:
    """The parts of a line, without its number in the list."""
    line = _NUMBER.sub("", line)
    separator = next((separator for separator in _SEPARATORS if separator in line), None)
    parts = line.split(separator) if separator is not None else _DASH.split(line)
    filled = [" ".join(part.split()) for part in parts if fold(part)]
    if len(filled) > 1 and filled[0].isdecimal() and len(filled[0]) <= len(str(LINES_AT_MOST)):
        filled = filled[1:]
    return filled or [line.strip()]


def _without(part: str, phrases: Sequence[str]) -> str:
    """A part without the words before its date."""
    words = part.split()
    for count in range(min(3, len(words) - 1), 0, -1):
        if matches(" ".join(words[:count]), phrases):
            return " ".join(words[count:])
    return part
