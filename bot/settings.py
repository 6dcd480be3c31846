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
ROOT: Final = Path(__file__).resolve().parents[1]
SHIPPED_PACK: Final = ROOT / "content" / "packs" / "2025"
SHIPPED_FEDERATION: Final = ROOT / "federation.yaml"

_SQLITE: Final = "sqlite:///"
_PORT: Final = Field(ge=1, le=65_535)
_RATE: Final = Field(ge=0, le=1000)


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
    telegram_api_url: str = Field(default=OFFICIAL_API, pattern=r"^https?://[^\s/]+(/[^\s]*)?$")
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_rate: Annotated[float, _RATE] = 25
    telegram_chat_rate: Annotated[float, _RATE] = 1
    public_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    database_url: str = f"{_SQLITE}data/bot.db"
    data_dir: Path = Path("data")
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

    @field_validator("telegram_mode", "web_chat", "log_level", "log_format", mode="before")
    @classmethod
    def _in_lower_case(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("telegram_bot_token")
    @classmethod
    def _is_a_token(cls, value: SecretStr) -> SecretStr:
        if value and not re.fullmatch(r"\d+:[\w-]{10,}", value.get_secret_value()):
            raise ValueError("token")
        return value

    @field_validator("telegram_api_url", "public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("telegram_rate", "telegram_chat_rate")
    @classmethod
    def _is_limited_officially(cls, value: float, info: ValidationInfo) -> float:
        if value == 0 and _is_official(info.data.get("telegram_api_url", "")):
            raise ValueError("no_limit")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_reachable(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("telegram_mode") == "webhook":
            raise ValueError("webhook_url")
        if value and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
            raise ValueError("url")
        if value.startswith("http:") and _is_official(info.data.get("telegram_api_url", "")):
            raise ValueError("https")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if not value and info.data.get("telegram_mode") != "webhook":
            return value
        if not re.fullmatch(r"[\w-]{16,256}", value.get_secret_value(), re.ASCII):
            raise ValueError("webhook_secret")
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
    def official(self) -> bool:
        """Whether we talk to the real Telegram."""
        return _is_official(self.telegram_api_url)

    @property
    def federation_file(self) -> Path:
        """The federation's own file: in the data folder, else in the working folder, else the shipped sample."""
        candidates = (self.data_dir / "federation.yaml", Path("federation.yaml"))
        return next((path for path in candidates if path.is_file()), SHIPPED_FEDERATION)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log line may show."""
        fields = (self.telegram_bot_token, self.webhook_secret, self.metrics_token)
        return tuple(field.get_secret_value() for field in fields if field)


def _is_official(api_url: str) -> bool:
    """Whether an address leads to the real Telegram, however it is written."""
    return urlsplit(api_url).hostname == urlsplit(OFFICIAL_API).hostname


def _reason(error: Any) -> str:
    cause = error.get("ctx", {}).get("error")
    return str(cause) if error["type"] == "value_error" else ""
