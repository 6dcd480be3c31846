"""Members, addresses, units and roles."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Slot(StrEnum):
    """When a member wants the day's piece; UNASKED until they were asked, NONE when they open it themselves."""

    UNASKED = ""
    MORNING = "morning"
    NOON = "noon"
    EVENING = "evening"
    NONE = "none"


class RoleKind(StrEnum):
    """What someone may do for a unit and everything under it."""

    OFFICER = "officer"
    REVIEWER = "reviewer"
    STAFF = "staff"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Member:
    """A person who agreed. `form` is how to address them ("" until asked); quiet hours are minutes after midnight.

    `unit_state`: none, sought (no unit found, an administrator looks), pending (an officer confirms), confirmed.
    """

    id: int
    name: str
    form: str
    standing: str
    unit_id: int | None
    unit_state: str
    slot: str
    quiet_from: int
    quiet_to: int
    paused_until: date | None
    consent_version: str
    consent_at: int
    state: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where messages reach someone: a chat of an account. Without a member until they consent."""

    id: int
    account_id: int
    external_id: str
    member_id: int | None
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class Unit:
    """A node of the union tree; names, kinds and levels are the federation's data. Dates bound its existence.

    `name` is the official one, `short_name` what people say ("" when the same). `position` is the place in official
    lists, None for after those that have one. `successor_id` is the unit it was merged into.
    """

    id: int
    code: str
    parent_id: int | None
    kind: str
    name: str
    valid_from: date | None
    valid_until: date | None
    short_name: str = ""
    position: int | None = None
    successor_id: int | None = None

    def exists_on(self, day: date) -> bool:
        """Whether the unit exists on `day`; `valid_until` is its last day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Role:
    """A role over a subtree. `valid_until` is epoch ms, None for no end; `deputy_of` the role it stands in for."""

    id: int
    member_id: int
    unit_id: int
    kind: RoleKind
    title: str
    phone: str
    phone_shown: bool
    valid_until: int | None
    deputy_of: int | None = None

    def holds_at(self, now: int) -> bool:
        """Whether the role has not expired at epoch ms `now`."""
        return self.valid_until is None or now < self.valid_until
