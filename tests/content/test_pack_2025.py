"""The pack that ships: whole, sourced, balanced."""

import time
from collections import Counter
from pathlib import Path

import pytest

import content
from content.checks import check_pack, findings_report
from content.coverage import coverage, coverage_page
from content.loader import load_pack
from content.models import Pack

PACK_DIR = Path(content.__file__).parent / "packs" / "2025"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(PACK_DIR)


def test_there_is_nothing_to_find() -> None:
    findings = check_pack(PACK_DIR)
    assert findings == [], findings_report(findings)


def test_it_carries_the_whole_topic(pack: Pack) -> None:
    assert len(pack.themes) >= 10
    assert len(pack.cards) >= 70
    assert len(pack.questions) >= 200
    assert all(len(pack.questions_by_card[card.id]) >= 2 for card in pack.cards)
    assert all(any(card.theme == theme.id for card in pack.cards) for theme in pack.themes)


def test_a_round_can_go_from_easy_to_hard(pack: Pack) -> None:
    """A tenth or more of each difficulty; where all right options are to be chosen, none is easy."""
    levels = Counter(question.difficulty for question in pack.questions)
    assert all(levels[level] * 10 >= len(pack.questions) for level in (1, 2, 3))
    assert all(question.difficulty > 1 for question in pack.questions if question.is_several)


def test_every_kind_of_work_is_thought_of(pack: Pack) -> None:
    """Each card suggests something to everybody, and to each kind of work something of its own under one in seven."""
    assert all(card.do_this for card in pack.cards)
    own = Counter(work for card in pack.cards for work in card.do_this_for or {})
    assert {work for work in pack.works if own[work] * 7 >= len(pack.cards)} == set(pack.works)


def test_every_week_and_every_month_has_its_texts(pack: Pack) -> None:
    assert [week.week for week in pack.weeks] == list(range(1, 53))
    assert [meeting.month for meeting in pack.meetings] == list(range(1, 13))


def test_section_ii_of_the_plan_has_no_hole(pack: Pack) -> None:
    assert [row.paragraph.id for row in coverage(pack) if row.is_hole] == []
    assert len(pack.cards) >= 70
    assert len(pack.questions) >= 200
    assert len({card.theme for card in pack.cards}) >= 10


def test_the_page_of_the_map_is_of_this_pack(pack: Pack) -> None:
    page = (PACK_DIR.parents[2] / "docs" / "coverage-2025.md").read_text(encoding="utf-8")
    assert page == coverage_page(pack), "run: python -m bot check-content --coverage > docs/coverage-2025.md"


def test_the_whole_pack_is_checked_within_two_seconds() -> None:
    # The best of three, in time of this process: others may be busy.
    taken = []
    for _ in range(3):
        begun = time.process_time()
        check_pack(PACK_DIR)
        taken.append(time.process_time() - begun)
    assert min(taken) < 2


def test_the_folder_is_named_by_the_pack(pack: Pack) -> None:
    assert pack.id == PACK_DIR.name


def test_the_correct_letter_is_evenly_spread(pack: Pack) -> None:
    spread = Counter(letter for question in pack.questions for letter in question.correct_letters)
    assert all(count <= 0.4 * spread.total() for count in spread.values())


def test_exactly_four_days_are_counted_down(pack: Pack) -> None:
    pushed = {(day.day, day.month): day for day in pack.milestones if day.push}
    assert set(pushed) == {(3, 2), (19, 5), (28, 7), (2, 9)}
    assert {day: one.anniversary(2025) for day, one in pushed.items()} == {
        (3, 2): 95,
        (19, 5): 135,
        (28, 7): 96,
        (2, 9): 80,
    }
    assert pushed[19, 5].anniversary(2026) == 136
    assert pushed[19, 5].name == "Ngày sinh Chủ tịch Hồ Chí Minh"


def test_the_deadlines_of_the_plan_come_once(pack: Pack) -> None:
    assert pack.milestone_by_id["han-tong-ket-chi-thi-05"].year == 2025
    assert pack.milestone_by_id["han-ke-hoach-tap-the"].year == 2025


def test_the_two_documents_numbered_124_are_not_confused(pack: Pack) -> None:
    assert str(pack.document_by_id["qd124-2018"].date) == "2018-02-02"


def test_every_source_is_used(pack: Pack) -> None:
    cited = {source for part in pack.citable_by_id.values() for source in part.sources}
    assert {source.id for source in pack.sources} == cited


def test_the_president_is_named_in_full_first(pack: Pack) -> None:
    read = {card.id: card.body for card in pack.cards} | {question.id: question.text for question in pack.questions}
    for id, words in read.items():
        assert "Bác Hồ" not in words.split("Chủ tịch Hồ Chí Minh")[0], id
