"""What an officer wrote about many newcomers at once («1-5 đúng, 3 chuyển Tổ 2»): read, shown again, carried out."""

import re
from typing import Final, TypedDict

from bot.services import access, newcomers, roster
from bot.services.newcomers import Newcomer
from bot.services.standing import Reply
from bot.services.turn import Turn
from bot.storage import units
from bot.vietnamese import fold, rank

LONGEST: Final = 1_000
RIGHT, AWAY, MOVE = "right", "away", "move"
_DASH: Final = re.compile("(?<=[0-9]) *[-\u2010-\u2015] *(?=[0-9])")
_NUMBER: Final = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")


class Order(TypedDict):
    """One thing to be done: with the people `who` (indices of the list); `unit` is the typed destination of a move."""

    who: list[int]
    what: str
    unit: str


class Read(TypedDict):
    """What was understood. `problem` is "", unclear, long, number or twice; `about` the words or number it is about."""

    orders: list[Order]
    problem: str
    about: str


class Places(TypedDict):
    """Units a typed destination may mean, as (id, name); `beyond` when none of them is the acting person's."""

    units: list[tuple[int, str]]
    beyond: bool


class Done(TypedDict):
    """How many were confirmed, moved and turned away, and how many others had been dealt with before."""

    right: int
    moved: int
    away: int
    late: int


class _Unclear(Exception):
    """(problem, about)."""


def read(turn: Turn, count: int, typed: str) -> Read:
    """Read a message about a list of `count` people; one bad part, and nothing of it counts."""
    if len(typed) > LONGEST:
        return Read(orders=[], problem="long", about="")
    try:
        return Read(orders=_Reader(turn, count).orders(typed), problem="", about="")
    except _Unclear as unclear:
        problem, about = unclear.args
        return Read(orders=[], problem=problem, about=about)


def typed_outside(turn: Turn, typed: str) -> Reply | None:
    """An answer to the morning's list, typed without opening it; None when it is not like one."""
    if not typed[:1].isdecimal() or len(typed) > LONGEST or not access.confirming_units(turn):
        return None
    count = len(newcomers.waiting(turn)["people"])
    understood = read(turn, count, typed)
    return Reply(flow="newcomers", args={"typed": typed}) if count and understood["orders"] else None


class _Reader:
    """Reads words from the left: numbers, then what is to be done with them."""

    def __init__(self, turn: Turn, count: int) -> None:
        self._words = {
            name: sorted((fold(phrase).split() for phrase in self._phrases(turn, f"order_{name}")), key=len)[::-1]
            for name in (RIGHT, AWAY, MOVE, "all", "rest", "but", "filler", "to", "range")
        }
        self._count = count
        self._left: list[tuple[str, str]] = []
        self._taken: set[int] = set()

    @staticmethod
    def _phrases(turn: Turn, word: str) -> tuple[str, ...]:
        found = turn.at.texts.words[word]
        return (found.show, *found.accept)

    def orders(self, typed: str) -> list[Order]:
        """Every order of a message. Raises _Unclear."""
        found = []
        spaced = re.sub("[,;\n]", " , ", _DASH.sub("-", typed))
        self._left = [(word, fold(word)) for word in spaced.split()]
        while self._skip():
            order = self._one()
            if not order["who"]:
                raise _Unclear("unclear", self._quoted())
            found.append(order)
        return found

    def _one(self) -> Order:
        if self._takes("all"):
            self._skip()
            return self._everyone_but()
        if self._takes("rest"):
            who = [index for index in range(self._count) if index not in self._taken]
        else:
            who = self._numbers()
            if not who:
                raise _Unclear("unclear", self._quoted())
        self._claim(who)
        return self._verb(who)

    def _everyone_but(self) -> Order:
        but = []
        if self._takes("but"):
            but = self._numbers()
            if not but:
                raise _Unclear("unclear", self._quoted())
        who = [index for index in range(self._count) if index not in but and index not in self._taken]
        self._taken.update(who)
        return Order(who=who, what=RIGHT, unit="")

    def _verb(self, who: list[int]) -> Order:
        for what in (AWAY, RIGHT):
            if self._takes(what):
                return Order(who=who, what=what, unit="")
        if not self._takes(MOVE):
            raise _Unclear("unclear", self._quoted())
        self._takes("to")
        unit = []
        while self._left and self._left[0][0] != ",":
            unit.append(self._left.pop(0)[0])
        if not unit:
            raise _Unclear("unclear", self._quoted())
        return Order(who=who, what=MOVE, unit=" ".join(unit))

    def _numbers(self) -> list[int]:
        """Indices of the numbers and ranges that come next, in their order."""
        found: list[int] = []
        while self._skip():
            number = _NUMBER.fullmatch(self._left[0][1])
            if number is None:
                break
            self._left.pop(0)
            first = int(number[1])
            last = int(number[2] or first)
            if number[2] is None and self._left and self._takes("range"):
                last = self._range_end()
            for bound in (first, last):
                if not 1 <= bound <= self._count:
                    raise _Unclear("number", str(bound))
            found += [index for index in range(min(first, last) - 1, max(first, last)) if index not in found]
        return found

    def _range_end(self) -> int:
        end = self._left.pop(0)[1] if self._left else ""
        if _NUMBER.fullmatch(end) is None or not end.isdecimal():
            raise _Unclear("unclear", self._quoted())
        return int(end)

    def _claim(self, who: list[int]) -> None:
        twice = self._taken.intersection(who)
        if twice:
            raise _Unclear("twice", str(min(twice) + 1))
        self._taken.update(who)

    def _skip(self) -> bool:
        """Pass over separators and small words; whether anything is left."""
        while self._left and (not self._left[0][1] or self._takes("filler")):
            if self._left and not self._left[0][1]:
                self._left.pop(0)
        return bool(self._left)

    def _takes(self, name: str) -> bool:
        """Take the words of a phrase if they come next."""
        for phrase in self._words[name]:
            if [folded for _, folded in self._left[: len(phrase)]] == phrase:
                del self._left[: len(phrase)]
                return True
        return False

    def _quoted(self) -> str:
        return " ".join(raw for raw, _ in self._left[:8])


def places(turn: Turn, typed: str) -> Places:
    """Where a typed destination may be: in the acting person's subtrees, else anywhere."""
    mine = access.confirming_units(turn)
    own = _exact(roster.find_within(turn, mine, typed), typed) if mine else []
    if own:
        return Places(units=own, beyond=False)
    every = [(unit.id, unit.name) for unit in units.existing(turn.tx, turn.today)]
    code = units.by_code(turn.tx, typed.strip().upper())
    if code is not None and code.exists_on(turn.today):
        return Places(units=[(code.id, code.name)], beyond=True)
    ids = rank(typed, every, roster.FOUND)
    names = dict(every)
    return Places(units=_exact([(id, names[id]) for id in ids], typed), beyond=True)


def _exact(found: list[tuple[int, str]], typed: str) -> list[tuple[int, str]]:
    same = [(id, name) for id, name in found if fold(name) == fold(typed)]
    return same if len(same) == 1 else found


def carry_out(turn: Turn, people: list[Newcomer], orders: list[Order], destinations: list[int]) -> Done:
    """Do every order, each checked again at this moment; `destinations` are unit ids, 0 where nobody is moved."""
    done = Done(right=0, moved=0, away=0, late=0)
    for order, unit_id in zip(orders, destinations, strict=True):
        ids = [people[index]["id"] for index in order["who"]]
        if order["what"] == RIGHT:
            count = newcomers.confirm(turn, ids)
            done["right"] += count
        elif order["what"] == MOVE:
            count = sum(newcomers.move(turn, id, unit_id) for id in ids)
            done["moved"] += count
        else:
            count = sum(newcomers.turn_away(turn, id) for id in ids)
            done["away"] += count
        done["late"] += len(ids) - count
    return done
