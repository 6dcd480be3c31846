"""`federation.yaml`: who runs this bot. Names, levels and titles are data: they were changed, and will be again."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Contact(_Strict):
    """A person members can turn to."""

    name: str = Field(min_length=1)
    title: str = Field(min_length=1)
    phone: str = Field(min_length=1)


class UnitKind(_Strict):
    """A kind of unit and its place in the tree: level 1 is the federation itself."""

    id: str = Field(pattern=r"^[a-z_]+$")
    name: str
    level: int = Field(ge=1, le=9)


class Hours(_Strict):
    """Default hours, "HH:MM"."""

    morning: Hour = "06:30"
    noon: Hour = "11:30"
    evening: Hour = "19:30"
    milestone: Hour = "08:00"
    quiet_from: Hour = "21:00"
    quiet_to: Hour = "06:00"

    def minutes(self, name: str) -> int:
        """An hour as minutes after midnight."""
        hour, minute = getattr(self, name).split(":")
        return int(hour) * 60 + int(minute)


class Federation(_Strict):
    """The federation's own data."""

    name: str = Field(min_length=1)
    short_name: str = Field(min_length=1)
    contact: Contact
    unit_kinds: tuple[UnitKind, ...] = Field(min_length=1)
    officer_titles: tuple[str, ...] = Field(min_length=1)
    proposed_channels: tuple[Literal["zalo_bot", "telegram", "webchat"], ...] = ()
    hours: Hours = Hours()
    days_off: frozenset[date] = frozenset()
    review_days: int = Field(default=7, ge=1, le=60)
    approval_over: int = Field(default=500, ge=0)
    consent_version: str = "2025-1"

    def kind(self, id: str) -> UnitKind | None:
        """The kind of unit with this id."""
        return next((kind for kind in self.unit_kinds if kind.id == id), None)


class BrokenFederation(Exception):
    """`federation.yaml` cannot be used; `str()` lists every problem on a line of its own."""


def load_federation(path: Path) -> Federation:
    """Read and validate the file. Raises BrokenFederation."""
    try:
        stored: Any = yaml.safe_load(path.read_text("utf-8"))
        return Federation.model_validate(stored)
    except OSError as error:
        raise BrokenFederation(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise BrokenFederation(f"{path}: {error}") from error
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise BrokenFederation("\n".join(lines)) from error
