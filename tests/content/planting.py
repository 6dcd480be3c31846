"""Faults planted in the small pack of the tests, and the names of its files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from content.loader import load_pack

CARD = "themes/doan-ket/cards/hon-da.md"
STORY = "themes/chuyen-ke/cards/chiec-ao.md"
IMAGE = "themes/chuyen-ke/images/chiec-ao.png"
QUESTIONS = "themes/doan-ket/questions/hon-da.yaml"
STORY_QUESTIONS = "themes/chuyen-ke/questions/chiec-ao.yaml"
THEME = "themes/doan-ket/theme.yaml"
DO_THIS = "Giúp một người."
TOLD = "variants/blt/card-hon-da.md"
THIRD = """- id: {id}
  card: hon-da
  text: {text}
  difficulty: 1
  options: [Đoàn kết, Cây, Sông, Núi]
  correct: A
  explanation: Đoàn kết là sức mạnh.
  facts: [f1]
"""
FolderFault = tuple[str, Callable[[Path], tuple[str, int]]]
"""A rule, and what breaks it somewhere in a pack's folder: returns the file and the line where it is found."""


@dataclass(frozen=True)
class Plant:
    """A fault: in the file `name`, `new` instead of `old`; found at the line of `at`, else where `old` began."""

    rule: str
    name: str
    old: str
    new: str
    at: str = ""

    def put(self, pack_dir: Path) -> int:
        path = pack_dir / self.name
        text = path.read_text(encoding="utf-8")
        assert self.old in text
        planted = text.replace(self.old, self.new, 1)
        path.write_text(planted, encoding="utf-8")
        return planted[: planted.index(self.at) if self.at else text.index(self.old)].count("\n") + 1


def put(pack_dir: Path, name: str, old: str, new: str) -> None:
    Plant("", name, old, new).put(pack_dir)


def told(pack_dir: Path, name: str = TOLD, speaker: str = "speaker: Bà Lò Thị A\n", revision: str = "") -> None:
    """A text in another language, as good as it can be; here it is no more than a placeholder."""
    of = name.rpartition("/")[2].removesuffix(".md")
    written = revision or load_pack(pack_dir).revision_of(of)
    (pack_dir / name).parent.mkdir(parents=True, exist_ok=True)
    front = f'---\n{speaker}provided_on: 2025-05-01\nrevision: "{written}"\n---\n'
    (pack_dir / name).write_text(f"{front}«…» khoẻ, Bác…\n", encoding="utf-8")
