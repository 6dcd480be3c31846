"""Reading JSON of platforms that do not always write it well."""

import re
from typing import Any, Final

import orjson

_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def load_json(payload: bytes) -> Any:
    """Parse JSON; broken UTF-8 and lone surrogates become U+FFFD: one odd message must not block the others.

    Raises orjson.JSONDecodeError (a ValueError) for what is not JSON at all.
    """
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return orjson.loads(_SURROGATE.sub(rb"\\ufffd", payload).decode("utf-8", "replace"))
