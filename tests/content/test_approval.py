"""What was approved is what is sent, whatever the files say, until something else is approved."""

from datetime import date
from pathlib import Path

import pytest

from content import approval
from content.changes import Change, Run, Was, changes, runs
from content.files import read_pack_files
from content.loader import KEPT_COPIES, copies_in, keep, load_or_last_good, load_pack, prune_copies
from content.models import Variant
from tests.content.conftest import write_small_pack

CARD = "themes/doan-ket/cards/hon-da.md"
QUESTIONS = "themes/doan-ket/questions/hon-da.yaml"


@pytest.fixture
def pack_dir(tmp_path: Path) -> Path:
    write_small_pack(tmp_path / "2025")
    return tmp_path / "2025"


def edit(pack_dir: Path, path: str, old: str, new: str) -> None:
    text = (pack_dir / path).read_text("utf-8")
    assert old in text
    (pack_dir / path).write_text(text.replace(old, new), "utf-8")


def sign(pack_dir: Path, data_dir: Path, at: int = 1) -> approval.Approval:
    return approval.mark(keep(read_pack_files(pack_dir), data_dir), "Bà Lê Thị B, Trưởng ban", at)


def test_the_approved_revision_is_used_after_the_files_moved_on(pack_dir: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    assert load_or_last_good(pack_dir, data_dir).approved is None
    given = sign(pack_dir, data_dir)
    edit(pack_dir, CARD, "title: Hòn đá", "title: Hòn đá to")

    loaded = load_or_last_good(pack_dir, data_dir)
    assert loaded.pack.card_by_id["hon-da"].title == "Hòn đá"
    assert (loaded.approved, loaded.warning, len(loaded.changed)) == (given, None, 1)

    again = sign(pack_dir, data_dir, at=2)
    loaded = load_or_last_good(pack_dir, data_dir)
    assert loaded.pack.card_by_id["hon-da"].title == "Hòn đá to"
    assert (loaded.approved, loaded.changed) == (again, ())


def test_files_that_broke_change_nothing(pack_dir: Path, tmp_path: Path) -> None:
    revision = load_pack(pack_dir).revision
    sign(pack_dir, tmp_path / "data")
    edit(pack_dir, "pack.yaml", "year: 2025", "year: [")
    loaded = load_or_last_good(pack_dir, tmp_path / "data")
    assert loaded.pack.revision == revision
    assert loaded.warning is not None
    assert "pack.yaml" in loaded.warning


def test_another_packs_folder_is_not_sent_before_it_is_approved(pack_dir: Path, tmp_path: Path) -> None:
    sign(pack_dir, tmp_path / "data")
    other = tmp_path / "2026"
    write_small_pack(other)
    edit(other, "pack.yaml", "year: 2025", "year: 2026")
    assert load_or_last_good(other, tmp_path / "data").pack.year == 2025
    sign(other, tmp_path / "data", at=2)
    assert load_or_last_good(other, tmp_path / "data").pack.year == 2026


def test_approved_copies_are_never_deleted(pack_dir: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    approved = []
    for number in range(KEPT_COPIES + 2):
        edit(pack_dir, CARD, "title: Hòn đá", "title: Hòn đá to")
        approved.append(sign(pack_dir, data_dir, at=number).copy)
    for _ in range(KEPT_COPIES + 2):
        edit(pack_dir, CARD, "title: Hòn đá", "title: Hòn đá to")
        keep(read_pack_files(pack_dir), data_dir)
    prune_copies(copies_in(data_dir), ())
    left = {path.name for path in (data_dir / "packs").iterdir()}
    assert set(approved) <= left
    assert len(left) == len(approved) + KEPT_COPIES


@pytest.mark.parametrize("spoil", ["changed", "gone"])
def test_an_approved_copy_that_is_lost_is_told(pack_dir: Path, tmp_path: Path, spoil: str) -> None:
    copy = tmp_path / "data" / "packs" / sign(pack_dir, tmp_path / "data").copy
    if spoil == "changed":
        edit(copy, CARD, "title: Hòn đá", "title: Khác")
    else:
        (copy / "pack.yaml").unlink()
    loaded = load_or_last_good(pack_dir, tmp_path / "data")
    assert loaded.pack.card_by_id["hon-da"].title == "Hòn đá"
    assert loaded.approved is None
    assert loaded.warning is not None
    assert "không còn nguyên" in loaded.warning


def test_a_mark_that_cannot_be_read_is_no_approval(pack_dir: Path, tmp_path: Path) -> None:
    copy = tmp_path / "data" / "packs" / sign(pack_dir, tmp_path / "data").copy
    for text in ("", "[]", '{"by": 1}', '{"by": "a", "at": "b"}'):
        (copy / ".approved").write_text(text, "utf-8")
        assert approval.latest(copy.parent) is None


def test_what_was_approved_stays_though_a_later_rule_refuses_it(pack_dir: Path, tmp_path: Path) -> None:
    edit(pack_dir, CARD, "title: Hòn đá", f"title: {'Hòn đá ' * 20}")
    given = sign(pack_dir, tmp_path / "data")
    assert load_or_last_good(pack_dir, tmp_path / "data").pack.revision == given.revision


def test_changes_are_told_thing_by_thing(pack_dir: Path, tmp_path: Path) -> None:
    old = load_pack(pack_dir)
    assert changes(old, old) == ()
    edit(pack_dir, CARD, "title: Hòn đá", "title: Hòn đá to")
    edit(pack_dir, CARD, "facts: [f1, f2]", "facts: [f2]")
    edit(pack_dir, QUESTIONS, "options: [Đoàn kết, Ngủ nhiều, Đi xa, Ở nhà]", "options: [Một, Hai, Ba, Bốn]")
    text = (pack_dir / QUESTIONS).read_text("utf-8")
    first, second = text.split("- id: hon-da-2")
    (pack_dir / QUESTIONS).write_text(
        first + "- id: hon-da-3" + second.replace("Bài thơ tên là gì?", "Tên bài?"), "utf-8"
    )
    edit(pack_dir, "milestones.yaml", "  push: true\n", "")
    edit(pack_dir, "weeks.yaml", "week: 7\n  cards: [hon-da, chiec-ao]", "week: 7\n  cards: [chiec-ao, hon-da]")
    found = {(change.kind, change.title): change for change in changes(old, load_pack(pack_dir))}
    both = "Đoàn kết là sức mạnh.\nBài thơ “Hòn đá” đăng báo ngày 21/4/1942."
    assert found.pop(("card", "Hòn đá to")).fields == (
        Was("title", "Hòn đá", "Hòn đá to"),
        Was("facts", both, "Bài thơ “Hòn đá” đăng báo ngày 21/4/1942."),
    )
    [options] = found.pop(("question", "Điều gì làm nên sức mạnh?")).fields
    assert options == Was("options", "A. Đoàn kết\nB. Ngủ nhiều\nC. Đi xa\nD. Ở nhà", "A. Một\nB. Hai\nC. Ba\nD. Bốn")
    added = found.pop(("question", "Tên bài?"))
    assert (added.how, Was("correct", "", "B") in added.fields) == ("added", True)
    assert found.pop(("question", "Bài thơ tên là gì?")) == Change("question", "Bài thơ tên là gì?", "withdrawn", ())
    assert found.pop(("milestone", "Ngày Hội")).fields == (Was("push", "True", ""),)
    assert found.pop(("week", "7")).fields == (Was("cards", "Hòn đá; Chiếc áo", "Chiếc áo; Hòn đá to"),)
    assert found == {}


LONG = " ".join(f"từ{number}" for number in range(100))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "Hòn đá", [("new", "Hòn đá")]),
        ("Hòn đá", "", [("gone", "Hòn đá")]),
        ("Hòn đá", "Hòn đá to", [("same", "Hòn đá "), ("new", "to")]),
        ("Đi cùng nhau thì bền.", "Đi với nhau thì bền.", [("same", "Đi "), ("gone", "cùng "), ("new", "với "), ("same", "nhau thì bền.")]),
        ("Một chiếc áo", "Hai ngọn núi", [("gone", "Một chiếc áo"), ("new", "Hai ngọn núi")]),
        ("Đoạn một.\n\nĐoạn hai.", "Đoạn một.\n\nĐoạn ba.", [("same", "Đoạn một.\n\nĐoạn "), ("gone", "hai."), ("new", "ba.")]),
        (f"a {LONG} b", f"c {LONG} d", [("gone", "a "), ("new", "c "), ("same", LONG[: LONG.index("từ20")]), ("left out", ""), ("same", LONG[LONG.index("từ80") :] + " "), ("gone", "b"), ("new", "d")]),
        (f"{LONG} b", f"{LONG} d", [("left out", ""), ("same", LONG[LONG.index("từ80") :] + " "), ("gone", "b"), ("new", "d")]),
    ],
)  # fmt: skip
def test_what_became_of_a_text_is_told_word_by_word(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    found = runs(old, new)
    assert found == tuple(Run(kind, words) for kind, words in expected)  # type: ignore[arg-type]


def test_another_picture_under_the_same_name_and_a_text_in_another_language_are_changes(
    pack_dir: Path, tmp_path: Path
) -> None:
    old = load_pack(pack_dir)
    picture = pack_dir / "themes" / "chuyen-ke" / "images" / "chiec-ao.png"
    picture.write_bytes(picture.read_bytes() + bytes(4))
    new = load_pack(pack_dir)
    [change] = changes(old, new)
    [was] = change.fields
    assert was.field == "image"
    assert was.old != was.new
    variant = Variant(language="blt", of="card-hon-da", speaker="Bà A", provided_on=date(2025, 5, 1), body="…")
    [told] = changes(new, new.model_copy(update={"variants": (variant,)}))
    assert (told.kind, told.how, told.title) == ("variant", "added", "card-hon-da")
