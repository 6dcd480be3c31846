"""A house whose pack is a small one in a folder, to be changed while it runs."""

from pathlib import Path

from bot.domain.people import RoleKind
from tests.content.conftest import write_small_pack
from tests.support.house import House, Phone
from tests.support.officers import granted
from tests.support.people import settled

CARD = "themes/doan-ket/cards/hon-da.md"
QUESTIONS = "themes/doan-ket/questions/hon-da.yaml"


async def with_small_pack(house: House) -> Path:
    """Open the house again on a small pack; returns its folder."""
    folder = house.directory / "content" / "2025"
    write_small_pack(folder)
    errata = folder / "errata.yaml"
    errata.write_text("[]\n", "utf-8")
    house.content = folder
    await house.restart()
    return folder


def change(folder: Path, name: str, old: str, new: str) -> None:
    """Write other words into a file of the pack."""
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


async def administrator(house: House, chat: str = "900") -> Phone:
    """Somebody who administers the whole tree."""
    boss = await settled(house, chat, "Quản Trị")
    await granted(house, boss, "LD", RoleKind.ADMIN)
    return boss


async def take_up(boss: Phone) -> str:
    """Have the folder read again; what the administrator is told at the end."""
    await boss.says("/capnhat")
    await boss.taps("Dùng bản mới")
    return boss.last.text
