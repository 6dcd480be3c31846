"""What is told in another language: each rule on it finds the one fault planted for it."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from content.checks import check_pack, findings_report
from content.loader import load_pack
from content.models import Recording
from tests.content.planting import CARD, DO_THIS, QUESTIONS, TOLD, FolderFault, put, told

RECORDINGS = "variants/blt/recordings.yaml"
SOUND = b"OggS" + b"\0" * 100


def recorded(pack_dir: Path, of: str = "script-1", consent: str = "  consent: Đồng ý ngày 1/5/2025\n") -> None:
    revision = load_pack(pack_dir).revision_of(of)
    (pack_dir / RECORDINGS).parent.mkdir(parents=True, exist_ok=True)
    about = f"  speaker: Bà Lò Thị A\n  provided_on: 2025-05-01\n{consent}"
    entry = f'- of: {of}\n  file: mot.ogg\n{about}  revision: "{revision}"\n'
    (pack_dir / RECORDINGS).write_text(entry, encoding="utf-8")
    (pack_dir / "variants/blt/mot.ogg").write_bytes(SOUND)


def another_language(pack_dir: Path) -> tuple[str, int]:
    told(pack_dir, "variants/xyz/card-hon-da.md")
    return "variants/xyz/card-hon-da.md", 2


def of_nothing(pack_dir: Path) -> tuple[str, int]:
    told(pack_dir, "variants/blt/card-cay.md", revision="abc")
    return "variants/blt/card-cay.md", 2


def of_no_week(pack_dir: Path) -> tuple[str, int]:
    recorded(pack_dir)
    put(pack_dir, RECORDINGS, "script-1", "script-53")
    return RECORDINGS, 1


def without_speaker(pack_dir: Path) -> tuple[str, int]:
    told(pack_dir, speaker="")
    return TOLD, 2


def without_consent(pack_dir: Path) -> tuple[str, int]:
    recorded(pack_dir, consent="")
    return RECORDINGS, 1


def of_the_text_before(pack_dir: Path) -> tuple[str, int]:
    told(pack_dir, "variants/blt/question-hon-da-2.md")
    put(pack_dir, QUESTIONS, "    - Cây", "    - Rừng")
    return "variants/blt/question-hon-da-2.md", 4


def spoken_twice(pack_dir: Path) -> tuple[str, int]:
    recorded(pack_dir)
    text = (pack_dir / RECORDINGS).read_text("utf-8")
    (pack_dir / RECORDINGS).write_text(text * 2, "utf-8")
    return RECORDINGS, 7


def lost_recording(pack_dir: Path) -> tuple[str, int]:
    recorded(pack_dir)
    (pack_dir / "variants/blt/mot.ogg").unlink()
    return RECORDINGS, 2


def unnamed_recording(pack_dir: Path) -> tuple[str, int]:
    recorded(pack_dir)
    (pack_dir / "variants/blt/hai.mp3").write_bytes(b"ID3")
    return "variants/blt/hai.mp3", 1


def recording_of_another_kind(pack_dir: Path) -> tuple[str, int]:
    recorded(pack_dir)
    (pack_dir / "variants/blt/mot.ogg").write_bytes(b"RIFF....WAVE")
    return RECORDINGS, 2


def recording_by_another_name(pack_dir: Path) -> tuple[str, int]:
    recorded(pack_dir)
    put(pack_dir, RECORDINGS, "mot.ogg", "mot.wav")
    (pack_dir / "variants/blt/mot.ogg").rename(pack_dir / "variants/blt/mot.wav")
    return RECORDINGS, 2


def huge_recording(pack_dir: Path) -> tuple[str, int]:
    recorded(pack_dir)
    (pack_dir / "variants/blt/mot.ogg").write_bytes(SOUND + b"\0" * 2_000_000)
    return RECORDINGS, 2


def far_too_huge_recording(pack_dir: Path) -> tuple[str, int]:
    recorded(pack_dir)
    with (pack_dir / "variants/blt/mot.ogg").open("wb") as sound:
        sound.truncate(10**12)
    return RECORDINGS, 2


VARIANTS: list[FolderFault] = [
    ("unknown-language", another_language),
    ("unknown-variant-of", of_nothing),
    ("unknown-variant-of", of_no_week),
    ("variant-without-speaker", without_speaker),
    ("recording-without-consent", without_consent),
    ("variant-of-another-text", of_the_text_before),
    ("repeated-variant", spoken_twice),
    ("missing-recording", lost_recording),
    ("unnamed-recording", unnamed_recording),
    ("recording-type", recording_of_another_kind),
    ("recording-type", recording_by_another_name),
    ("huge-recording", huge_recording),
    ("huge-recording", far_too_huge_recording),
]


def test_what_is_told_in_another_language_is_in_the_pack(pack_dir: Path) -> None:
    """By language and by what it is of; what was told of another text is left out, and the pack is good all the same."""
    told(pack_dir)
    told(pack_dir, "variants/blt/question-hon-da-1.md")
    recorded(pack_dir)
    assert check_pack(pack_dir) == []
    pack = load_pack(pack_dir)
    assert set(pack.told) == {("blt", "card-hon-da"), ("blt", "question-hon-da-1"), ("blt", "script-1")}
    spoken = pack.told["blt", "script-1"]
    assert isinstance(spoken, Recording)
    assert Path(spoken.path).read_bytes() == SOUND
    assert spoken.digest == hashlib.sha256(SOUND).hexdigest()
    put(pack_dir, CARD, DO_THIS, "Giúp hai người.")
    assert {one.rule for one in check_pack(pack_dir)} == {"variant-of-another-text"}
    assert set(load_pack(pack_dir).told) == {("blt", "question-hon-da-1")}


def test_the_shipped_pack_has_nothing_told_yet() -> None:
    """Nobody has told anything in another language so far, and nothing is made up."""
    shipped = load_pack(Path(__file__).resolve().parents[2] / "content/packs/2025")
    assert (shipped.variants, shipped.recordings) == ((), ())
    assert {"blt", "hmn", "hni"} <= set(shipped.language_by_id)


@pytest.mark.parametrize(("rule", "do"), VARIANTS, ids=lambda value: getattr(value, "__name__", value))
def test_a_fault_of_a_variant_is_found(pack_dir: Path, rule: str, do: Callable[[Path], tuple[str, int]]) -> None:
    name, line = do(pack_dir)
    found = check_pack(pack_dir)
    assert [(one.rule, one.file, one.line) for one in found] == [(rule, pack_dir / name, line)], findings_report(found)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"- 1",
        b"- {of: [1], file: {a: b}, revision: 3}",
        b"- {of: ../x, file: ../../pack.yaml}",
        b"- &a [*a]",
        b"\x00",
    ],
)
@pytest.mark.parametrize("name", [RECORDINGS, TOLD])
def test_rubbish_in_another_language_is_reported_and_never_raised(pack_dir: Path, name: str, raw: bytes) -> None:
    recorded(pack_dir)
    told(pack_dir)
    for content in (raw, b"---\n" + raw + b"\n---\nA"):
        (pack_dir / name).write_bytes(content)
        assert any(one.severity == "error" for one in check_pack(pack_dir))
