"""What the terminal says, from `content/texts/vi/cli.yaml`."""

import sys
from functools import cache
from typing import Any, Final, NoReturn

import yaml

from content.texts import DIRECTORY

FAILED: Final = 1


@cache
def words() -> dict[str, Any]:
    """The whole file."""
    loaded: dict[str, Any] = yaml.load((DIRECTORY / "cli.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    return loaded


def phrase(key: str, /, **params: Any) -> str:
    """The sentence `area.name` with its places filled in."""
    found: Any = words()
    for part in key.split("."):
        found = found[part]
    return str(found).format(**params) if params else str(found)


def tell(key: str, /, **params: Any) -> None:
    """Print a sentence."""
    sys.stdout.write(phrase(key, **params) + "\n")
    sys.stdout.flush()


def give_up(key: str, /, **params: Any) -> NoReturn:
    """Print a sentence to standard error and end the process with status 1."""
    sys.stderr.write(phrase(key, **params) + "\n")
    raise SystemExit(FAILED)
