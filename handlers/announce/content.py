"""What an announcement says and shows: written, sent or forwarded, in any order."""

from typing import Any, Final, TypedDict

from bot.dialog import Answer, Dialog, Invalid
from bot.domain.messages import InboundKind
from bot.domain.prompts import Option, Text, text
from bot.services import big_files, drafts, media, references
from bot.services.drafts import Reference, Speaker
from bot.services.media import Kept, Sent

FILES: Final = frozenset({InboundKind.PHOTO, InboundKind.VIDEO, InboundKind.DOCUMENT, InboundKind.VOICE})
FILES_AT_MOST: Final = 10


class Content(TypedDict):
    """The text, the files, and the official reference that the text begins with."""

    body: str
    files: list[Kept]
    reference: Reference | None


async def gather(dialog: Dialog, key: str, speaker: Speaker | None, body: str, sent: list[Sent]) -> Content:
    """Ask for what is missing of `body` and `sent`. A text alone is all; after a file more may come, until *Xong*.

    It opens with who speaks, unless that was said before.
    """
    limit = await dialog.load(f"{key}:limit", drafts.longest)
    files = [await dialog.commit(f"{key}:given:{n}", media.keep, file) for n, file in enumerate(sent)]
    wanted = text("compose.write", limit=limit, speaker=speaker)
    typed, alone, kept, step = body, True, "", 0
    refused: Text | None = None
    while True:
        step += 1
        problem, refused = refused, None
        if typed:
            checked = await dialog.load(f"{key}:checked:{step}", drafts.check, typed)
            if checked["unknown"]:
                problem = text("compose.unknown", unknown=checked["unknown"])
            elif checked["too_long"]:
                problem = text("compose.too_long", limit=limit, length=len(typed))
            else:
                kept = typed
        if typed and alone and not problem:
            break
        prompt = problem or (text("compose.got_files", count=len(files), most=FILES_AT_MOST) if files else wanted)
        answer: Any = await dialog.ask(
            f"{key}:{step}",
            prompt,
            lambda answer: _given(answer, len(files)),
            options=[Option("done", "files_done")] if files else [],
            accepts=FILES | {InboundKind.TEXT},
            replace_key="files" if files else "",
            numbered=False,
        )
        if answer == "done":
            break
        typed, alone = answer["text"], "file" not in answer
        if not alone and not await carried(dialog, f"{key}:carried:{step}", answer["file"]):
            typed, refused = "", media.too_big(answer["file"])
        elif not alone:
            files.append(await dialog.commit(f"{key}:file:{step}", media.keep, answer["file"]))
    return Content(body=kept, files=files, reference=references.recognised(kept))


async def carried(dialog: Dialog, key: str, file: Sent) -> bool:
    """Whether a file can be sent on from where it was sent; asked only of a big one."""
    return "size" not in file or await dialog.load(key, big_files.carried, file)


def file_of(answer: Answer, count: int) -> dict[str, Any] | Invalid:
    """A file with its caption; `count` are there already."""
    file = answer.attachment
    if file is None:
        return Invalid(text("errors.other_kind_here"))
    if count >= FILES_AT_MOST:
        return Invalid(text("compose.files_full", most=FILES_AT_MOST))
    return {"text": answer.text, "file": media.sent(file)}


def _given(answer: Answer, count: int) -> dict[str, Any] | Invalid:
    if answer.kind in FILES:
        return file_of(answer, count)
    if not answer.text:
        return Invalid(text("errors.other_kind_here"))
    return {"text": answer.text}
