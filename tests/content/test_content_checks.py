"""Each rule of the linter finds the one fault planted for it, and nothing else."""

import hashlib
import io
import os
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from content.checks import check_pack, check_templates, findings_report, rulebook
from content.checks.figures import figures, known_from
from content.checks.images import dimensions
from content.loader import BrokenPack, load_pack
from content.models import Recording
from tests.content.conftest import FILES, PNG

CARD = "themes/doan-ket/cards/hon-da.md"
STORY = "themes/chuyen-ke/cards/chiec-ao.md"
IMAGE = "themes/chuyen-ke/images/chiec-ao.png"
QUESTIONS = "themes/doan-ket/questions/hon-da.yaml"
STORY_QUESTIONS = "themes/chuyen-ke/questions/chiec-ao.yaml"
THEME = "themes/doan-ket/theme.yaml"
DO_THIS = "Giúp một người."
DECOMPOSED = unicodedata.normalize("NFD", DO_THIS)
THIRD = """- id: {id}
  card: hon-da
  text: {text}
  difficulty: 1
  options: [Đoàn kết, Cây, Sông, Núi]
  correct: A
  explanation: Đoàn kết là sức mạnh.
  facts: [f1]
"""


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
    Plant("loud", STORY, "Món quà", "Ngày mất của người tặng còn xa! Món quà"),
    Plant("this-year", CARD, DO_THIS, "Chuyên đề năm nay."),
    Plant("template-marker", CARD, DO_THIS, "Chào {{ ten }}."),
    Plant("template-marker", QUESTIONS, "    - Sông", "    - '{% if %}'"),
    Plant("abbreviation", CARD, DO_THIS, "Báo cho LĐLĐ tỉnh."),
    Plant("abbreviation", QUESTIONS, "Bài thơ tên là gì?", "LĐLĐ đọc bài thơ tên là gì?"),
    Plant("unknown-abbreviation", STORY, "Món quà", "UBND kể: món quà"),
]  # fmt: skip


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


TOLD = "variants/blt/card-hon-da.md"
RECORDINGS = "variants/blt/recordings.yaml"
SOUND = b"OggS" + b"\0" * 100


def test_an_erratum_of_what_is_read_now(pack_dir: Path) -> None:
    """A file that stays may have shown another quotation; what it shows now is not wrong."""
    now = load_pack(pack_dir).card_by_id["hon-da"].revision
    errata = pack_dir / "errata.yaml"
    errata.write_text(FILES["errata.yaml"].replace("abc", f'"{now}"'), "utf-8")
    assert "erratum-of-now" in {finding.rule for finding in check_pack(pack_dir)}
    errata.write_text(FILES["errata.yaml"].replace("abc", f'"{now.partition("-")[0]}-00000000"'), "utf-8")
    assert check_pack(pack_dir) == []


def told(pack_dir: Path, name: str = TOLD, speaker: str = "speaker: Bà Lò Thị A\n", revision: str = "") -> None:
    """A text in another language, as good as it can be; here it is no more than a placeholder."""
    of = name.rpartition("/")[2].removesuffix(".md")
    written = revision or load_pack(pack_dir).revision_of(of)
    (pack_dir / name).parent.mkdir(parents=True, exist_ok=True)
    front = f'---\n{speaker}provided_on: 2025-05-01\nrevision: "{written}"\n---\n'
    (pack_dir / name).write_text(f"{front}«…» khoẻ, Bác…\n", encoding="utf-8")


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


DONE: list[tuple[str, Callable[[Path], tuple[str, int]]]] = [
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
    ("template-error", broken_template),
    ("theme-without-card", empty_theme),
    ("without-plan", no_plan),
    ("card-without-question", unasked),
    ("letter-in-a-row", three_of_a_letter),
    ("uneven-letters", too_many_of_a_letter),
]


def test_the_small_pack_is_good(pack_dir: Path) -> None:
    found = check_pack(pack_dir)
    assert found == [], findings_report(found)
    assert findings_report([]) == rulebook()["report"]["none"]


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


@pytest.mark.parametrize(("rule", "do"), DONE, ids=lambda value: getattr(value, "__name__", value))
def test_a_fault_of_the_folder_is_found(pack_dir: Path, rule: str, do: Callable[[Path], tuple[str, int]]) -> None:
    name, line = do(pack_dir)
    found = [*check_pack(pack_dir), *check_templates(pack_dir)]
    assert [(one.rule, one.file, one.line) for one in found] == [(rule, pack_dir / name, line)], findings_report(found)


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


def test_every_rule_has_a_planted_fault() -> None:
    assert {plant.rule for plant in PLANTED} | {rule for rule, _ in DONE} == set(rulebook()["rules"])


def put(pack_dir: Path, name: str, old: str, new: str) -> None:
    Plant("", name, old, new).put(pack_dir)


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


@pytest.mark.parametrize(
    ("text", "fact", "stands"),
    [
        ("19/5/1890", "ngày 19 tháng 5 năm 1890", True),
        ("19-5-1890", "19.5.1890", True),
        ("ngày 19/5 năm 1890", "19/05/1890", True),
        ("tháng 5/1890", "19/5/1890", True),
        ("tháng 5", "19/5/1890", True),
        ("ngày 19", "19/5/1890", True),
        ("19 tháng 5", "19/5/1890", True),
        ("năm 1890", "tháng 5-1890", True),
        ("19/5/1890", "tháng 5/1890", False),
        ("20/5/1890", "19/5/1890", False),
        ("5/1890", "19/6/1890", False),
        ("10/5/1941", "họp 10-19/5/1941", True),
        ("19/5/1941", "họp 10-19/5/1941", True),
        ("21/12/1953", "từ 21 đến 25-12-1953", True),
        ("20/10/1987", "từ 20/10 đến 20/11/1987", True),
        ("30/4/1952", "từ 30/4 - 6/5/1952", True),
        ("1-15/1/1950", "ngày 1/1/1950 và 15/1/1950", True),
        ("1941", "(1941-1945)", True),
        ("5.000 người", "5000 người", True),
        ("350000", "350.000", True),
        ("13,5 triệu", "13,5 triệu", True),
        ("13 triệu", "13,5 triệu", False),
        ("99,05%", "99,05 %", True),
        ("Chỉ thị 05", "Chỉ thị số 05-CT/TW", True),
        ("144-QĐ/TW", "Quy định số 144-QĐ/TW", True),
        ("145-QĐ/TW", "Quy định số 144-QĐ/TW", False),
        ("Quy định 145", "Quy định số 144-QĐ/TW", False),
        ("24C/18.65", "UNESCO 24C/18.65", True),
        ("20 dân tộc", "hơn 20 dân tộc", True),
        ("19 dân tộc", "19/5/1890", False),
        ("Quý II/2025", "năm 2025", True),
        ("tháng 13", "13 tháng", True),
        ("45/99", "số 45, số 99", True),
    ],
)
def test_dates_and_numbers_are_compared_as_people_mean_them(text: str, fact: str, stands: bool) -> None:
    [*said] = figures(text)
    assert said
    assert all(figure.stands_in(known_from([fact])) for figure in said) is stands


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
