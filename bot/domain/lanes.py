"""The outbox's lanes; a lower number goes first and never waits for a higher one."""

from enum import IntEnum


class Lane(IntEnum):
    """Why a row goes out. Everything but REPLY is a push: nobody waits for it, and it is never sent twice."""

    REPLY = 0
    URGENT = 1
    ANNOUNCEMENT = 2
    MILESTONE = 3
    DAILY = 4
