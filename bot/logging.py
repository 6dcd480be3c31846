"""Log lines: structlog for ours and the libraries' alike, without secrets and without the values of variables."""

import logging
import re
import sys
from collections.abc import Sequence
from typing import Any, Final, TextIO

_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_TOKEN: Final = re.compile(r"\d{6,}:[\w-]{20,}")
_HIDDEN: Final = "•••"


class LibrariesHidden:
    """While entered, importing rich or click fails.

    structlog and httpx would load them for tracebacks and a command line the bot never shows: a fifth of its start.
    """

    def __enter__(self) -> None:
        self._hidden = [name for name in ("rich", "click") if name not in sys.modules]
        for name in self._hidden:
            sys.modules[name] = None  # type: ignore[assignment]  # how Python itself marks "not there"

    def __exit__(self, *_: object) -> None:
        for name in self._hidden:
            del sys.modules[name]


with LibrariesHidden():
    import structlog


def configure(level: str, form: str, secrets: Sequence[str] = (), stream: TextIO | None = None) -> None:
    """Send every log line to `stream` (default: standard error). `level`: a key of _LEVELS; `form`: console or json."""
    out = stream or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    render = [_renderer(form, out), _Redactor(secrets)]
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries tell at INFO what is theirs to know (every job, every request): it is ours to say what happened.
    root.setLevel(max(_LEVELS[level], logging.WARNING) if level != "debug" else logging.DEBUG)


def _renderer(form: str, out: TextIO) -> Any:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)


class _Redactor:
    """The last step: the finished line, with every secret hidden wherever it came from."""

    def __init__(self, secrets: Sequence[str]) -> None:
        known = [re.escape(secret) for secret in sorted(secrets, key=len, reverse=True)]
        self._pattern = re.compile("|".join([*known, _TOKEN.pattern]))

    def __call__(self, _logger: object, _method: str, line: str) -> str:
        return self._pattern.sub(_HIDDEN, line)
