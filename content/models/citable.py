"""What cards and questions may cite: everything they assert stands in one of these, and each names its sources."""

import datetime
from typing import Annotated, Final, Literal

from lunar_vn import convert_lunar_to_solar
from pydantic import Field, StringConstraints, model_validator

from content.models.part import Identifier, Part, SourceIds, Text, Year

PLAN_SOURCE: Final = "plan"
"""The source that is the plan itself, in which its paragraphs can be read."""
LUNAR_DAY, LUNAR_MONTH = 29, 10
"""The last lunar day that every month has, and the last lunar month that lies whole in the solar year of its name."""

Kind = Literal["national", "party", "union", "province", "plan"]


class Source(Part):
    """Where a claim can be read. `url` is absent for a paper document, whose title is its reference."""

    id: Identifier
    title: Text
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None


class Fact(Part):
    """One claim. `withdrawn` says why it may no longer be cited."""

    id: Identifier
    statement: Text
    sources: SourceIds
    withdrawn: Text | None = None


class Document(Part):
    """An official document named in the plan of the year. `issuer` is absent where the sources disagree on it."""

    id: Identifier
    number: Text
    date: datetime.date
    issuer: Text | None = None
    title: Text
    summary: Text
    sources: SourceIds


class Quotation(Part):
    """Words quoted letter for letter. `date` is the date as the source gives it, or None if it gives none."""

    id: Identifier
    text: Text
    work: Text
    date: Text | None = None
    sources: SourceIds


class Paragraph(Part):
    """A paragraph of the plan, letter for letter; its id says where it stands (`ii-1-1`)."""

    id: Identifier
    heading: Text
    text: Text

    @property
    def sources(self) -> tuple[str, ...]:
        """The plan itself."""
        return (PLAN_SOURCE,)


class Milestone(Part):
    """A day to remember: every year, or once when `year` is given. `push` ones are counted down.

    `lunar` ones have day and month of the Vietnamese lunar calendar. `phrase` is the noun phrase a reminder uses after
    "còn N ngày nữa là" or "kỷ niệm N năm".
    """

    id: Identifier
    name: Text
    day: Annotated[int, Field(ge=1, le=31)]
    month: Annotated[int, Field(ge=1, le=12)]
    lunar: bool = False
    year: Year | None = None
    since: Annotated[int, Field(ge=1)] | None = None
    kind: Kind
    push: bool = False
    phrase: Text | None = None
    note: Text | None = None
    sources: SourceIds

    @model_validator(mode="after")
    def _day_exists(self) -> "Milestone":
        if self.year is not None and self.since is not None:
            raise ValueError("year and since exclude each other")
        if not self.lunar:
            # 2001 is no leap year: a yearly day must exist every year.
            datetime.date(self.year or 2001, self.month, self.day)
        elif self.year is not None or self.since is not None:
            raise ValueError("a lunar day comes every year and has neither year nor since")
        elif self.day > LUNAR_DAY or self.month > LUNAR_MONTH:
            raise ValueError(f"a lunar day is at most {LUNAR_DAY}/{LUNAR_MONTH}: only so it comes once every year")
        return self

    def occurs_in(self, year: int) -> bool:
        """Whether there is one in `year`."""
        return self.year is None or self.year == year

    def occurs_on(self, year: int) -> datetime.date:
        """The day in `year`. Raises ValueError for a one-off milestone of another year."""
        if not self.occurs_in(year):
            raise ValueError(f"milestone {self.id} happens only in {self.year}, not in {year}")
        if self.lunar:
            return convert_lunar_to_solar(self.day, self.month, year)
        return datetime.date(year, self.month, self.day)

    def anniversary(self, year: int) -> int | None:
        """How many years it will be in `year`; None where the pack gives no first year, or it lies ahead."""
        if self.since is None or year <= self.since:
            return None
        return year - self.since


Citable = Fact | Document | Quotation | Milestone | Paragraph
