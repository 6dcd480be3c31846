"""Names of people: kept as typed, sorted as in Vietnamese."""

import re
import unicodedata

from bot.vietnamese.folding import normalise
from bot.vietnamese.quoting import LINK

LONGEST_NAME = 60

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
# Letters become consecutive ASCII characters from "A" on: the key sorts alike in Python and in SQL.
_LETTER_KEYS = {letter: chr(ord("A") + index) for index, letter in enumerate(_ALPHABET)}
_TONE_KEYS = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_WORD = re.compile(r"[^\W_]+")
_DIGITS_KEPT = 12


def tidy_name(text: str) -> str | None:
    """Return a person's name exactly as typed but for NFC, invisible characters and doubled spaces.

    None when it cannot be a name: empty, longer than 60 characters, on several lines, with a link or an
    @name, or without any letter.
    """
    typed = normalise(text)
    name = " ".join(typed.split())
    if len(name) > LONGEST_NAME or "\n" in typed or LINK.search(name) or not any(map(str.isalpha, name)):
        return None
    return name


def _letter_key(letter: str) -> tuple[str, str]:
    """Place of one lower-case letter in the alphabet and its tone."""
    tone, marks = "", ""
    for mark in unicodedata.normalize("NFD", letter):
        if mark in _TONE_KEYS:
            tone = _TONE_KEYS[mark]
        else:
            marks += mark
    base = unicodedata.normalize("NFC", marks)
    if base not in _LETTER_KEYS and marks[:1] in _LETTER_KEYS:
        base = marks[0]  # an accent of another language
    return _LETTER_KEYS.get(base, base), tone


def _word_key(word: str) -> str:
    if word.isdecimal():
        return str(int(word[:_DIGITS_KEPT])).zfill(_DIGITS_KEPT)
    keys = [_letter_key(letter) for letter in word]
    return "".join(letter for letter, _ in keys) + "!" + "".join(tone for _, tone in keys)


def _key(words: list[str]) -> str:
    return " ".join(map(_word_key, words))


def _words(text: str) -> list[str]:
    return _WORD.findall(normalise(text).casefold().replace("ð", "đ"))


def sort_key(text: str) -> str:
    """Return a key whose plain order is that of a Vietnamese dictionary, also in SQL.

    Word by word: letters a ă â b c d đ e ê …, then tones ngang huyền hỏi ngã sắc nặng wherever they are
    placed; numbers by value; case and punctuation do not count.
    """
    return _key(_words(text))


def name_sort_key(name: str) -> str:
    """Return the `sort_key` of a person's name with its last word, the given name, first."""
    words = _words(name)
    return _key(words[-1:] + words[:-1])
