"""Why a message did not arrive, from what a platform or the sender noted: a closed list, in words of our own."""

import re
from typing import Final

_SAYS: Final = (
    (re.compile(r"blocked|USER_IS_BLOCKED|kicked", re.IGNORECASE), "blocked"),
    (re.compile(r"deactivated|deleted account", re.IGNORECASE), "gone"),
    (re.compile(r"chat not found|user not found|chat_id|initiate conversation", re.IGNORECASE), "no_chat"),
    (re.compile(r"file|photo|media|upload|document|PUBLIC_URL", re.IGNORECASE), "file"),
    (re.compile(r"too long|can't parse|without text", re.IGNORECASE), "text"),
    (re.compile(r"not prepared|not encoded|not delivered:", re.IGNORECASE), "fault"),
    (re.compile(r"connect|timed out|timeout|resolve|network|tls|ssl", re.IGNORECASE), "network"),
)
_OTHERWISE: Final = {"expired": "late", "uncertain": "no_answer"}
_ALL: Final = frozenset({"failed", "unreachable"})


def of(state: str, detail: str | None) -> str:
    """The reason for an outcome; `detail` is None where nothing could be sent. "" for what needs none."""
    if state in _OTHERWISE:
        return _OTHERWISE[state]
    if state not in _ALL:
        return ""
    if detail is None:
        return "no_address"
    return next((reason for says, reason in _SAYS if says.search(detail)), "other")
