"""Settings: read once, every mistake told at once, no secret shown."""

from pathlib import Path

import pytest

from bot.cli.ground import settings_report
from bot.settings import OFFICIAL_API, SHIPPED_FEDERATION, SHIPPED_PACK, Settings, SettingsWrong
from tests.cli.conftest import Place, clear

TOKEN = "123456789:AAH-secret_secret_secret_secret_secr"


@pytest.fixture(autouse=True)
def nothing_set(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    clear(monkeypatch)


def problems() -> dict[str, str]:
    with pytest.raises(SettingsWrong) as caught:
        Settings.read()
    return caught.value.problems


def test_without_anything_the_defaults_hold() -> None:
    settings = Settings.read()
    assert settings.token == ""
    assert settings.official
    assert (settings.telegram_rate, settings.telegram_chat_rate) == (25, 1)
    assert settings.database == Path("data/bot.db")
    assert settings.timezone == "Asia/Ho_Chi_Minh"
    assert settings.content_pack == SHIPPED_PACK
    assert settings.http_host == "127.0.0.1"


def test_the_shipped_example_is_valid_and_changes_nothing(place: Place) -> None:
    plain = Settings.read()
    example = Path(__file__).resolve().parents[2] / ".env.example"
    (place.folder / ".env").write_bytes(example.read_bytes())
    assert Settings.read() == plain


def test_the_environment_wins_over_the_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.folder / ".env").write_text("HTTP_PORT=9001\nHTTP_HOST=0.0.0.0\nLOG_LEVEL=\n")
    monkeypatch.setenv("HTTP_PORT", "9002")
    settings = Settings.read()
    assert (settings.http_host, settings.http_port, settings.log_level) == ("0.0.0.0", 9002, "info")


def test_every_mistake_is_told_on_one_screen_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "TELEGRAM_BOT_TOKEN": "my token",
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_RATE": "fast",
        "TELEGRAM_CHAT_RATE": "0",
        "WEBHOOK_SECRET": "short",
        "DATABASE_URL": "postgresql://db/bot",
        "HTTP_PORT": "80800",
        "WEB_CHAT": "perhaps",
        "ADMINS": "123",
        "TIMEZONE": "Asia/Lai_Chau",
        "LOG_LEVEL": "loud",
        "LOG_FORMAT": "xml",
        "TELEGRAM_API_URL": OFFICIAL_API,
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    expected = {*wrong, "PUBLIC_URL"} - {"TELEGRAM_MODE", "TELEGRAM_API_URL"}
    found = problems()
    assert set(found) == expected
    screen = settings_report(SettingsWrong(found)).splitlines()
    assert len(screen) == 1 + len(expected)
    assert str(len(expected)) in screen[0]
    assert not any("giá trị không dùng được" in line for line in screen)
    assert "my token" not in "\n".join(screen)


@pytest.mark.parametrize("name", ["TELEGRAM_RATE", "TELEGRAM_CHAT_RATE"])
def test_no_limit_is_for_trials_only(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "0")
    assert problems() == {name: "no_limit"}
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:8081/")
    settings = Settings.read()
    assert getattr(settings, name.lower()) == 0
    assert settings.telegram_api_url == "http://127.0.0.1:8081"
    assert not settings.official


@pytest.mark.parametrize("url", ["http://api.telegram.org", "https://API.telegram.org:443/"])
def test_the_real_telegram_under_any_spelling(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TELEGRAM_API_URL", url)
    assert Settings.read().official
    monkeypatch.setenv("TELEGRAM_RATE", "0")
    assert problems() == {"TELEGRAM_RATE": "no_limit"}


def test_a_webhook_needs_an_https_address_and_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_MODE", "webhook")
    assert problems() == {"PUBLIC_URL": "webhook_url", "WEBHOOK_SECRET": "webhook_secret"}
    monkeypatch.setenv("PUBLIC_URL", "http://bot.example.org")
    monkeypatch.setenv("WEBHOOK_SECRET", "0123456789abcdef")
    assert problems() == {"PUBLIC_URL": "https"}
    monkeypatch.setenv("PUBLIC_URL", "https://bot.example.org/")
    assert Settings.read().public_url == "https://bot.example.org"


def test_admins_are_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMINS", "telegram:123, telegram:456 ,")
    assert Settings.read().admins == {("telegram", "123"), ("telegram", "456")}


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("METRICS_TOKEN", "measure-me")
    settings = Settings.read()
    assert TOKEN not in repr(settings)
    assert set(settings.secrets) == {TOKEN, "measure-me"}


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings.read().http_port = 1  # type: ignore[misc]


def test_the_federations_own_file_is_found_nearest_first(place: Place) -> None:
    settings = Settings.read()
    assert settings.federation_file == SHIPPED_FEDERATION
    (place.folder / "federation.yaml").touch()
    assert settings.federation_file == Path("federation.yaml")
    (place.folder / "data").mkdir()
    (place.folder / "data" / "federation.yaml").touch()
    assert settings.federation_file == Path("data/federation.yaml")
