"""Unicode tidying, accent folding and the old placement of tone marks."""

import re
import string
import unicodedata
from functools import lru_cache

# Invisible characters that only confuse comparison or display. Lone surrogates are here because
# neither SQLite nor a JSON encoder accepts them.
_REMOVED_RANGES = (
    (0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C),
    (0x115F, 0x1160), (0x180B, 0x180F), (0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E),
    (0x2060, 0x206F), (0x3164, 0x3164), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB), (0xE0000, 0xE0FFF),
)  # fmt: skip
_SPACES = "\t\xa0\u1680\u202f\u205f\u2800\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_LINE_ENDS = "\r\x0b\x0c\x85\u2028\u2029"

_TIDY: dict[int, str] = (
    {code: "" for first, last in _REMOVED_RANGES for code in range(first, last + 1)}
    | {ord(space): " " for space in _SPACES}
    | {ord(end): "\n" for end in _LINE_ENDS}
)
_ODD = re.compile(
    f"[{_SPACES}{_LINE_ENDS}\u200c\u200d"
    + "".join(re.escape(chr(first)) + "-" + re.escape(chr(last)) for first, last in _REMOVED_RANGES)
    + "]"
)
# Joiners mean something inside emoji and some Asian scripts, never beside Latin letters or spaces.
_JOINED = "\u0590-\u1dff\u2190-\U0010ffff"
_STRAY_JOINER = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])")

_PUNCTUATION = (
    string.punctuation
    + " \xa1\xa7\xab\xb6\xb7\xbb\xbf\u3001\u3002\u3008\u3009\u300a\u300b\u300c\u300d"
    + "".join(map(chr, [*range(0x2010, 0x2028), *range(0x2030, 0x205F)]))
)
_COMBINING_MARKS = "\u0300-\u036f"


@lru_cache(maxsize=64)
def normalise(text: str) -> str:
    """Return `text` in NFC without invisible controls, odd spaces made plain, line ends made `\\n`, stripped.

    Ordinary spaces and line breaks inside the text stay as typed; joiners stay inside emoji.
    """
    if _ODD.search(text):
        text = _STRAY_JOINER.sub("", text.replace("\r\n", "\n").translate(_TIDY))
    return unicodedata.normalize("NFC", text).strip()


def _fold_character(character: str) -> str:
    if character.isspace():
        return " "
    folded, before = character, ""
    while folded != before:
        before = folded
        folded = unicodedata.normalize("NFKD", before.casefold())
    return "".join(map(_fold_part, folded))


def _fold_part(part: str) -> str:
    code = ord(part)
    if part in "đðɖ":  # the last two are look-alikes that old keyboards and fonts produce for đ
        return "d"
    if code in _TIDY:
        return " " if _TIDY[code] else ""
    modifier = 0xFE00 <= code <= 0xFE0F or 0x1F3FB <= code <= 0x1F3FF
    if modifier or unicodedata.combining(part) or unicodedata.category(part) in {"Cf", "Cc", "Me"}:
        return ""
    return part


class _FoldTable(dict[int, str]):
    """Translation table filled on first use, bounded: rare characters above U+3000 are not kept."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if code < 0x3000:
            self[code] = folded
        return folded


_FOLDED = _FoldTable()


@lru_cache(maxsize=64)  # one message is looked at from many sides in one turn
def fold(text: str) -> str:
    """Return `text` lower-cased, without accents (đ → d) or outer punctuation, one space between words.

    NFC and NFD give the same answer; full-width and circled digits become plain ones; invisible
    characters, emoji skin tones and keycaps vanish. A text of punctuation only gives "".
    """
    return " ".join(text.translate(_FOLDED).split()).strip(_PUNCTUATION)


_ACCENTED_LETTERS = "".join(
    letter
    for letter in map(chr, [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)])
    if letter in "đĐðÐ" or ("LATIN" in unicodedata.name(letter) and unicodedata.decomposition(letter))
)
_ACCENT = re.compile(f"[{_ACCENTED_LETTERS}{_COMBINING_MARKS}]")


def has_accents(text: str) -> bool:
    """Return whether any Latin letter of `text` carries an accent or is a đ, in NFC or NFD."""
    return not text.isascii() and _ACCENT.search(text) is not None


def _tone_moves() -> dict[str, str]:
    moves = {}
    for tone in "\u0300\u0301\u0303\u0309\u0323":
        for first, second in ("oa", "oe", "uy", "Oa", "Oe", "Uy", "OA", "OE", "UY", "oA", "oE", "uY"):
            new = first + unicodedata.normalize("NFC", second + tone)
            moves[new] = unicodedata.normalize("NFC", first + tone) + second
    return moves


_TONE_MOVES = _tone_moves()
_NEW_PLACEMENT = re.compile(
    f"(?<![qQ])[oOuU][{''.join(sorted({pair[1] for pair in _TONE_MOVES}))}](?![\\w{_COMBINING_MARKS}])"
)


def retone(text: str) -> str:
    """Return `text` in NFC with tones in the old placement: hoà → hòa, uỷ → ủy; quý and hoàn stay."""
    text = unicodedata.normalize("NFC", text)
    return _NEW_PLACEMENT.sub(lambda found: _TONE_MOVES.get(found[0], found[0]), text)


def spelling(text: str) -> str:
    """Return what two texts spelled alike share: all that `fold` levels out except the accents."""
    plain = normalise(text).casefold().replace("ð", "đ")
    return " ".join(retone(plain).split()).strip(_PUNCTUATION)


# Only our own phrases are remembered for long, never what people type.
fold_phrase = lru_cache(maxsize=2048)(fold)
spell_phrase = lru_cache(maxsize=2048)(spelling)
