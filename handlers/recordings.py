"""Recordings of cards, questions and scripts in other languages: sent, heard by a second person, withdrawn."""

from typing import Final

from bot.dialog import Answer, Dialog, Flow, Go, Invalid
from bot.domain.messages import InboundKind
from bot.domain.prompts import Option, Text, text
from bot.services import media, nominations, recordable, recordings
from bot.services.media import Sent
from bot.services.recordable import Named

REASON_LIMIT: Final = 300
NAME_LIMIT: Final = 80
TYPED_LIMIT: Final = 300
VOICE: Final = frozenset(InboundKind(kind) for kind in ("voice", "document", "photo", "video", "text"))
"""What a voice is asked for of: what is none gets a sentence of its own."""


async def record(dialog: Dialog, wish: str = "", file: Sent | None = None) -> None:
    """Only what is missing is asked: the language, what is read, the voice; then who speaks, and that they agree."""
    known = await dialog.load("wanted", recordings.understood, wish)
    if not known["may"]:
        await dialog.say(text("errors.no_right"))
        return
    language = known["language"]
    if not language:
        options = [Option(id, label=name) for id, name in known["languages"]]
        language = await dialog.choose("language", text("recording.ask_language"), options)
    what = await _target(dialog, known["kind"], known["targets"])
    of = recordable.of(what["kind"], what["title"])
    named = {"of": of, "language": dict(known["languages"])[language]}
    voice = file or await dialog.ask("voice", text("recording.ask_voice", **named), _voice, accepts=VOICE)
    assert isinstance(voice, dict)
    speaker = await dialog.ask(
        "speaker", text("recording.ask_speaker", **named), _name, options=[Option("me", "i_speak")]
    )
    agreed = await dialog.choose(
        "consent",
        text("recording.ask_consent", **named),
        [Option("agree", "speaker_agrees"), Option("no", "speaker_not")],
    )
    if agreed == "no":
        await dialog.say(text("recording.not_kept"))
        return
    by = "" if speaker == "me" else speaker
    asked = await dialog.commit("send", recordings.submit, what["target"], language, voice, by)
    await dialog.say(text("errors.no_right") if asked is None else text("recording.sent", **named, asked=asked))


async def _target(dialog: Dialog, kind: str, targets: list[Named]) -> Named:
    """What is read: known already, or found by what is typed."""
    step = 0
    while len(targets) != 1:
        step += 1
        by_id = {each["target"]: each for each in targets}
        options = [Option(id, label=each["label"]) for id, each in by_id.items()]
        prompt = text("recording.which" if targets else f"recording.ask_{kind or 'card'}", again=step > 1)
        answer = await dialog.ask(f"target:{step}", prompt, _typed, options=options)
        if answer in by_id:
            return by_id[answer]
        found = await dialog.load(f"matches:{step}", recordable.find, answer, kind)
        kind, targets = found["kind"], found["targets"]
    return targets[0]


async def offer_recording(dialog: Dialog, body: str, file: Sent, unfit: str) -> Go | None:
    """What a voice note out of nowhere is for; `unfit` names the sentence that says why it can be no recording."""
    options = [Option("make_notice"), Option("record"), Option("make_nothing")]
    prompt, step = text("recording.offer"), 0
    while True:
        step += 1
        answer = await dialog.ask(f"what:{step}", prompt, _typed, options=options)
        if answer == "make_notice":
            return Go("announce", {"body": body, "files": [file]})
        if answer == "make_nothing":
            await dialog.say(text("compose.not_offered"))
            return None
        wish = "" if answer == "record" else await dialog.load(f"wish:{step}", recordings.wished, answer)
        if wish is None:
            prompt = text("recording.offer_how")
        elif unfit:
            await dialog.say(text(unfit))
            return None
        else:
            return Go("record", {"wish": wish, "file": file})


async def recordings_waiting(dialog: Dialog, recording: int = 0) -> None:
    """What waits to be heard; one is played with its words, then approved or refused with a sentence."""
    if not recording:
        listed = await dialog.load("waiting", recordings.waiting)
        if not listed:
            await dialog.say(text("recording.none_waiting"))
            return
        options = [Option(str(one["id"]), label=one["label"]) for one in listed]
        recording = int(await dialog.choose("which", text("recording.which_waiting"), options))
    case = await dialog.commit("show", recordings.show, recording)
    if case["problem"] in ("late", "no_right"):
        await dialog.say(_problem(case["problem"]))
        return
    options = [] if case["problem"] else [Option("approve", "recording_approve")]
    options += [Option("refuse", "recording_refuse"), Option("later", "recording_later")]
    decision = await dialog.choose("decide", text("recording.decide", **case), options)
    if decision == "approve":
        problem = await dialog.commit("approve", recordings.approve, recording)
        await dialog.say(_problem(problem) if problem else text("recording.approved"))
    elif decision == "refuse":
        reason = await dialog.ask("reason", text("recording.ask_reason"), nominations.paragraphs(REASON_LIMIT))
        problem = await dialog.commit("refuse", recordings.refuse, recording, reason)
        await dialog.say(_problem(problem) if problem else text("recording.refused"))
    else:
        await dialog.say(text("recording.later"))


async def recordings_mine(dialog: Dialog) -> None:
    """What is played or waits, and may be taken away again."""
    listed = await dialog.load("mine", recordings.mine)
    if not listed:
        await dialog.say(text("recording.none_mine"))
        return
    options = [Option(str(one["id"]), label=one["label"]) for one in listed]
    id = int(await dialog.choose("which", text("recording.which_mine"), options))
    label = next(one["label"] for one in listed if one["id"] == id)
    sure = [Option("withdraw", "recording_withdraw"), Option("keep", "recording_keep")]
    if await dialog.choose("sure", text("recording.sure", label=label), sure) == "keep":
        await dialog.say(text("recording.kept"))
        return
    done = await dialog.commit("withdraw", recordings.withdraw, id)
    await dialog.say(text("recording.withdrawn" if done else "recording.late"))


def _voice(answer: Answer) -> Sent | Invalid:
    if answer.attachment is None:
        return Invalid(text("recording.voice_wanted"))
    problem = recordings.unfit(answer.attachment)
    return Invalid(text(problem)) if problem else media.sent(answer.attachment)


def _name(answer: Answer) -> str | Invalid:
    name = " ".join(answer.text.split())
    return name if 0 < len(name) <= NAME_LIMIT else Invalid(text("errors.too_long", limit=NAME_LIMIT))


def _typed(answer: Answer) -> str | Invalid:
    return answer.text[:TYPED_LIMIT] if answer.text else Invalid(text("errors.other_kind_here"))


def _problem(problem: str) -> Text:
    return text("errors.no_right" if problem == "no_right" else f"recording.{problem}")


FLOWS = (
    Flow("record", record, commands=("ghiam",), word="record", takes="wish", open_to="role"),
    Flow("offer_recording", offer_recording, open_to="role", resumable=False),
    Flow(
        "recordings_waiting",
        recordings_waiting,
        commands=("duyetghiam",),
        word="recordings_waiting",
        open_to="role",
        resumable=False,
    ),
    Flow(
        "recordings_mine",
        recordings_mine,
        commands=("goghiam",),
        word="recordings_mine",
        open_to="role",
        resumable=False,
    ),
)
