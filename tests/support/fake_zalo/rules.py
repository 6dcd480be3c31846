"""What Zalo demands of a call's parameters, and how it says no. Descriptions of 400s are invented: none is published."""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

MAX_TEXT: Final = 2000
_SIZES: Final = {"f_13", "f_15", "f_18", "f_20"}
_COLOURS: Final = {"c_050a19", "c_15a85f", "c_f7b503", "c_f27806", "c_db342e"}
_LISTS: Final = {"lst_1", "lst_2", "ind_1", "ind_2", "ind_3", "ind_4", "ind_5"}
_STYLES: Final = {"b", "i", "u", "s"} | _SIZES | _COLOURS | _LISTS


@dataclass
class Refused(Exception):
    """An answer that is not ok."""

    code: int
    description: str


def bad_request(description: str) -> Refused:
    """A 400."""
    return Refused(400, f"Bad request: {description}")


def utf16_length(text: str) -> int:
    """As the phones count."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True)
class Parameters:
    """A call's parameters from JSON, a form, multipart or a query: numbers and lists may come as strings."""

    values: dict[str, Any]

    def string(self, name: str) -> str:
        """A string that must be there and not be empty."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            raise bad_request(f"{name} is required")
        return value

    def text(self, name: str) -> str:
        """A string of 1 to 2,000 characters, by the strictest count."""
        value = self.string(name)
        if not value.strip() or utf16_length(value) > MAX_TEXT:
            raise bad_request(f"{name} must have 1 to {MAX_TEXT} characters")
        return value

    def address(self, name: str) -> str:
        """A web address."""
        value = self.string(name)
        if not value.startswith(("https://", "http://")) or not urlsplit(value).hostname:
            raise bad_request(f"{name} is not a URL")
        return value

    def seconds(self) -> float:
        """The `timeout` of a long poll: documented as a string, shown as a number."""
        try:
            return float(self.values.get("timeout", 30))
        except (TypeError, ValueError):
            raise bad_request("timeout is not a number") from None

    def styles(self, text: str) -> list[dict[str, Any]]:
        """`text_styles`; ignored where a parse_mode is set."""
        runs = self.values.get("text_styles") or []
        if isinstance(runs, str):
            try:
                runs = json.loads(runs)
            except ValueError:
                raise bad_request("text_styles is not JSON") from None
        parse_mode = self.values.get("parse_mode")
        if parse_mode not in (None, "markdown", "html"):
            raise bad_request("parse_mode is unknown")
        if parse_mode is not None:
            return []
        if not isinstance(runs, list) or not all(_is_run(run, utf16_length(text)) for run in runs):
            raise bad_request("text_styles is invalid")
        return runs


def _is_run(run: Any, length: int) -> bool:
    if not isinstance(run, dict) or set(run) != {"start", "len", "st"}:
        return False
    start, count, styles = run["start"], run["len"], run["st"]
    if type(start) is not int or type(count) is not int or start < 0 or count < 1 or start + count > length:
        return False
    return isinstance(styles, list) and bool(styles) and set(styles) <= _STYLES


def webhook_of(parameters: Parameters) -> tuple[str, str]:
    """(url, secret) of a setWebhook; a private host and plain http are let through on the loopback only, for tests."""
    url, secret = parameters.address("url"), parameters.string("secret_token")
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise bad_request("url must be a public HTTPS address")
    if url.startswith("https://") and urlsplit(url).hostname in ("localhost", "127.0.0.1"):
        raise bad_request("url must be a public HTTPS address")
    if not 8 <= len(secret) <= 256:
        raise bad_request("secret_token must have 8 to 256 characters")
    return url, secret
