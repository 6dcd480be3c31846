"""`sign-off`: an approval is recorded and from then on what is sent; what cannot be done is one sentence."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli.app import app
from bot.cli.ground import read_settings
from bot.cli.plan import read_plan
from bot.domain.people import RoleKind
from bot.storage import units
from bot.storage.database import Transaction
from content import approval
from content.files import read_pack_files
from content.loader import keep, load_or_last_good
from scheduler.clock import SystemClock
from tests.cli.conftest import Place, put
from tests.content.conftest import write_small_pack
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


@pytest.mark.parametrize("by", ["", "   ", "a" * 121])
def test_who_approved_must_be_named(place: Place, pack: Path, capsys: Out, by: str) -> None:
    assert "--by" in refused(capsys, "sign-off", "--approve", "--by", by, "--yes")


def test_a_broken_pack_cannot_be_approved(place: Place, pack: Path, capsys: Out) -> None:
    (pack / "pack.yaml").write_text("[", "utf-8")
    assert "check-content" in refused(capsys, "sign-off", "--approve", "--by", BY, "--yes")
    assert not (place.folder / "data").exists()


def test_a_folder_that_cannot_be_written_records_nothing(place: Place, pack: Path, capsys: Out) -> None:
    (place.folder / "data").write_text("", "utf-8")
    assert bot("sign-off", "--approve", "--by", BY, "--yes") == 1
    assert capsys.readouterr().err.startswith("✘ Không ghi được vào")
