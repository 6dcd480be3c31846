"""Fixtures for conversations: `house` runs under every variant a test asks for."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.support.golden import Gatherer
from tests.support.house import VARIANTS, House, use_crashing_connections

use_crashing_connections()

# How long an example takes depends on what else the machine does, and says nothing about the code.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

_gatherer = Gatherer()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="keep a journal of each flow that has none")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--write-golden"):
        _gatherer.take_place()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--write-golden"):
        _gatherer.write_missing()


MEMORY = Path("/dev/shm")
ROOM = 2_000_000_000
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    # A commit waits for the disk; a killed process loses nothing of either.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


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
