"""Five questions: an answer is graded once, at once, and seen by nobody else."""

from bot.dialog import Dialog, Flow
from bot.domain.prompts import Option, text
from bot.services import listening, questions, solemn
from bot.services.questions import Asked
from content.models import OPTION_LETTERS


async def quiz(dialog: Dialog, card: str = "") -> None:
    """Ask what was drawn, on `card` first if they come from one; a question withdrawn or rewritten meanwhile does not
    count. Solemn days end the round.
    """
    drawn = await dialog.commit("draw", questions.draw, card)
    if not drawn:
        is_solemn = await dialog.load("solemn", solemn.covers_me)
        await dialog.say(text("solemn.no_quiz" if is_solemn else "learning.nothing_to_ask"))
        return
    total, answered, right, closed = len(drawn), 0, 0, False
    for id in drawn:
        asked = await dialog.load(f"question:{id}", questions.question, id)
        if asked is None:
            total -= 1
            continue
        answer = await _answer(dialog, asked, answered + 1, total)
        if answer == "stop_here":
            break
        graded = await dialog.commit(f"grade:{id}", questions.grade, asked, answer)
        if graded == "closed":
            closed = True
            await dialog.say(text("solemn.quiz_closed"))
            break
        if graded is None:
            total -= 1
            await dialog.say(text("learning.changed"))
            continue
        answered += 1
        right += graded["right"]
        await dialog.say(text("learning.graded", **graded))
    if answered:
        await dialog.say(text("learning.result", right=right, answered=answered))
    elif not closed:
        await dialog.say(text("learning.rested"))


async def _answer(dialog: Dialog, asked: Asked, number: int, total: int) -> str | list[str]:
    """The letter chosen, the letters where several are right, or stop_here; heard first by who wishes to."""
    told = listening.option(asked.get("told", ""))
    answer = await _choose(dialog, f"answer:{asked['id']}", asked, number, total, told)
    if answer == "listen":
        await dialog.commit(f"listen:{asked['id']}", listening.play, f"question-{asked['id']}")
        answer = await _choose(dialog, f"heard:{asked['id']}", asked, number, total, [])
    return answer


async def _choose(
    dialog: Dialog, key: str, asked: Asked, number: int, total: int, told: list[Option]
) -> str | list[str]:
    lettered = zip(OPTION_LETTERS, asked["options"], strict=True)
    options = [Option(letter, label=option) for letter, option in lettered]
    others = [*told, Option("stop_here")]
    if not asked.get("several", False):
        prompt = text("learning.question", number=number, total=total, **asked)
        return await dialog.choose(key, prompt, [*options, *others], letters=True)
    prompt = text("learning.question_several", number=number, total=total, **asked)
    how = text("learning.how_several")
    return await dialog.choose_several(key, prompt, options, done=Option("done"), others=others, how=how)


FLOWS = (Flow("quiz", quiz, commands=("cauhoi",), word="quiz", rests=solemn.quiz_rests),)
