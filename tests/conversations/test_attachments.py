"""Files people send: fetched after the commit, kept whole, let go."""

import stat
from pathlib import Path

from bot.channels.contract import Refusal
from bot.domain.messages import InboundKind
from bot.inbound.fetching import Fetcher
from bot.storage.database import Row
from tests.support.house import House
from tests.support.people import settled


async def send_photos(house: House, refs: list[str], chat: str = "951") -> None:
    """Introduce somebody with photos."""
    an = await settled(house, chat, "Vàng Văn An")
    house.variant, variant = "plain", house.variant
    await an.says("/gioithieu")
    for answer in ("1", "Lò Thị Bình", "đơn vị tôi", "Trả lại ví", "hôm qua", "bỏ qua"):
        await an.says(answer)
    for ref in refs:
        await an.sends(InboundKind.PHOTO, ref=ref, album="a")
    for answer in ("xong", "nêu tên"):
        await an.says(answer)
    house.variant = variant
    await an.says("gửi")


async def media(house: House) -> list[Row]:
    """Every file's state, attempts and path."""
    return await house.running.db.read(lambda tx: tx.all("SELECT state, attempts, path FROM media ORDER BY id"))


async def test_fetched_after_the_commit(house: House) -> None:
    """Also when the process died between the commit and the fetch: whole, once, readable by nobody else."""
    house.channel.files |= {"one": b"first", "two": b"second"}
    await send_photos(house, ["one", "two"])
    rows = await media(house)
    assert [state for state, _, _ in rows] == ["stored", "stored"]
    paths = [Path(path) for _, _, path in rows]
    assert [path.read_bytes() for path in paths] == [b"first", b"second"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert sorted((house.directory / "media").iterdir()) == sorted(paths)


async def test_a_restart_takes_up_what_was_wanted(plain_house: House) -> None:
    """A file out of reach stays wanted over a restart, and is fetched when it can be."""
    fetch, out = plain_house.channel.fetch, True

    async def moody(ref: str, limit: int) -> bytes | Refusal:
        return Refusal.TRY_LATER if out else await fetch(ref, limit)

    plain_house.channel.fetch = moody  # type: ignore[method-assign]
    plain_house.channel.files["one"] = b"first"
    await send_photos(plain_house, ["one"])
    assert [row[:2] for row in await media(plain_house)] == [("wanted", 1)]
    out = False
    await plain_house.settle()
    assert [row[0] for row in await media(plain_house)] == ["wanted"]
    await plain_house.restart()
    await plain_house.settle()
    assert [row[0] for row in await media(plain_house)] == ["stored"]


async def test_given_up_after_some_tries(plain_house: House) -> None:
    """A platform says the same of a lost file as of a network in trouble: six tries, then it is gone."""

    async def never(ref: str, limit: int) -> bytes | Refusal:
        return Refusal.TRY_LATER

    plain_house.channel.fetch = never  # type: ignore[method-assign]
    await send_photos(plain_house, ["one"])
    account = plain_house.running.accounts[plain_house.channel.name]
    eager = Fetcher(plain_house.running.db, {account: plain_house.channel}, pauses=(0.0,) * 5)
    await eager.drain()
    rows = await media(plain_house)
    assert [row[:2] for row in rows] == [("gone", 5)]


async def test_gone_and_too_big(plain_house: House) -> None:
    """What the platform lost or turns out too big does not hold up the others."""
    plain_house.channel.files |= {"big": b"x" * (10 * 1024 * 1024 + 1), "fine": b"ok"}
    await send_photos(plain_house, ["lost", "big", "fine"])
    assert [row[0] for row in await media(plain_house)] == ["gone", "too_big", "stored"]


async def test_the_reviewer_sees_the_photos(house: House) -> None:
    """In the order they were sent; those lost are only counted."""
    mai = await settled(house, "952", "Lý Thị Mai", form="chị", reviews="LC01")
    house.channel.files |= {"one": b"1", "three": b"3"}
    await send_photos(house, ["one", "lost", "three"])
    case = await mai.taps("Xem và xử lý")
    assert [file for m in mai.shown for file in m.media] == [("photo", "one"), ("photo", "three")]
    assert "1 tệp gửi kèm chưa xem được" in case


async def test_withdrawing_lets_the_files_go(plain_house: House) -> None:
    """The rows are nameless and due: who sweeps unlinks the files."""
    plain_house.channel.files["one"] = b"first"
    await send_photos(plain_house, ["one"])
    an = plain_house.phone("951")
    for answer in ("/guongtoi", "1", "rút lại", "có"):
        await an.says(answer)
    rows = await plain_house.running.db.read(lambda tx: tx.all("SELECT state, member_id, source_ref, name FROM media"))
    assert rows == [("gone", None, "", "")]
    await plain_house.passes("2025-05-01T08:10")
    assert await media(plain_house) == []
    assert list((plain_house.directory / "media").iterdir()) == []


async def test_erased_while_it_was_fetched(plain_house: House) -> None:
    """A file that arrives for a row let go leaves nothing behind."""
    fetch = plain_house.channel.fetch

    async def slow(ref: str, limit: int) -> bytes | Refusal:
        await plain_house.running.db.write(lambda tx: tx.run("UPDATE media SET state = 'gone'"))
        return await fetch(ref, limit)

    plain_house.channel.fetch = slow  # type: ignore[method-assign]
    plain_house.channel.files["one"] = b"first"
    await send_photos(plain_house, ["one"])
    assert list((plain_house.directory / "media").iterdir()) == []
