"""Settings: read once, every mistake told at once, no secret shown."""

from pathlib import Path

import pytest

from bot.cli.ground import settings_report
from bot.settings import (
    OFFICIAL_API,
    OFFICIAL_ZALO_API,
    SHIPPED_FEDERATION,
    SHIPPED_PACK,
    Settings,
    SettingsWrong,
)
from tests.cli.conftest import Place, clear

TOKEN = "123456789:AAH-secret_secret_secret_secret_secr"
ZALO_TOKEN = "1459232241454765289:abc-xyz.~"
PLATFORMS = {"TELEGRAM_BOT_TOKEN": TOKEN, "ZALO_BOT_TOKEN": ZALO_TOKEN}


@pytest.fixture(autouse=True)
def nothing_set(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    clear(monkeypatch)


def problems() -> dict[str, str]:
    with pytest.raises(SettingsWrong) as caught:
        Settings.read()
    return caught.value.problems


def test_without_anything_the_defaults_hold() -> None:
    settings = Settings.read()
    assert (settings.token, settings.zalo_token) == ("", "")
    assert (settings.telegram_api_url, settings.zalo_api_url) == (OFFICIAL_API, OFFICIAL_ZALO_API)
    assert (settings.telegram_rate, settings.telegram_chat_rate, settings.zalo_rate) == (25, 1, 1)
    assert (settings.zalo_quota_users, settings.zalo_quota_messages) == (50, 3000)
    assert settings.webhook_secrets == {}
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
        "ZALO_BOT_TOKEN": "my token",
        "ZALO_API_URL": "zaloplatforms",
        "ZALO_MODE": "push",
        "ZALO_WEBHOOK_SECRET": "7 chars",
        "ZALO_RATE": "-1",
        "ZALO_LINK": "zalo.me/bot",
        "ZALO_MAX_TEXT": "4096",
        "ZALO_STYLES": "bold",
        "ZALO_POLL_FLOOR": "now",
        "ZALO_THROTTLE_SECONDS": "0",
        "ZALO_QUOTA_USERS": "-1",
        "ZALO_QUOTA_MESSAGES": "many",
        "ZALO_QUOTA_COUNTS": "received",
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


@pytest.mark.parametrize("name", ["TELEGRAM_RATE", "TELEGRAM_CHAT_RATE", "ZALO_RATE", "ZALO_POLL_FLOOR"])
def test_no_limit_is_for_trials_only(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "0")
    assert problems() == {name: "no_limit"}
    address = f"{name.partition('_')[0]}_API_URL"
    monkeypatch.setenv(address, "http://127.0.0.1:8081/")
    settings = Settings.read()
    assert getattr(settings, name.lower()) == 0
    assert getattr(settings, address.lower()) == "http://127.0.0.1:8081"


@pytest.mark.parametrize(
    ("platform", "url"),
    [
        ("TELEGRAM", "http://api.telegram.org"),
        ("TELEGRAM", "https://API.telegram.org:443/"),
        ("ZALO", "http://bot-api.zaloplatforms.com"),
        ("ZALO", "https://Bot-API.zaloplatforms.com:443/"),
        ("ZALO", "https://bot-api.zapps.me"),
    ],
)
def test_the_real_platforms_under_any_spelling(monkeypatch: pytest.MonkeyPatch, platform: str, url: str) -> None:
    monkeypatch.setenv(f"{platform}_API_URL", url)
    monkeypatch.setenv(f"{platform}_BOT_TOKEN", PLATFORMS[f"{platform}_BOT_TOKEN"])
    assert Settings.read().official
    monkeypatch.setenv(f"{platform}_RATE", "0")
    assert problems() == {f"{platform}_RATE": "no_limit"}


def test_a_trial_is_one_only_without_any_real_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot without a token is on no platform, so its address does not matter."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:8081")
    assert not Settings.read().official
    monkeypatch.setenv("ZALO_BOT_TOKEN", ZALO_TOKEN)
    assert Settings.read().official
    monkeypatch.setenv("ZALO_API_URL", "http://127.0.0.1:8082")
    assert not Settings.read().official


def test_a_webhook_needs_an_https_address_and_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_MODE", "webhook")
    assert problems() == {"PUBLIC_URL": "webhook_url", "WEBHOOK_SECRET": "webhook_secret"}
    monkeypatch.setenv("PUBLIC_URL", "http://bot.example.org")
    monkeypatch.setenv("WEBHOOK_SECRET", "0123456789abcdef")
    assert problems() == {"PUBLIC_URL": "https"}
    monkeypatch.setenv("PUBLIC_URL", "https://bot.example.org/")
    settings = Settings.read()
    assert settings.public_url == "https://bot.example.org"
    assert settings.webhook_secrets == {"telegram": "0123456789abcdef"}


def test_zalos_webhook_needs_the_same_and_a_secret_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZALO_BOT_TOKEN", ZALO_TOKEN)
    monkeypatch.setenv("ZALO_MODE", "WEBHOOK")
    assert problems() == {"PUBLIC_URL": "webhook_url", "ZALO_WEBHOOK_SECRET": "zalo_webhook_secret"}
    monkeypatch.setenv("PUBLIC_URL", "http://bot.example.org")
    for wrong in ("7chars.", "x" * 257, "bí-mật-tám-chữ", "two words here"):
        monkeypatch.setenv("ZALO_WEBHOOK_SECRET", wrong)
        assert problems() == {"PUBLIC_URL": "https", "ZALO_WEBHOOK_SECRET": "zalo_webhook_secret"}
    monkeypatch.setenv("PUBLIC_URL", "https://bot.example.org")
    monkeypatch.setenv("ZALO_WEBHOOK_SECRET", "8-chars!")
    assert Settings.read().webhook_secrets == {"zalo_bot": "8-chars!"}


def test_admins_are_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMINS", "telegram:123, zalo_bot:6ede9afa66b88fe6d6a9 ,")
    assert Settings.read().admins == {("telegram", "123"), ("zalo_bot", "6ede9afa66b88fe6d6a9")}


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("WEBHOOK_SECRET", "hook-of-telegrams")
    monkeypatch.setenv("ZALO_BOT_TOKEN", ZALO_TOKEN)
    monkeypatch.setenv("ZALO_WEBHOOK_SECRET", "hook-of-zalos")
    monkeypatch.setenv("METRICS_TOKEN", "measure-me")
    settings = Settings.read()
    secrets = {TOKEN, "hook-of-telegrams", ZALO_TOKEN, "hook-of-zalos", "measure-me"}
    assert not [secret for secret in secrets if secret in repr(settings)]
    assert set(settings.secrets) == secrets


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
