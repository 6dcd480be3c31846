"""Introducing a good deed: who, where, what, when, why; or one voice note; photos; whether to be named."""

import re
import zlib
from typing import Any

from bot.dialog import Answer, Dialog, Flow, Go, Invalid
from bot.domain.messages import InboundKind
from bot.domain.prompts import Option, text
from bot.services import media, nominations, review_levels
from bot.services.media import Sent
from bot.services.nominations import Deed
from bot.vietnamese import fold, parse_date, quote

NAME_LIMIT = 100
UNIT_LIMIT = 150
WHY_LIMIT = 600
PHOTOS_AT_MOST = 5
TELLING = frozenset({InboundKind.TEXT, InboundKind.VOICE, InboundKind.PHOTO})
PICTURES = frozenset({InboundKind.PHOTO, InboundKind.DOCUMENT, InboundKind.VIDEO})
EDIT = re.compile(r"(?:(?:sua|doi)(?: lai)?(?: cau| so| muc)?(?: so)? )?(\d{1,2})")
FIRST = {"photos": "photo:1"}
KINDS = (
    Option("person", word="deed_person"),
    Option("collective", word="deed_collective"),
    Option("way", word="deed_way"),
)


async def nominate(dialog: Dialog) -> Go | None:
    """From the first question to the receipt."""
    begun = await dialog.load("begin", nominations.begin)
    if begun["full"]:
        await dialog.say(text("good_deed.three_open"))
        return Go("my_nominations", {})
    kind = await dialog.choose("kind", text("good_deed.start"), KINDS)

    def who_else(answer: Answer) -> str | Invalid:
        if fold(answer.text) in begun["selves"]:
            return Invalid(text("good_deed.yourself"))
        return nominations.line(NAME_LIMIT)(answer)

    nominee = await dialog.ask("who", text(f"good_deed.ask_who_{kind}"), who_else)
    unit_id, unit_name = await _unit(dialog, begun["unit_id"], begun["unit"])
    voice, told, happened, why = await _deed(dialog)
    photos = await _photos(dialog)
    up, named = await _naming(dialog, unit_id)
    deed = Deed(
        kind=kind,
        nominee=nominee,
        unit_name=unit_name,
        told=told,
        by_voice=bool(voice),
        happened=happened,
        why=why,
        photos=len(photos),
        named=named,
        straight_up=up,
        unit_id=unit_id,
        files=voice + photos,
    )
    await _check(dialog, deed)
    code = await dialog.commit("send", nominations.submit, deed)
    if not code:
        await dialog.say(text("good_deed.three_open"))
        return Go("my_nominations", {})
    await dialog.say(text("good_deed.receipt", code=code))
    return None


async def _unit(dialog: Dialog, my_unit: int | None, my_name: str) -> tuple[int | None, str]:
    """The nominee's unit: its id when it is one of the tree, and its name."""
    options = [Option("my_unit")] if my_name else []
    typed = await dialog.ask(
        "unit", text("good_deed.ask_unit", mine=my_name), nominations.line(UNIT_LIMIT), options=options
    )
    if typed == "my_unit":
        return my_unit, my_name
    found = await dialog.load("unit_named", nominations.unit_named, typed)
    others = {str(id): name for id, name in found["others"]}
    if not others:
        return found["unit"], found["name"]
    options = [Option(id, label=name) for id, name in others.items()]
    options.append(Option("as_typed", word="unit_as_typed"))
    chosen = await dialog.choose("which_unit", text("good_deed.which_unit", quoted=quote(typed)), options)
    return (None, typed) if chosen == "as_typed" else (int(chosen), others[chosen])


async def _deed(dialog: Dialog) -> tuple[list[Sent], str, str, str]:
    """What was done: the voice note that tells it, or the words, the date, what is fine about it."""
    told: Any = await dialog.ask("told", text("good_deed.ask_told"), _told, accepts=TELLING)
    if not isinstance(told, str):
        return [told], "", "", ""
    options = [Option("unknown", word="when_unknown"), Option("often", word="when_often")]
    happened = await dialog.ask("when", text("good_deed.ask_when"), _past_date, options=options)
    why = await dialog.ask(
        "why", text("good_deed.ask_why"), nominations.paragraphs(WHY_LIMIT), options=[Option("skip")]
    )
    return [], told, "" if happened == "unknown" else happened, "" if why == "skip" else why


async def _photos(dialog: Dialog) -> list[Sent]:
    """Up to five photos, one by one or as an album; an album's receipts collapse into the last."""
    photos: list[Sent] = []
    after = ""
    prompt = text("good_deed.ask_photos", most=PHOTOS_AT_MOST)
    while True:
        done = Option("done", word="photos_done" if photos else "photos_none")
        full = len(photos) == PHOTOS_AT_MOST
        answer: Any = await dialog.ask(
            f"photo:{len(photos) + 1}{after}",
            prompt,
            _no_more if full else _photo,
            options=[done],
            accepts=PICTURES,
            replace_key="photos" if photos else "",
        )
        if answer == "done":
            return photos
        photos.append(answer)
        # Keys follow from the photos before, so that an edit of the first one asks for the rest anew.
        after = f":{zlib.crc32(''.join(photo['ref'] for photo in photos).encode()):x}"
        prompt = text("good_deed.got_photos", count=len(photos), most=PHOTOS_AT_MOST)


async def _naming(dialog: Dialog, unit_id: int | None) -> tuple[bool, bool]:
    """Whether to go straight up, and whether to name the nominator."""
    upper = await dialog.load("has_upper", review_levels.has_upper, unit_id)
    names = [Option("named", word="naming_named"), Option("unnamed", word="naming_unnamed")]
    up = [Option("up", word="naming_up")] if upper else []
    naming = await dialog.choose("naming", text("good_deed.ask_naming", up=upper), names + up)
    if naming != "up":
        return False, naming == "named"
    return True, await dialog.choose("naming_up", text("good_deed.ask_naming_up"), names) == "named"


async def _check(dialog: Dialog, deed: Deed) -> None:
    """The summary, until it is right; an edit goes back to its question and returns here."""
    lines = nominations.lines(deed)

    def which(answer: Answer) -> str | Invalid:
        typed = EDIT.fullmatch(fold(answer.text))
        if typed is None or not 1 <= int(typed[1]) <= len(lines):
            return Invalid(text("good_deed.summary_help", most=len(lines)))
        return f"line:{typed[1]}"

    shown = [line for _, line in lines]
    options = [Option("send"), Option("edit", word="deed_edit")]
    answer = await dialog.ask("summary", text("good_deed.summary", lines=shown), which, options=options, numbered=False)
    if answer == "send":
        return
    if answer == "edit":
        parts = [Option(key, word=f"line_{key}") for key, _ in lines]
        key = await dialog.choose("which_line", text("good_deed.which_line"), parts)
    else:
        key = lines[int(answer.removeprefix("line:")) - 1][0]
    await dialog.edit(FIRST.get(key, key), wish="summary")


def _told(answer: Answer) -> str | Sent | Invalid:
    if answer.kind is InboundKind.PHOTO:
        return Invalid(text("good_deed.photo_later"))
    if answer.kind is InboundKind.VOICE and answer.attachment is not None:
        if media.is_too_big(answer.attachment):
            return Invalid(text("good_deed.voice_too_big", mb=media.megabytes_of("voice")))
        return media.sent(answer.attachment)
    return nominations.paragraphs(nominations.TOLD_LIMIT)(answer)


def _past_date(answer: Answer) -> str | Invalid:
    day = parse_date(answer.text, answer.today)
    if day is None:
        return Invalid(text("good_deed.bad_date"))
    return Invalid(text("good_deed.future")) if day > answer.today else day.isoformat()


def _photo(answer: Answer) -> Sent | Invalid:
    file = answer.attachment
    if file is None or not media.is_picture(file):
        return Invalid(text("good_deed.not_a_photo"))
    if media.is_too_big(file):
        return Invalid(text("good_deed.photo_too_big", mb=media.megabytes_of(file.kind.value)))
    return media.sent(file)


def _no_more(answer: Answer) -> Invalid:
    return Invalid(text("good_deed.photos_full", most=PHOTOS_AT_MOST))


FLOWS = (Flow("nominate", nominate, commands=("gioithieu",), word="nominate"),)
