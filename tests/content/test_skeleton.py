"""The next year's pack: begun from the old one, which stays as it is, and named where it is to be filled."""

from pathlib import Path

import pytest
import yaml

from content.checks import check_pack
from content.loader import BrokenPack
from content.skeleton import write_skeleton


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def new(pack_dir: Path) -> Path:
    milestones = pack_dir / "milestones.yaml"
    once = "- id: han\n  name: Hạn\n  day: 1\n  month: 2\n  year: 2025\n  kind: plan\n  sources: [plan]\n"
    milestones.write_text(
        f"# Ngày đáng nhớ.\n{once}{milestones.read_text('utf-8')}{once.replace('han', 'h2')}", "utf-8"
    )
    theme = pack_dir / "themes/doan-ket/theme.yaml"
    theme.write_text("id: doan-ket\ntitle: Chuyên đề năm 2025\norder: 1\n", "utf-8")
    before = everything(pack_dir)
    target = pack_dir.with_name("2026")
    write_skeleton(pack_dir, target, 2026)
    assert everything(pack_dir) == before
    return target


def test_what_stays_true_is_taken_over(pack_dir: Path, new: Path) -> None:
    for name in ("sources.yaml", "facts.yaml", "documents.yaml", "quotations.yaml", "glossary.yaml"):
        assert (new / name).read_bytes() == (pack_dir / name).read_bytes()
    header = yaml.safe_load((new / "pack.yaml").read_text("utf-8"))
    assert header == {"id": "2026", "year": 2026, "title": "", "works": {"bep-an": "Bếp ăn"}}
    kept = (new / "milestones.yaml").read_text("utf-8")
    assert kept.startswith("# Ngày đáng nhớ.\n- id: m1\n")
    assert [day["id"] for day in yaml.safe_load(kept)] == ["m1", "m2"]
    assert "title: Chuyên đề năm 2026" in (new / "themes/doan-ket/theme.yaml").read_text("utf-8")
    assert not [*new.rglob("*.md")]
    assert [path.name for path in new.parent.iterdir()].count("2026") == 1
    assert not [path for path in new.parent.iterdir() if path.name.startswith(".")]


def test_what_is_to_be_filled_is_named(new: Path) -> None:
    found = {(finding.rule, finding.file.name, finding.severity) for finding in check_pack(new)}
    assert found == {
        ("wrong-value", "pack.yaml", "error"),
        ("without-plan", "plan.yaml", "warning"),
        ("missing-week", "weeks.yaml", "warning"),
        ("missing-meeting", "meetings.yaml", "warning"),
        ("theme-without-card", "theme.yaml", "warning"),
    }
    assert (
        next(one for one in check_pack(new) if one.rule == "missing-week").message_vi == "Chưa chọn bài cho tuần 1-52."
    )


def test_a_broken_pack_is_no_beginning(pack_dir: Path) -> None:
    (pack_dir / "pack.yaml").write_text("id: [", "utf-8")
    with pytest.raises(BrokenPack):
        write_skeleton(pack_dir, pack_dir.with_name("2026"), 2026)
    assert not pack_dir.with_name("2026").exists()


def test_a_pack_of_one_off_days_leaves_an_empty_list(pack_dir: Path) -> None:
    (pack_dir / "milestones.yaml").write_text(
        "- id: han\n  name: Hạn\n  day: 1\n  month: 2\n  year: 2025\n  kind: plan\n  sources: [plan]\n", "utf-8"
    )
    write_skeleton(pack_dir, pack_dir.with_name("2026"), 2026)
    assert (pack_dir.with_name("2026") / "milestones.yaml").read_text("utf-8") == "[]\n"
