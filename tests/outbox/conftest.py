"""The desk most tests work at: no rates, time moved by hand."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.outbox.desk import Desk, open_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """An account without limits."""
    async with open_desk(tmp_path) as desk:
        yield desk
