"""Updates as Telegram sends them, and as it never would."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.parse import parse, parse_webhook
from bot.domain.messages import Attachment, Inbound, InboundKind

ANN = {"id": 5001, "is_bot": False, "first_name": "Ấn", "last_name": "Trần", "language_code": "vi"}
CHAT = {"id": 5001, "first_name": "Ấn", "last_name": "Trần", "type": "private"}
GROUP = {"id": -1001234567890, "title": "Tổ 3", "type": "supergroup"}
BOT = {"id": 777, "is_bot": True, "first_name": "Trợ lý", "username": "UnionBot"}
DATE = 1746061200


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 41, "from": ANN, "chat": CHAT, "date": DATE} | content


def received(kind: InboundKind, **fields: Any) -> Inbound:
    return Inbound("9001", "5001", kind, **({"sent_at": DATE * 1000} | fields))


PHOTO = [
    {"file_id": "small", "file_unique_id": "a", "width": 90, "height": 67, "file_size": 1100},
    {"file_id": "large", "file_unique_id": "b", "width": 1280, "height": 960, "file_size": 120000},
    {"file_id": "medium", "file_unique_id": "c", "width": 320, "height": 240, "file_size": 15000},
]
FILE = {"file_id": "f1", "file_unique_id": "u1", "file_size": 2048}
PLACE = {"latitude": 22.48, "longitude": 103.97}

MESSAGES: dict[str, tuple[dict[str, Any], Inbound]] = {
    "text": ({"text": "Xin chào"}, received(InboundKind.TEXT, text="Xin chào")),
    "command": (
        {"text": "/start u_LC0421", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]},
        received(InboundKind.TEXT, text="/start u_LC0421"),
    ),
    "forwarded": (
        {"text": "x", "forward_origin": {"type": "hidden_user", "sender_user_name": "A", "date": 1}},
        received(InboundKind.TEXT, text="x"),
    ),
    "photo in an album": (
        {"photo": PHOTO, "caption": "Ảnh lò cao", "media_group_id": "13579"},
        received(
            InboundKind.PHOTO,
            text="Ảnh lò cao",
            album="13579",
            attachment=Attachment(InboundKind.PHOTO, "large", 120000),
        ),
    ),
    "voice": (
        {"voice": FILE | {"duration": 4, "mime_type": "audio/ogg"}},
        received(InboundKind.VOICE, attachment=Attachment(InboundKind.VOICE, "f1", 2048)),
    ),
    "audio": (
        {"audio": FILE | {"duration": 4, "file_name": "ghi âm.m4a"}},
        received(InboundKind.VOICE, attachment=Attachment(InboundKind.VOICE, "f1", 2048, "ghi âm.m4a")),
    ),
    "document without a size": (
        {"document": {"file_id": "f1", "file_unique_id": "u", "file_name": "Báo cáo.docx"}},
        received(InboundKind.DOCUMENT, attachment=Attachment(InboundKind.DOCUMENT, "f1", None, "Báo cáo.docx")),
    ),
    "animation, which is also a document": (
        {"animation": FILE | {"width": 1, "height": 1, "duration": 1}, "document": FILE},
        received(InboundKind.DOCUMENT, attachment=Attachment(InboundKind.DOCUMENT, "f1", 2048)),
    ),
    "video": (
        {"video": FILE | {"width": 1, "height": 1, "duration": 1}},
        received(InboundKind.VIDEO, attachment=Attachment(InboundKind.VIDEO, "f1", 2048)),
    ),
    "video note": (
        {"video_note": FILE | {"length": 1, "duration": 1}},
        received(InboundKind.VIDEO, attachment=Attachment(InboundKind.VIDEO, "f1", 2048)),
    ),
    "sticker": ({"sticker": FILE | {"emoji": "👍"}}, received(InboundKind.STICKER)),
    "location": ({"location": PLACE}, received(InboundKind.LOCATION)),
    "venue": (
        {"venue": {"location": PLACE, "title": "Nhà máy"}, "location": PLACE},
        received(InboundKind.LOCATION),
    ),
    "contact": (
        {"contact": {"phone_number": "+84900000000", "first_name": "B"}},
        received(InboundKind.CONTACT),
    ),
    "dice": ({"dice": {"emoji": "🎲", "value": 3}}, received(InboundKind.UNSUPPORTED)),
    "poll": ({"poll": {"id": "1", "question": "?"}}, received(InboundKind.UNSUPPORTED)),
    "something new": ({"hologram": {}}, received(InboundKind.UNSUPPORTED)),
    "nothing": ({}, received(InboundKind.UNSUPPORTED)),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_private_messages(name: str) -> None:
    content, expected = MESSAGES[name]
    assert parse({"update_id": 9001, "message": message(**content)}) == expected


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Báo cáo.docx", "Báo cáo.docx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\An\\ảnh.png", "ảnh.png"),
        ("a\r\nX-Header: 1\x00.pdf", "aX-Header: 1.pdf"),
        ("\u202egnp.exe", "gnp.exe"),
        ("..", None),
        ("\x07/", None),
        ("\ud800.png", "png"),
        ("x" * 300 + ".png", "x" * 116 + ".png"),
    ],
)
def test_a_file_name_is_only_a_name(given: str, kept: str | None) -> None:
    parsed = parse({"update_id": 9001, "message": message(document=FILE | {"file_name": given})})
    assert parsed is not None
    assert parsed.attachment == Attachment(InboundKind.DOCUMENT, "f1", 2048, kept)


def test_an_edited_message_carries_its_new_text_and_time() -> None:
    edited = message(text="sửa lại", edit_date=DATE + 60)
    assert parse({"update_id": 9001, "edited_message": edited}) == received(
        InboundKind.EDIT, text="sửa lại", sent_at=(DATE + 60) * 1000
    )
    caption = message(photo=PHOTO, caption="chú thích mới", edit_date=DATE)
    parsed = parse({"update_id": 9001, "edited_message": caption})
    assert parsed is not None
    assert parsed.text == "chú thích mới"


def press(**changes: Any) -> dict[str, Any]:
    query = {"id": "437", "from": ANN, "chat_instance": "1", "data": "12:3:a"}
    query["message"] = {"message_id": 77, "from": BOT, "chat": CHAT, "date": DATE, "text": "?"}
    return {"update_id": 9001, "callback_query": query | changes}


def test_a_press_names_its_data_its_message_and_itself() -> None:
    expected = Inbound("9001", "5001", InboundKind.BUTTON, data="12:3:a", message_ref="77", press_ref="437")
    assert parse(press()) == expected
    too_old_to_show = {"message_id": 77, "chat": CHAT, "date": 0}
    assert parse(press(message=too_old_to_show)) == expected


@pytest.mark.parametrize(
    "update",
    [
        press(message={"message_id": 1, "chat": GROUP, "date": DATE}),
        {"update_id": 1, "callback_query": {"id": "1", "from": ANN, "inline_message_id": "x", "data": "d"}},
        {"update_id": 1, "callback_query": {"id": "1", "from": ANN, "game_short_name": "g"}},
        {"update_id": 1, "message": message(text="x") | {"from": BOT}},
        {"update_id": 1, "message": message(pinned_message={"message_id": 3})},
        {"update_id": 1, "edited_message": message(location=PLACE, edit_date=DATE)},
        {"update_id": 1, "edited_message": message(text="x") | {"chat": GROUP}},
        {"update_id": 1, "message_reaction": {"chat": CHAT}},
        {"update_id": 1},
    ],
    ids=[
        "press in a group",
        "inline press",
        "game press",
        "a bot's message",
        "a notice",
        "live location",
        "edit in a group",
        "unasked kind",
        "empty",
    ],
)
def test_what_does_not_concern_us(update: dict[str, Any]) -> None:
    assert parse(update, "UnionBot") is None


@pytest.mark.parametrize(
    ("chat", "before", "after", "kind"),
    [
        (CHAT, "member", "kicked", InboundKind.BLOCKED),
        (CHAT, "kicked", "member", InboundKind.UNBLOCKED),
        (GROUP, "left", "member", InboundKind.GROUP),
        (GROUP, "kicked", "administrator", InboundKind.GROUP),
        (GROUP, "member", "administrator", None),
        (GROUP, "member", "left", None),
    ],
)
def test_membership(chat: dict[str, Any], before: str, after: str, kind: InboundKind | None) -> None:
    change = {
        "chat": chat,
        "from": ANN,
        "date": DATE,
        "old_chat_member": {"user": BOT, "status": before},
        "new_chat_member": {"user": BOT, "status": after},
    }
    parsed = parse({"update_id": 1, "my_chat_member": change})
    assert (parsed.kind if parsed else None) is kind


@pytest.mark.parametrize(
    ("content", "addressed"),
    [
        ({"text": "@unionbot giúp với"}, True),
        ({"text": "hỏi @UnionBot đi"}, True),
        ({"caption": "@UnionBot xem ảnh", "photo": PHOTO}, True),
        ({"text": "/menu"}, True),
        ({"text": "/menu@UnionBot"}, True),
        ({"text": "/menu@OtherBot"}, False),
        ({"text": "/menu@OtherBot hay @UnionBot"}, False),
        ({"text": "ừ", "reply_to_message": {"from": BOT}}, True),
        ({"text": "ừ", "reply_to_message": {"from": ANN}}, False),
        ({"text": "chuyện riêng"}, False),
        ({"new_chat_members": [BOT]}, False),
    ],
)
def test_in_a_group_only_what_is_addressed_to_the_bot(content: dict[str, Any], addressed: bool) -> None:
    update = {"update_id": 1, "message": message(**content) | {"chat": GROUP}}
    expected = Inbound("1", str(GROUP["id"]), InboundKind.GROUP, sent_at=DATE * 1000)
    assert parse(update, "UnionBot") == (expected if addressed else None)


def test_a_lone_surrogate_does_not_hide_the_update() -> None:
    body = json.dumps({"update_id": 9001, "message": message(text="chào ␟")}).replace("\\u241f", "\\ud83d")
    parsed = parse_webhook(body.encode())
    assert parsed is not None
    assert parsed.text == "chào \ufffd"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]
FIELDS = [
    "message_id", "from", "chat", "date", "text", "caption", "photo", "voice", "document", "video", "sticker",
    "location", "media_group_id", "edit_date", "data", "message", "id", "type", "is_bot", "file_id", "file_size",
    "width", "height", "old_chat_member", "new_chat_member", "status", "reply_to_message", "username",
]  # fmt: skip


def assert_storable(parsed: Inbound | None) -> None:
    """What parse lets through survives the inbox exactly."""
    if parsed is not None:
        assert Inbound.from_json(json.loads(json.dumps(parsed.as_json()))) == parsed
        assert all(isinstance(value, str) for value in (parsed.text, parsed.data, parsed.chat, parsed.album))
        assert isinstance(parsed.sent_at, int)


@given(JSON)
def test_any_json_is_survived(value: Any) -> None:
    assert_storable(parse(value, "UnionBot"))


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_fields_are_survived(kind: str, fields: dict[str, Any]) -> None:
    assert_storable(parse({"update_id": 1, kind: fields}, "UnionBot"))


@given(st.data())
def test_one_wrong_field_in_a_right_update_is_survived(data: st.DataObject) -> None:
    samples = [{"update_id": 1, "message": message(**content)} for content, _ in MESSAGES.values()] + [press()]
    update = json.loads(json.dumps(data.draw(st.sampled_from(samples))))
    holder = update
    while True:
        name = data.draw(st.sampled_from(sorted(holder)))
        if isinstance(holder[name], dict) and holder[name] and data.draw(st.booleans()):
            holder = holder[name]
            continue
        holder[name] = data.draw(JSON)
        break
    assert_storable(parse(update, "UnionBot"))


@given(st.binary())
def test_any_webhook_body_is_survived(body: bytes) -> None:
    assert parse_webhook(body) is None
