"""An officer makes an announcement: from a text or a forwarded message to the press that sends it."""

from typing import Any, Final

from bot.dialog import Answer, Dialog, Flow, Go, Invalid
from bot.domain.announcements import KINDS
from bot.domain.prompts import Option, Text, text
from bot.services import drafts, media, sending, solemn, trying
from bot.services.drafts import Draft
from bot.services.media import Kept, Sent
from bot.services.trying import Preview
from handlers.announce.content import FILES, carried, file_of, gather
from handlers.announce.details import change_detail
from handlers.announce.whom import choose_whom

REASON_LIMIT: Final = 200
DETAILS: Final = ("reference", "question", "send_at", "valid_until", "files", "filters")
"""What hangs under *Thêm lựa chọn*."""


async def announce(dialog: Dialog, body: str = "", files: list[Sent] | None = None, draft: Draft | None = None) -> None:
    """Text or files, class and audience; then look, change, try, and send.

    `body` and `files` were forwarded; a `draft` is whole already.
    """
    if draft is not None:
        await _desk(dialog, draft)
        return
    speakers = await dialog.load("speakers", drafts.speakers)
    if not speakers:
        await dialog.say(text("errors.no_right"))
        return
    speaker = speakers[0]
    if len(speakers) > 1:
        options = [Option(str(each["unit"]), label=each["name"]) for each in speakers]
        unit = int(await dialog.choose("unit", text("compose.as_whom"), options))
        speaker = next(each for each in speakers if each["unit"] == unit)
    content = await gather(dialog, "content", speaker, body, files or [])
    kind, reason = await _kind(dialog, "kind", speaker["unit"], content["files"])
    draft = {**drafts.begun(speaker["unit"], speaker["unit"], kind=kind, reason=reason), **content}
    draft = await choose_whom(dialog, "whom", draft)
    await _desk(dialog, draft)


async def _desk(dialog: Dialog, draft: Draft) -> None:
    """What to do with what members would see, until it is sent or dropped; it goes if it still fits at the press."""
    step = 0
    while True:
        step += 1
        preview = await dialog.load(f"preview:{step}", trying.preview, draft)
        if preview is None:
            kept = text("compose.ended", body=draft["body"], files=len(draft["files"]))
            if await dialog.choose(f"ended:{step}", kept, [Option("try_again"), Option("cancel")]) == "try_again":
                continue
            await dialog.say(text("compose.not_sent"))
            return
        chosen = await dialog.choose(f"confirm:{step}", _looked_at(draft, preview), _options(draft, preview))
        if chosen == "cancel":
            await dialog.say(text("compose.not_sent"))
            return
        if chosen == "more_options":
            chosen = await dialog.choose(f"more:{step}", text("compose.more"), _details(draft))
        if chosen != "send_now":
            draft = await _changed(dialog, f"change:{step}", draft, chosen)
        elif await dialog.load(f"fits:{step}", drafts.fits, draft):
            sent = await dialog.commit(f"send:{step}", sending.send, draft)
            if sent is None:
                continue  # the next look says that the right is gone
            if sent["state"] == "queueing":
                await dialog.say(text("compose.queued"))
            else:
                await dialog.say(text("sending.placed", state=sent["state"], at=sent["at"], asked=sent["asked"]))
            return


def _looked_at(draft: Draft, preview: Preview) -> Any:
    shortage, stuck = preview["shortage"], preview["stuck"]
    short = text("quota.short", **shortage) if shortage else None
    return text(
        "compose.confirm",
        notice=text("notices.notice", **preview["notice"]),
        kind=draft["kind"],
        reason=draft["reason"],
        files=len(draft["files"]),
        documents=preview.get("documents", []),
        rooms=preview.get("rooms", []),
        examples=preview["examples"],
        send_at=preview["send_at"],
        valid_until=preview["valid_until"],
        short=text("compose.stuck", **stuck) if stuck else short,
        held=preview.get("held", ""),
        **preview["reached"],
    )


def _options(draft: Draft, preview: Preview) -> list[Option]:
    options = []
    reached = preview["reached"]
    if (reached["few"] or reached["reach"]["reachable"]) and not preview["shortage"] and not preview["stuck"]:
        options.append(Option("send_now", "send_later" if draft["send_at"] else "send_now"))
    options += [Option(name) for name in ("return_draft", "edit_kind", "edit_who", "try_me")]
    return [*options, Option("show_me", "detail_show_me"), Option("more_options"), Option("cancel")]


def _details(draft: Draft) -> list[Option]:
    words = {"reference": "reference_drop" if draft["reference"] else "reference_add"}
    return [*(Option(name, words.get(name, f"detail_{name}")) for name in DETAILS), Option("desk")]


async def _changed(dialog: Dialog, key: str, draft: Draft, what: str) -> Draft:
    """The draft after one change, or looked at in one way."""
    if what == "return_draft":
        content = await gather(dialog, key, None, "", [])
        return {
            **draft,
            "body": content["body"] or draft["body"],
            "files": content["files"] or draft["files"],
            "reference": content["reference"] or draft["reference"],
        }
    if what == "edit_kind":
        kind, reason = await _kind(dialog, key, draft["to"], draft["files"])
        usual = drafts.begun(draft["unit"], draft["to"], kind=kind)
        return {
            **draft,
            "kind": kind,
            "reason": reason,
            "question": usual["question"],
            "named": usual["named"],
        }
    if what == "edit_who":
        return await choose_whom(dialog, key, draft, anew=True)
    if what == "try_me":
        channels = await dialog.commit(key, trying.try_out, draft)
        await dialog.say(text("compose.tried", channels=channels))
        return draft
    if what == "show_me":
        await dialog.commit(key, trying.show, draft)
        return draft
    return await change_detail(dialog, key, draft, what)


async def _kind(dialog: Dialog, key: str, to: int, files: list[Kept]) -> tuple[str, str]:
    """The class, and for an urgent one why; who chose what the solemn mode would hold hears so at once."""
    kind = await dialog.choose(key, text("compose.kind"), [Option(k, f"kind_{k}") for k in KINDS])
    why = solemn.why(kind, files)
    met = await dialog.load(f"{key}:solemn", solemn.met_by, to) if why else None
    if met is not None:
        await dialog.say(text(f"solemn.{why}", area=met["area"], reason=met["reason"]))
    if kind != "urgent":
        return kind, ""
    return kind, await dialog.ask(f"{key}:reason", text("compose.reason"), _reason)


def _reason(answer: Answer) -> str | Invalid:
    if not answer.text or len(answer.text) > REASON_LIMIT:
        return Invalid(text("errors.too_long", limit=REASON_LIMIT))
    return answer.text


async def offer(dialog: Dialog, body: str, files: list[Sent]) -> Go | None:
    """Whether what an officer sent out of nowhere is to be announced; an album's other files come after the first."""
    given, step = list(files), 0
    refused: Text | None = None
    while True:
        step += 1
        answer: Any = await dialog.ask(
            f"offer:{step}",
            refused or text("compose.offer", files=len(given)),
            lambda answer: file_of(answer, len(given)),
            options=[Option("make_notice"), Option("make_nothing")],
            accepts=FILES,
            replace_key="offer",
        )
        if answer == "make_notice":
            return Go("announce", {"body": body, "files": given})
        if answer == "make_nothing":
            await dialog.say(text("compose.not_offered"))
            return None
        refused = None
        if not await carried(dialog, f"carried:{step}", answer["file"]):
            refused = media.too_big(answer["file"])
            continue
        body = body or answer["text"]
        given.append(answer["file"])


FLOWS = (
    Flow("announce", announce, commands=("thongbao_moi", "thongbaomoi"), word="compose", open_to="role"),
    Flow("offer_announcement", offer, open_to="role", resumable=False),
)
