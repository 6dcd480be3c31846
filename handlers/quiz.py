"""Five questions: an answer is graded once, at once, and seen by nobody else."""

from bot.dialog import Dialog, Flow
from bot.domain.prompts import Option, text
from bot.services import questions, solemn
from content.models import OPTION_LETTERS


async def quiz(dialog: Dialog) -> None:
    """Ask what was drawn; a question withdrawn or rewritten meanwhile does not count. Solemn days end the round."""
    drawn = await dialog.commit("draw", questions.draw)
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
        prompt = text("learning.question", number=answered + 1, total=total, **asked)
        lettered = zip(OPTION_LETTERS, asked["options"], strict=True)
        options = [*(Option(letter, label=option) for letter, option in lettered), Option("stop_here")]
        answer = await dialog.choose(f"answer:{id}", prompt, options, letters=True)
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


FLOWS = (Flow("quiz", quiz, commands=("cauhoi",), word="quiz"),)
