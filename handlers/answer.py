"""A member answers an announcement in their own words."""

from bot.dialog import Answer, Dialog, Flow, Invalid
from bot.domain.prompts import Option, text
from bot.services import answers
from bot.services.answers import WORDS_LIMIT


async def answer_notice(dialog: Dialog, id: int) -> None:
    """Ask for the words and keep them."""
    words = await dialog.ask("words", text("notices.ask_words"), _words, options=[Option("answer_later")])
    if words == "answer_later":
        await dialog.say(text("notices.not_answered"))
        return
    given = await dialog.commit("answer", answers.give, id, "words", words)
    await dialog.say(text(given["text"], label=given["label"]))


def _words(answer: Answer) -> str | Invalid:
    if not answer.text:
        return Invalid(text("errors.other_kind_here"))
    if len(answer.text) > WORDS_LIMIT:
        return Invalid(text("errors.too_long", limit=WORDS_LIMIT))
    return answer.text


FLOWS = (Flow("answer_notice", answer_notice, resumable=False),)
