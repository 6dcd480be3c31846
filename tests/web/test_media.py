"""Files of messages under signed addresses: who has one sees that file, for a day, and nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.app import Application, Line, Plan
from bot.channels.zalo_bot import Quirks, ZaloBotChannel
from bot.domain.lanes import Lane
from bot.domain.messages import Outbound, OutboundMedia
from bot.services import media
from bot.site import Site
from bot.storage import outbox
from bot.storage.database import Transaction
from bot.storage.media import discard
from bot.web.listening import listen
from tests.support.clock import ZONE, FakeClock
from tests.support.fake_zalo import TOKEN, FakeZalo
from tests.support.house import FEDERATION, PACK
from tests.web.conftest import PNG, Public, served

ROOT = "http://example.test"
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
AAC = b"\xff\xf1\x60\x40" + bytes(100)
HOUR = 3_600_000


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[Public]:
    async with served(tmp_path, ROOT) as public:
        yield public


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Whoever has the address: no cookie, no header of ours."""
    async with aiohttp.ClientSession() as http:
        yield http


async def kept(app: Application, content: bytes, *, state: str = "stored", expires_at: int | None = None) -> int:
    """A file among those of messages; returns its id."""
    path = app.plan.data_dir / f"file{len(content)}"
    path.write_bytes(content)

    def keep(tx: Transaction) -> None:
        tx.run(
            "INSERT INTO media (id, kind, state, path, created_at, expires_at) VALUES (7, 'photo', ?, ?, 0, ?)",
            (state, str(path), expires_at),
        )

    await app.db.write(keep)
    return 7


def address(public: Public, media_id: int, name: str) -> str:
    """The path of a file's address as a platform is given it now."""
    whole = media.url(public.app.installation, media_id, name, public.clock.now())
    assert whole.startswith(f"{ROOT}/media/")
    return whole.removeprefix(ROOT)


async def status(public: Public, http: aiohttp.ClientSession, path: str) -> int:
    async with http.get(public.site.url + path) as answer:
        return answer.status


@pytest.mark.parametrize(
    ("content", "name", "type", "disposition"),
    [
        (JPEG, "anh.jpg", "image/jpeg", 'inline; filename="anh.jpg"'),
        (PNG, "anh.png", "image/png", 'inline; filename="anh.png"'),
        (AAC, "voice.aac", "audio/aac", 'attachment; filename="voice.aac"'),
        (b"%PDF-1.7 to gioi thieu", "to.pdf", "application/pdf", 'attachment; filename="to.pdf"'),
        (b"<script>alert(1)</script>", "trang.html", "application/octet-stream", 'attachment; filename="trang.html"'),
        (b"<svg onload=alert(1)>", "anh.png", "application/octet-stream", 'attachment; filename="anh.png"'),
    ],
)
async def test_a_file_is_served_as_what_its_bytes_are(
    public: Public, http: aiohttp.ClientSession, content: bytes, name: str, type: str, disposition: str
) -> None:
    path = address(public, await kept(public.app, content), name)
    async with http.get(public.site.url + path) as answer:
        assert (answer.status, await answer.read()) == (200, content)
        assert answer.headers["Content-Type"] == type
        assert answer.headers["Content-Disposition"] == disposition
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"].startswith("private")
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("voice.aac", "/voice.aac"),
        ("GHI ÂM.AAC", "/ghi-am.aac"),
        ("Ảnh tổ Đóng gói.jpg", "/anh-to-dong-goi.jpg"),
        ("../../etc/passwd", "/etc-passwd"),
        ('a"\r\nSet-Cookie: b.png', "/a-set-cookie-b.png"),
        ("", "/file"),
        ("日本", "/file"),
        ("x" * 300 + ".aac", "x.aac"),
    ],
)
async def test_a_name_becomes_plain_letters_and_keeps_its_ending(
    public: Public, http: aiohttp.ClientSession, name: str, ends: str
) -> None:
    path = address(public, await kept(public.app, AAC), name)
    assert path.endswith(ends)
    assert len(path) < 200
    assert await status(public, http, path) == 200


async def test_an_address_works_for_a_day_of_peoples_time(public: Public, http: aiohttp.ClientSession) -> None:
    path = address(public, await kept(public.app, JPEG), "anh.jpg")
    public.clock.forward(hours=23, minutes=59)
    assert await status(public, http, path) == 200
    public.clock.forward(minutes=1)
    assert await status(public, http, path) == 404


async def test_a_forged_address_is_not_there(public: Public, http: aiohttp.ClientSession) -> None:
    path = address(public, await kept(public.app, JPEG), "anh.jpg")
    token, name = path.split("/")[2:]
    id, until, seal = token.split("-")
    forged = [
        f"8-{until}-{seal}/{name}",
        f"07-{until}-{seal}/{name}",
        f"{id}-{int(until) + HOUR}-{seal}/{name}",
        f"{id}-{until}-{seal[::-1]}/{name}",
        f"{id}-{until}-{seal[:-1]}/{name}",
        f"{id}-{until}-{seal.upper()}/{name}",
        f"{id}-{until}-{'0' * 32}/{name}",
        f"{id}-{'9' * 18}-{seal}/{name}",
        f"{id}-{'9' * 40}-{seal}/{name}",
        f"{id}-{until}-{seal}/khac.jpg",
        f"{id}-{until}-{seal}/ảnh.jpg",
        f"{id}-{until}-{seal}",
        f"{id}-{until}-{seal}/",
        f"{id}/{name}",
        name,
        "",
    ]
    for each in forged:
        assert await status(public, http, f"/media/{each}") == 404, each
    assert await status(public, http, path) == 200


async def test_another_installations_address_is_not_there(public: Public, http: aiohttp.ClientSession) -> None:
    path = address(public, await kept(public.app, JPEG), "anh.jpg")
    public.app.installation.secret = bytes(32)
    assert await status(public, http, path) == 404


@pytest.mark.parametrize("state", ["wanted", "gone", "too_big"])
async def test_only_what_is_stored_is_served(public: Public, http: aiohttp.ClientSession, state: str) -> None:
    path = address(public, await kept(public.app, JPEG, state=state), "anh.jpg")
    assert await status(public, http, path) == 404


async def test_a_file_that_is_due_to_go_is_gone(public: Public, http: aiohttp.ClientSession) -> None:
    path = address(public, await kept(public.app, JPEG, expires_at=public.clock.now() + HOUR), "anh.jpg")
    assert await status(public, http, path) == 200
    public.clock.forward(hours=1)
    assert await status(public, http, path) == 404


async def test_an_erased_file_is_not_there(public: Public, http: aiohttp.ClientSession) -> None:
    id = await kept(public.app, JPEG)
    path = address(public, id, "anh.jpg")
    await public.app.db.write(lambda tx: discard(tx, [id]))
    assert await status(public, http, path) == 404


async def test_a_file_that_is_gone_from_the_disk_is_not_there(public: Public, http: aiohttp.ClientSession) -> None:
    path = address(public, await kept(public.app, JPEG), "anh.jpg")
    (public.app.plan.data_dir / f"file{len(JPEG)}").unlink()
    assert await status(public, http, path) == 404


async def test_without_a_public_address_there_is_none_and_nothing_is_served(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    async with served(tmp_path / "reachable", ROOT) as reachable:
        path = address(reachable, 7, "anh.jpg")
        secret = reachable.app.installation.secret
    async with served(tmp_path / "hidden") as hidden:
        hidden.app.installation.secret = secret
        await kept(hidden.app, JPEG)
        assert media.url(hidden.app.installation, 7, "anh.jpg", hidden.clock.now()) == ""
        assert await status(hidden, http, path) == 404


async def send(app: Application, outbound: Outbound) -> None:
    """Have the bot say something to whoever wrote."""

    def job(tx: Transaction) -> None:
        account, address = tx.all("SELECT account_id, id FROM address")[0]
        outbox.enqueue(tx, account, address, outbound, app.plan.clock.now(), lane=Lane.REPLY)

    await app.db.write(job)
    await app.settle()


@pytest.mark.parametrize(
    ("kind", "name", "content", "method", "field", "type"),
    [
        ("photo", "Ảnh tổ.jpg", JPEG, "sendPhoto", "photo", "image/jpeg"),
        ("voice", "voice.aac", AAC, "sendVoice", "voice_url", "audio/aac"),
    ],
)
async def test_zalo_fetches_what_it_is_sent(
    tmp_path: Path,
    http: aiohttp.ClientSession,
    kind: str,
    name: str,
    content: bytes,
    method: str,
    field: str,
    type: str,
) -> None:
    """The whole way: a message with a file goes out as an address, under which our pages serve that file."""
    listening = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with FakeZalo() as zalo:
        lines = [Line(ZaloBotChannel(TOKEN, zalo.url, "polling", quirks=Quirks(poll_floor=0.05)), 0, 0)]
        plan = Plan(
            tmp_path / "bot.db", tmp_path, FakeClock(), FEDERATION, PACK, ZONE, lines, public_url=url, ticking=False
        )
        app = await Application.open(plan)
        await app.start()
        site = await Site.open(app, listening)
        zalo.user_says("lan", "xin chào")
        await zalo.wait_until(lambda: zalo.sent("lan"))
        caption = "<b>Ảnh</b> của tổ" if kind == "photo" else ""
        await send(app, Outbound(caption, media=(OutboundMedia(kind, await kept(app, content), name),)))
        [call] = zalo.called(method)
        async with http.get(call.values[field]) as answer:
            assert (answer.status, answer.content_type) == (200, type)
            assert await answer.read() == content
        assert call.values[field].startswith(f"{url}/media/")
        assert call.values.get("caption", "") == ("Ảnh của tổ" if kind == "photo" else "")
        await site.stop()
        await app.stop()
