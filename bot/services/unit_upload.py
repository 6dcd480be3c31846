"""The union tree from a file sent in chat: checked, shown as changes, written when its sender agrees, all or nothing.

What was pressed writes the content that was checked, on the tree it was checked against; else it is checked again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from bot.domain.prompts import Option, Text, text
from bot.domain.time import DAY
from bot.services import access, posters, posting, unit_import
from bot.services import media as files
from bot.services.media import Sent
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.services.unit_import import Change, Plan
from bot.services.unit_rows import Problem
from bot.storage import installation, media, members, unit_uploads, units
from bot.storage.unit_uploads import Upload
from bot.vietnamese import matches

KEPT: Final = 7 * DAY
"""How long a file waits for its sender to agree."""
SHOWN: Final = 5
_FINGERPRINT: Final = 12


def problem(turn: Turn) -> str:
    """Why the acting person cannot send a file here: right, channel, or ""."""
    if not access.access_tree(turn):
        return "right"
    assert turn.address is not None
    return "" if turn.at.capabilities[turn.address.account_id].documents else "channel"


def begin(turn: Turn, file: Sent) -> bool:
    """Have a file fetched and checked, instead of any other of the acting person's; False without the right."""
    if not access.access_tree(turn):
        return False
    assert turn.address is not None
    for before in unit_uploads.of_member(turn.tx, turn.me.id):
        _end(turn, before)
    id = files.want(turn, file)
    media.set_expiry(turn.tx, id, turn.now + KEPT)
    unit_uploads.add(turn.tx, turn.me.id, turn.address.id, id, turn.now)
    return True


def _end(turn: Turn, upload: Upload) -> None:
    unit_uploads.mark(turn.tx, upload, "over")
    media.set_expiry(turn.tx, upload.media_id, turn.now)


def pressed(turn: Turn, id: str, choice: str) -> Reply:
    """One of the two buttons under what a file would change."""
    number, _, fingerprint = id.partition("-")
    known = number.isascii() and number.isdecimal() and len(number) < 12
    upload = unit_uploads.by_id(turn.tx, int(number)) if known else None
    mine = upload is not None and turn.member is not None and upload.member_id == turn.member.id
    if upload is None or not mine or upload.state != "checked" or upload.sha256[:_FINGERPRINT] != fingerprint:
        return Reply((text("unit_files.over"),))
    if not access.access_tree(turn):
        return Reply((text("errors.no_right"),))
    if choice != "write":
        _end(turn, upload)
        return Reply((text("unit_files.dropped"),))
    unit_uploads.mark(turn.tx, upload, "agreed")
    return Reply((text("unit_files.writing"),))


def typed(turn: Turn, said: str) -> Reply | None:
    """A button's label typed where a file was checked; None when none waits there, or it was another word."""
    words = turn.at.texts.words
    write = words["units_write"].show
    if not matches(said, (write, words["units_drop"].show)):
        return None
    choice = "write" if matches(said, (write,)) else "drop"
    waiting = [each for each in unit_uploads.of_member(turn.tx, turn.me.id) if each.state == "checked"]
    here = [each for each in waiting if turn.address is not None and each.address_id == turn.address.id]
    return pressed(turn, _named(here[-1], here[-1].sha256), choice) if here else None


def _named(upload: Upload, sha256: str) -> str:
    """What a button calls a file, with its content."""
    return f"{upload.id}-{sha256[:_FINGERPRINT]}"


# -- what the worker says and does; `turn` is the sender's


def sender(turn: Turn, upload: Upload) -> Turn:
    """The turn of who sent a file, where they sent it."""
    address = members.address_by_id(turn.tx, upload.address_id)
    return replace(turn, address=address, member=members.by_id(turn.tx, upload.member_id))


def path(turn: Turn, upload: Upload) -> str | None:
    """Where a file lies; None when it could not be fetched, or is over."""
    return media.stored(turn.tx, upload.media_id, turn.now)


def say_patience(turn: Turn, upload: Upload) -> None:
    """It takes more than a moment; said once for a file."""
    if unit_uploads.mark_patience(turn.tx, upload):
        _tell(turn, text("unit_files.patience"))


def lost(turn: Turn, upload: Upload) -> None:
    """The file could not be fetched, or is not what was checked any more."""
    if _goes_on(turn, upload):
        _end(turn, upload)
        _tell(turn, text("unit_files.lost", megabytes=files.FILE_MEGABYTES))


def refuse(turn: Turn, upload: Upload, problems: Sequence[Problem], report: bytes) -> None:
    """What is wrong with a file: the first lines here, all of them in a file (none when `report` is empty)."""
    if not _goes_on(turn, upload):
        return
    _end(turn, upload)
    if report:
        posters.send_file(turn, "document", report, turn.at.texts.spoken(Option("units_report")).label)
    texts = turn.at.texts
    lines = [
        {"line": p.line, "what": unit_import.sentence(texts, p), "repair": unit_import.repair(texts, p)}
        for p in problems[:SHOWN]
    ]
    count = len({each.line for each in problems})
    more = len(problems) - len(lines)
    _tell(turn, text("unit_files.refused", count=count, lines=lines, more=more, attached=bool(report)))


def ask(turn: Turn, upload: Upload, sha256: str, tree: int, planned: Plan) -> None:
    """Say what a good file would change, and ask whether to write it."""
    if not _goes_on(turn, upload):
        return
    if not planned.changes:
        _end(turn, upload)
        _tell(turn, text("unit_files.nothing", same=planned.same))
        return
    unit_uploads.mark_checked(turn.tx, upload, sha256, tree)
    id = _named(upload, sha256)
    buttons = [
        standing_button(turn, "ufile", id, Option("write", word="units_write")),
        standing_button(turn, "ufile", id, Option("drop", word="units_drop")),
    ]
    changes = [_shown(change) for change in planned.changes[:SHOWN]]
    more = len(planned.changes) - len(changes)
    news = text("unit_files.summary", same=planned.same, changes=changes, more=more, **planned.counts())
    assert turn.address is not None
    posting.reply(turn, turn.address, [turn.render(news)], buttons)


def _shown(change: Change) -> dict[str, Any]:
    row = change.row
    before = change.before.name if change.before is not None else ""
    return {"what": change.what, "code": row.code, "name": row.name, "before": before, "parent": row.parent}


def check_again(turn: Turn, upload: Upload) -> None:
    """The tree is another one than what a file was checked against."""
    if _goes_on(turn, upload):
        unit_uploads.mark(turn.tx, upload, "wanted")
        _tell(turn, text("unit_files.again"))


def finish(turn: Turn, upload: Upload, planned: Plan) -> None:
    """Let what is staged become the tree, unless right, file or tree are not what they were."""
    if not _goes_on(turn, upload):
        return
    if units.revision(turn.tx) != upload.tree:
        check_again(turn, upload)
        return
    unit_uploads.switch(turn.tx)
    _end(turn, upload)
    counts = " ".join(f"{what}={count}" for what, count in planned.counts().items())
    installation.record_audit(turn.tx, turn.now, turn.me.id, "units_imported", None, f"{counts} {upload.sha256}")
    _tell(turn, text("unit_files.done", count=len(planned.changes)))


def _goes_on(turn: Turn, upload: Upload) -> bool:
    """Whether the file is where it was when the work on it began (another may have replaced it), and by right."""
    now = unit_uploads.by_id(turn.tx, upload.id)
    if now is None or now.state != upload.state:
        return False
    if not access.access_tree(turn):
        _end(turn, upload)
        _tell(turn, text("errors.no_right"))
        return False
    return True


def _tell(turn: Turn, news: Text) -> None:
    assert turn.address is not None
    posting.reply(turn, turn.address, [turn.render(news)])
