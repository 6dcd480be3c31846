"""Finding pieces of text by some of their words, ready to be searched many times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic

from bot.vietnamese.folding import has_accents
from bot.vietnamese.matching import LONGEST_SEARCH, Id, lookalikes, searchable


@dataclass(frozen=True, slots=True)
class Entry(Generic[Id]):
    """A piece to be found: words in its `title` count before those in its `body`."""

    id: Id
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Found(Generic[Id]):
    """Ids, best first. Not `exact`: nothing has the words as typed, these have words that look like them, or that have
    other accents than were typed."""

    ids: list[Id]
    exact: bool


class Index(Generic[Id]):
    """Pieces with their words folded once. It is never changed, so any thread may search it."""

    __slots__ = ("_known", "_vocabulary")

    def __init__(self, entries: Iterable[Entry[Id]]) -> None:
        self._known = [
            (entry.id, searchable(entry.title)[0], *searchable(f"{entry.title} {entry.body}")) for entry in entries
        ]
        self._vocabulary = {word for _, _, folded, _ in self._known for word in folded.split()}

    def find(self, typed: str) -> Found[Id]:
        """The pieces that have every typed word, whole or begun, in any order, with accents or without.

        Those spelled with the typed accents come first, then those with all of the words in the title, with the words
        together, with more of them in the title, a title that begins with them, whole words; of equal ones the order
        of the index stays.
        """
        folded, spelled = searchable(typed[:LONGEST_SEARCH])
        words = list(dict.fromkeys(folded.split()))
        if not words:
            return Found([], True)
        ranked = []
        for place, (id, title, text, spelled_text) in enumerate(self._known):
            if all(f" {word}" in text for word in words):
                rank = _rank(words, folded, spelled, (title, text, spelled_text))
                ranked.append((rank, place, id))
        if ranked:
            ranked.sort(key=lambda each: each[:2])
            (other_accents, *_), *_ = ranked[0]
            return Found([id for *_, id in ranked], other_accents == 0)
        return Found(self._alike(words), False)

    def _alike(self, words: Sequence[str]) -> list[Id]:
        """The pieces that have a word like each of `words`, fewest wrong letters first, then those in titles."""
        meant = [lookalikes(word, self._vocabulary) for word in words]
        if not all(meant):
            return []
        ranked = []
        for place, (id, title, text, _) in enumerate(self._known):
            wrong = [
                min((letters for known, letters in each.items() if f" {known} " in text), default=-1) for each in meant
            ]
            if -1 not in wrong:
                in_title = sum(any(f" {known} " in title for known in each) for each in meant)
                ranked.append((sum(wrong), -in_title, place, id))
        return [id for *_, id in sorted(ranked, key=lambda each: each[:3])]


def _rank(words: Sequence[str], folded: str, spelled: str, texts: tuple[str, str, str]) -> tuple[int, ...]:
    """How far a piece is from what was typed; `texts` are its title and whole text folded, and the whole as spelled."""
    title, text, spelled_text = texts
    other_accents = sum(has_accents(word) and f" {word}" not in spelled_text for word in spelled.split())
    not_in_title = sum(f" {word}" not in title for word in words)
    begun_only = sum(f" {word} " not in text for word in words)
    together = folded[:-1] in text
    not_first = not title.startswith(folded[:-1])
    return other_accents, not_in_title > 0 and not together, not_in_title, not_first, begun_only, not together
