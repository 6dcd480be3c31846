"""Each rule of the linter finds the one fault planted for it."""

import unicodedata
from pathlib import Path

import pytest

from content.checks import check_pack, findings_report, rulebook

CARD = "themes/doan-ket/cards/hon-da.md"
QUESTIONS = "themes/doan-ket/questions/hon-da.yaml"
THEME = "themes/doan-ket/theme.yaml"
MEETING = "- month: 1\n  card: hon-da\n  story: cay\n  discuss: [A, B, C]\n  do_this: Giúp một người."
DECOMPOSED = unicodedata.normalize("NFD", "Giúp một người.")

# rule, file, what is there, what takes its place, the line of the finding
PLANTED = [
    ("unreadable", "pack.yaml", "year: 2025", "year: [2025", 3),
    ("wrong-shape", "errata.yaml", "[]", "{a: 1}", 1),
    ("wrong-shape", "sources.yaml", "- id: plan", "- plan\n- id: plan", 1),
    ("front-matter", CARD, "---\nid", "id", 1),
    ("repeated-key", CARD, "order: 1\n", "order: 1\norder: 2\n", 4),
    ("computed-key", CARD, "order: 1\n", "order: 1\ntheme: doan-ket\n", 4),
    ("unknown-key", QUESTIONS, "  card: hon-da\n  text: Bài", "  card: hon-da\n  level: 1\n  text: Bài", 11),
    ("unknown-key", "pack.yaml", "year: 2025", "year: 2025\ncards: []", 3),
    ("missing-key", QUESTIONS, "  explanation: Đoàn kết là sức mạnh.\n", "", 1),
    ("missing-key", "documents.yaml", "  sources: [plan]\n", "", 1),
    ("wrong-value", "documents.yaml", "2016-05-15", "hôm qua", 3),
    ("wrong-value", "documents.yaml", "[plan]", "[]", 7),
    ("wrong-value", "milestones.yaml", "month: 5", "month: 13", 4),
    ("wrong-value", "milestones.yaml", "day: 19\n  month: 5", "day: 30\n  month: 2", 1),
    ("wrong-value", "milestones.yaml", "lunar: true", "lunar: true\n  since: 1", 10),
    ("wrong-value", "milestones.yaml", "  month: 3", "  month: 11", 10),
    ("wrong-value", QUESTIONS, "difficulty: 1", "difficulty: 4", 4),
    ("wrong-value", QUESTIONS, "correct: A", "correct: [C, A]", 1),
    ("wrong-value", QUESTIONS, "Ngủ nhiều, Đi xa, Ở nhà", "Ngủ nhiều, Đi xa", 5),
    ("wrong-value", "sources.yaml", "Kế hoạch số 1", "Kế hoạch số 1\n  url: xem ở tủ sách", 3),
    ("correct-letter", QUESTIONS, "correct: A", "correct: E", 6),
    ("correct-letter", QUESTIONS, "correct: A", "correct: 1", 6),
    ("correct-letter", QUESTIONS, "correct: A", "correct: []", 6),
    ("correct-letter", QUESTIONS, "  correct: A\n", "", 1),
    ("repeated-option", QUESTIONS, "Ngủ nhiều", "đoàn kết!", 5),
    ("repeated-id", QUESTIONS, "id: hon-da-2", "id: hon-da-1", 9),
    ("repeated-id", "facts.yaml", "id: f2", "id: q1", 1),
    ("repeated-question", QUESTIONS, "Bài thơ tên là gì?", "Điều gì làm nên sức mạnh", 11),
    ("theme-folder", THEME, "id: doan-ket", "id: thi-dua", 1),
    ("card-without-theme", THEME, "id: doan-ket", "id: thi-dua", 2),
    ("unknown-source", "facts.yaml", "[sach, plan]", "[sach, bao]", 6),
    ("unknown-source", "milestones.yaml", "[plan]", "[plan, bao]", 9),
    ("unknown-source", "sources.yaml", "id: plan", "id: ke-hoach", 1),
    ("unknown-fact", CARD, "[f1, f2]", "[f1, f9]", 6),
    ("unknown-fact", QUESTIONS, "facts: [f1]", "facts: [plan]", 8),
    ("unknown-paragraph", CARD, "plan: [ii-1-1]", "plan: [ii-1-2]", 7),
    ("unknown-card", "weeks.yaml", "[]", "- week: 1\n  cards: [hon-da, cay]", 2),
    ("unknown-card", "meetings.yaml", "[]", MEETING, 3),
    ("unknown-card", QUESTIONS, "  card: hon-da\n  text: Bài", "  card: cay\n  text: Bài", 10),
    ("unknown-quotation", CARD, "quotation: q1", "quotation: q9", 5),
    ("card-without-question", CARD, "id: hon-da", "id: cay", 2),
    ("push-without-phrase", "milestones.yaml", "  phrase: Ngày Hội\n", "", 7),
    ("card-words", CARD, "Bác Hồ dặn đoàn kết", "Bác Hồ" + " dặn" * 60, 12),
    ("long-card", CARD, "Giúp một người.", "a" * 1_400, 12),
    ("long-question", QUESTIONS, "Bài thơ tên là gì?", "a" * 301, 11),
    ("long-option", QUESTIONS, "Sông", "a" * 101, 13),
    ("long-explanation", QUESTIONS, "Đoàn kết là sức mạnh.", "a" * 201, 7),
    ("quotation-not-verbatim", CARD, "Giúp một người.", "Nhớ “Đoàn kết là sức mạnh của tôi”.", 8),
    ("two-quotations", CARD, "Bác Hồ dặn", "Bác Hồ nói “Cùng nhau thì việc gì cũng xong” và dặn", 12),
    ("not-nfc", CARD, "Giúp một người.", DECOMPOSED, 8),
    ("tone-placement", CARD, "Giúp một người.", "Hoá ra Tỉnh uỷ khoẻ.", 8),
    ("double-space", CARD, "Giúp một người.", "Giúp  một người.", 8),
    ("double-space", CARD, "Giúp một người nấu ăn.", "Giúp  một người.", 10),
    ("birthday", CARD, "Giúp một người.", "Mừng Sinh nhật.", 8),
    ("this-year", CARD, "Giúp một người.", "Chuyên đề năm nay.", 8),
    ("template-marker", CARD, "Giúp một người.", "Chào {{ ten }}.", 8),
    ("template-marker", QUESTIONS, "Sông", "'{% if %}'", 13),
]


def test_the_small_pack_is_good(pack_dir: Path) -> None:
    assert check_pack(pack_dir) == []
    assert findings_report([]) == rulebook()["report"]["none"]


@pytest.mark.parametrize(("rule", "name", "old", "new", "line"), PLANTED)
def test_a_planted_fault_is_found(pack_dir: Path, rule: str, name: str, old: str, new: str, line: int) -> None:
    path = pack_dir / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    found = [finding for finding in check_pack(pack_dir) if finding.rule == rule]

    lines = {finding.line for finding in found}
    assert line in lines, lines
    report = findings_report(found)
    assert f"[{rule}]" in report
    for finding in found:
        assert finding.message_vi in report
        assert finding.message_en in report
        assert finding.remedy in report


def test_a_missing_and_a_stray_file_are_found(pack_dir: Path) -> None:
    (pack_dir / "sources.yaml").unlink()
    (pack_dir / "notes.yaml").write_text("[]", encoding="utf-8")
    rules = {(finding.rule, finding.file.name) for finding in check_pack(pack_dir)}
    assert {("missing-file", "sources.yaml"), ("stray-file", "notes.yaml")} <= rules


def test_every_rule_has_a_planted_fault() -> None:
    planted = {rule for rule, *_ in PLANTED} | {"missing-file", "stray-file"}
    assert planted == set(rulebook()["rules"])


def test_titles_and_verbatim_words_may_stand_in_quotation_marks(pack_dir: Path) -> None:
    card = pack_dir / CARD
    text = card.read_text(encoding="utf-8")
    text = text.replace("Giúp một người.", "Đọc “Hòn đá” và nhớ “Đoàn kết là sức mạnh”.")
    card.write_text(text, encoding="utf-8")
    assert check_pack(pack_dir) == []


def test_words_of_others_keep_their_spelling(pack_dir: Path) -> None:
    sources = pack_dir / "sources.yaml"
    sources.write_text(
        "- id: plan\n  title: Mừng sinh nhật, khoẻ cả năm nay\n- id: sach\n  title: Sách\n", encoding="utf-8"
    )
    assert check_pack(pack_dir) == []


def test_old_tone_placement_and_qu_are_right(pack_dir: Path) -> None:
    card = pack_dir / CARD
    text = card.read_text(encoding="utf-8")
    text = text.replace("Giúp một người.", "Quý nhau, hóa ra khỏe, Tỉnh ủy, thủy, hoàn toàn, ngoáy.")
    card.write_text(text, encoding="utf-8")
    assert check_pack(pack_dir) == []


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"&a [*a]", b"- {id: [1, {b: 2}], sources: {x: [y]}}", b"\x00"])
@pytest.mark.parametrize("name", ["pack.yaml", "sources.yaml", "milestones.yaml", THEME, CARD, QUESTIONS])
def test_rubbish_is_reported_and_never_raised(pack_dir: Path, name: str, raw: bytes) -> None:
    (pack_dir / name).write_bytes(raw)
    assert any(finding.file == pack_dir / name for finding in check_pack(pack_dir))


def test_windows_files_are_read_alike(pack_dir: Path) -> None:
    card = pack_dir / CARD
    card.write_bytes(b"\xef\xbb\xbf" + card.read_bytes().replace(b"\n", b"\r\n"))
    assert check_pack(pack_dir) == []


def test_a_folder_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    assert {finding.rule for finding in check_pack(tmp_path / "nowhere")} == {"missing-file"}
