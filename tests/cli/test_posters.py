"""`posters`: a PDF for each unit there is, with the way in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.posters import print_posters
from bot.cli.units import import_units
from tests.cli.conftest import ROOT, Place, put
from tests.content.test_printing import codes_of, words_of

Out = pytest.CaptureFixture[str]


@pytest.fixture
def with_units(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> Place:
    """The demo's tree, and the web chat as the only way in."""
    put(monkeypatch, place, {"TELEGRAM_BOT_TOKEN": "", "WEB_CHAT": "on", "PUBLIC_URL": "https://bot.example.org"})
    federation = (ROOT / "tests" / "support" / "federation.yaml").read_text("utf-8")
    (place.folder / "federation.yaml").write_text(federation, "utf-8")
    import_units(ROOT / "content" / "demo" / "units.csv", confirmed=True)
    capsys.readouterr()
    return place


def refuses(command: Callable[[], None], capsys: Out) -> str:
    with pytest.raises(SystemExit) as ended:
        command()
    assert ended.value.code == 1
    shown = capsys.readouterr().err
    assert shown.startswith("✘ ")
    return shown


def test_every_unit_there_is_gets_one(with_units: Place, capsys: Out) -> None:
    """Those that have ended get none."""
    to = with_units.folder / "new" / "posters"
    print_posters("", to)
    codes = with_units.rows("SELECT code FROM unit WHERE valid_until IS NULL OR valid_until > '2100' ORDER BY code")
    assert [path.stem for path in sorted(to.iterdir())] == [code for (code,) in codes]
    assert f"Đã tạo {len(codes)} tờ giới thiệu" in capsys.readouterr().out


def test_one_unit_by_its_code_in_any_case(with_units: Place, capsys: Out) -> None:
    print_posters("lc0421", with_units.folder)
    [path] = with_units.folder.glob("*.pdf")
    pdf = path.read_bytes()
    assert path.name == "LC0421.pdf"
    assert codes_of(pdf) == ["https://bot.example.org/chat?start=u_LC0421"]
    assert "Mã đơn vị LC0421" in words_of(pdf)
    assert "chưa có mã QR" not in capsys.readouterr().out


def test_without_a_way_in_it_says_so(with_units: Place, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    put(monkeypatch, with_units, {"PUBLIC_URL": ""})
    print_posters("LC0421", with_units.folder)
    assert "chưa có mã QR" in capsys.readouterr().out


def test_what_cannot_be_printed_is_a_sentence(with_units: Place, capsys: Out) -> None:
    assert "mã NOWHERE" in refuses(lambda: print_posters("nowhere", with_units.folder), capsys)
    taken = with_units.folder / "taken"
    taken.write_text("a file", "utf-8")
    assert "Không ghi được vào" in refuses(lambda: print_posters("", taken), capsys)


def test_no_units_yet(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    put(monkeypatch, place, {"TELEGRAM_BOT_TOKEN": "", "WEB_CHAT": "on"})
    assert "Chưa có đơn vị nào" in refuses(lambda: print_posters("", Path("posters")), capsys)
