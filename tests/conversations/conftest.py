"""Every conversation runs on every channel from the same script; what a channel lacks stands in docs/channels.md."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.fake_channel import CAPABILITIES, NotOnThisChannel
from tests.support.house import VARIANTS, House

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "channels.md"
MISSING = set(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", DOCUMENT.read_text("utf-8"), re.MULTILINE))
RUNS = [
    *((variant, "telegram") for variant in VARIANTS),
    ("plain", "zalo_bot"),
    ("double", "zalo_bot"),
    ("plain", "webchat"),
]


@pytest.fixture(params=RUNS, ids="-".join)
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """An empty installation with the invented tree: the four variants on one channel, the others beside."""
    variant, channel = request.param
    house = House(tmp_path, variant, channel)
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


@pytest.fixture(params=CAPABILITIES)
async def plain_house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """The same without restarts, repeats or crashes, on each channel."""
    house = House(tmp_path, channel=request.param)
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


@pytest.fixture
async def one_house(tmp_path: Path) -> AsyncIterator[House]:
    """The same on one channel, which has everything: for what does not depend on it."""
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """A script that needs what a channel has not got ends there, if the document says so, and fails if it does not."""
    try:
        yield
    except NotOnThisChannel as lacking:
        if (lacking.feature, lacking.channel) not in MISSING:
            raise
