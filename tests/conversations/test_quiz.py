"""Trả lời câu hỏi: five drawn questions, graded once each, a result only the member sees, missed ones that return."""

from collections.abc import Awaitable, Callable

import pytest

from bot.domain.messages import InboundKind
from bot.services import questions
from bot.services.turn import Turn
from bot.storage import members
from bot.storage.database import Transaction
from content.models import OPTION_LETTERS, Pack, Question
from tests.support import house as support
from tests.support.house import House, Phone

Answering = Callable[[House, Phone], Awaitable[str]]
LABELS = ["A", "B", "C", "D", "Nghỉ ở đây"]
WHOLE = support.PACK


def pack_with(questions: tuple[Question, ...]) -> Pack:
    """The pack with other questions."""
    return Pack(**{name: getattr(WHOLE, name) for name in Pack.model_fields} | {"questions": questions})


SINGLE = [question for question in WHOLE.questions if not question.is_several]
PACK = pack_with(tuple(Question(**question.model_dump() | {"difficulty": 1}) for question in SINGLE[:40]))
"""Forty questions with one right answer, none harder than another (test_quiz_several.py has the others)."""


@pytest.fixture(autouse=True)
def _forty(monkeypatch: pytest.MonkeyPatch) -> None:
    """In every house that opens."""
    monkeypatch.setattr(support, "PACK", PACK)


async def pupil(house: House, chat: str = "701") -> Phone:
    """Somebody who has joined and had the first card."""
    phone = house.phone(chat)
    await phone.joins(form="Chị")
    return phone


def pending(phone: Phone) -> Question:
    """The question the newest message asks."""
    return next(question for question in PACK.questions if question.text in phone.last.text)


def wrong_letter(question: Question) -> str:
    return OPTION_LETTERS[(question.correct[0] + 1) % 4]


async def next_round(house: House, phone: Phone) -> str:
    """Another round, after a restart: who sends over twenty messages a minute is not heard."""
    await house.restart()
    return await phone.says("/cauhoi")


async def right(house: House, phone: Phone) -> str:
    house.clock.forward(seconds=10)
    return await phone.says(pending(phone).correct_letters)


async def wrong(house: House, phone: Phone) -> str:
    house.clock.forward(seconds=10)
    return await phone.says(wrong_letter(pending(phone)))


async def due(house: House) -> int:
    """How many questions return today to the only member there is."""

    def count(tx: Transaction) -> int:
        member = members.by_id(tx, tx.scalar("SELECT MIN(id) FROM member"))
        return questions.due(Turn(tx, house.running.installation, house.clock.now(), "test", member=member))

    return await house.running.db.read(count)


async def test_a_round(house: House) -> None:
    """Five questions by letter, by button, in lower case and with words around; each answered in the same turn."""
    phone = await pupil(house)
    first = await phone.says("câu hỏi")
    assert first.startswith("Câu 1/5. ")
    question = pending(phone)
    assert f"A. {question.options[0]}\nB. {question.options[1]}\nC. " in first
    assert phone.last.labels == LABELS
    answer = await right(house, phone)
    assert answer.startswith("Đúng rồi.\n")
    assert question.explanation in answer
    assert "Nguồn: " in answer
    assert "\n\nCâu 2/5. " in answer
    question = pending(phone)
    answer = await phone.taps(wrong_letter(question))
    assert answer.startswith(f"Chưa đúng. Đáp án là {question.correct_letters}: {question.correct_options[0]}.\n")
    assert "Từ ngày mai tôi hỏi lại câu này." in answer
    assert "Sai" not in answer
    assert "Câu 3/5" in answer
    assert "Đúng rồi." in await phone.says(f"đáp án {pending(phone).correct_letters.lower()}")
    assert "Đúng rồi." in await phone.says(f"{pending(phone).correct_letters}.")
    end = await phone.says(pending(phone).correct_options[0])
    assert "Đúng rồi." in end
    assert "Chị trả lời đúng 4/5 câu. Kết quả này chỉ chị thấy." in end
    assert phone.last.labels == ["Menu"]


async def test_a_card_leads_to_its_own_questions(house: House) -> None:
    """Opened by choice, among others already read: what is asked first is what that card teaches."""
    phone = await pupil(house)
    taught = [card.id for card in PACK.cards if len(PACK.questions_by_card.get(card.id, ())) > 1]
    for card in taught[1:4]:
        await phone.says(f"bài {card}")
    await phone.says(f"bài {taught[2]}")
    await phone.taps("Trả lời câu hỏi")
    for _ in PACK.questions_by_card[taught[2]]:
        assert pending(phone).card == taught[2]
        await right(house, phone)


async def test_the_card_read_last_is_asked_about(plain_house: House) -> None:
    """Where nobody says which card: the button under the message of the day, or a word typed."""
    phone = await pupil(plain_house)
    taught = [card.id for card in PACK.cards if len(PACK.questions_by_card.get(card.id, ())) > 1]
    await phone.says(f"bài {taught[3]}")
    plain_house.clock.forward(seconds=10)
    await phone.says(f"bài {taught[1]}")
    await phone.says("/cauhoi")
    for _ in PACK.questions_by_card[taught[1]]:
        assert pending(phone).card == taught[1]
        await right(plain_house, phone)


async def test_cards_read_are_asked_first(house: House) -> None:
    """Who has had one card is asked about it before anything else."""
    phone = await pupil(house)
    await phone.says("/cauhoi")
    about = PACK.questions_by_card[PACK.cards[0].id]
    for _ in about:
        assert pending(phone) in about
        await right(house, phone)


@pytest.mark.parametrize(
    "typed", ["Z", "E", "5", "0", "a b", "đ", "<b>{{7*7}}</b>", "'; DROP TABLE member", "B" * 5000]
)
async def test_what_is_no_answer(plain_house: House, typed: str) -> None:
    """It is quoted back in short with the same question, and nothing is graded."""
    phone = await pupil(plain_house)
    await phone.says("/cauhoi")
    question = pending(phone)
    answer = await phone.says(typed)
    assert answer.startswith("Xin lỗi, tôi chưa hiểu “")
    assert "Câu 1/5" in answer
    assert len(answer) < 800
    assert pending(phone) == question
    assert "49" not in answer
    assert phone.last.labels == LABELS
    assert "Đúng rồi." in await right(plain_house, phone)


async def test_stickers_and_voices_are_no_answers(house: House) -> None:
    """Each gets a sentence of its own and the question again."""
    phone = await pupil(house)
    await phone.says("/cauhoi")
    assert "Câu 1/5" in await phone.sends(InboundKind.STICKER)
    assert "chữ hoặc số" in await phone.sends(InboundKind.LOCATION)
    assert "chưa nghe được tin thoại" in await phone.sends(InboundKind.VOICE)
    assert "Câu 1/5" in phone.last.text
    assert "Câu 2/5" in await right(house, phone)


@pytest.mark.parametrize("typed", ["đáp án {}", "chọn {}", "{}", "{}.", "({})", "{} ạ", "Câu {}"])
async def test_ways_to_type_a_letter(plain_house: House, typed: str) -> None:
    """Letters as people type them; digits count like letters."""
    phone = await pupil(plain_house)
    await phone.says("/cauhoi")
    assert "Đúng rồi." in await phone.says(typed.format(pending(phone).correct_letters))
    assert "Đúng rồi." in await phone.says(typed.format(pending(phone).correct_letters.lower()))
    assert "Đúng rồi." in await phone.says(typed.format(pending(phone).correct[0] + 1))


async def test_an_answer_counts_once(house: House) -> None:
    """A double tap is one answer; an old button later shows the pending question and grades nothing."""
    phone = await pupil(house)
    await phone.says("/cauhoi")
    old = [button.data for button in phone.last.buttons]
    correct = pending(phone).correct[0]
    assert "Câu 2/5" in await phone.taps_data(old[correct])
    assert await phone.taps_data(old[correct]) == ""
    house.clock.forward(minutes=1)
    answer = await phone.taps_data(old[(correct + 1) % 4])
    assert "Câu này đã xong từ trước" in answer
    assert "Câu 2/5" in answer
    await phone.says("nghỉ")
    assert "đúng 1/1 câu" in phone.last.text
    assert await due(house) == 0


async def test_forged_buttons_grade_nothing(plain_house: House) -> None:
    """Data nobody was shown is no answer."""
    phone = await pupil(plain_house)
    await phone.says("/cauhoi")
    stem = phone.last.buttons[0].data.rpartition(":")[0]
    for forged in (f"{stem}:E", f"{stem}:", f"{stem}:<b>", "d:999:0:A", "d:x:y:A"):
        assert "Câu 1/5" in await phone.taps_data(forged)


async def test_no_way_back_over_an_answer(house: House) -> None:
    """«quay lại» after an answer gets one sentence and the pending question."""
    phone = await pupil(house)
    await phone.says("/cauhoi")
    await right(house, phone)
    answer = await phone.says("quay lại")
    assert answer.startswith("Câu đã trả lời không sửa được.")
    assert "Câu 2/5" in answer


async def test_resting(house: House) -> None:
    """At any question; the result is of what was answered."""
    phone = await pupil(house)
    await phone.says("/cauhoi")
    assert await phone.taps("Nghỉ ở đây") == "Vâng, chị nghỉ. Lúc nào muốn trả lời, chị nhắn “câu hỏi”."
    await phone.says("/cauhoi")
    await right(house, phone)
    await wrong(house, phone)
    assert (await phone.says("nghi o day")).startswith("Chị trả lời đúng 1/2 câu. Kết quả này chỉ chị thấy.")


async def test_resuming_after_a_day(house: House) -> None:
    """Left in the middle, the next message a day later brings a recap and the same question."""
    phone = await pupil(house)
    await phone.says("/cauhoi")
    await right(house, phone)
    question = pending(phone)
    house.clock.forward(days=1, hours=2)
    recap = await phone.says("chào")
    assert "đang làm dở: Trả lời câu hỏi" in recap
    assert "Câu 2/5" in recap
    assert pending(phone) == question
    for _ in range(3):
        await right(house, phone)
    assert "đúng 5/5 câu" in await right(house, phone)


async def test_put_aside_and_taken_up(house: House) -> None:
    """Another errand parks the round; «tiếp tục» takes it up with the same questions."""
    phone = await pupil(house)
    await phone.says("/cauhoi")
    await right(house, phone)
    question = pending(phone)
    assert "Sắp tới" in await phone.says("sap toi")
    assert "Câu 2/5" in await phone.says("tiep tuc")
    assert pending(phone) == question
    assert "được giữ lại" in await phone.says("menu")
    assert "Câu 2/5" in await phone.says("tiếp tục")
    assert "Câu 3/5" in await right(house, phone)


async def answer_again(house: House, phone: Phone, days: int, missed: Question, answer: Answering) -> str:
    """Days later, and not a day before, the missed question is the first one asked; what the bot says to the answer."""
    await phone.says("nghỉ")
    house.clock.forward(days=days - 1)
    assert await due(house) == 0
    house.clock.forward(days=1)
    assert await due(house) == 1
    await next_round(house, phone)
    assert pending(phone) == missed
    return await answer(house, phone)


async def test_a_missed_question_returns_until_it_is_known(house: House) -> None:
    """By FSRS: the next day, two days later, six days later; the fourth interval is over two weeks, so it stops."""
    phone = await pupil(house)
    await phone.says("/cauhoi")
    missed = pending(phone)
    assert "\nTừ ngày mai tôi hỏi lại câu này.\n" in await wrong(house, phone)
    assert "\nSau 2 ngày tôi hỏi lại câu này.\n" in await answer_again(house, phone, 1, missed, right)
    assert "\nSau 6 ngày tôi hỏi lại câu này.\n" in await answer_again(house, phone, 2, missed, right)
    over = await answer_again(house, phone, 6, missed, right)
    assert "\nChị đã nhớ câu này, tôi thôi hỏi lại.\nNguồn: " in over
    await phone.says("nghỉ")
    house.clock.forward(days=60)
    assert await due(house) == 0


async def test_missed_again_and_again(plain_house: House) -> None:
    """A lapse brings it back sooner; after eight returns it stops whatever was answered, and is asked like any other."""
    phone = await pupil(plain_house)
    await phone.says("/cauhoi")
    missed = pending(phone)
    await wrong(plain_house, phone)
    for days, answer, said in (
        (1, right, "Sau 2 ngày"),
        (2, wrong, "Từ ngày mai"),
        (1, right, "Sau 2 ngày"),
        (2, right, "Sau 4 ngày"),
        (4, wrong, "Từ ngày mai"),
        (1, wrong, "Từ ngày mai"),
        (1, right, "Từ ngày mai"),
    ):
        assert f"\n{said} tôi hỏi lại câu này.\n" in await answer_again(plain_house, phone, days, missed, answer)
    stopped = await answer_again(plain_house, phone, 1, missed, wrong)
    assert stopped.startswith("Chưa đúng.")
    assert "\nTôi tạm thôi hỏi lại câu này.\nNguồn: " in stopped
    await phone.says("nghỉ")
    plain_house.clock.forward(days=60)
    assert await due(plain_house) == 0


async def test_a_missed_question_nobody_takes_up(plain_house: House) -> None:
    """Two weeks after its day it returns no more, and no daily message speaks of it."""
    phone = await pupil(plain_house)
    await phone.says("/cauhoi")
    await wrong(plain_house, phone)
    await phone.says("nghỉ")
    await plain_house.passes("2025-05-16T03:00")
    assert await due(plain_house) == 1
    await plain_house.passes("2025-05-17T03:00")
    assert await due(plain_house) == 0


async def test_an_answer_on_another_phone(plain_house: House) -> None:
    """The same question in two rounds: answered right after it was missed, it still waits for its day."""
    phone = await pupil(plain_house)
    other = plain_house.phone("709")
    await other.joins()
    ours = "UPDATE address SET member_id = (SELECT MIN(id) FROM member) WHERE external_id = '709'"
    await plain_house.running.db.write(lambda tx: tx.run(ours))
    everything = PACK.questions
    plain_house.running.installation.pack = pack_with(everything[:1])
    await phone.says("/cauhoi")
    await other.says("/cauhoi")
    await wrong(plain_house, phone)
    assert "Từ ngày mai tôi hỏi lại câu này." in await right(plain_house, other)
    plain_house.clock.forward(days=1)
    assert await due(plain_house) == 1


async def test_missed_while_the_clock_was_a_year_ahead(plain_house: House) -> None:
    """Once it is right again the question returns, and is not put off for a year."""
    phone = await pupil(plain_house)
    today = plain_house.clock.now()
    plain_house.clock.at("2026-05-01T09:00")
    await next_round(plain_house, phone)
    missed = pending(phone)
    await wrong(plain_house, phone)
    plain_house.clock.forward(minutes=(today - plain_house.clock.now()) // 60_000)
    assert await due(plain_house) == 1
    await next_round(plain_house, phone)
    assert pending(phone) == missed
    await wrong(plain_house, phone)
    assert await due(plain_house) == 0


async def test_a_missed_question_waits_for_its_day(plain_house: House) -> None:
    """However many rounds follow on the same day, it is not among them."""
    phone = await pupil(plain_house)
    await phone.says("/cauhoi")
    missed = pending(phone)
    await wrong(plain_house, phone)
    await phone.says("nghỉ")
    for _ in range(9):
        await next_round(plain_house, phone)
        for _ in range(5):
            assert pending(phone) != missed
            await right(plain_house, phone)


async def test_no_question_twice_until_all_were_answered(plain_house: House) -> None:
    """Forty questions answered right are forty different ones; then they begin again."""
    phone = await pupil(plain_house)
    seen = []
    for _ in range(len(PACK.questions) // 5):
        await next_round(plain_house, phone)
        for _ in range(5):
            seen.append(pending(phone).id)
            await right(plain_house, phone)
    assert sorted(seen) == sorted(PACK.question_by_id)
    assert "Câu 1/5" in await next_round(plain_house, phone)


async def test_at_most_five_a_day(plain_house: House) -> None:
    """Of forty missed at once five return each day; when every question waits there is a sentence, no empty round."""
    phone = await pupil(plain_house)
    said = []
    for _ in range(len(PACK.questions) // 5):
        await next_round(plain_house, phone)
        said += [await wrong(plain_house, phone) for _ in range(5)]
    assert "\nTừ ngày mai tôi hỏi lại" in said[4]
    assert "\nSau 2 ngày tôi hỏi lại" in said[5]
    assert "Câu chưa đúng, đến ngày tôi hỏi lại." in await next_round(plain_house, phone)
    assert phone.last.labels == ["Menu"]
    plain_house.clock.forward(days=3)
    assert await due(plain_house) == 5
    await phone.says("/cauhoi")
    assert "\nSau " in await wrong(plain_house, phone)
    await phone.says("nghỉ")
    assert await due(plain_house) == 4
    await phone.says("/cauhoi")
    for _ in range(4):
        await right(plain_house, phone)
    assert await due(plain_house) == 0
    assert "Câu chưa đúng, đến ngày tôi hỏi lại." in await phone.says("/cauhoi")
    plain_house.clock.forward(days=1)
    assert await due(plain_house) == 5


async def test_a_question_withdrawn_while_asked(plain_house: House) -> None:
    """Its answer counts for nothing and the round goes on; one not asked yet is skipped."""
    phone = await pupil(plain_house)
    await phone.says("/cauhoi")
    gone = pending(phone)
    plain_house.running.installation.pack = pack_with(tuple(q for q in PACK.questions if q != gone))
    answer = await right(plain_house, phone)
    assert answer.startswith("Câu vừa rồi mới được sửa lại nên tôi không tính.")
    assert "Câu 1/4" in answer
    asked = pending(phone)
    plain_house.running.installation.pack = pack_with((asked,))
    end = await right(plain_house, phone)
    assert "Đúng rồi." in end
    assert "đúng 1/1 câu" in end


async def test_a_missed_question_withdrawn(plain_house: House) -> None:
    """What no longer exists does not return."""
    phone = await pupil(plain_house)
    await phone.says("/cauhoi")
    gone = pending(phone)
    await wrong(plain_house, phone)
    await phone.says("nghỉ")
    plain_house.running.installation.pack = pack_with(tuple(q for q in PACK.questions if q != gone))
    plain_house.clock.forward(days=1)
    assert await due(plain_house) == 0
    assert "Câu 1/5" in await phone.says("/cauhoi")


async def test_options_in_another_order(plain_house: House) -> None:
    """Graded by what the member was shown, not by where the answer stands in the pack now."""
    phone = await pupil(plain_house)
    await phone.says("/cauhoi")
    shown = pending(phone)
    turned = Question(**shown.model_dump() | {"options": shown.options[::-1], "correct": (3 - shown.correct[0],)})
    plain_house.running.installation.pack = pack_with(tuple(turned if q == shown else q for q in PACK.questions))
    assert "Đúng rồi." in await phone.says(shown.correct_letters)


async def test_two_members_do_not_meet(house: House) -> None:
    """What one missed never returns to another."""
    first, second = await pupil(house), await pupil(house, "702")
    await first.says("/cauhoi")
    await wrong(house, first)
    await first.says("nghỉ")
    house.clock.forward(days=1)
    await second.says("/cauhoi")
    for _ in range(4):
        await right(house, second)
    assert "đúng 5/5" in await right(house, second)
    assert await due(house) == 1
