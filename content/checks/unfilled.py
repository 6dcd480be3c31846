"""What a pack still lacks to carry a whole year: themes without cards, weeks and months without any, no plan."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from content.checks.finding import Finding, finding
from content.checks.reading import Reading, at, id_of

WEEKS: Final = range(1, 53)
MONTHS: Final = range(1, 13)


def check(reading: Reading) -> Iterator[Finding]:
    """A finding a file: what is to be filled in it."""
    used = {str(card.values["theme"]) for card in reading.of_kind("card")}
    for theme in reading.of_kind("theme"):
        if id_of(theme) == theme.file.parent.name and id_of(theme) not in used:
            yield at("theme-without-card", theme, "id", id=id_of(theme))
    root = reading.files.root
    for name, kind, key, whole in (
        ("weeks.yaml", "week", "week", WEEKS),
        ("meetings.yaml", "meeting", "month", MONTHS),
    ):
        given = {str(entry.values.get(key)) for entry in reading.of_kind(kind)}
        missing = [number for number in whole if str(number) not in given]
        if missing and Path(name) in reading.files.contents:
            yield finding(f"missing-{kind}", root / name, 1, which=_ranges(missing))
    if not reading.of_kind("paragraph") and Path("plan.yaml") in reading.files.contents:
        yield finding("without-plan", root / "plan.yaml", 1)


def _ranges(numbers: list[int]) -> str:
    """1, 2, 3, 7 as 1-3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
