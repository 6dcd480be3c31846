"""Settings: the environment (and `.env`), read once, with everything that is wrong told at once."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

OFFICIAL_API: Final = "https://api.telegram.org"
OFFICIAL_ZALO_API: Final = "https://bot-api.zaloplatforms.com"
ROOT: Final = Path(__file__).resolve().parents[1]
SHIPPED_PACK: Final = ROOT / "content" / "packs" / "2025"
SHIPPED_FEDERATION: Final = ROOT / "federation.yaml"

_SQLITE: Final = "sqlite:///"
_PORT: Final = Field(ge=1, le=65_535)
_RATE: Final = Field(ge=0, le=1000)
_API: Final = r"^https?://[^\s/]+(/[^\s]*)?$"
_URL: Final = re.compile(r"https?://[^\s/]+(/\S*)?")
_ZALO_HOSTS: Final = ("bot-api.zaloplatforms.com", "bot-api.zapps.me")
"""The platform's address and its older one."""


class SettingsWrong(Exception):
    """Some variables cannot be used. `problems` maps each one's name to a reason's id ("" for the general one)."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems: Final = dict(problems)


class Settings(BaseSettings):
    """What the environment says. A validator's ValueError is the id of a reason (`settings.reasons` in `cli.yaml`).

    The order matters: a check between two variables stands at the later one, so that every problem is found in one go.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        validate_default=True,
    )

    telegram_bot_token: SecretStr = SecretStr("")
    telegram_api_url: str = Field(default=OFFICIAL_API, pattern=_API)
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_rate: Annotated[float, _RATE] = 25
    telegram_chat_rate: Annotated[float, _RATE] = 1
    webhook_secret: SecretStr = SecretStr("")
    zalo_bot_token: SecretStr = SecretStr("")
    zalo_api_url: str = Field(default=OFFICIAL_ZALO_API, pattern=_API)
    zalo_mode: Literal["polling", "webhook"] = "polling"
    zalo_webhook_secret: SecretStr = SecretStr("")
    zalo_rate: Annotated[float, _RATE] = 1
    zalo_link: str = ""
    zalo_max_text: Annotated[int, Field(ge=500, le=2000)] = 1800
    zalo_styles: Literal["on", "off"] = "on"
    zalo_poll_floor: Annotated[float, Field(ge=0, le=60)] = 1
    zalo_throttle_seconds: Annotated[float, Field(ge=1, le=3600)] = 30
    zalo_unreachable: Annotated[tuple[str, ...], NoDecode] = ()
    zalo_quota_users: Annotated[int, Field(ge=0)] = 50
    zalo_quota_messages: Annotated[int, Field(ge=0)] = 3000
    zalo_quota_counts: Literal["both", "sent"] = "both"
    public_url: str = ""
    database_url: str = f"{_SQLITE}data/bot.db"
    data_dir: Path = Path("data")
    backup_keep_days: Annotated[int, Field(ge=0, le=3650)] = 30
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, _PORT] = 8080
    web_chat: Literal["off", "on"] = "off"
    metrics_token: SecretStr = SecretStr("")
    admins: Annotated[frozenset[tuple[str, str]], NoDecode] = frozenset()
    timezone: str = "Asia/Ho_Chi_Minh"
    content_pack: Path = SHIPPED_PACK
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"

    @classmethod
    def read(cls) -> Self:
        """Read the environment and `.env`. Raises SettingsWrong with every problem."""
        try:
            return cls()
        except ValidationError as error:
            raise SettingsWrong({str(e["loc"][0]).upper(): _reason(e) for e in error.errors()}) from None

    @field_validator(
        "telegram_mode",
        "zalo_mode",
        "zalo_styles",
        "zalo_quota_counts",
        "web_chat",
        "log_level",
        "log_format",
        mode="before",
    )
    @classmethod
    def _in_lower_case(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("telegram_bot_token")
    @classmethod
    def _is_a_token(cls, value: SecretStr) -> SecretStr:
        if value and not re.fullmatch(r"\d+:[\w-]{10,}", value.get_secret_value()):
            raise ValueError("token")
        return value

    @field_validator("zalo_bot_token")
    @classmethod
    def _is_a_zalo_token(cls, value: SecretStr) -> SecretStr:
        """Nothing is documented of what comes after the colon, except that it stands in a path."""
        if value and not re.fullmatch(r"\d+:[^\s/?#]+", value.get_secret_value()):
            raise ValueError("zalo_token")
        return value

    @field_validator("telegram_api_url", "zalo_api_url", "public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("telegram_rate", "telegram_chat_rate", "zalo_rate", "zalo_poll_floor")
    @classmethod
    def _is_limited_officially(cls, value: float, info: ValidationInfo) -> float:
        platform = str(info.field_name).partition("_")[0]
        if value == 0 and _is_official(info.data.get(f"{platform}_api_url", "")):
            raise ValueError("no_limit")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if not value and info.data.get("telegram_mode") != "webhook":
            return value
        if not re.fullmatch(r"[\w-]{16,256}", value.get_secret_value(), re.ASCII):
            raise ValueError("webhook_secret")
        return value

    @field_validator("zalo_webhook_secret")
    @classmethod
    def _is_zalo_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        """8 to 256 characters by the platform's documentation; it travels in a header."""
        if not value and info.data.get("zalo_mode") != "webhook":
            return value
        if not re.fullmatch("[!-~]{8,256}", value.get_secret_value()):
            raise ValueError("zalo_webhook_secret")
        return value

    @field_validator("zalo_unreachable", mode="before")
    @classmethod
    def _as_signs(cls, value: Any) -> Any:
        """Error codes or parts of descriptions, between commas."""
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("zalo_link")
    @classmethod
    def _is_a_web_address(cls, value: str) -> str:
        if value and not _URL.fullmatch(value):
            raise ValueError("url")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_reachable(cls, value: str, info: ValidationInfo) -> str:
        if not value and "webhook" in (info.data.get("telegram_mode"), info.data.get("zalo_mode")):
            raise ValueError("webhook_url")
        if value and not _URL.fullmatch(value):
            raise ValueError("url")
        if value.startswith("http:") and _is_in_earnest(info.data):
            raise ValueError("https")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_sqlite(cls, value: str) -> str:
        if not value.startswith(_SQLITE) or not value.removeprefix(_SQLITE).strip("/"):
            raise ValueError("sqlite")
        return value

    @field_validator("admins", mode="before")
    @classmethod
    def _as_addresses(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [part.strip().partition(":") for part in value.split(",") if part.strip()]
        if not all(re.fullmatch("[a-z_]+", channel) and id.strip() for channel, _, id in pairs):
            raise ValueError("admins")
        return frozenset((channel, id.strip()) for channel, _, id in pairs)

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError):  # an unknown name, a folder's name, a name outside the database
            raise ValueError("timezone") from None
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The zone of everything people see."""
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return Path(self.database_url.removeprefix(_SQLITE))

    @property
    def token(self) -> str:
        """The Telegram token, "" for none."""
        return self.telegram_bot_token.get_secret_value()

    @property
    def zalo_token(self) -> str:
        """The Zalo Bot API's token, "" for none."""
        return self.zalo_bot_token.get_secret_value()

    @property
    def official(self) -> bool:
        """Whether one of our bots is on a real platform: what is for trials is refused there."""
        return _is_in_earnest(dict(self))

    @property
    def webhook_secrets(self) -> dict[str, str]:
        """By channel, of those whose platform pushes to us, what it proves itself with."""
        secrets = {}
        if self.token and self.telegram_mode == "webhook":
            secrets["telegram"] = self.webhook_secret.get_secret_value()
        if self.zalo_token and self.zalo_mode == "webhook":
            secrets["zalo_bot"] = self.zalo_webhook_secret.get_secret_value()
        return secrets

    @property
    def federation_file(self) -> Path:
        """The federation's own file: in the data folder, else in the working folder, else the shipped sample."""
        candidates = (self.data_dir / "federation.yaml", Path("federation.yaml"))
        return next((path for path in candidates if path.is_file()), SHIPPED_FEDERATION)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log line may show."""
        fields = (
            self.telegram_bot_token,
            self.webhook_secret,
            self.zalo_bot_token,
            self.zalo_webhook_secret,
            self.metrics_token,
        )
        return tuple(field.get_secret_value() for field in fields if field)


def _is_in_earnest(data: Mapping[str, Any]) -> bool:
    """Whether one of the bots that have a token is on a real platform."""
    return any(
        data.get(f"{platform}_bot_token") and _is_official(data.get(f"{platform}_api_url", ""))
        for platform in ("telegram", "zalo")
    )


def _is_official(api_url: str) -> bool:
    """Whether an address leads to a real platform, however it is written."""
    return urlsplit(api_url).hostname in (urlsplit(OFFICIAL_API).hostname, *_ZALO_HOSTS)


def _reason(error: Any) -> str:
    cause = error.get("ctx", {}).get("error")
    return str(cause) if error["type"] == "value_error" else ""
