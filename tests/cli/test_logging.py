"""Log lines: ours and the libraries' alike, without secrets or the values of variables."""

import io
import json
import logging as standard
from collections.abc import Iterator

import pytest
import structlog

from bot import logging

TOKEN = "123456789:AAH-secret_secret_secret_secret_secr"


@pytest.fixture
def restored() -> Iterator[None]:
    """Put the process's logging back as it was."""
    ours, handlers, level = structlog.get_config(), standard.getLogger().handlers[:], standard.getLogger().level
    yield
    structlog.configure(**ours)
    standard.getLogger().handlers[:] = handlers
    standard.getLogger().setLevel(level)


def written(form: str, level: str = "info") -> io.StringIO:
    out = io.StringIO()
    logging.configure(level, form, ("hush-hush",), out)
    return out


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("form", ["console", "json"])
def test_no_secret_and_no_variable_reaches_the_log(form: str) -> None:
    out = written(form)
    words = "what a member wrote, kept in a variable"
    try:
        raise ValueError(f"https://x/bot{TOKEN}/getMe", len(words))
    except ValueError:
        structlog.get_logger("ours").exception("failed", header="hush-hush", also=TOKEN)
        standard.getLogger("theirs").exception("failed with %s", TOKEN)
    text = out.getvalue()
    assert text.count("Traceback") == 2
    assert TOKEN not in text
    assert "secret_secret" not in text
    assert "hush-hush" not in text
    assert words not in text


@pytest.mark.usefixtures("restored")
def test_json_lines_are_json() -> None:
    out = written("json")
    structlog.get_logger("ours").warning("đã gửi", count=3)
    line = json.loads(out.getvalue())
    assert (line["event"], line["count"], line["level"]) == ("đã gửi", 3, "warning")


@pytest.mark.usefixtures("restored")
def test_lines_below_the_level_are_not_written() -> None:
    out = written("console", "warning")
    structlog.get_logger("ours").info("chatter")
    standard.getLogger("theirs").info("chatter")
    assert out.getvalue() == ""
