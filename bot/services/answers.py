"""Answers to announcements: by button, by words, changed while there is time."""

from typing import Final, TypedDict

from bot.domain.announcements import QUESTIONS
from bot.domain.prompts import Option, Text, text
from bot.services import notices
from bot.services.notices import ORIGIN
from bot.services.standing import Reply, standing_button
from bot.services.turn import Turn
from bot.storage import announcements, recipients
from bot.storage.announcements import Announcement
from bot.vietnamese import quote

WORDS_LIMIT: Final = 300
TRIAL: Final = "0"
"""What the buttons of a trial carry for an announcement's id."""


class Given(TypedDict):
    """The name of the text that says what became of an answer, and the answer as the member reads it."""

    text: str
    label: str


def pressed(turn: Turn, id: str, choice: str) -> Reply:
    """The standing service behind *Đã nhận*, *Sẽ dự* and the others."""
    if id == TRIAL:
        return Reply((text("notices.trial"),))
    asked = _asked(turn, int(id)) if notices.is_id(id) else None
    if asked is None or choice not in notices.choices(asked):
        return Reply((text("errors.not_yours"),))
    if asked.question == "words":
        late = _too_late(turn, asked)
        return Reply((late,)) if late is not None else Reply(flow="answer_notice", args={"id": asked.id})
    given = give(turn, asked.id, choice)
    return Reply((text(given["text"], label=given["label"]),))


def give(turn: Turn, id: int, choice: str, words: str = "") -> Given:
    """Keep a member's answer, as long as its question is open; until then it may be changed."""
    asked = _asked(turn, id)
    if asked is None or choice not in (QUESTIONS[asked.question] or ("words",)):
        return Given(text="errors.not_yours", label="")
    label = quote(words) if choice == "words" else turn.at.texts.words[choice].show
    found = recipients.answer_of(turn.tx, asked.id, turn.me.id)
    assert found is not None
    before, said, when = found
    acknowledging = choice == "received"
    if when is not None and (before, said) == (choice, words):
        return Given(text="notices.acknowledged_before" if acknowledging else "notices.answered_before", label=label)
    late = _too_late(turn, asked)
    if late is not None:
        return Given(text=late.name, label=label)
    recipients.set_answer(turn.tx, asked.id, turn.me.id, choice, words, turn.now)
    return Given(text="notices.acknowledged" if acknowledging else "notices.answered", label=label)


def _asked(turn: Turn, id: int) -> Announcement | None:
    """The announcement whose question this one asks; None when the member is no recipient of both."""
    announced = announcements.by_id(turn.tx, id)
    if announced is None or recipients.answer_of(turn.tx, id, turn.me.id) is None:
        return None
    if announced.of_id is None or announced.purpose not in notices.ASK_AGAIN:
        return announced
    return _asked(turn, announced.of_id)


def _too_late(turn: Turn, asked: Announcement) -> Text | None:
    """The sentence for an answer that comes when the question is closed; None as long as it is open."""
    if not notices.is_closed(turn, asked):
        return None
    found = recipients.answer_of(turn.tx, asked.id, turn.me.id)
    answered = found is not None and found[2] is not None
    return text("notices.too_late_to_change" if answered else "notices.closed")


def received_last(turn: Turn) -> Reply | None:
    """The member got the last announcement that reached them, by words; None when there is none or it asks nothing.

    One that asks something else is answered by its own choices, which are shown.
    """
    last = recipients.last_got(turn.tx, turn.me.id, f"{ORIGIN}:")
    asked = _asked(turn, int(last.removeprefix(f"{ORIGIN}:"))) if last is not None else None
    if asked is None or asked.question == "none":
        return None
    if asked.question == "received":
        return pressed(turn, str(asked.id), "received")
    late = _too_late(turn, asked)
    if late is not None:
        return Reply((late,))
    buttons = tuple(standing_button(turn, "ack", asked.id, Option(choice)) for choice in notices.choices(asked))
    return Reply((text("notices.answer_please"),), buttons)
