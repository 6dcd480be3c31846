"""Each rule on the folder of a pack finds the one fault planted for it; rubbish is reported and never raised."""

import io
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from content.checks import check_pack, check_templates, findings_report
from content.checks.images import dimensions
from tests.content.conftest import PNG
from tests.content.planting import CARD, IMAGE, QUESTIONS, STORY, STORY_QUESTIONS, THEME, THIRD, FolderFault, put

WORDS = "núi,sông,biển,rừng,đất,bếp,nhà,lớp,chợ,đường,cầu,phố,bản,kho,tuyết,hạt,nắng,gió,mây,trăng"


def line_of(path: Path, words: str) -> int:
    """The last line on which these words stand."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return max(number for number, line in enumerate(lines, 1) if words in line)


def ask(pack_dir: Path, letters: str) -> None:
    with (pack_dir / QUESTIONS).open("a", encoding="utf-8") as file:
        for letter, word in zip(letters, WORDS.split(","), strict=False):
            question = THIRD.format(
                id=f"q-{ord(word[-1])}-{len(word)}-{WORDS.index(word)}", text=f"{word} {word} {word}?"
            )
            file.write(question.replace("correct: A", f"correct: {letter}"))


def huge_file(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / IMAGE).write_bytes(PNG + b"\0" * 150_000)
    return STORY, 7


def far_too_huge_file(pack_dir: Path) -> tuple[str, int]:
    with (pack_dir / IMAGE).open("wb") as image:
        image.truncate(10**12)
    return STORY, 7


def huge_sides(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / IMAGE).write_bytes(PNG[:16] + struct.pack(">II", 1081, 20))
    return STORY, 7


def another_format(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / IMAGE).write_bytes(b"GIF89a" + b"\0" * 20)
    return STORY, 7


def without_errata(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / "errata.yaml").unlink()
    return "errata.yaml", 1


def stray_file(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / "themes/notes.yaml").write_text("[]", encoding="utf-8")
    return "themes/notes.yaml", 1


def loop_of_folders(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / "themes/vong").symlink_to(pack_dir)
    return "themes/vong", 1


def link_to_itself(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / "themes/doan-ket/cards/nut.md").symlink_to("nut.md")
    return "themes/doan-ket/cards/nut.md", 1


def link_out_of_the_pack(pack_dir: Path) -> tuple[str, int]:
    (pack_dir.parent / "secret.md").write_text("PASSWORD", "utf-8")
    (pack_dir / "themes/doan-ket/cards/nut.md").symlink_to(pack_dir.parent / "secret.md")
    return "themes/doan-ket/cards/nut.md", 1


def endless_pipe(pack_dir: Path) -> tuple[str, int]:
    os.mkfifo(pack_dir / "themes/doan-ket/cards/nut.md")
    return "themes/doan-ket/cards/nut.md", 1


def huge_text(pack_dir: Path) -> tuple[str, int]:
    with (pack_dir / "themes/doan-ket/cards/nut.md").open("wb") as text:
        text.truncate(10**12)
    return "themes/doan-ket/cards/nut.md", 1


def name_in_another_encoding(pack_dir: Path) -> tuple[str, int]:
    Path(os.fsdecode(os.fsencode(pack_dir / "themes/doan-ket/cards") + b"/\xff.md")).write_text("", "utf-8")
    return "themes/doan-ket/cards", 1


def without_front_matter(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / "themes/doan-ket/cards/cay.md").write_text("Cây.\n", encoding="utf-8")
    return "themes/doan-ket/cards/cay.md", 1


def theme_of_another_name(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / "themes/thi-dua").mkdir()
    (pack_dir / "themes/thi-dua/theme.yaml").write_text("id: cay\ntitle: Cây\norder: 3\n", encoding="utf-8")
    return "themes/thi-dua/theme.yaml", 1


def without_theme(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / THEME).unlink()
    return CARD, 2


def unasked(pack_dir: Path) -> tuple[str, int]:
    put(pack_dir, STORY_QUESTIONS, "card: chiec-ao", "card: hon-da")
    return STORY, 2


def empty_theme(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / "themes/thi-dua").mkdir()
    (pack_dir / "themes/thi-dua/theme.yaml").write_text("order: 3\ntitle: Thi đua\nid: thi-dua\n", encoding="utf-8")
    return "themes/thi-dua/theme.yaml", 3


def no_plan(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / "plan.yaml").write_text("[]\n", encoding="utf-8")
    put(pack_dir, CARD, "plan: [ii-1-1]\n", "")
    return "plan.yaml", 1


def broken_template(pack_dir: Path) -> tuple[str, int]:
    (pack_dir / "bai.j2").write_text("{% block card %}\nChào\n{% if ten %}\n{% endblock %}\n", encoding="utf-8")
    return "bai.j2", 4


def three_of_a_letter(pack_dir: Path) -> tuple[str, int]:
    ask(pack_dir, "AAAC")
    return QUESTIONS, line_of(pack_dir / QUESTIONS, "correct: A")


def too_many_of_a_letter(pack_dir: Path) -> tuple[str, int]:
    ask(pack_dir, "AABAADAACAADAABAACAA")
    return QUESTIONS, line_of(pack_dir / QUESTIONS, "correct: A")


FOLDER: list[FolderFault] = [
    ("missing-file", without_errata),
    ("stray-file", stray_file),
    ("linked-folder", loop_of_folders),
    ("unreadable", link_to_itself),
    ("no-file-of-the-pack", link_out_of_the_pack),
    ("no-file-of-the-pack", endless_pipe),
    ("huge-text", huge_text),
    ("stray-file", name_in_another_encoding),
    ("front-matter", without_front_matter),
    ("theme-folder", theme_of_another_name),
    ("card-without-theme", without_theme),
    ("huge-image", huge_file),
    ("huge-image", far_too_huge_file),
    ("huge-image", huge_sides),
    ("unreadable-image", another_format),
    ("template-error", broken_template),
    ("theme-without-card", empty_theme),
    ("without-plan", no_plan),
    ("card-without-question", unasked),
    ("letter-in-a-row", three_of_a_letter),
    ("uneven-letters", too_many_of_a_letter),
]


@pytest.mark.parametrize(("rule", "do"), FOLDER, ids=lambda value: getattr(value, "__name__", value))
def test_a_fault_of_the_folder_is_found(pack_dir: Path, rule: str, do: Callable[[Path], tuple[str, int]]) -> None:
    name, line = do(pack_dir)
    found = [*check_pack(pack_dir), *check_templates(pack_dir)]
    assert [(one.rule, one.file, one.line) for one in found] == [(rule, pack_dir / name, line)], findings_report(found)


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"&a [*a]", b"&a {id: *a}", b"- {id: [1, {b: 2}], sources: {x: [y]}}", b"\x00", b"[" * 1_000_000, b"- " * 200_000, b"{a: " * 100_000, b"- !!python/object:os.system {}", b"42", b"? [a]\n: b"])  # fmt: skip
@pytest.mark.parametrize(
    "name",
    [
        "pack.yaml",
        "sources.yaml",
        "milestones.yaml",
        "weeks.yaml",
        "glossary.yaml",
        "languages.yaml",
        THEME,
        CARD,
        QUESTIONS,
    ],
)
def test_rubbish_is_reported_and_never_raised(pack_dir: Path, name: str, raw: bytes) -> None:
    (pack_dir / name).write_bytes(raw)
    assert any(finding.file == pack_dir / name for finding in check_pack(pack_dir))


@pytest.mark.parametrize(
    "raw",
    [
        b"---\n&a [*a]\n---\nA\n",
        b"---\nid: &a [*a]\n---\nA\n",
        b"---\nid: {a: 1}\nimage: 5\nfacts: 7\ndo_this_for: [1]\n---\nA\n",
    ],
)
def test_rubbish_in_front_matter_is_reported(pack_dir: Path, raw: bytes) -> None:
    (pack_dir / CARD).write_bytes(raw)
    assert any(finding.file == pack_dir / CARD for finding in check_pack(pack_dir))


def test_a_small_file_cannot_be_endless(pack_dir: Path) -> None:
    laughs = "".join(
        f"- &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (pack_dir / "errata.yaml").write_text(f"- &a [ha, ha]\n{laughs}", encoding="utf-8")
    assert [(one.rule, one.line) for one in check_pack(pack_dir)] == [("yaml-alias", 2)]


@pytest.mark.parametrize(
    ("kind", "options"), [("png", {}), ("jpeg", {}), ("jpeg", {"progressive": True, "quality": 20})]
)
def test_the_sides_of_a_picture_are_read(kind: str, options: dict[str, Any]) -> None:
    drawn = io.BytesIO()
    Image.effect_noise((1079, 33), 50).save(drawn, kind, **options)
    assert dimensions(drawn.getvalue()) == (1079, 33)
    assert all(dimensions(drawn.getvalue()[:cut]) in {None, (1079, 33)} for cut in range(700))


def test_windows_files_are_read_alike(pack_dir: Path) -> None:
    card = pack_dir / CARD
    card.write_bytes(b"\xef\xbb\xbf" + card.read_bytes().replace(b"\n", b"\r\n"))
    assert check_pack(pack_dir) == []


def test_a_folder_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    assert {finding.rule for finding in check_pack(tmp_path / "nowhere")} == {"missing-file"}
