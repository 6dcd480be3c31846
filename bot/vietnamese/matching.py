"""Recognising phrases and finding units or people by part of their name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from bot.vietnamese.folding import fold, fold_phrase, has_accents, normalise, spell_phrase, spelling

Id = TypeVar("Id")

_GLUE = re.compile(r"[\s_]+")
_WORD = re.compile(r"[^\W_]+")
LONGEST_SEARCH = 200
"""Characters of a search that are read."""
_SHORT_FORMS = {"cty": "cong ty"}


def matches(typed: str, phrases: Iterable[str]) -> bool:
    """Return whether the whole message is one of `phrases`, typed with its accents or with none.

    A message with accents must be spelled like the phrase: «hải» is not «hai».
    """
    folded = fold(typed)
    if not folded:
        return False
    alike = [phrase for phrase in phrases if fold_phrase(phrase) == folded]
    if not alike or not has_accents(typed):
        return bool(alike)
    spelled = spelling(typed)
    return any(spell_phrase(phrase) == spelled for phrase in alike)


def is_command_word(typed: str, phrases: Iterable[str]) -> bool:
    """Return whether the message is a command although free text is expected.

    True for a whole phrase spelled with its accents («hủy»), for a phrase that has none («menu»), and
    for a slash form («/huy», «/quay_lai», «/menu@bot»). An unaccented alias listed beside the accented
    phrase does not count: «Huy» is a name.
    """
    phrases = tuple(phrases)
    text = normalise(typed)
    if text.startswith("/"):
        command = _GLUE.sub("", text[1:].partition("@")[0])
        return matches(command, [_GLUE.sub("", phrase) for phrase in phrases])
    if not matches(text, phrases):
        return False
    folded = fold(text)
    return has_accents(text) or not any(has_accents(phrase) and fold_phrase(phrase) == folded for phrase in phrases)


@dataclass(frozen=True, slots=True)
class _Candidate(Generic[Id]):
    id: Id
    text: str


def searchable(name: str) -> tuple[str, str]:
    """Folded and spelled words of a name, each with one space around it."""
    folded = [_SHORT_FORMS.get(word, word) for word in _WORD.findall(fold(name))]
    return f" {' '.join(folded)} ", f" {' '.join(_WORD.findall(spelling(name)))} "


_searchable_name = lru_cache(maxsize=16_384)(searchable)


def lookalikes(word: str, vocabulary: set[str]) -> dict[str, int]:
    """The words that `word` may have been meant as, with the letters wrong (0 for a word only begun)."""
    from rapidfuzz.distance import OSA  # slow to load, seldom needed

    allowed = 0 if len(word) < 3 or word.isdecimal() else 1 if len(word) < 7 else 2
    wrong = {
        known: 0 if known.startswith(word) else OSA.distance(word, known, score_cutoff=allowed) for known in vocabulary
    }
    return {known: letters for known, letters in wrong.items() if letters <= allowed}


def _with_typos(words: Sequence[str], missed: Sequence[_Candidate[Id]]) -> list[Id]:
    """Ids of the candidates that have every word but for small typos, fewest wrong letters first."""
    vocabulary = {known for candidate in missed for known in candidate.text.split()}
    meant = [lookalikes(word, vocabulary) for word in words]
    found = []
    for candidate in missed:
        known_words = candidate.text.split()
        best = [min((wrong[k] for k in known_words if k in wrong), default=None) for wrong in meant]
        letters = [count for count in best if count is not None]
        if len(letters) == len(words):
            found.append((sum(letters), len(candidate.text), candidate.text, candidate.id))
    return [entry[-1] for entry in sorted(found, key=lambda entry: entry[:-1])]


def rank(typed: str, items: Sequence[tuple[Id, str]], limit: int) -> list[Id]:
    """Return the ids of at most `limit` items whose name has every typed word, best first.

    Words may be in any order, unaccented or only begun («cong ty vi» finds «CĐCS Công ty Ví dụ A»).
    Names spelled with the typed accents come first, then whole words and phrases, then shorter names; names
    reached only through small typos come last and only fill up to `limit`.
    """
    folded, spelled = searchable(typed[:LONGEST_SEARCH])
    words = folded.split()
    if not words or limit < 1:
        return []
    found, missed = [], []
    for item_id, name in items:
        text, spelled_text = _searchable_name(name)
        if not all(f" {word}" in text for word in words):
            missed.append(_Candidate(item_id, text))
            continue
        misspelled = [word for word in spelled.split() if f" {word}" not in spelled_text]
        other_accents = sum(map(has_accents, misspelled))
        begun_only = sum(f" {word} " not in text for word in words)
        scattered = folded[:-1] not in text
        found.append(((other_accents, begun_only, scattered, len(misspelled), len(text), text), item_id))
    ids = [item_id for _, item_id in sorted(found, key=lambda pair: pair[0])]
    if len(ids) < limit:
        ids += _with_typos(words, missed)
    return ids[:limit]
