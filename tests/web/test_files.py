"""Files in the web chat: what may be sent, who may see it, when it goes."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.webchat import Uploads, WebChat
from bot.channels.webchat.uploads import KEPT_BYTES
from bot.domain.messages import Attachment, Inbound, InboundKind, Outbound, OutboundMedia
from bot.storage import dialogs, inbox
from bot.storage.database import Database, Transaction
from bot.storage.migrate import migrate
from bot.web import chat
from bot.web.chat import UPLOADS_AT_ONCE
from bot.web.sweeping import sweep
from tests.web.conftest import PNG, Public


async def test_a_photo_goes_in_and_can_be_fetched(public: Public) -> None:
    visitor = await public.visitor()
    assert (await visitor.uploads(PNG))[0] == 200
    await public.app.settle()
    [ref] = public.channel.uploads.refs()
    assert await public.channel.fetch(ref, 10_000) == PNG
    assert await public.channel.fetch(ref, 10) == "too_big"
    assert await public.channel.fetch("none", 10) == "gone"
    assert await public.channel.fetch("../bot.db", 10**9) == "gone"


@pytest.mark.parametrize("content", [b"", b"MZ\x90", b"<html>", b"%PDF-1.7", b"\x89PNG", b"GIF89a"])
async def test_other_files_get_a_sentence(public: Public, content: bytes) -> None:
    visitor = await public.visitor()
    status, answer = await visitor.uploads(content)
    assert status == 415
    assert "ảnh" in answer["error"]
    assert public.channel.uploads.refs() == []


async def test_a_50_mb_file_gets_a_sentence(public: Public) -> None:
    visitor = await public.visitor()
    status, answer = await visitor.uploads(PNG + bytes(50 * 1024 * 1024))
    assert status == 413
    assert "20 MB" in answer["error"]


async def test_only_so_many_uploads_are_taken_in_at_once(public: Public) -> None:
    """Each is held in memory; who comes while there is no room is told to come back, and the page does."""
    visitor, go_on = await public.visitor(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield PNG
        await go_on.wait()
        yield b"."

    async def upload() -> int:
        headers = {"Origin": visitor.url, "X-Message-Id": str(uuid.uuid4())}
        address = f"{visitor.url}{visitor.base}/files"
        async with visitor.http.post(address, data=slowly(), headers=headers) as response:
            return response.status

    started = {asyncio.create_task(upload()) for _ in range(UPLOADS_AT_ONCE + 2)}
    turned_away: set[asyncio.Task[int]] = set()
    async with asyncio.timeout(10):
        while len(turned_away) < 2:
            done, _ = await asyncio.wait(started - turned_away, return_when=asyncio.FIRST_COMPLETED)
            turned_away |= done
    assert [task.result() for task in turned_away] == [503, 503]
    go_on.set()
    assert set(await asyncio.gather(*(started - turned_away))) == {200}
    assert (await visitor.uploads(PNG))[0] == 200


async def test_an_upload_that_does_not_end_is_let_go(public: Public, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "UPLOAD_SECONDS", 0.05)
    visitor, never = await public.visitor(), asyncio.Event()

    async def endlessly() -> AsyncIterator[bytes]:
        yield PNG
        await never.wait()

    headers = {"Origin": visitor.url, "X-Message-Id": str(uuid.uuid4())}
    address = f"{visitor.url}{visitor.base}/files"
    async with asyncio.timeout(10), visitor.http.post(address, data=endlessly(), headers=headers) as response:
        assert response.status == 503
    assert public.channel.uploads.refs() == []


async def test_waiting_files_cannot_fill_the_disk(public: Public) -> None:
    """Whoever sends: over the bound for all of them together, a file is turned away and told to come back."""
    uploads = public.channel.uploads
    hog = uploads.path(uploads.put(PNG))
    with hog.open("r+b") as file:
        file.truncate(KEPT_BYTES)  # sparse: no disk is filled here either
    visitor = await public.visitor()
    assert (await visitor.uploads(PNG))[0] == 503
    hog.unlink()
    assert (await visitor.uploads(PNG))[0] == 200


async def test_a_file_nobody_needs_is_deleted_at_the_second_look(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    unneeded, wanted, answered, arriving = (uploads.put(PNG) for _ in range(4))
    db = await Database.open(tmp_path / "bot.db")
    await migrate(db, 0)

    def plant(tx: Transaction) -> None:
        tx.run("INSERT INTO account (id, channel, external_id) VALUES (1, 'webchat', 'web')")
        tx.run(
            "INSERT INTO media (kind, state, account_id, source_ref, created_at) VALUES ('photo', 'wanted', 1, ?, 0)",
            (wanted,),
        )
        tx.run("INSERT INTO address (id, account_id, external_id, created_at, last_in_at) VALUES (1, 1, 'x', 0, 0)")
        dialogs.start(tx, 1, "nominate", f'[{{}}, [["ask", "photo", "{answered}"]], []]', "photo", 0)
        attachment = Attachment(InboundKind.PHOTO, arriving)
        inbox.store(tx, 1, [Inbound("1", "x", InboundKind.PHOTO, attachment=attachment)], 0, b"secret")

    await db.write(plant)
    channel = WebChat(uploads)
    idle = await sweep(db, channel, 1, set())
    assert set(uploads.refs()) == {unneeded, wanted, answered, arriving}
    await sweep(db, channel, 1, idle)
    assert set(uploads.refs()) == {wanted, answered, arriving}
    await db.close()


async def test_media_is_served_to_its_own_chat_only(public: Public) -> None:
    owner, other = await public.visitor(), await public.visitor()
    for visitor in (owner, other):
        await visitor.says("/start")
        await public.app.settle()
    path = public.app.plan.data_dir / "photo"
    path.write_bytes(PNG)
    await public.sql(
        "INSERT INTO media (id, kind, state, path, name, created_at) VALUES (7, 'photo', 'stored', ?, 'ảnh.png', 0)",
        str(path),
    )
    await public.enqueue(Outbound("", media=(OutboundMedia("photo", 7),)))
    [[_, address, *_]] = (await owner.seen())[-1].value["media"]
    async with owner.http.get(f"{owner.url}/chat/{address}") as response:
        assert (response.status, response.content_type) == (200, "image/png")
        assert await response.read() == PNG
    assert (await other.get(f"/chat/{address}"))[0] == 404
    assert (await public.newcomer().get(f"/chat/{address}"))[0] == 404
    assert (await owner.get(f"/chat/{address[:-1]}x"))[0] == 404
    await public.sql("DELETE FROM media")
    assert (await owner.get(f"/chat/{address}"))[0] == 404
