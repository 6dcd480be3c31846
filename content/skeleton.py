"""The next year's pack, begun from this one's: what stays true is taken over, what is of the year left to fill."""

import re
import shutil
from pathlib import Path
from typing import Final

import yaml

from content.files import LISTS
from content.loader import load_pack
from content.models import PLAN_SOURCE

TAKEN_OVER: Final = (
    *("sources.yaml", "facts.yaml", "documents.yaml", "quotations.yaml", "glossary.yaml", "languages.yaml"),
)
"""What is known stays known, under the ids it has."""


def write_skeleton(old: Path, target: Path, year: int) -> None:
    """Write the pack of `year` into the new folder `target`: no cards, questions, weeks, meetings or plan, no title.

    Milestones that happen once are left out. The old plan stays a source under the name of its year (`plan-2025`): what
    cites it goes on citing it, and `plan` is the new one, to be named. The old pack is only read. Raises BrokenPack
    when that one has errors, OSError when the new one cannot be written; then nothing of it stays.
    """
    pack = load_pack(old)
    unfinished = target.with_name(f".{target.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(parents=True)
        header = {"id": str(year), "year": year, "title": "", "works": pack.works}
        (unfinished / "pack.yaml").write_text(yaml.safe_dump(header, allow_unicode=True, sort_keys=False), "utf-8")
        for name in LISTS:
            is_kept = name in TAKEN_OVER and (old / name).is_file()
            text = (old / name).read_text("utf-8") if is_kept else "[]\n"
            (unfinished / name).write_text(_of_the_old_plan(text, name, pack.year), "utf-8")
        milestones = _of_the_old_plan((old / "milestones.yaml").read_text("utf-8"), "milestones.yaml", pack.year)
        (unfinished / "milestones.yaml").write_text(_yearly(milestones), "utf-8")
        for theme in pack.themes:
            folder = unfinished / "themes" / theme.id
            (folder / "cards").mkdir(parents=True)
            (folder / "questions").mkdir()
            about = (old / "themes" / theme.id / "theme.yaml").read_text("utf-8")
            (folder / "theme.yaml").write_text(about.replace(str(pack.year), str(year)), "utf-8")
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _of_the_old_plan(text: str, name: str, year: int) -> str:
    """The list in the file `name` with the source `plan` named by its year, all else as it was written."""
    items = yaml.compose(text, Loader=yaml.SafeLoader)
    fields = [field for item in (items.value if items is not None else ()) for field in item.value]
    if name == "sources.yaml":
        ids = [value for key, value in fields if key.value == "id"]
    else:
        ids = [id for key, value in fields if key.value == "sources" for id in value.value]
    for node in reversed([id for id in ids if id.value == PLAN_SOURCE]):
        text = f"{text[: node.start_mark.index]}{PLAN_SOURCE}-{year}{text[node.end_mark.index :]}"
    return text


def _yearly(milestones: str) -> str:
    """The list of milestones without those of one year, every other line as it was written."""
    parts = re.split(r"^(?=- )", milestones, flags=re.MULTILINE)
    kept = [part for part in parts if not _happens_once(part)]
    return "".join(kept) if any(part.startswith("- ") for part in kept) else "[]\n"


def _happens_once(part: str) -> bool:
    [milestone] = yaml.safe_load(part) or [{}]
    return milestone.get("year") is not None
