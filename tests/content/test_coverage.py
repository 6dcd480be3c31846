"""The map of the plan: every paragraph, what teaches it, and where there is a hole."""

from pathlib import Path

from content.coverage import coverage, coverage_page
from content.loader import load_pack
from content.models import Pack


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def heard_in(pack: Pack, weeks: dict[int, tuple[str, ...]]) -> Pack:
    """The pack with other cards in these weeks."""
    changed = [week.model_copy(update={"cards": weeks.get(week.week, week.cards)}) for week in pack.weeks]
    return pack.model_copy(update={"weeks": tuple(changed)})


def add_paragraphs(pack_dir: Path) -> None:
    with (pack_dir / "plan.yaml").open("a", encoding="utf-8") as plan:
        plan.write(
            "- id: ii-2\n  heading: II. NỘI DUNG; 2. Kế hoạch\n  text: A\n- id: iv-1\n  heading: IV. A\n  text: B\n"
        )


def test_a_paragraph_knows_its_themes_cards_questions_and_weeks(pack_dir: Path) -> None:
    change(pack_dir / "themes/chuyen-ke/cards/chiec-ao.md", "facts: [f3]", "facts: [f3]\nplan: [ii-1-1]")
    [row] = coverage(heard_in(load_pack(pack_dir), {7: ("hon-da",)}))
    unity, stories = row.shares
    assert (unity.theme.id, unity.cards, unity.questions) == ("doan-ket", ("hon-da",), 2)
    assert (stories.theme.id, stories.cards, stories.questions) == ("chuyen-ke", ("chiec-ao",), 1)
    assert unity.weeks == tuple(range(1, 53))
    assert stories.weeks == (*range(1, 7), *range(8, 53))
    assert not row.is_hole


def test_a_hole_is_a_paragraph_of_section_ii_that_nothing_teaches(pack_dir: Path) -> None:
    add_paragraphs(pack_dir)
    pack = load_pack(pack_dir)
    assert [row.paragraph.id for row in coverage(pack) if row.is_hole] == ["ii-2"]
    page = coverage_page(pack)
    assert "| **ii-2** | 2. Kế hoạch **CHƯA CÓ BÀI, CÂU HỎI HOẶC TUẦN** |" in page
    assert "| **iv-1** | IV. A (ngoài mục II) |" in page
    assert page.endswith("Mục II còn thiếu: ii-2.\n")


def test_what_is_heard_in_no_week_is_a_hole(pack_dir: Path) -> None:
    pack = heard_in(load_pack(pack_dir), dict.fromkeys(range(1, 53), ("chiec-ao",)))
    assert [row.paragraph.id for row in coverage(pack) if row.is_hole] == ["ii-1-1"]
