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
    assert (new / "glossary.yaml").read_bytes() == (pack_dir / "glossary.yaml").read_bytes()
    for name in ("sources.yaml", "facts.yaml", "documents.yaml", "quotations.yaml"):
        assert (new / name).read_text("utf-8") == (pack_dir / name).read_text("utf-8").replace("plan", "plan-2025")
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


def test_what_the_old_plan_said_is_not_said_by_the_new_one(new: Path) -> None:
    """The new plan is named before anything cites it."""
    assert "plan" in next(one for one in check_pack(new) if one.rule == "without-plan").remedy
    (new / "plan.yaml").write_text("- id: ii-1\n  heading: II\n  text: Làm theo Bác Hồ.\n", "utf-8")
    assert [one.message_vi for one in check_pack(new) if one.rule == "unknown-source"] == [
        "Nguồn plan không có trong sources.yaml."
    ]
    with (new / "sources.yaml").open("a", encoding="utf-8") as sources:
        sources.write("- id: plan\n  title: Kế hoạch số 2\n")
    assert "unknown-source" not in {one.rule for one in check_pack(new)}
    titles = {source["id"]: source["title"] for source in yaml.safe_load((new / "sources.yaml").read_text("utf-8"))}
    fact = yaml.safe_load((new / "facts.yaml").read_text("utf-8"))[0]
    assert titles[fact["sources"][0]] == "Kế hoạch số 1"


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
