"""Questions with several right options: chosen one by one on the buttons, or typed at once; graded as a whole."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.time import DAY
from bot.storage import typed as codes
from bot.storage.database import Transaction
from content.models import Pack, Question
from tests.support import house as support
from tests.support.house import PACK, House, Phone

LABELS = ["A", "B", "C", "D", "Xong", "Nghỉ ở đây"]
FIRST, SECOND = PACK.questions[0], PACK.questions[1]
SEVERAL = Question(**FIRST.model_dump() | {"text": f"{FIRST.text} (chọn mọi ý đúng)", "correct": (0, 2)})


@pytest.fixture(autouse=True)
def _short_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    """One question with several right options and one with a single one, in every house that opens."""
    parts = {name: getattr(PACK, name) for name in Pack.model_fields}
    questions = (SEVERAL, Question(**SECOND.model_dump() | {"difficulty": 3}))
    monkeypatch.setattr(support, "PACK", Pack(**parts | {"questions": questions}))


async def asked(house: House, chat: str = "711") -> Phone:
    """Somebody who is asked the question."""
    phone = house.phone(chat)
    await phone.joins(form="Chị")
    first = await phone.says("/cauhoi")
    assert first.startswith("Câu 1/2. ")
    assert "(chọn mọi ý đúng)\nChị gõ một lượt như “A C”, hoặc chọn từng ý rồi chọn Xong.\n\nA. " in first
    assert phone.last.labels == LABELS
    return phone


def chosen(phone: Phone, letters: str) -> bool:
    """Whether the phone shows just these letters as chosen: on the buttons, or in the last line where there are none."""
    if phone.channel.capabilities.buttons:
        return phone.last.labels[:4] == [f"✓ {letter}" if letter in letters else letter for letter in "ABCD"]
    shown = f"Đang chọn: {', '.join(letters)}. " if letters else "Chị chưa chọn ý nào. "
    return shown in phone.last.text


async def test_one_by_one(house: House) -> None:
    """Each tap puts a mark or takes it away; the message itself stays, and is graded when one says so."""
    phone = await asked(house)
    messages = len(phone.shown)
    for letter, marks in (("A", "A"), ("B", "AB"), ("C", "ABC")):
        await phone.taps(letter)
        assert chosen(phone, marks)
    await phone.taps("✓ B" if phone.channel.capabilities.buttons else "B")
    assert chosen(phone, "AC")
    if phone.channel.capabilities.edits:
        assert len(phone.shown) == messages
    answer = await phone.taps("Xong")
    assert answer.startswith(f"Đúng rồi.\n{SEVERAL.explanation}\n")
    assert "Câu 2/2. " in answer
    assert phone.last.labels == ["A", "B", "C", "D", "Nghỉ ở đây"]


async def test_the_same_tap_twice_is_one_tap(plain_house: House) -> None:
    """A button says whether it marks: tapped again before its change has come it does no more."""
    phone = await asked(plain_house)
    mark = phone.last.buttons[0].data
    assert await phone.taps_data(mark) == ""
    assert await phone.taps_data(mark) == ""
    assert chosen(phone, "A")
    unmark = phone.last.buttons[0].data
    await phone.taps_data(unmark)
    await phone.taps_data(unmark)
    assert chosen(phone, "")


TYPED = (
    "1 3", "a,c", "A C", "1,3 xong", "13", "AC", "ac", "A và C", "a va c", "câu 1 và câu 3", "cau 1, cau 3",
    "một, ba", "mot ba", "đáp án a, c ạ", "dap an a c", "A+C.", "chỉ 1 với 3 thôi", "a c het", "C A", "①③",
)  # fmt: skip


async def test_ways_to_type_several(plain_house: House) -> None:
    """Numbers, letters and words, with and without accents, are the whole answer at once."""
    phone = await asked(plain_house)
    for typed in TYPED:
        assert (await phone.says(typed)).startswith("Đúng rồi."), typed
        await phone.says("nghỉ")
        await plain_house.restart()
        await phone.says("/cauhoi")
        if SEVERAL.text not in phone.last.text:  # the one answered right waits until the other was asked too
            await phone.says(SECOND.correct_letters)
            await phone.says("/cauhoi")
        assert SEVERAL.text in phone.last.text


async def test_one_letter_alone_is_a_beginning(house: House) -> None:
    """It is noted and asked on about; what follows with «xong» is added, and «xong» alone takes what is noted."""
    phone = await asked(house)
    answer = await phone.says("a")
    assert answer.startswith("Các ý đã chọn có dấu ✓" if phone.channel.capabilities.buttons else "Đang chọn: A.")
    assert chosen(phone, "A")
    assert (await phone.says("c xong")).startswith("Đúng rồi.")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("A xong", f"Gần đúng. Chị chọn đúng A; còn thiếu C: {SEVERAL.options[2]}.\n"),
        ("A B C", "Gần đúng. Chị chọn đúng A, C; B thì chưa phải.\n"),
        ("3 4", f"Gần đúng. Chị chọn đúng C; còn thiếu A: {SEVERAL.options[0]}; D thì chưa phải.\n"),
        ("b d", f"Chưa đúng. Các ý đúng là A: {SEVERAL.options[0]}; C: {SEVERAL.options[2]}.\n"),
        ("tat ca", "Gần đúng. Chị chọn đúng A, C; B, D thì chưa phải.\n"),
    ],
)
async def test_a_part_is_not_the_whole(plain_house: House, typed: str, said: str) -> None:
    """Kindly: what was right, what is missing, what was not; the question returns like any missed one."""
    phone = await asked(plain_house)
    answer = await phone.says(typed)
    assert answer.startswith(said)
    assert f"\n{SEVERAL.explanation}\nTừ ngày mai tôi hỏi lại câu này.\n" in answer
    assert "đúng 0/1 câu" in await phone.says("nghỉ")


async def test_what_is_no_answer(plain_house: House) -> None:
    """It is asked again with how to answer, and what is chosen stays chosen."""
    phone = await asked(plain_house)
    assert (await phone.says("xong")).startswith("Câu này có hơn một ý đúng. Chị gõ một lượt như “A C” hoặc “1 3”;")
    await phone.says("c")
    for typed in ("E", "1 5", "9", "a hoặc c", "á c", "không biết", "da", "<b>{{7*7}}</b>", "A" * 3000):
        answer = await phone.says(typed)
        assert answer.startswith("Câu này có hơn một ý đúng."), typed
        assert SEVERAL.text in answer
        assert "49" not in answer
        assert chosen(phone, "C"), typed
        plain_house.clock.forward(minutes=1)
        await plain_house.restart()
    assert (await phone.says("a xong")).startswith("Đúng rồi.")


async def test_forged_buttons_choose_nothing(plain_house: House) -> None:
    """Data nobody was shown is no choice, a button of an answered question is an old one."""
    phone = await asked(plain_house)
    stem, old = phone.last.buttons[0].data.rpartition(":")[0], phone.last.buttons[2].data
    for forged in (f"{stem}:E", f"{stem}:-E", f"{stem}:-done", f"{stem}:", f"{stem}:--A", "d:999:0:-A"):
        assert SEVERAL.text in await phone.taps_data(forged)
    assert chosen(phone, "")
    await phone.says("a c")
    assert await phone.taps_data(old) == ""
    plain_house.clock.forward(minutes=1)
    answer = await phone.taps_data(old)
    assert answer.startswith("Câu này đã xong từ trước.")
    assert "Câu 2/2. " in answer


async def test_chosen_and_left(house: House) -> None:
    """What was chosen is still there after a day, after another errand, and after a restart."""
    phone = await asked(house)
    await phone.taps("C")
    house.clock.forward(days=1, hours=2)
    assert "đang làm dở: Trả lời câu hỏi" in await phone.says("chào")
    assert chosen(phone, "C")
    await phone.says("sap toi")
    await phone.says("tiep tuc")
    assert chosen(phone, "C")
    await phone.taps("A")
    assert (await phone.taps("Xong")).startswith("Đúng rồi.")


async def test_another_word_ends_it(plain_house: House) -> None:
    """Resting and the global words mean what they mean everywhere."""
    phone = await asked(plain_house)
    await phone.taps("A")
    assert (await phone.says("nghi o day")).startswith("Vâng, chị nghỉ.")
    await phone.says("/cauhoi")
    assert phone.last.labels == LABELS
    assert "muốn làm gì" in await phone.says("menu")


async def test_from_easy_to_hard(plain_house: House) -> None:
    """Whatever was drawn first."""
    parts = {name: getattr(PACK, name) for name in Pack.model_fields}
    levels = [3, 1, 2, 1, 3]
    questions = [
        Question(**q.model_dump() | {"difficulty": d}) for q, d in zip(PACK.questions[:5], levels, strict=True)
    ]
    plain_house.running.installation.pack = Pack(**parts | {"questions": tuple(questions)})
    phone = plain_house.phone("712")
    await phone.joins()
    await phone.says("/cauhoi")
    seen = []
    for _ in range(5):
        question = next(question for question in questions if question.text in phone.last.text)
        seen.append(question.difficulty)
        await phone.says(question.correct_letters)
    assert seen == sorted(levels)


@pytest.fixture
async def typing_house(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose phones have nothing to tap."""
    house = await House(tmp_path, channel="zalo_bot").open()
    await house.plant_units()
    yield house
    await house.close()


async def test_a_code_that_reads_like_an_answer(typing_house: House) -> None:
    """«13 xong» at such a question is its first and third option; elsewhere it is the code of what stands outside."""
    phone = await asked(typing_house)
    now = typing_house.clock.now()

    def give(tx: Transaction) -> list[int]:
        address = tx.scalar("SELECT id FROM address")
        return [codes.give(tx, address, f"why:{n}:", "Đã làm xong", now, now + DAY) for n in range(9)]

    assert 13 in await typing_house.running.db.write(give)
    assert (await phone.says("13 xong")).startswith("Đúng rồi.")
    assert (await phone.says("13 xong")).startswith("Tin này")
