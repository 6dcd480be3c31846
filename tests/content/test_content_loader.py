"""A good pack is kept; a broken one gives way to the last good one, loudly."""

import os
from pathlib import Path

import pytest

from content.files import read_pack_files
from content.loader import (
    KEPT_COPIES,
    BrokenPack,
    copies_in,
    load_copy,
    load_or_last_good,
    load_pack,
    prune_copies,
)
from content.models import Erratum, Pack
from content.shelf import IN_MEMORY, NotRead, Shelf
from tests.support.content import change

THEME = "themes/doan-ket/theme.yaml"


def rename_theme(pack_dir: Path, title: str) -> None:
    (pack_dir / THEME).write_text(f"id: doan-ket\ntitle: {title}\norder: 1\n", encoding="utf-8")


def test_loading_gives_typed_and_linked_parts(pack_dir: Path) -> None:
    pack = load_pack(pack_dir)
    card, story = pack.cards
    assert (pack.id, pack.year, card.theme) == ("2025", 2025, "doan-ket")
    assert pack.card_by_id["hon-da"] is card
    assert (story.image is not None, card.do_this_for, pack.works) == (
        True,
        {"bep-an": "Giúp một người nấu ăn."},
        {"bep-an": "Bếp ăn"},
    )
    assert (pack.weeks[0].cards, pack.meetings[0].story) == (("hon-da", "chiec-ao"), "chiec-ao")
    quotation = pack.quotation_of(card)
    assert quotation is not None
    assert quotation.text == "Đoàn kết là sức mạnh của chúng ta"
    assert [source.title for source in pack.sources_of(card)] == ["Kế hoạch số 1", "Sách"]
    assert [source.id for source in pack.sources_of(pack.citable_by_id["f2"])] == ["sach", "plan"]
    assert [source.id for source in pack.sources_of(pack.citable_by_id["ii-1-1"])] == ["plan"]
    first, second = pack.questions_by_card["hon-da"]
    assert (first.correct_letters, first.correct_options, first.is_several) == ("A", ("Đoàn kết",), False)
    assert (second.correct, second.correct_options) == ((1,), ("Hòn đá",))


def test_search_is_ready_when_a_pack_is(pack_dir: Path) -> None:
    """Nobody's turn makes the index, and a pack has one for as long as it is used."""
    pack = load_pack(pack_dir)
    assert "index" in vars(pack)
    assert pack.index.find("hon da").ids[0] == ("card", "hon-da")
    assert pack.index is pack.index


def test_a_question_may_have_several_correct_options(pack_dir: Path) -> None:
    question = load_pack(pack_dir).question_by_id["chiec-ao-1"]
    assert question.is_several
    assert (question.correct_letters, question.correct_options) == ("AC", ("Chiếc áo", "Một chiến sĩ"))


def test_cards_come_in_the_order_of_themes_then_cards(pack_dir: Path) -> None:
    card = (pack_dir / "themes/doan-ket/cards/hon-da.md").read_text(encoding="utf-8")
    questions = (pack_dir / "themes/doan-ket/questions/hon-da.yaml").read_text(encoding="utf-8")
    for theme, theme_order, name, order in [("a", 2, "mot", 1), ("z", 0, "hai", 1), ("doan-ket", 1, "ba", 2)]:
        folder = pack_dir / "themes" / theme
        (folder / "cards").mkdir(parents=True, exist_ok=True)
        (folder / "questions").mkdir(exist_ok=True)
        (folder / "theme.yaml").write_text(f"id: {theme}\ntitle: T\norder: {theme_order + 5}\n", encoding="utf-8")
        text = card.replace("id: hon-da", f"id: {name}").replace("order: 1", f"order: {order}")
        (folder / "cards" / f"{name}.md").write_text(text, encoding="utf-8")
        own = questions.split("- id: hon-da-2")[0].replace("hon-da", name).replace("Điều gì", f"Điều gì {name}")
        (folder / "questions" / f"{name}.yaml").write_text(own, encoding="utf-8")
    assert [card.id for card in load_pack(pack_dir).cards] == ["chiec-ao", "hai", "hon-da", "ba", "mot"]


def test_the_revision_follows_the_content(pack_dir: Path) -> None:
    before = load_pack(pack_dir)
    assert load_pack(pack_dir).revision == before.revision
    rename_theme(pack_dir, "Tên khác")
    after = load_pack(pack_dir)
    assert after.revision != before.revision
    assert after.cards[0].revision == before.cards[0].revision


def others(before: Pack, after: Pack) -> set[str]:
    """Cards that have another revision."""
    return {card.id for card in after.cards if card.revision != before.card_by_id[card.id].revision}


SHARED = {
    "a quotation": ("quotations.yaml", "sức mạnh của chúng ta", "sức mạnh vô địch", {"hon-da"}),
    "its work": ("quotations.yaml", "Bài nói “Hòn đá”", "Bài viết “Hòn đá”", {"hon-da"}),
    "its day": ("quotations.yaml", "Hòn đá”\n", "Hòn đá”\n  date: 19/5/1960\n", {"hon-da"}),
    "another quotation": ("quotations.yaml", "việc gì cũng xong", "việc gì cũng thành", set()),
    "the name of a source": ("sources.yaml", "title: Sách", "title: Sách in lần hai", {"hon-da", "chiec-ao"}),
    "where a source is": ("sources.yaml", "vi.du/sach", "vi.du/khac", set()),
    "the source of a fact": ("facts.yaml", "sources: [sach, plan]", "sources: [plan, sach]", {"hon-da"}),
    "a second source": ("facts.yaml", "sources: [sach, plan]", "sources: [sach]", set()),
}


@pytest.mark.parametrize("what", SHARED)
def test_what_a_card_shows_of_other_files_is_of_its_revision(pack_dir: Path, what: str) -> None:
    """Each card that shows it has another revision, and no other; who only tells the text hears of a quotation alone."""
    name, old, new, shown_by = SHARED[what]
    before = load_pack(pack_dir)
    change(pack_dir, name, old, new)
    after = load_pack(pack_dir)
    assert after.revision != before.revision
    assert others(before, after) == shown_by
    told = {card.id for card in after.cards if card.text_revision != before.card_by_id[card.id].text_revision}
    assert told == (shown_by if name == "quotations.yaml" else set())
    assert (after.revision_of("script-1") != before.revision_of("script-1")) == bool(told)


@pytest.mark.parametrize(
    ("named", "seen", "is_wrong"),
    [
        ("aa-11", "aa-11", True),
        ("aa-11", "aa-22", False),
        ("aa-11", "bb-11", False),
        ("aa", "aa-11", True),  # the file was wrong, whatever it showed
        ("aa", "aa", True),
        ("aa-11", "aa", True),  # read when the file alone was written down
        ("aa-11", "", False),  # read before anything was
        ("aa-11", "bb", False),
    ],
)
def test_what_an_erratum_calls_wrong(named: str, seen: str, is_wrong: bool) -> None:
    erratum = Erratum(id="e", card="c", wrong=("zz", named), text="T", facts=("f",))
    assert erratum.is_wrong(seen) == is_wrong


def test_pictures_belong_to_a_pack_and_to_its_kept_copy(pack_dir: Path, tmp_path: Path) -> None:
    """Another picture is another revision of its card alone; the last good revision has the pictures it had."""
    image = pack_dir / "themes/chuyen-ke/images/chiec-ao.png"
    before = load_or_last_good(pack_dir, tmp_path / "data").pack
    assert before.images == {"chiec-ao": image.read_bytes()}
    assert repr(image.read_bytes()) not in repr(before)
    image.write_bytes(image.read_bytes() + b"\0")
    after = load_or_last_good(pack_dir, tmp_path / "data").pack
    assert after.images["chiec-ao"] == before.images["chiec-ao"] + b"\0"
    assert after.revision != before.revision
    assert others(before, after) == {"chiec-ao"}
    image.unlink()
    lost = load_or_last_good(pack_dir, tmp_path / "data")
    assert lost.warning is not None
    assert lost.pack.revision == after.revision
    assert lost.pack.images == after.images


def test_a_broken_pack_raises_with_every_finding(pack_dir: Path) -> None:
    (pack_dir / THEME).write_text("id: khac\n", encoding="utf-8")
    with pytest.raises(BrokenPack) as caught:
        load_pack(pack_dir)
    rules = {finding.rule for finding in caught.value.findings}
    assert {"missing-key", "theme-folder", "card-without-theme"} <= rules
    assert "theme.yaml" in str(caught.value)


def test_a_warning_alone_does_not_break_a_pack(pack_dir: Path) -> None:
    rename_theme(pack_dir, "Khoẻ")
    assert load_pack(pack_dir).themes[0].title == "Khoẻ"


def test_the_last_good_pack_stands_in_for_a_broken_one(pack_dir: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    good = load_or_last_good(pack_dir, data_dir)
    assert good.warning is None
    assert (data_dir / "packs" / f"2025-{good.pack.revision}" / "pack.yaml").is_file()

    rename_theme(pack_dir, "[hỏng")
    loaded = load_or_last_good(pack_dir, data_dir)

    assert loaded.pack == good.pack
    assert loaded.warning is not None
    assert good.pack.revision in loaded.warning
    assert "theme.yaml" in loaded.warning


def test_the_newest_good_copy_is_chosen_and_a_spoilt_one_passed_over(pack_dir: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    first = load_or_last_good(pack_dir, data_dir).pack
    rename_theme(pack_dir, "Bản hai")
    second = load_or_last_good(pack_dir, data_dir).pack
    older = data_dir / "packs" / f"2025-{first.revision}"
    os.utime(older, (1, 1))
    rename_theme(pack_dir, "[hỏng")

    assert load_or_last_good(pack_dir, data_dir).pack == second
    (data_dir / "packs" / f"2025-{second.revision}" / "pack.yaml").unlink()
    assert load_or_last_good(pack_dir, data_dir).pack == first


def test_going_back_to_an_older_pack_makes_it_the_newest(pack_dir: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    first = load_or_last_good(pack_dir, data_dir).pack
    copy = data_dir / "packs" / f"2025-{first.revision}"
    os.utime(copy, (1, 1))
    load_or_last_good(pack_dir, data_dir)
    assert copy.stat().st_mtime > 1


def test_three_copies_are_kept_and_what_is_needed(pack_dir: Path, tmp_path: Path) -> None:
    packs = copies_in(tmp_path / "data")
    revisions = []
    for number in range(6):
        rename_theme(pack_dir, f"Bản {number}")
        revisions.append(load_or_last_good(pack_dir, tmp_path / "data").pack.revision)
        os.utime(packs / f"2025-{revisions[-1]}", (number + 1, number + 1))
    prune_copies(packs, {revisions[1]})
    kept = [revisions[1], *revisions[-KEPT_COPIES:]]
    assert {path.name for path in packs.iterdir()} == {f"2025-{name}" for name in kept}


def test_a_copy_is_read_as_it_was_kept(pack_dir: Path, tmp_path: Path) -> None:
    """Once good it is not checked again; one that was spoilt, or is gone, is no copy."""
    good = load_or_last_good(pack_dir, tmp_path / "data").pack
    copies = copies_in(tmp_path / "data")
    assert load_copy(copies, good.revision) == good
    assert load_copy(copies, "0" * 12) is None
    (copies / f"2025-{good.revision}" / THEME).write_text("id: khac\n", encoding="utf-8")
    assert load_copy(copies, good.revision) is None


def test_a_shelf_holds_few_and_reads_what_it_is_asked_for(pack_dir: Path, tmp_path: Path) -> None:
    good = load_or_last_good(pack_dir, tmp_path / "data").pack
    shelf = Shelf(copies_in(tmp_path / "data"))
    with pytest.raises(NotRead):
        shelf.get(good.revision)
    shelf.read(good.revision)
    assert shelf.get(good.revision) == good
    shelf.read("gone")
    assert shelf.get("gone") is None
    for number in range(IN_MEMORY):
        shelf.read(f"gone {number}")
    with pytest.raises(NotRead):
        shelf.get(good.revision)


def test_a_crash_while_copying_leaves_no_copy_behind(pack_dir: Path, tmp_path: Path) -> None:
    packs = tmp_path / "data" / "packs"
    revision = load_pack(pack_dir).revision
    unfinished = packs / f".2025-{revision}"
    unfinished.mkdir(parents=True)
    (unfinished / "stray.yaml").write_text("half", encoding="utf-8")
    load_or_last_good(pack_dir, tmp_path / "data")
    assert {path.name for path in packs.iterdir()} == {f"2025-{revision}"}
    assert load_pack(packs / f"2025-{revision}").revision == revision


def test_with_no_good_copy_the_start_is_refused(pack_dir: Path, tmp_path: Path) -> None:
    rename_theme(pack_dir, "[hỏng")
    with pytest.raises(BrokenPack):
        load_or_last_good(pack_dir, tmp_path / "data")


def test_what_was_found_good_is_not_checked_again_by_the_same_rules(pack_dir: Path, tmp_path: Path) -> None:
    packs = tmp_path / "data" / "packs"
    good = load_or_last_good(pack_dir, tmp_path / "data").pack
    same_rules = (packs / f"2025-{good.revision}" / ".checked").read_text("utf-8")
    rename_theme(pack_dir, "Tên dài quá mức " * 10)
    copy = packs / f"2025-{read_pack_files(pack_dir).revision}"
    copy.mkdir()

    (copy / ".checked").write_text("other rules", "utf-8")
    assert load_or_last_good(pack_dir, tmp_path / "data").pack == good
    (copy / ".checked").write_text(same_rules, "utf-8")
    assert load_or_last_good(pack_dir, tmp_path / "data").pack.themes[0].title.startswith("Tên dài")


def test_what_could_not_be_read_is_always_told(pack_dir: Path, tmp_path: Path) -> None:
    """It is no part of the revision: the pack without it has the same, and may have been found good."""
    good = load_or_last_good(pack_dir, tmp_path / "data").pack
    (pack_dir / "themes" / "lien-ket").symlink_to(pack_dir)
    assert read_pack_files(pack_dir).revision == good.revision
    assert load_or_last_good(pack_dir, tmp_path / "data").warning is not None
