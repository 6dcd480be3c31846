"""An officer writes an announcement, sees it as members will, and sends it."""

from typing import Final

from bot.dialog import Answer, Dialog, Flow, Invalid
from bot.domain.announcements import KINDS
from bot.domain.prompts import Option, text
from bot.services import drafts, joining, roster, sending
from bot.services.drafts import Draft
from bot.vietnamese import quote

REASON_LIMIT: Final = 200


async def announce(dialog: Dialog) -> None:
    """Write, choose class and audience, preview, send."""
    speakers = await dialog.load("speakers", drafts.speakers)
    if not speakers:
        await dialog.say(text("errors.no_right"))
        return
    unit = speakers[0]["unit"]
    if len(speakers) > 1:
        options = [Option(str(speaker["unit"]), label=speaker["name"]) for speaker in speakers]
        unit = int(await dialog.choose("unit", text("officer.as_whom"), options))
    body_key, body, unknown = await _body(dialog)
    kind = await dialog.choose("kind", text("officer.kind"), [Option(k, f"kind_{k}") for k in KINDS])
    reason = await dialog.ask("reason", text("officer.reason"), _reason) if kind == "urgent" else ""
    who_key, to = await _audience(dialog, unit)
    draft = drafts.begun(unit, to, body, kind, reason)
    chosen = await _confirmed(dialog, draft, unknown, bool(who_key))
    if chosen in ("return_draft", "edit_kind", "edit_who"):
        # Every confirmation is asked again: what one of them answered was said of another announcement.
        await dialog.edit(
            {"return_draft": body_key, "edit_kind": "kind", "edit_who": who_key}[chosen], wish="confirm:1"
        )
    elif chosen == "cancel":
        await dialog.say(text("officer.not_sent"))
    else:
        sent = await dialog.commit("send", sending.send, draft)
        if sent is None:
            await dialog.say(text("errors.no_right"))
        elif sent["state"] == "queueing":
            await dialog.say(text("officer.queued"))
        else:
            await dialog.say(text("sending.placed", state=sent["state"], at=sent["at"], asked=sent["asked"]))


async def _confirmed(dialog: Dialog, draft: Draft, unknown: list[str], can_go_elsewhere: bool) -> str:
    """What to do with what members would see; to be sent only if it still fits at the press, else one sees why."""
    step = 0
    while True:
        step += 1
        preview = await dialog.load(f"preview:{step}", drafts.preview, draft)
        shortage = preview["shortage"]
        prompt = text(
            "officer.confirm",
            notice=text("notices.notice", **preview["notice"]),
            unknown=unknown,
            kind=draft["kind"],
            reason=draft["reason"],
            to=preview["to"],
            reach=preview["reach"],
            short=text("quota.short", **shortage) if shortage else None,
        )
        options = [Option("send_now")] if preview["reach"]["reachable"] and not shortage else []
        options += [Option("return_draft"), Option("edit_kind")]
        options += [Option("edit_who")] if can_go_elsewhere else []
        chosen = await dialog.choose(f"confirm:{step}", prompt, [*options, Option("cancel")])
        if chosen != "send_now" or await dialog.load(f"fits:{step}", drafts.fits, draft):
            return chosen


async def _body(dialog: Dialog) -> tuple[str, str, list[str]]:
    """The text's key, the text, and braces in it that are no placeholder."""
    limit = await dialog.load("limit", drafts.longest)
    prompt, step = text("officer.write", limit=limit), 0
    while True:
        step += 1
        body = await dialog.ask(f"body:{step}", prompt, _text)
        checked = await dialog.load(f"checked:{step}", drafts.check, body)
        if not checked["too_long"]:
            return f"body:{step}", body, checked["unknown"]
        prompt = text("errors.too_long", limit=limit)


async def _audience(dialog: Dialog, unit: int) -> tuple[str, int]:
    """The key of the question ("" when it was not asked) and the unit whose subtree gets it."""
    listed = await dialog.load("below", joining.under, unit, 0)
    if not listed["units"]:
        return "", unit
    prompt, step, skip = text("officer.who"), 0, 0
    while True:
        step += 1
        key = f"who:{step}"
        options = [Option("whole_unit"), *(Option(str(id), label=name) for id, name in listed["units"])]
        options += [Option("more", word="unit_more")] if listed["more"] else []
        answer = await dialog.ask(key, prompt, _typed, options=options)
        if answer == "whole_unit":
            return key, unit
        if answer in [str(id) for id, _ in listed["units"]]:
            return key, int(answer)
        if answer == "more":
            skip += joining.TREE_PAGE
            listed = await dialog.load(f"more:{step}", joining.under, unit, skip)
            continue
        found = await dialog.load(f"found:{step}", roster.find_within, [unit], answer)
        listed = joining.Found(units=found, more=False, ended="")
        prompt = text("officer.who_found") if found else text("officer.who_nothing", quoted=quote(answer))


def _text(answer: Answer) -> str | Invalid:
    if not answer.text:
        return Invalid(text("errors.other_kind_here"))
    return answer.text


def _reason(answer: Answer) -> str | Invalid:
    if not answer.text or len(answer.text) > REASON_LIMIT:
        return Invalid(text("errors.too_long", limit=REASON_LIMIT))
    return answer.text


def _typed(answer: Answer) -> str:
    return answer.text[:120]


FLOWS = (Flow("announce", announce, commands=("thongbao_moi", "thongbaomoi"), word="compose", open_to="role"),)
