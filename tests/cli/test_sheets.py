"""`sheets`: everything of the pack that is printed or read out, without a network."""

import pytest

from bot.cli.sheets import print_sheets
from tests.cli.conftest import ROOT, Place, put
from tests.content.conftest import write_small_pack

Out = pytest.CaptureFixture[str]


@pytest.fixture
def settings(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    write_small_pack(place.folder / "pack")
    put(monkeypatch, place, {"TELEGRAM_BOT_TOKEN": "", "WEB_CHAT": "on", "PUBLIC_URL": "https://bot.example.org"})
    put(monkeypatch, place, {"CONTENT_PACK": str(place.folder / "pack")})
    federation = (ROOT / "tests" / "support" / "federation.yaml").read_text("utf-8")
    (place.folder / "federation.yaml").write_text(federation, "utf-8")
    return place


def test_a_file_for_each(settings: Place, capsys: Out) -> None:
    to = settings.folder / "sheets"
    print_sheets(to)
    assert {path.stem for path in (to / "cards").glob("*.png")} == {"hon-da", "chiec-ao"}
    assert {path.stem for path in (to / "milestones").glob("*.png")} == {"m1", "m2"}
    for picture in to.rglob("*.png"):
        assert picture.with_suffix(".txt").read_text("utf-8").startswith("Liên đoàn Lao động")
    said = (to / "cards" / "hon-da.txt").read_text("utf-8")
    assert "“Đoàn kết là sức mạnh của chúng ta”" in said
    assert "Nguồn: Kế hoạch số 1; Sách" in said
    assert len(list((to / "loudspeaker").glob("*.txt"))) == 52
    assert len(list((to / "meetings").glob("*.pdf"))) == len(list((to / "meetings").glob("*.txt"))) == 12
    assert f"Đã tạo {len([path for path in to.rglob('*') if path.is_file()])} tệp" in capsys.readouterr().out


def test_a_picture_that_cannot_hold_everything_is_named(settings: Place, capsys: Out) -> None:
    sources = settings.folder / "pack" / "sources.yaml"
    sources.write_text(sources.read_text("utf-8").replace("title: Sách", "title: " + "Sách của tỉnh " * 20), "utf-8")
    print_sheets(settings.folder / "sheets")
    said = capsys.readouterr().out
    assert "ảnh cards/hon-da.png không đủ chỗ" in said
    assert "milestones/" not in said
    text = (settings.folder / "sheets" / "cards" / "hon-da.txt").read_text("utf-8")
    assert text.count("Sách của tỉnh") == 20


def test_a_folder_that_cannot_be_written(settings: Place, capsys: Out) -> None:
    (settings.folder / "taken").write_text("", "utf-8")
    with pytest.raises(SystemExit):
        print_sheets(settings.folder / "taken")
    assert capsys.readouterr().err.startswith("✘ Không ghi được vào")
