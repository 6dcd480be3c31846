"""Numbers and letters typed to pick one of several choices."""

import re
import unicodedata

from bot.vietnamese.folding import fold
from bot.vietnamese.phrases import PhraseTable, without_particle

_UNITS = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
NUMBER_WORDS = (
    {word: value for value, word in enumerate(_UNITS, 1)}
    | {"tư": 4, "bẩy": 7, "mười": 10, "mười lăm": 15}
    | {f"mười {word}": 10 + value for value, word in enumerate(_UNITS, 1) if value != 5}
)
_WORD_VALUES = PhraseTable(NUMBER_WORDS)
_MOST_WORDS = max(len(words.split()) for words in NUMBER_WORDS)

# Words people put before the number or letter («câu 2», «chọn đáp án B»).
_BEFORE = frozenset(["an", "cai", "cau", "chon", "dap", "lua", "muc", "phuong", "so", "thu", "y"])

# Words people put between or beside several of them («cả 1 lẫn 3 nữa», «chỉ A và C thôi»).
_AMONG = frozenset(["ca", "chi", "cung", "lan", "nua", "them", "thoi", "va", "voi"])
_ALL = re.compile(r"tat ca|(?:tat )?ca (\w+)(?: y)?")

_LONGEST = 40
_TOKEN = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"(?:cau|so)?(\d{1,4})")


def _core(text: str) -> list[str]:
    """Words of a short answer, lower case with their accents, without what merely surrounds the value."""
    if len(text) > _LONGEST:
        return []
    plain = unicodedata.normalize("NFKC", without_particle(text).replace("\N{KEYCAP TEN}", "10"))
    words = _TOKEN.findall(plain.casefold())
    while len(words) > 1 and fold(words[0]) in _BEFORE:
        words.pop(0)
    return words


def choice_number(text: str, count: int) -> int | None:
    """Return the 1-based choice among `count` that `text` names, or None.

    Takes digits ("2", "(2)", "câu 2", full-width, keycap) and number words up to nineteen («hai», "ba");
    a word typed with other accents is no number («hải»).
    """
    words = _core(text)
    if len(words) > 1 and words[-1] == "a":  # «ạ» without its accent
        words.pop()
    if len(words) > _MOST_WORDS:
        return None
    answer = " ".join(words)
    digits = _DIGITS.fullmatch(fold(answer))
    number = int(digits[1]) if digits else _WORD_VALUES.get(answer)
    return number if number is not None and 1 <= number <= count else None


def letter(text: str, count: int) -> int | None:
    """Return the 0-based choice among `count` whose letter `text` is («B», «đáp án b» → 1), or None."""
    words = _core(text)
    if len(words) != 1 or len(words[0]) != 1:
        return None
    index = ord(words[0]) - ord("a")
    return index if 0 <= index < min(count, 26) else None


def choices(text: str, count: int) -> list[int]:
    """Return the 0-based choices among `count` (at most nine) that `text` names, ascending; empty when it names none.

    Takes numbers, letters and number words with anything between them («1 3», "a,c", «A và C», «một, ba»), digits or
    ascending letters run together ("13", "ac"; "da" and "ba" are words), and «tất cả». One word it cannot place, or a
    choice there is not, makes it none.
    """
    words = _core(text)
    if len(words) > 1 and words[-1] == "a" and all(map(str.isdecimal, words[:-1])):  # «ạ» without its accent
        words.pop()
    every = _ALL.fullmatch(fold(" ".join(words)))
    if every is not None and (every[1] is None or _places(every[1], count) == [count - 1]):
        return list(range(count))
    found: set[int] = set()
    for word in words:
        if fold(word) in _AMONG or fold(word) in _BEFORE:
            continue
        places = _places(word, count)
        if not places:
            return []
        found.update(places)
    return sorted(found)


def _places(word: str, count: int) -> list[int]:
    """The 0-based choices one word names: a digit or several, a number word, a letter or several in their order."""
    number = _WORD_VALUES.get(word)
    if number is not None:
        return [number - 1] if number <= count else []
    digits = word.isdecimal()
    places = [int(character) - 1 if digits else ord(character) - ord("a") for character in word]
    known = all(0 <= place < count for place in places)
    return places if known and (digits or places == sorted(set(places))) else []
