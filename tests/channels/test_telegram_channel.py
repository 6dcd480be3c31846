"""The channel as a whole: what goes out, what is fetched, webhooks."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from bot.channels.contract import (
    Channel,
    ChannelUnusable,
    Delivery,
    MediaFile,
    Operation,
    OutcomeKind,
    Refusal,
)
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.encode import encode
from bot.channels.telegram.polling import ALLOWED_UPDATES
from bot.domain.messages import Button, Inbound, InboundKind, Outbound, OutboundMedia
from tests.support.fake_bot_api import FakeBotApi, Fault

CHAT = 5001
MB = 1024 * 1024
ROWS = (
    (Button("Bài hôm nay", "m:today"), Button("Trả lời câu hỏi", "m:quiz")),
    (Button("Cài đặt", "m:settings"),),
)


@pytest_asyncio.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as api:
        yield api


@pytest_asyncio.fixture
async def channel(api: FakeBotApi) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(api.token, api.url, "polling")
    await channel.open()
    yield channel
    await channel.close()


def delivery(outbound: Outbound, operation: Operation = Operation.SEND, **changes: Any) -> Delivery:
    return Delivery(1, str(CHAT), operation, outbound, **changes)


def test_it_is_a_channel_that_knows_its_account_before_it_is_open() -> None:
    channel: Channel = TelegramChannel("123456:x", "https://telegram.invalid/", "polling")
    assert (channel.name, channel.account) == ("telegram", "123456")
    assert channel.capabilities.max_text == 4096


async def test_after_opening_it_knows_its_name(api: FakeBotApi, channel: TelegramChannel) -> None:
    assert (channel.username, channel.link) == (api.username, f"https://t.me/{api.username}")


async def test_text_with_buttons_arrives_as_it_was_meant(api: FakeBotApi, channel: TelegramChannel) -> None:
    text = '<b>Chào chị Ấn</b>\nR&amp;D &lt;3 <a href="https://vi.du/?a=1&amp;b=2">Nguồn</a>'
    outcome = await channel.deliver(delivery(Outbound(text, ROWS)))
    [message] = api.sent(CHAT)
    assert outcome.external_id == str(message.message_id)
    assert message.text == "Chào chị Ấn\nR&D <3 Nguồn"
    assert message.buttons == tuple(tuple((b.label, b.data) for b in row) for row in ROWS)
    [call] = api.called("sendMessage")
    assert call.values["link_preview_options"] == {"is_disabled": True}


async def test_edits_and_deletes(api: FakeBotApi, channel: TelegramChannel) -> None:
    target = (await channel.deliver(delivery(Outbound("một", ROWS)))).external_id
    [message] = api.sent(CHAT)
    edit = delivery(Outbound("<i>hai</i>", ROWS), Operation.EDIT, target=target)
    assert (await channel.deliver(edit)).kind is OutcomeKind.SENT
    assert (message.text, len(message.labels)) == ("hai", 3)
    fewer = delivery(Outbound("", ROWS[:1]), Operation.EDIT_KEYBOARD, target=target)
    assert (await channel.deliver(fewer)).kind is OutcomeKind.SENT
    assert (message.text, message.buttons) == ("hai", (tuple((b.label, b.data) for b in ROWS[0]),))
    assert (await channel.deliver(fewer)).kind is OutcomeKind.NO_OP
    unkeyed = delivery(Outbound(""), Operation.EDIT_KEYBOARD, target=target)
    assert (await channel.deliver(unkeyed)).kind is OutcomeKind.SENT
    assert (message.text, message.labels) == ("hai", [])
    assert (await channel.deliver(unkeyed)).kind is OutcomeKind.NO_OP
    gone = delivery(Outbound(""), Operation.DELETE, target=target)
    assert (await channel.deliver(gone)).kind is OutcomeKind.SENT
    assert message.deleted
    assert (await channel.deliver(gone)).kind is OutcomeKind.NO_OP


def media(tmp_path: Path, kind: str, name: str = "", ref: str = "", number: int = 1) -> MediaFile:
    path = tmp_path / f"{number}.bin"
    path.write_bytes(f"content of {number}".encode())
    return MediaFile(number, kind, ref, str(path), name)


def with_media(html: str, *files: MediaFile, buttons: Any = ()) -> Delivery:
    declared = tuple(OutboundMedia(file.kind, file.media_id, file.name) for file in files)
    return delivery(Outbound(html, buttons, declared), media=files)


@pytest.mark.parametrize("kind", ["photo", "voice", "document"])
async def test_a_file_is_uploaded_once_and_then_sent_by_its_id(
    kind: str, api: FakeBotApi, channel: TelegramChannel, tmp_path: Path
) -> None:
    name = 'Báo cáo "tháng 5"\r\n.pdf'
    outcome = await channel.deliver(with_media("<b>Đây</b>", media(tmp_path, kind, name), buttons=ROWS))
    [message] = api.sent(CHAT)
    [(media_id, ref)] = outcome.media_refs
    assert (media_id, ref, message.text, len(message.labels)) == (1, message.file, "Đây", 3)
    assert message.file_name == 'Báo cáo "tháng 5" .pdf'
    assert api.chats.files[ref].content == b"content of 1"
    again = await channel.deliver(with_media("", media(tmp_path, kind, name, ref)))
    assert (again.kind, again.media_refs) == (OutcomeKind.SENT, ())
    assert api.sent(CHAT)[1].file == ref
    assert len(api.chats.files) == 1


async def test_several_files_go_as_one_group(api: FakeBotApi, channel: TelegramChannel, tmp_path: Path) -> None:
    known = api.chats.store(b"here already", "x.jpg")
    files = [
        media(tmp_path, "photo", number=1),
        media(tmp_path, "photo", ref=known, number=2),
        media(tmp_path, "photo", number=3),
    ]
    outcome = await channel.deliver(with_media("<b>Ba ảnh</b>", *files, buttons=ROWS))
    messages = api.sent(CHAT)
    assert outcome.external_id == ",".join(str(message.message_id) for message in messages)
    assert [message.text for message in messages] == ["Ba ảnh", "", ""]
    assert {message.album for message in messages} == {messages[0].album}
    assert not any(message.buttons for message in messages)
    assert outcome.media_refs == ((1, messages[0].file), (3, messages[2].file))
    assert [api.chats.files[message.file].content for message in messages] == [
        b"content of 1",
        b"here already",
        b"content of 3",
    ]


async def test_an_album_is_changed_and_taken_back_whole(
    api: FakeBotApi, channel: TelegramChannel, tmp_path: Path
) -> None:
    """Photos and videos together; an edit changes the first one's caption, a delete takes every file away."""
    files = [media(tmp_path, kind, number=number) for number, kind in enumerate(("photo", "video", "photo"), 1)]
    album = with_media("Ba tệp", *files)
    outcome = await channel.deliver(album)
    assert [file for file, _ in outcome.media_refs] == [1, 2, 3]
    edited = await channel.deliver(
        replace(
            album, operation=Operation.EDIT, target=outcome.external_id, outbound=album.outbound._replace(html="Mới")
        )
    )
    assert edited.kind is OutcomeKind.SENT
    assert [message.text for message in api.sent(CHAT)] == ["Mới", "", ""]
    deleted = await channel.deliver(replace(album, operation=Operation.DELETE, target=outcome.external_id))
    assert deleted.kind is OutcomeKind.SENT
    assert all(message.deleted for message in api.chats.messages)
    again = await channel.deliver(replace(album, operation=Operation.DELETE, target=outcome.external_id))
    assert again.kind in (OutcomeKind.SENT, OutcomeKind.NO_OP)


@pytest.mark.parametrize("count", [1, 3])
async def test_what_is_older_than_two_days_cannot_be_taken_back(
    api: FakeBotApi, channel: TelegramChannel, tmp_path: Path, count: int
) -> None:
    sent = await channel.deliver(with_media("", *(media(tmp_path, "photo", number=n) for n in range(1, count + 1))))
    for message in api.chats.messages:
        message.age_hours = 48
    outcome = await channel.deliver(replace(with_media(""), operation=Operation.DELETE, target=sent.external_id))
    assert (outcome.kind, outcome.detail) == (OutcomeKind.REJECTED, "Message can't be deleted")
    assert not any(message.deleted for message in api.chats.messages)


@pytest.mark.parametrize("kind", ["photo", "video", "document", "voice"])
async def test_a_single_file_is_changed_below_it_with_its_buttons(
    api: FakeBotApi, channel: TelegramChannel, tmp_path: Path, kind: str
) -> None:
    single = with_media("Cũ", media(tmp_path, kind), buttons=ROWS)
    sent = await channel.deliver(single)
    edit = replace(
        single, operation=Operation.EDIT, target=sent.external_id, outbound=single.outbound._replace(html="Mới")
    )
    assert (await channel.deliver(edit)).kind is OutcomeKind.SENT
    [message] = api.sent(CHAT)
    assert (message.text, len(message.buttons)) == ("Mới", len(ROWS))


async def test_the_text_that_followed_an_album_is_what_an_edit_changes(
    api: FakeBotApi, channel: TelegramChannel, tmp_path: Path
) -> None:
    album = await channel.deliver(with_media("", *(media(tmp_path, "photo", number=n) for n in (1, 2))))
    text = await channel.deliver(with_media("Cũ", buttons=ROWS))
    files = (OutboundMedia("photo", 1), OutboundMedia("photo", 2))
    whole = Outbound("", media=files, then=(Outbound("Mới", ROWS),))
    target = f"{album.external_id},{text.external_id}"
    await channel.deliver(replace(with_media(""), operation=Operation.EDIT, target=target, outbound=whole))
    assert [message.text for message in api.sent(CHAT)] == ["", "", "Mới"]
    await channel.deliver(replace(with_media(""), operation=Operation.EDIT_KEYBOARD, target=target))
    assert api.sent(CHAT)[-1].buttons == ()


async def test_a_caption_that_cannot_be_parsed_is_sent_plain_with_its_file(
    api: FakeBotApi, channel: TelegramChannel, tmp_path: Path
) -> None:
    outcome = await channel.deliver(with_media("<b>hở", media(tmp_path, "photo")))
    [message] = api.sent(CHAT)
    assert (outcome.kind, message.raw, len(outcome.media_refs)) == (OutcomeKind.SENT, "hở", 1)


async def test_a_file_that_is_not_there_is_rejected(channel: TelegramChannel, tmp_path: Path) -> None:
    lost = MediaFile(1, "photo", "", str(tmp_path / "lost.jpg"), "")
    outcome = await channel.deliver(with_media("", lost))
    assert outcome.kind is OutcomeKind.REJECTED


async def test_a_file_too_big_for_telegram_is_rejected(channel: TelegramChannel, tmp_path: Path) -> None:
    huge = tmp_path / "huge.jpg"
    huge.write_bytes(bytes(10 * MB + 1))
    outcome = await channel.deliver(with_media("", MediaFile(1, "photo", "", str(huge), "")))
    assert outcome.kind is OutcomeKind.REJECTED


@pytest.mark.parametrize("data", ["", "đ" * 33, "x" * 65])
def test_callback_data_out_of_bounds_never_leaves(data: str) -> None:
    with pytest.raises(ValueError, match="callback data"):
        encode(delivery(Outbound("x", ((Button("x", data),),))))


def press(press_ref: str) -> Inbound:
    return Inbound("1", str(CHAT), InboundKind.BUTTON, press_ref=press_ref)


async def test_a_press_is_acknowledged_without_text(api: FakeBotApi, channel: TelegramChannel) -> None:
    api.user_forges_press(CHAT, "m:today", 1)
    [press_ref] = api.chats.presses
    await channel.acknowledge(press(press_ref))
    [call] = api.called("answerCallbackQuery")
    assert (call.status, call.values) == (200, {"callback_query_id": press_ref})


async def test_acknowledging_never_raises(api: FakeBotApi, channel: TelegramChannel) -> None:
    api.user_forges_press(CHAT, "m:today", 1)
    api.presses_grow_old()
    [press_ref] = api.chats.presses
    await channel.acknowledge(press(press_ref))
    api.fail_next("answerCallbackQuery", Fault.DROP)
    await channel.acknowledge(press(press_ref))
    assert [call.status for call in api.called("answerCallbackQuery")] == [400, 0]
    await channel.acknowledge(press(""))
    assert len(api.called("answerCallbackQuery")) == 2


async def test_what_a_person_sent_can_be_fetched(api: FakeBotApi, channel: TelegramChannel) -> None:
    api.user_sends_photo(CHAT, content=b"x" * 300_000)
    [ref] = api.chats.files
    assert await channel.fetch(ref, MB) == b"x" * 300_000


async def test_what_cannot_be_fetched_says_why(api: FakeBotApi, channel: TelegramChannel) -> None:
    store = api.chats.store
    assert await channel.fetch(store(b"", "a.mp4", size=50 * MB), 100 * MB) is Refusal.TOO_BIG
    assert await channel.fetch(store(b"", "a.mp4", size=2 * MB), MB) is Refusal.TOO_BIG
    assert await channel.fetch(store(b"x" * (MB + 1), "liar.mp4", size=10), MB) is Refusal.TOO_BIG
    assert len(await fetched(channel, store(b"x" * MB, "just.mp4"))) == MB
    file = store(b"x", "a.jpg")
    api.fail_next("download", Fault.SERVER_ERROR)
    assert await channel.fetch(file, MB) is Refusal.TRY_LATER
    api.fail_next("download", Fault.DROP)
    assert await channel.fetch(file, MB) is Refusal.TRY_LATER
    api.fail_next("getFile", Fault.REFUSE, description="Bad Request: invalid file_id")
    assert await channel.fetch(file, MB) is Refusal.GONE
    assert await channel.fetch("unknown", MB) is Refusal.TRY_LATER
    api.fail_next("download", Fault.REFUSE, status=404, description="Not Found")
    assert await channel.fetch(file, MB) is Refusal.GONE


async def fetched(channel: TelegramChannel, ref: str) -> bytes:
    content = await channel.fetch(ref, MB)
    assert isinstance(content, bytes)
    return content


async def test_the_command_menu_is_published(api: FakeBotApi, channel: TelegramChannel) -> None:
    await channel.set_commands([("menu", "Mở menu"), ("huy", "Hủy")])
    assert api.methods.commands == [
        {"command": "menu", "description": "Mở menu"},
        {"command": "huy", "description": "Hủy"},
    ]


async def test_webhook_mode_is_pushed_to(api: FakeBotApi) -> None:
    taken: list[tuple[str | None, Inbound | None]] = []

    async def hook(request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        taken.append((secret, pushed.parse_webhook(await request.read())))
        return web.Response(status=500 if len(taken) == 1 else 200)

    app = web.Application()
    app.router.add_post("/telegram/path", hook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram/path"
    pushed = TelegramChannel(api.token, api.url, "webhook", url, "s3cret")
    api.user_says(CHAT, "đến trước")
    await pushed.open()
    await pushed.receive(never)
    await api.wait_until(lambda: not api.updates.pending)
    [call] = api.called("setWebhook")
    assert call.values["allowed_updates"] == list(ALLOWED_UPDATES)
    assert call.values["max_connections"] == 40
    assert [secret for secret, _ in taken] == ["s3cret", "s3cret"]
    assert [inbound.text for _, inbound in taken if inbound] == ["đến trước", "đến trước"]
    await pushed.close()
    await runner.cleanup()


async def never(_: object) -> None:
    raise AssertionError("nothing is taken in webhook mode")


async def test_a_refused_webhook_address_stops_the_start(api: FakeBotApi) -> None:
    channel = TelegramChannel(api.token, api.url, "webhook", "http://not-https.example", "s")
    with pytest.raises(ChannelUnusable, match="PUBLIC_URL"):
        await channel.open()
    await channel.close()


async def test_a_network_that_is_late_does_not_stop_the_start(api: FakeBotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.telegram.channel._OPEN_PAUSES", (0.0, 0.0))
    api.fail_next("getMe", Fault.BAD_GATEWAY)
    api.fail_next("getMe", Fault.DROP)
    channel = TelegramChannel(api.token, api.url, "polling")
    await channel.open()
    assert channel.username == api.username
    await channel.close()


async def test_many_deliveries_at_once_all_arrive(api: FakeBotApi, channel: TelegramChannel) -> None:
    outcomes = await asyncio.gather(*(channel.deliver(delivery(Outbound(str(n)))) for n in range(200)))
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.SENT}
    assert sorted(int(message.text) for message in api.sent(CHAT)) == list(range(200))
