"""Fixtures for conversations: `house` runs under every variant a test asks for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from tests.support.house import VARIANTS, House, use_crashing_connections

use_crashing_connections()


@pytest.fixture(params=VARIANTS)
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """An empty installation with the invented tree, under each of the four variants."""
    house = House(tmp_path, request.param)
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


@pytest.fixture
async def plain_house(tmp_path: Path) -> AsyncIterator[House]:
    """The same, without restarts, repeats or crashes."""
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])
