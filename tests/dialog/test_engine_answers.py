"""How an answer is read: words, numbers, letters, files, several at once."""

from typing import Any

import pytest

from bot.dialog import Dialog
from bot.dialog.engine import Result
from bot.dialog.journal import Journal
from bot.domain.messages import InboundKind
from bot.domain.prompts import Option, text
from tests.support.flows import word
from tests.support.machine import Stage, sent, tapped


async def choosing(dialog: Dialog) -> None:
    chosen = await dialog.choose("kind", text("q"), [Option("a"), Option("b"), Option("c")])
    await dialog.say(text(chosen))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Bác", "b"),
        ("bac", "b"),
        ("BÁC ạ", "b"),
        ("2", "b"),
        ("câu 2", "b"),
        ("hai", "b"),
        ("3.", "c"),
        ("(1)", "a"),
        ("c", "c"),
    ],
)
def test_a_choice_by_word_or_number(given: str, expected: str) -> None:
    stage = Stage(choosing)
    assert stage.answer(given) is Result.DONE
    assert stage.says == [expected]


@pytest.mark.parametrize("given", ["", "4", "0", "hải", "xin chào", "x", "<bb>", "{{7*7}}", "đ" * 5000])
def test_what_is_no_choice_is_unclear(given: str) -> None:
    assert Stage(choosing).answer(given) is Result.UNCLEAR


def test_a_forged_option_is_unclear() -> None:
    assert Stage(choosing).answer(tapped("zz")) is Result.UNCLEAR


def test_a_word_of_two_options_is_asked_back() -> None:
    stage = Stage(choosing)
    assert stage.answer("cùng") is Result.WHICH
    assert stage.played.which == ["a", "b"]


async def naming(dialog: Dialog) -> None:
    name = await dialog.ask("name", text("q"), word, options=[Option("skip"), Option("c")])
    await dialog.say(text("got", name=name))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("bo qua", "skip"),
        ("1", "skip"),
        ("2", "c"),
        ("Hải Anh", "Hải Anh"),
        ("một", "một"),
        ("hai", "hai"),
        ("123", "123"),
    ],
)
def test_a_question_with_options_takes_both(given: str, expected: str) -> None:
    """Number words count only at a choice: «hai» may be a name."""
    stage = Stage(naming)
    assert stage.answer(given) is Result.DONE
    assert stage.played.says[0].params["name"] == expected


def test_a_file_answers_only_where_files_are_taken() -> None:
    async def flow(dialog: Dialog) -> None:
        await dialog.ask("photo", text("q"), lambda a: a.attachment.ref, accepts=frozenset({InboundKind.PHOTO}))  # type: ignore[union-attr]

    assert Stage(naming).answer(sent(InboundKind.PHOTO)) is Result.UNCLEAR
    stage = Stage(flow)
    assert stage.answer("chữ") is Result.UNCLEAR
    assert stage.answer(sent(InboundKind.PHOTO)) is Result.DONE
    assert Journal.load(stage.journal).entries[0].value == "ref"


async def quiz(dialog: Dialog) -> None:
    options = [Option("w", label="1945"), Option("x", label="1929"), Option("y", label="1976"), Option("skip")]
    chosen = await dialog.choose("q", text("q"), options, letters=True)
    await dialog.say(text(chosen))


@pytest.mark.parametrize(
    ("given", "expected"),
    [("A", "w"), ("b", "x"), ("đáp án c", "y"), ("2", "x"), ("1929", "x"), ("bỏ qua", "skip"), ("C ạ", "y")],
)
def test_letters(given: str, expected: str) -> None:
    stage = Stage(quiz)
    assert stage.answer(given) is Result.DONE
    assert stage.says == [expected]


@pytest.mark.parametrize("given", ["E", "z", "ab"])
def test_a_letter_out_of_range_is_unclear(given: str) -> None:
    assert Stage(quiz).answer(given) is Result.UNCLEAR


async def several(dialog: Dialog) -> None:
    name = await dialog.ask("name", text("q1"), word)
    options = [Option("w", label="1945"), Option("x", label="1929"), Option("y", label="1976")]
    chosen = await dialog.choose_several(
        "q", text("q"), options, done=Option("done"), others=[Option("skip")], how=text("how")
    )
    again = await dialog.ask("again", text("again"), word)
    if again == "sửa lại":
        await dialog.edit("name", wish="again")
    await dialog.say(text("+".join(chosen), name=name))


def at_several() -> Stage:
    stage = Stage(several)
    assert stage.answer("Lan") is Result.ASKING
    return stage


@pytest.mark.parametrize("given", ["1 3", "c, a", "A C xong", "a và c đủ rồi", tapped("skip")])
def test_several_at_once(given: Any) -> None:
    stage = at_several()
    assert stage.answer(given) is Result.ASKING
    assert stage.answer("được") is Result.DONE
    assert stage.says == ["w+y" if isinstance(given, str) else "s+k+i+p"]


def test_several_one_after_the_other() -> None:
    """Marks are kept between turns, each tap says which way it goes, and what is typed alone goes the other way."""
    stage = at_several()
    for given, marks in (
        (tapped("w"), ["w"]),
        (tapped("w"), ["w"]),
        ("1929", ["w", "x"]),
        ("3", ["w", "x", "y"]),
        (tapped("-w"), ["x", "y"]),
        (tapped("-w"), ["x", "y"]),
        ("b", ["y"]),
    ):
        assert stage.answer(given) is Result.MARKED
        assert Journal.load(stage.journal).marks == tuple(marks)
        assert stage.asked == "q"
    assert stage.answer("a xong") is Result.ASKING
    assert Journal.load(stage.journal).entries[-1].value == ["w", "y"]
    assert Journal.load(stage.journal).marks == ()


@pytest.mark.parametrize("given", ["D", "1 4", "hai lăm", tapped("-done"), tapped("z"), sent(InboundKind.VOICE)])
def test_what_chooses_none_of_several_leaves_the_marks(given: Any) -> None:
    stage = at_several()
    stage.answer("2")
    before = stage.journal
    assert stage.answer(given) is Result.UNCLEAR
    assert stage.journal == before


def test_nothing_chosen_of_several_is_told_how() -> None:
    stage = at_several()
    for given in ("xong", tapped("done")):
        assert stage.answer(given) is Result.INVALID
        assert stage.played.because == text("how")


def test_back_from_several_forgets_the_marks_and_an_edit_keeps_the_answer() -> None:
    stage = at_several()
    stage.answer("2")
    assert stage.back() is Result.ASKING
    assert stage.asked == "name"
    stage.answer("Mai")
    assert Journal.load(stage.journal).marks == ()
    stage.answer("2 3")
    assert stage.answer("sửa lại") is Result.ASKING
    assert stage.asked == "name"
    assert stage.answer("Hoa") is Result.ASKING
    assert stage.asked == "again"
    assert stage.answer("được") is Result.DONE
    assert stage.says == ["x+y"]
