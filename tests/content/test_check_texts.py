"""Each rule on what stands in a pack's files finds the one fault planted for it, and nothing else."""

import hashlib
import unicodedata
from pathlib import Path

import pytest

from content.checks import check_pack, findings_report, rulebook
from content.loader import BrokenPack, load_pack
from tests.content.conftest import FILES
from tests.content.planting import CARD, DO_THIS, QUESTIONS, STORY, STORY_QUESTIONS, THEME, THIRD, Plant, put

DECOMPOSED = unicodedata.normalize("NFD", DO_THIS)

PLANTED = [
    # reading
    Plant("unreadable", "errata.yaml", "card: hon-da", "card: [hon-da", "wrong"),
    Plant("unreadable", "milestones.yaml", "since: 1890", "since: 1890-02-30"),
    Plant("yaml-alias", "errata.yaml", "- id: e1\n  card: hon-da", "- id: &a e1\n  card: *a", "*a"),
    Plant("wrong-shape", "errata.yaml", "- id: e1", "- e1\n- id: e1"),
    Plant("repeated-key", CARD, "order: 1\n", "order: 1\norder: 2\n", "order: 2"),
    Plant("computed-key", CARD, "order: 1\n", "order: 1\ntheme: doan-ket\n", "theme"),
    Plant("correct-letter", QUESTIONS, "correct: A", "correct: E"),
    Plant("correct-letter", QUESTIONS, "correct: A", "correct: 1"),
    Plant("correct-letter", QUESTIONS, "correct: A", "correct: []"),
    Plant("correct-letter", QUESTIONS, "  correct: A\n", "", "- id: hon-da-1"),
    # shape
    Plant("unknown-key", QUESTIONS, "  difficulty: 2", "  level: 1\n  difficulty: 2"),
    Plant("unknown-key", "pack.yaml", "year: 2025", "year: 2025\ncards: []", "cards"),
    Plant("missing-key", QUESTIONS, "  explanation: Đoàn kết là sức mạnh.\n", "", "- id: hon-da-1"),
    Plant("missing-key", "documents.yaml", "  sources: [plan]\n", "", "- id"),
    Plant("wrong-value", "documents.yaml", "2016-05-15", "hôm qua"),
    Plant("wrong-value", "documents.yaml", "[plan]", "[]"),
    Plant("wrong-value", "documents.yaml", "Về học tập", "[1, {a: b}]"),
    *(Plant("wrong-value", "pack.yaml", "year: 2025", f"year: {year}") for year in (0, -1, 1999, 2100, 10**9)),
    Plant("wrong-value", "milestones.yaml", "since: 1890", "year: 2100"),
    Plant("wrong-value", "milestones.yaml", "since: 1890", "since: 0"),
    Plant("wrong-value", "milestones.yaml", "month: 5", "month: 13"),
    Plant("wrong-value", "milestones.yaml", "day: 19\n  month: 5", "day: 30\n  month: 2", "- id"),
    Plant("wrong-value", "milestones.yaml", "lunar: true", "lunar: true\n  since: 1", "- id: m2"),
    Plant("wrong-value", "milestones.yaml", "  month: 3", "  month: 11", "- id: m2"),
    Plant("wrong-value", QUESTIONS, "Ngủ nhiều, Đi xa, Ở nhà", "Ngủ nhiều, Đi xa"),
    Plant("wrong-value", QUESTIONS, "difficulty: 1", "difficulty: 4"),
    Plant("wrong-value", STORY_QUESTIONS, "correct: [A, C]", "correct: [C, A]", "- id"),
    Plant("wrong-value", "sources.yaml", "https://vi.du/sach", "xem ở tủ sách"),
    Plant("wrong-value", STORY, "file: chiec-ao.png", "file: ../chiec-ao.png"),
    Plant("wrong-value", "pack.yaml", "title: Chuyên đề về đoàn kết", 'title: ""'),
    Plant("wrong-value", "weeks.yaml", "- week: 1\n", "- week: 53\n  cards: [hon-da, chiec-ao]\n- week: 1\n"),
    Plant("repeated-id", QUESTIONS, "id: hon-da-2", "id: hon-da-1"),
    Plant("repeated-id", "plan.yaml", "- id: ii-1-1", "- id: d1\n  heading: A\n  text: B\n- id: ii-1-1"),
    Plant("reserved-id", "pack.yaml", "  bep-an: Bếp ăn", "  bep-an: Bếp ăn\n  keep: Giữ trẻ", "  keep"),
    Plant("reserved-id", "pack.yaml", "  bep-an: Bếp ăn", "  bep-an: Bếp ăn\n  none: Việc khác", "  none"),
    Plant("repeated-place", "weeks.yaml", "chiec-ao]", "chiec-ao]\n- week: 1\n  cards: [chiec-ao, hon-da]", "- week: 1\n  cards: [chiec-ao"),
    Plant("repeated-place", "themes/doan-ket/theme.yaml", "order: 1", "order: 2"),
    Plant("push-without-phrase", "milestones.yaml", "  phrase: Ngày Hội\n", "", "push"),
    # what is still to be filled
    Plant("missing-week", "weeks.yaml", FILES["weeks.yaml"], FILES["weeks.yaml"][37:]),
    Plant("missing-week", "weeks.yaml", FILES["weeks.yaml"], "[]"),
    Plant("missing-meeting", "meetings.yaml", FILES["meetings.yaml"], "[]"),
    # links
    Plant("unknown-source", "facts.yaml", "[sach, plan]", "[sach, bao]"),
    Plant("unknown-fact", STORY_QUESTIONS, "facts: [f3]", "facts: [f3, sach]"),
    Plant("unknown-fact", "errata.yaml", "[f2]", "[f2, f9]"),
    Plant("unknown-paragraph", CARD, "plan: [ii-1-1]", "plan: [ii-1-2]"),
    Plant("unknown-card", "weeks.yaml", "[hon-da, chiec-ao]", "[hon-da, cay]"),
    Plant("unknown-card", "meetings.yaml", "story: chiec-ao", "story: cay"),
    Plant("unknown-card", QUESTIONS, "card: hon-da\n  text: Bài", "card: cay\n  text: Bài"),
    Plant("unknown-quotation", CARD, "quotation: q1", "quotation: q9"),
    Plant("unknown-work", CARD, "bep-an", "tho-xay"),
    Plant("withdrawn-fact", CARD, "[f1, f2]", "[f1, f2, f4]"),
    Plant("withdrawn-fact", "errata.yaml", "[f2]", "[f2, f4]"),
    Plant("erratum-of-now", "errata.yaml", "[abc]", f'[abc, "{hashlib.sha256(FILES[CARD].encode()).hexdigest()[:12]}"]'),
    Plant("story-of-another-theme", "meetings.yaml", "story: chiec-ao", "story: hon-da"),
    # questions
    Plant("repeated-option", QUESTIONS, "Ngủ nhiều", "đoàn kết!"),
    Plant("repeated-question", QUESTIONS, "Bài thơ tên là gì?", "Điều gì làm nên sức mạnh?"),
    Plant("near-question", QUESTIONS, "- id: hon-da-2", THIRD.format(id="ba", text="Điều gì đã làm nên sức mạnh?") + "- id: hon-da-2", "Điều gì đã"),
    Plant("near-question", QUESTIONS, "- id: hon-da-2", THIRD.format(id="ba", text="Theo bài thơ ấy, điều gì làm nên sức mạnh cho mọi người trong tổ?") + "- id: hon-da-2", "Theo bài"),
    Plant("several-unsaid", STORY_QUESTIONS, " (chọn mọi ý đúng)", ""),
    Plant("several-said", QUESTIONS, "Điều gì làm nên sức mạnh?", "Điều gì làm nên sức mạnh (chọn mọi ý đúng)?"),
    Plant("distractor-quotation", QUESTIONS, "    - Sông", "    - Bác Hồ nói “Ngủ là sức mạnh”"),
    Plant("distractor-document", QUESTIONS, "    - Sông", "    - Quy định số 37-QĐ/TW"),
    Plant("distractor-document", QUESTIONS, "    - Sông", "    - Chỉ thị 06"),
    # grounds
    Plant("not-in-facts", CARD, "Ngày 21/4/1942", "Ngày 22/4/1942"),
    Plant("not-in-facts", CARD, "mọi người trong tổ", "30 người trong tổ"),
    Plant("not-in-facts", CARD, "title: Hòn đá", "title: Hòn đá năm 1943"),
    Plant("not-in-facts", QUESTIONS, "đăng báo năm 1942", "đăng báo ngày 22 tháng 4"),
    Plant("not-in-facts", STORY_QUESTIONS, "[Chiếc áo,", "[3 chiếc áo,"),
    Plant("not-in-facts", STORY, "nhiều chiến sĩ", "2.001 chiến sĩ"),
    Plant("not-in-facts", "errata.yaml", "21/4/1942", "tháng 5 năm 1942"),
    Plant("not-in-facts", "meetings.yaml", "việc gì?", "việc gì từ năm 1950?"),
    Plant("quotation-not-verbatim", CARD, DO_THIS, "Nhớ “Đoàn kết là sức mạnh của tôi”."),
    Plant("quotation-not-cited", STORY, "nhiều năm", "nhiều năm “Cùng nhau thì việc gì cũng xong”"),
    Plant("two-quotations", CARD, "trong cả làng.", "trong cả làng: “Đoàn kết là sức mạnh”.", "Ngày 21/4/1942"),
    # lengths
    Plant("card-words", CARD, "Bài thơ nói", "Bài thơ" + " nói" * 60),
    Plant("long-card", CARD, DO_THIS, "a" * 1_400, "Ngày 21"),
    Plant("long-card", STORY, "Một chiếc áo màu nâu", "a" * 1_450, "Tháng 12"),
    Plant("long-document", "documents.yaml", "Nói về học tập.", "a" * 1_450, "- id: d1"),
    Plant("long-title", CARD, "title: Hòn đá", "title: " + "a" * 61),
    Plant("long-title", THEME, "title: Đoàn kết", "title: " + "a" * 61),
    Plant("long-label", "pack.yaml", "Bếp ăn", "a" * 26),
    Plant("long-label", "documents.yaml", "05-CT/TW", "05-CT/TW của tỉnh ta"),
    Plant("long-question", QUESTIONS, "Bài thơ tên là gì?", "a" * 301),
    Plant("long-option", QUESTIONS, "    - Sông", "    - " + "a" * 101),
    Plant("long-explanation", QUESTIONS, "Đoàn kết là sức mạnh.", "a" * 201),
    Plant("long-erratum", "errata.yaml", "Bài thơ đăng", "a" * 600),
    # images
    Plant("missing-image", STORY, "chiec-ao.png", "chiec-mu.png"),
    Plant("image-without-alt", STORY, "  alt: Một chiếc áo màu nâu\n", "", "image"),
    Plant("image-without-licence", STORY, "  licence: Ảnh của Công đoàn tỉnh\n", "", "image"),
    # wording
    Plant("not-nfc", CARD, DO_THIS, DECOMPOSED),
    Plant("hidden-character", CARD, "sức mạnh, là", "sức \u202emạnh, là", "Bác Hồ dặn"),
    Plant("hidden-character", CARD, "sức mạnh, là", "sức mạnh\0, là", "Bác Hồ dặn"),
    Plant("hidden-character", CARD, DO_THIS, "Giúp\u200b một người."),
    Plant("hidden-character", CARD, DO_THIS, '"Giúp một\\e người."'),
    Plant("hidden-character", QUESTIONS, "    - Sông", "    - Sô\u00adng"),
    Plant("hidden-character", "quotations.yaml", "Cùng nhau", "Cùng\u2060 nhau"),
    Plant("hidden-character", "sources.yaml", "https://vi.du/sach", "https://vi.du/\u2066sach"),
    Plant("hidden-character", "pack.yaml", "Bếp ăn", "Bếp\ufeff ăn"),
    Plant("tone-placement", CARD, DO_THIS, "Hoá ra Tỉnh uỷ khoẻ."),
    Plant("double-space", CARD, DO_THIS, "Giúp  một người."),
    Plant("double-space", CARD, "Giúp một người nấu ăn.", "Giúp  một người."),
    Plant("double-space", CARD, "sức mạnh, là", "sức mạnh,  là", "Bác Hồ dặn"),
    Plant("straight-marks", CARD, DO_THIS, 'Nói "giúp nhau".'),
    Plant("birthday", CARD, DO_THIS, "Mừng Sinh nhật."),
    Plant("bare-name", CARD, DO_THIS, "Nhớ lời Bác dặn."),
    Plant("bare-name", "milestones.yaml", "name: Ngày Hội", "name: Ngày Bác về"),
    Plant("full-name-first", STORY, "Chủ tịch Hồ Chí Minh tặng", "Bác Hồ tặng"),
    Plant("full-name-first", STORY_QUESTIONS, "Chủ tịch Hồ Chí Minh đã", "Bác Hồ đã"),
    Plant("loud", CARD, DO_THIS, "Đọc Di chúc 🌸."),
    Plant("loud", CARD, DO_THIS, "Treo cờ ngày 2/9!"),
    Plant("loud", CARD, DO_THIS, "Treo cờ ngày 2 tháng 9!"),
    Plant("loud", STORY, "Món quà", "Ngày mất của người tặng còn xa! Món quà"),
    Plant("this-year", CARD, DO_THIS, "Chuyên đề năm nay."),
    Plant("template-marker", CARD, DO_THIS, "Chào {{ ten }}."),
    Plant("template-marker", QUESTIONS, "    - Sông", "    - '{% if %}'"),
    Plant("abbreviation", CARD, DO_THIS, "Báo cho LĐLĐ tỉnh."),
    Plant("abbreviation", QUESTIONS, "Bài thơ tên là gì?", "LĐLĐ đọc bài thơ tên là gì?"),
    Plant("unknown-abbreviation", STORY, "Món quà", "UBND kể: món quà"),
]  # fmt: skip


def test_the_small_pack_is_good(pack_dir: Path) -> None:
    found = check_pack(pack_dir)
    assert found == [], findings_report(found)
    assert findings_report([]) == rulebook()["report"]["none"]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: f"{plant.rule}-{plant.name}")
def test_a_planted_fault_is_found_and_nothing_else(pack_dir: Path, plant: Plant) -> None:
    line = plant.put(pack_dir)
    found = check_pack(pack_dir)
    expected = [(plant.rule, pack_dir / plant.name, line)]
    assert [(one.rule, one.file, one.line) for one in found] == expected, findings_report(found)
    report = findings_report(found)
    for one in found:
        for said in (f"{one.file}:{one.line} [{one.rule}]", one.message_vi, one.message_en, one.remedy, one.remedy_en):
            assert said in report


def test_an_erratum_of_what_is_read_now(pack_dir: Path) -> None:
    """A file that stays may have shown another quotation; what it shows now is not wrong."""
    now = load_pack(pack_dir).card_by_id["hon-da"].revision
    errata = pack_dir / "errata.yaml"
    errata.write_text(FILES["errata.yaml"].replace("abc", f'"{now}"'), "utf-8")
    assert "erratum-of-now" in {finding.rule for finding in check_pack(pack_dir)}
    errata.write_text(FILES["errata.yaml"].replace("abc", f'"{now.partition("-")[0]}-00000000"'), "utf-8")
    assert check_pack(pack_dir) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("sources.yaml", "title: Sách", f"title: 0x{'f' * 8000}"),
        ("pack.yaml", "year: 2025", f"year: 1{':59' * 5000}"),
        (CARD, "title: Hòn đá", 'title: !!int ""'),
        (CARD, "title: Hòn đá", "title: !!bool x"),
        (CARD, "title: Hòn đá", "title: !!timestamp x"),
        (QUESTIONS, "options: [Đoàn kết, Ngủ nhiều, Đi xa, Ở nhà]", "options: Đoàn kết"),
    ],
)
def test_no_value_ends_the_check(pack_dir: Path, name: str, old: str, new: str) -> None:
    """Whatever stands there: a finding in that file that can be printed, so that the last good pack stays in use."""
    put(pack_dir, name, old, new)
    with pytest.raises(BrokenPack) as broken:
        load_pack(pack_dir)
    assert pack_dir / name in {found.file for found in broken.value.findings if found.severity == "error"}
    assert str(broken.value).encode()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        # Titles and verbatim words may stand in quotation marks; titles need not be cited.
        (CARD, DO_THIS, "Đọc “Hòn đá” và nhớ “Đoàn kết là sức mạnh”."),
        (STORY, "Món quà", "Sau “Hòn đá”, món quà"),
        # Words of others keep their spelling.
        ("sources.yaml", "title: Sách", "title: Mừng sinh nhật Bác, khoẻ cả năm nay"),
        ("quotations.yaml", "Cùng nhau", "Bác khoẻ, cùng nhau"),
        # The old tone placement, and qu.
        (CARD, DO_THIS, "Quý nhau, hóa ra khỏe, Tỉnh ủy, thủy, hoàn toàn, ngoáy."),
        # What is said otherwise is the same; the pack's year and its days in that year need no fact.
        (STORY, "Tháng 12/1954, có nhiều", "Tháng 12 năm 1954, có 2000"),
        (CARD, "Ngày 21/4/1942", "Ngày 21 tháng 4 năm 1942"),
        (CARD, "Ngày 21/4/1942", "Ngày 21-4-1942, tức 21/4,"),
        (CARD, "Ngày 21/4/1942", "Ngày 21/4/2025, chuyên đề năm 2025,"),
        (STORY, "title: Chiếc áo\nfacts: [f3]", "title: Chiếc áo sau 135 năm\nfacts: [f3, m1]"),
        (QUESTIONS, "    - Sông", "    - Bài “Hòn đá”"),
        # A document of the pack is named by its number.
        (CARD, "Ngày 21/4/1942", "Ngày 21/4/1942, trước Chỉ thị số 05-CT/TW"),
        # Suggestions claim nothing, and neither do wrong options.
        (CARD, DO_THIS, "Dành 10 phút giúp một người."),
        (QUESTIONS, "    - Sông", "    - 19/5/1895"),
        (QUESTIONS, "    - Sông", "    - Chỉ thị số 05-CT/TW"),
        # An abbreviation that is opened, in a document's number, or a Roman numeral.
        (CARD, DO_THIS, "Báo cho Liên đoàn Lao động (LĐLĐ) tỉnh, rồi LĐLĐ huyện."),
        (CARD, DO_THIS, "Đọc Kế hoạch số 121/KH-LĐLĐ và nghị quyết Đại hội XIII."),
        # A member is addressed as bác.
        (CARD, DO_THIS, "Mời bác giúp một người."),
        # An editor's lock.
        (CARD, DO_THIS, "Giúp hai người."),
        (STORY, "Ảnh của Công đoàn tỉnh", "CC BY-SA 4.0, Wikimedia Commons, 2015"),
    ],
)
def test_what_is_right_is_left_alone(pack_dir: Path, name: str, old: str, new: str) -> None:
    (pack_dir / "themes/.#khoa.md").symlink_to("nowhere")
    put(pack_dir, name, old, new)
    found = check_pack(pack_dir)
    assert found == [], findings_report(found)
