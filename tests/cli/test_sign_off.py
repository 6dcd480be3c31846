"""`sign-off`: an approval is recorded and from then on what is sent; what cannot be done is one sentence."""

import io
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from bot.cli.app import app
from bot.cli.ground import read_settings
from bot.cli.plan import read_plan
from bot.domain.people import RoleKind
from bot.domain.time import DAY
from bot.settings import SHIPPED_PACK
from bot.storage import units
from bot.storage.database import Transaction
from content import approval
from content.files import read_pack_files
from content.loader import keep, load_or_last_good, load_pack
from scheduler.clock import SystemClock
from tests.cli.conftest import ROOT, Place, put
from tests.content.conftest import write_small_pack
from tests.content.planting import told
from tests.content.test_printing import tallest_lines
from tests.support.house import House

Out = pytest.CaptureFixture[str]
BY = "Bà Lê Thị B, Trưởng ban Tuyên giáo"


@pytest.fixture
def pack(place: Place, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = place.folder / "pack"
    write_small_pack(folder)
    variables = {"TELEGRAM_BOT_TOKEN": "", "WEB_CHAT": "on", "CONTENT_PACK": str(folder)}
    put(monkeypatch, place, variables)
    return folder


def bot(*arguments: str) -> int:
    """Run a command; returns how it ended."""
    with pytest.raises(SystemExit) as ended:
        app(list(arguments), prog_name="python -m bot")
    return ended.value.code if isinstance(ended.value.code, int) else 1


def rename(pack: Path) -> None:
    card = pack / "themes" / "doan-ket" / "cards" / "hon-da.md"
    card.write_text(card.read_text("utf-8").replace("title: Hòn đá", "title: Hòn đá to"), "utf-8")


def approval_line(capsys: Out) -> str:
    bot("doctor")
    return next(line for line in capsys.readouterr().out.splitlines() if "Duyệt nội dung" in line)


def test_an_approval_is_recorded_once_and_doctor_tells_what_moved_on(place: Place, pack: Path, capsys: Out) -> None:
    assert "chưa ghi nhận lần duyệt nào" in approval_line(capsys)
    assert bot("sign-off", "--approve", "--by", f"  {BY} ", "--yes") == 0
    assert "✔ Đã ghi nhận. Bot gửi bản" in capsys.readouterr().out
    assert bot("sign-off", "--approve", "--by", "Người khác", "--yes") == 0
    assert f"({BY}); không ghi thêm" in capsys.readouterr().out
    [(copy, by)] = place.rows("SELECT copy, given_by FROM pack_approval")
    assert by == BY
    assert place.rows("SELECT act, detail FROM audit") == [("pack_approved", f"{copy} {BY}")]
    assert approval_line(capsys).endswith(f"({BY})")

    rename(pack)
    assert approval_line(capsys).endswith("tệp đã đổi: 1 mục, chưa được duyệt nên chưa gửi")
    (pack / "pack.yaml").write_text("[", "utf-8")
    assert approval_line(capsys).endswith("tệp có lỗi nên chưa gửi")
    (place.folder / "data" / "packs" / copy / "facts.yaml").unlink()
    assert "không còn nguyên" in approval_line(capsys)


def test_every_start_sends_what_was_approved_and_says_so(place: Place, pack: Path, capsys: Out) -> None:
    bot("sign-off", "--approve", "--by", BY, "--yes")
    rename(pack)
    capsys.readouterr()
    for _ in range(2):
        plan = read_plan(read_settings(), SystemClock())
        assert plan.pack.card_by_id["hon-da"].title == "Hòn đá"
        said = capsys.readouterr().err
        assert said.startswith("⚠ đang gửi bản đã duyệt ngày ")
        assert "tệp đã đổi: 1 mục" in said
    bot("sign-off", "--approve", "--by", BY, "--yes")
    capsys.readouterr()
    assert read_plan(read_settings(), SystemClock()).pack.card_by_id["hon-da"].title == "Hòn đá to"
    assert capsys.readouterr().err == ""


async def test_administrators_are_told_once_for_each_state_of_the_files(plain_house: House, tmp_path: Path) -> None:
    write_small_pack(tmp_path / "pack")
    data_dir = tmp_path / "data"
    approval.mark(keep(read_pack_files(tmp_path / "pack"), data_dir), BY, plain_house.clock.now())
    admin, member = plain_house.phone("601"), plain_house.phone("602")
    for phone in (admin, member):
        await phone.joins(hour="Không, tôi tự mở")

    def appoint(tx: Transaction) -> None:
        units.grant(tx, 1, 1, RoleKind.ADMIN, plain_house.clock.now())

    await plain_house.running.db.write(appoint)

    async def restarted() -> list[str]:
        before = len(admin.shown)
        chosen = load_or_last_good(tmp_path / "pack", data_dir)
        plain_house.running.plan = replace(plain_house.running.plan, chosen=chosen)
        await plain_house.running.tell_of_pack()
        await plain_house.running.settle()
        return [message.text for message in admin.shown[before:]]

    assert await restarted() == []
    rename(tmp_path / "pack")
    [news] = await restarted()
    assert f"({BY}). Tệp nội dung trên máy chủ đã đổi 1 mục so với bản ấy" in news
    assert await restarted() == []
    (tmp_path / "pack" / "pack.yaml").write_text("[", "utf-8")
    [news] = await restarted()
    assert "Tệp nội dung trên máy chủ có lỗi" in news
    assert not any("đã duyệt" in message.text for message in member.shown)


@pytest.mark.parametrize("answer", ["không\n", ""])
def test_without_a_yes_nothing_is_recorded(
    place: Place, pack: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert bot("sign-off", "--approve", "--by", BY) == 0
    assert "Đã thôi, không ghi gì." in capsys.readouterr().out
    assert not (place.folder / "data" / "packs").exists()


def refused(capsys: Out, *arguments: str) -> str:
    """The one sentence a command is refused with."""
    assert bot(*arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    [line] = said.err.splitlines()
    assert line.startswith("✘ ")
    return line


def pages(path: Path) -> list[str]:
    """What stands on each page of a PDF, on one line."""
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages]


def test_the_booklet_has_all_that_is_said_with_its_sources_and_the_sheet_to_sign(
    place: Place, pack: Path, capsys: Out
) -> None:
    federation = (ROOT / "tests" / "support" / "federation.yaml").read_text("utf-8")
    (place.folder / "federation.yaml").write_text(federation, "utf-8")
    told(pack)
    assert bot("sign-off", "--from", "2025-05-12", "--days", "8", "--to", "tap.pdf") == 0
    revision = load_pack(pack).revision
    assert f"bản {revision}, 2 bài, 3 câu hỏi" in capsys.readouterr().out
    found = pages(place.folder / "tap.pdf")
    assert all(f"Bản {revision}" in page for page in found)
    whole = " ".join(found)
    for said in (
        "từ ngày 12/5/2025 đến ngày 19/5/2025",
        "1. 12/5/2025 Còn 7 ngày nữa là kỷ niệm 135 năm Ngày Hội (19/5/1890 - 19/5/2025). Nguồn: [1] Kế hoạch số 1",
        "4. 19/5/2025 Hôm nay kỷ niệm 135 năm Ngày Hội",
        "Thứ Hai, 12/5/2025 5. Hòn đá Đoàn kết Ngày 21/4/1942, bài thơ",
        "“Đoàn kết là sức mạnh của chúng ta” Bài nói “Hòn đá”",
        "Gợi ý việc làm theo tuần này: Giúp một người. Bếp ăn: Giúp một người nấu ăn.",
        "6. Điều gì làm nên sức mạnh? A. Đoàn kết B. Ngủ nhiều C. Đi xa D. Ở nhà Đáp án: A. Đoàn kết là sức mạnh.",
        "7. Bài thơ tên là gì? A. Cây B. Hòn đá C. Sông D. Núi Đáp án: B. Bài “Hòn đá” đăng báo năm 1942.",
        "Ảnh: Một chiếc áo màu nâu Nguồn: [2] Sách",
        "Thứ Tư, 14/5/2025 Không có bài.",
        "Sinh hoạt tháng 5: chuyên đề năm 2025",
        "Tuần 20, từ 12/5/2025 đến 18/5/2025 Kính chào anh chị em",
        "hai mươi mốt tháng",
        "Lời đính chính",
        "Thái, bài “Hòn đá”, Bà Lò Thị A «…» khoẻ, Bác…",
        "[2] Sách https://vi.du/sach",
    ):
        assert said in whole, said
    assert [f"Trang {number}/{len(found)}" in page for number, page in enumerate(found, 1)] == [True] * len(found)
    for place_to_fill in ("Người trình (họ tên, chức vụ):", "Người duyệt (họ tên, chức vụ):", "Ngày duyệt:", "Ý kiến"):
        assert place_to_fill in found[-1]
    assert "Thay đổi từ lần duyệt trước" not in whole


def test_a_clock_put_back_keeps_the_last_approval_the_last(place: Place, pack: Path, capsys: Out) -> None:
    ahead = SystemClock().now() + 10 * DAY
    approval.mark(keep(read_pack_files(pack), place.folder / "data"), "Người trước", ahead)
    rename(pack)
    assert bot("sign-off", "--approve", "--by", BY, "--yes") == 0
    assert "So với bản đã duyệt: 1 thay đổi" in capsys.readouterr().out
    latest = approval.latest(place.folder / "data" / "packs")
    assert latest is not None
    assert (latest.by, latest.revision) == (BY, load_pack(pack).revision)
    assert approval_line(capsys).endswith(f"({BY})")


def test_what_looks_like_markup_is_printed_as_it_stands(place: Place, pack: Path) -> None:
    odd = "#strong[Hòn] *đá* $x$ <b>@to</b> \\"
    card = pack / "themes" / "doan-ket" / "cards" / "hon-da.md"
    card.write_text(card.read_text("utf-8").replace("title: Hòn đá", f"title: '{odd}'"), "utf-8")
    assert bot("sign-off", "--from", "2025-05-12", "--days", "1", "--to", "tap.pdf") == 0
    assert odd in " ".join(pages(place.folder / "tap.pdf"))


def test_the_whole_pack_is_in_the_booklet(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the days: what is approved is all of it."""
    put(monkeypatch, place, {"TELEGRAM_BOT_TOKEN": "", "WEB_CHAT": "on"})
    assert bot("sign-off", "--from", "1/5/2025", "--to", "tap.pdf") == 0
    whole = " ".join(pages(place.folder / "tap.pdf"))
    pack = load_pack(SHIPPED_PACK)
    assert [card.id for card in pack.cards if card.title not in whole] == []
    assert [question.id for question in pack.questions if question.text not in whole] == []
    assert [source.title for card in pack.cards for source in pack.sources_of(card) if source.title not in whole] == []


def test_no_line_of_the_booklet_touches_the_next(place: Place, pack: Path) -> None:
    card = pack / "themes" / "doan-ket" / "cards" / "hon-da.md"
    card.write_text(card.read_text("utf-8").replace("một người", "Ậỵ gỹ Ỗp"), "utf-8")
    questions = pack / "themes" / "doan-ket" / "questions" / "hon-da.yaml"
    questions.write_text(questions.read_text("utf-8").replace("Ngủ nhiều", "Ậỵ gỹ").replace("Đi xa", "Ỗp Ợg"), "utf-8")
    assert bot("sign-off", "--from", "2025-05-12", "--days", "2", "--to", "tap.pdf") == 0
    assert tallest_lines((place.folder / "tap.pdf").read_bytes()) < 28


def test_later_changes_are_a_page_and_lines(place: Place, pack: Path, capsys: Out) -> None:
    assert "chưa có gì để so" in refused(capsys, "sign-off", "--diff")
    bot("sign-off", "--approve", "--by", BY, "--yes")
    capsys.readouterr()
    bot("sign-off", "--diff")
    assert "✔ Không có thay đổi so với bản đã duyệt" in capsys.readouterr().out
    rename(pack)
    milestones = pack / "milestones.yaml"
    milestones.write_text(milestones.read_text("utf-8").replace("  push: true\n", ""), "utf-8")
    bot("sign-off", "--diff")
    said = capsys.readouterr().out
    assert "1. Sửa bài: Hòn đá to\n    tên: Hòn đá\n      → Hòn đá to\n" in said
    assert "2. Sửa ngày đáng nhớ: Ngày Hội\n    nhắc trước: có\n      → (bỏ)\n" in said
    assert bot("sign-off", "--diff", "--to", "doi.pdf") == 0
    [page] = pages(place.folder / "doi.pdf")
    assert "1. Sửa bài: Hòn đá to tên: Hòn đá to" in page
    assert "PHIẾU DUYỆT NỘI DUNG" in page
    assert bot("sign-off", "--to", "tap.pdf") == 0
    assert "1. Sửa bài: Hòn đá to" in pages(place.folder / "tap.pdf")[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--days", "0"], "--days 0"),
        (["--days", "-3"], "--days -3"),
        (["--days", "93"], "Chọn từ 1 đến 92 ngày"),
        (["--from", "2025-13-01"], "--from 2025-13-01 không phải là ngày"),
        (["--from", "31/2/2025"], "--from 31/2/2025 không phải là ngày"),
        (["--to", "no/such/folder.pdf"], "Không ghi được no/such/folder.pdf"),
        (["--to", "."], "Không ghi được ."),
        (["--approve", "--diff", "--by", BY], "Mỗi lần một việc"),
        (["--yes"], "Mỗi lần một việc"),
        (["--by", BY], "Mỗi lần một việc"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    place: Place, pack: Path, capsys: Out, arguments: list[str], said: str
) -> None:
    assert said in refused(capsys, "sign-off", *arguments)


@pytest.mark.parametrize("arguments", [[], ["--diff"], ["--approve", "--by", BY, "--yes"]])
def test_of_a_broken_pack_nothing_is_printed_compared_or_approved(
    place: Place, pack: Path, capsys: Out, arguments: list[str]
) -> None:
    (pack / "pack.yaml").write_text("[", "utf-8")
    assert "check-content" in refused(capsys, "sign-off", *arguments)


def test_without_a_pack_there_is_nothing_to_approve(
    place: Place, pack: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(monkeypatch, place, {"CONTENT_PACK": "nowhere"})
    assert "Không có gói nội dung ở nowhere" in refused(capsys, "sign-off")


@pytest.mark.parametrize("by", ["", "   ", "a" * 121])
def test_who_approved_must_be_named(place: Place, pack: Path, capsys: Out, by: str) -> None:
    assert "--by" in refused(capsys, "sign-off", "--approve", "--by", by, "--yes")


def test_a_folder_that_cannot_be_written_records_nothing(place: Place, pack: Path, capsys: Out) -> None:
    (place.folder / "data").write_text("", "utf-8")
    assert bot("sign-off", "--approve", "--by", BY, "--yes") == 1
    assert capsys.readouterr().err.startswith("✘ Không ghi được vào")
