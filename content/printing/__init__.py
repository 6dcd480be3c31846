"""Printed matter: a unit's poster and the picture for its group, set by Typst from the templates in this folder.

The templates hold their own Vietnamese words; names, codes and texts come in as data and are never read as markup.
Only the typeface shipped here is used, so that a sheet looks the same on every machine. Typst, Pillow and segno
are loaded on first use.
"""

import io
import re
import threading
import unicodedata
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from content.printing.signing import Booklet, ChangePage

if TYPE_CHECKING:
    import typst

DIRECTORY: Final = Path(__file__).parent
WAYS_AT_MOST: Final = 3
PICTURE_BYTES: Final = 150_000
"""How big a picture may become: it is meant for phones on thin networks."""
COLOURS: Final = 32
"""Of a picture: red, white and black, and what lies between at the edges of letters."""
SOURCES_SHOWN: Final = 250
"""Characters of the sources in a card's picture; all of them stand in the text beside it."""
QUIET_ZONE: Final = 4
"""Modules of white around a QR (ISO/IEC 18004)."""
PIXELS_AN_INCH: Final = 72
"""So that a point of a picture's template is a pixel."""

LONGEST: Final = {"sender": 160, "by": 90, "kicker": 40, "title": 160, "detail": 140}
"""Characters of each part of a picture, so that all of it can be read on a small screen."""
ELLIPSIS: Final = "\u2026"

LATIN_ENDS: Final = 0x2AF

_UNWRITTEN: Final = frozenset({"So", "Sk", "Cs", "Co", "Cn", "Cf"})
_LONG_WORD: Final = re.compile(r"(\S{16})(?=\S)")
_ONE_AT_A_TIME: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Way:
    """A way to reach the bot: what its channel is called, and the address its QR leads to."""

    name: str
    link: str


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on a unit's poster; `officer` and `phone` are whom to call. At most three `ways` are shown."""

    federation: str
    unit: str
    code: str
    officer: str
    phone: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What stands in a group's picture: who sends it (`by` a person, or ""), a word on top, the title, some detail."""

    sender: str
    by: str
    kicker: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class CardPicture:
    """What stands in a card's picture: who sends it, where the card stands, its title, its words, its sources.

    With a `work` the words are a quotation of it.
    """

    sender: str
    kicker: str
    title: str
    words: str
    work: str
    sources: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """A card on a sheet: its paragraphs, and what it quotes with its work, "" for nothing."""

    title: str
    body: tuple[str, ...]
    quotation: str
    work: str


@dataclass(frozen=True, slots=True)
class MeetingSheet:
    """What stands on the sheet of a month's meeting."""

    federation: str
    heading: str
    card: Lesson
    story: Lesson
    discuss: tuple[str, ...]
    do_this: str
    sources: str


@dataclass(frozen=True, slots=True)
class Handover:
    """What stands on a list to sign: who hands over to whom on a day (as written), the duties, what goes with them.

    The titles stand beside the names where they sign; "" for none.
    """

    federation: str
    day: str
    holder: str
    holder_title: str
    successor: str
    successor_title: str
    duties: tuple[str, ...]
    reviews: int
    scheduled: int
    posted: int


def card_picture(content: CardPicture) -> bytes:
    """A card's picture as a PNG of 1080 by 1080 pixels, at most PICTURE_BYTES."""
    return _small(_set("card.typ", _drawable(content), "png"))


def meeting_sheet(content: MeetingSheet) -> bytes:
    """The sheet of a month's meeting as an A4 PDF."""
    return _set("meeting.typ", asdict(content), "pdf")


def booklet(content: Booklet) -> bytes:
    """The booklet a leader signs as an A4 PDF."""
    return _set("booklet.typ", asdict(content), "pdf")


def changed(content: ChangePage) -> bytes:
    """What changed since the last approval as an A4 PDF."""
    return _set("changed.typ", asdict(content), "pdf")


def handover(content: Handover) -> bytes:
    """The list to sign when work is handed over, as an A4 PDF."""
    data = asdict(content)
    for name in ("federation", "holder", "holder_title", "successor", "successor_title"):
        data[name] = _settable(data[name])
    data["duties"] = [_settable(duty) for duty in content.duties]
    return _set("handover.typ", data, "pdf")


def poster(content: Poster) -> bytes:
    """A unit's poster as an A4 PDF."""
    data = asdict(content)
    data["ways"] = [
        {"name": _settable(way.name), "shown": _settable(way.link.partition("://")[2]), "qr": _qr(way.link)}
        for way in content.ways[:WAYS_AT_MOST]
    ]
    for name in ("federation", "unit", "officer"):
        data[name] = _settable(data[name])
    return _set("poster.typ", data, "pdf")


def picture(content: Picture) -> bytes:
    """A group's picture as a PNG of 1080 by 1080 pixels, at most PICTURE_BYTES."""
    return _small(_set("picture.typ", _drawable(content), "png"))


def is_whole(content: Picture | CardPicture) -> bool:
    """Whether the picture shows every word of `content`: nothing shortened, and nothing cut off where it stands."""
    return all(len(asdict(content)[name]) <= longest for name, longest in _limits(content).items()) and all(
        part["whole"] for part in fitted(content)
    )


def fitted(content: Picture | CardPicture) -> list[dict[str, Any]]:
    """Each part of a picture, in its order: the `size` it is set in (pixels) and whether the `whole` of it is seen."""
    import typst

    template = DIRECTORY / ("card.typ" if isinstance(content, CardPicture) else "picture.typ")
    inputs = {"data": orjson.dumps(_drawable(content)).decode()}
    with _ONE_AT_A_TIME:
        compiler = typst.Compiler(str(template), root=DIRECTORY, font_paths=_fonts(), sys_inputs=inputs)
        found: list[dict[str, Any]] = orjson.loads(compiler.query("<fitted>", field="value"))
    return found


def _limits(content: Picture | CardPicture) -> dict[str, int]:
    return {"sources": SOURCES_SHOWN} if isinstance(content, CardPicture) else LONGEST


def _drawable(content: Picture | CardPicture) -> dict[str, str]:
    """A picture's parts as they are set; the words keep their lines."""
    limits = _limits(content)
    data = {name: _settable(_first(value, limits.get(name, len(value)))) for name, value in asdict(content).items()}
    if isinstance(content, CardPicture):
        data["words"] = "\n".join(map(_settable, content.words.splitlines()))
    return data


def _small(drawn: bytes) -> bytes:
    """The same picture with few colours: a third of the bytes."""
    from PIL import Image

    fewer = io.BytesIO()
    Image.open(io.BytesIO(drawn)).convert("RGB").quantize(COLOURS, Image.Quantize.FASTOCTREE).save(fewer, "PNG")
    assert fewer.tell() <= PICTURE_BYTES  # text on one colour: some 50 kB
    return fewer.getvalue()


def _set(template: str, data: dict[str, Any], form: Any) -> bytes:
    inputs = {"data": orjson.dumps(data).decode()}
    with _ONE_AT_A_TIME:
        set_ = _compiler().compile(str(DIRECTORY / template), format=form, ppi=PIXELS_AN_INCH, sys_inputs=inputs)
    assert isinstance(set_, bytes)  # a PDF is one file, whatever its pages; a picture has one
    return set_


@cache
def _compiler() -> "typst.Compiler":
    """One for all sheets: the first takes some 100 ms, the next ones a fraction."""
    import typst

    return typst.Compiler(root=DIRECTORY, font_paths=_fonts())


@cache
def _fonts() -> "typst.Fonts":
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[DIRECTORY / "fonts"])


def _first(text: str, limit: int) -> str:
    """At most `limit` characters of a text, cut after a word."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:") + ELLIPSIS


def _qr(link: str) -> str:
    """A QR as SVG; a quarter of it may be damaged."""
    import segno

    drawn = io.BytesIO()
    segno.make_qr(link, error="q").save(drawn, kind="svg", border=QUIET_ZONE, xmldecl=False, svgns=True)
    return drawn.getvalue().decode()


def _settable(text: str) -> str:
    """Text on one line as our typeface can show it: no emoji, and words too long for a line may be broken."""
    shown = " ".join("".join(c for c in text if ord(c) <= LATIN_ENDS or _is_written(c)).split())
    return _LONG_WORD.sub("\\1\u200b", shown)


def _is_written(character: str) -> bool:
    """Whether it is no symbol, control or part of an emoji."""
    return unicodedata.category(character) not in _UNWRITTEN and not "\ufe00" <= character <= "\ufe0f"
