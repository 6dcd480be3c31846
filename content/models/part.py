"""What every piece of a pack is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# Identifiers travel inside button data (64 bytes on Telegram), so they stay short and plain.
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=32)]
Text = Annotated[str, StringConstraints(min_length=1)]
Year = Annotated[int, Field(ge=2000, le=2099)]
"""One whose days, also lunar ones, and those of the year after it can be told."""
SourceIds = Annotated[tuple[Identifier, ...], Field(min_length=1)]
CitedIds = Annotated[tuple[Identifier, ...], Field(min_length=1)]


class Part(BaseModel):
    """A piece of a pack: immutable, and refusing keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)
