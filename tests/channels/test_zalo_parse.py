"""Events as Zalo sends them, in both shapes, and as it never would."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.channels.zalo_bot.parse import parse, parse_webhook
from bot.domain.messages import Attachment, Inbound, InboundKind

PERSON = "a1b2c3d4e5f60718293a"
GROUP = "f0f0f0f0f0f0f0f0f0f0"
DATE = 1789033572455
PHOTO = "https://photo-stal-1.zdn.vn/a/b.jpg"
VOICE = "https://f2-voice-aac-dl.zdn.vn/a/b.aac"
NAMES = ("Bot Công đoàn", "bot.VDKyGxQvc")


def event(what: str, **content: Any) -> dict[str, Any]:
    message = {
        "date": DATE,
        "chat": {"chat_type": "PRIVATE", "id": PERSON},
        "message_id": "m1a2b3c4d5e6f7081920",
        "from": {"id": PERSON, "is_bot": False, "display_name": "Ted"},
    }
    return {"event_name": f"message.{what}.received", "message": message | content}


def received(kind: InboundKind, **fields: Any) -> Inbound:
    return Inbound(f"{PERSON}:m1a2b3c4d5e6f7081920", PERSON, kind, **({"sent_at": DATE} | fields))


UNSUPPORTED = received(InboundKind.UNSUPPORTED)
EVENTS: dict[str, tuple[dict[str, Any], Inbound]] = {
    "text": (event("text", text="Xin chào"), received(InboundKind.TEXT, text="Xin chào")),
    "picture as it was seen": (
        event("image", photo_url=PHOTO, caption="", message_type="CHAT_PHOTO"),
        received(InboundKind.PHOTO, attachment=Attachment(InboundKind.PHOTO, PHOTO)),
    ),
    "picture as it is documented": (
        event("image", photo=PHOTO, caption="Ảnh lò cao"),
        received(InboundKind.PHOTO, text="Ảnh lò cao", attachment=Attachment(InboundKind.PHOTO, PHOTO)),
    ),
    "voice": (
        event("voice", voice_url=VOICE, message_type="CHAT_VOICE"),
        received(InboundKind.VOICE, attachment=Attachment(InboundKind.VOICE, VOICE, None, "voice.aac")),
    ),
    "voice of another kind": (
        event("voice", voice_url="https://x.vn/a?b=c.aac"),
        received(InboundKind.VOICE, attachment=Attachment(InboundKind.VOICE, "https://x.vn/a?b=c.aac")),
    ),
    "sticker": (event("sticker", sticker="0e078a2f", url="https://x.vn/s.png"), received(InboundKind.STICKER)),
    "unsupported": (event("unsupported"), UNSUPPORTED),
    "picture without an address": (event("image", photo_url=None), UNSUPPORTED),
    "picture with an odd address": (event("image", photo_url="file:///etc/passwd"), UNSUPPORTED),
    "picture with a broken address": (
        event("image", photo_url="https://[x/a.jpg"),
        received(InboundKind.PHOTO, attachment=Attachment(InboundKind.PHOTO, "https://[x/a.jpg")),
    ),
    "voice with a broken address": (
        event("voice", voice_url="https://[x/a.aac"),
        received(InboundKind.VOICE, attachment=Attachment(InboundKind.VOICE, "https://[x/a.aac")),
    ),
    "text without words": (event("text", text=""), UNSUPPORTED),
    "nobody's name": (event("text", text="x") | {"extra": 1}, received(InboundKind.TEXT, text="x")),
    "no sender at all": (event("text", text="x", **{"from": None}), received(InboundKind.TEXT, text="x")),
    "no kind of chat": (event("text", text="x", chat={"id": PERSON}), received(InboundKind.TEXT, text="x")),
    "no time": (event("text", text="x", date=None), received(InboundKind.TEXT, text="x", sent_at=0)),
}


@pytest.mark.parametrize("name", EVENTS)
def test_private_events_in_both_shapes(name: str) -> None:
    flat, expected = EVENTS[name]
    assert parse(flat) == expected
    assert parse({"ok": True, "result": flat}) == expected
    assert parse_webhook(json.dumps(flat).encode()) == expected


@pytest.mark.parametrize(
    "update",
    [
        event("text", text="x", **{"from": {"id": "b", "is_bot": True}}),
        event("reaction", text="x"),
        {"event_name": "bot.added", "chat": {}},
        {"ok": True, "result": {}},
        {"ok": False, "error_code": 408},
        event("text", text="x", message_id=""),
        event("text", text="x", chat={"chat_type": "PRIVATE"}),
        event("text", text="x", chat={"chat_type": "PRIVATE", "id": 17}),
        event("text", text={"x": 1}),
        {"event_name": "message.text.received"},
        None,
        [],
        "x",
    ],
)
def test_what_does_not_concern_us_or_is_broken(update: Any) -> None:
    assert parse(update, NAMES) is None


@pytest.mark.parametrize(
    ("text", "names", "addressed"),
    [
        ("@Bot Công đoàn bài hôm nay", NAMES, True),
        ("xem giúp @BOT CÔNG ĐOÀN", NAMES, True),
        ("@bot.VDKyGxQvc ơi", NAMES, True),
        ("Bot Công đoàn đâu rồi", NAMES, False),
        ("chuyện riêng", NAMES, False),
        ("@Bot Công đoàn ơi", (), False),
    ],
)
def test_a_group_is_heard_only_when_it_mentions_us(text: str, names: tuple[str, ...], addressed: bool) -> None:
    update = event("text", text=text, chat={"chat_type": "GROUP", "id": GROUP})
    expected = Inbound(f"{GROUP}:m1a2b3c4d5e6f7081920", GROUP, InboundKind.GROUP, sent_at=DATE)
    assert parse(update, names) == (expected if addressed else None)


def test_a_groups_unsupported_message_stays_unanswered() -> None:
    assert parse(event("unsupported", chat={"chat_type": "GROUP", "id": GROUP}), NAMES) is None


@pytest.mark.parametrize("body", [b"{", b"null", b"[]", b"\xff\xfe", b'{"event_name":"message.text.received"}'])
def test_a_body_of_neither_shape_is_nothing_but_a_line_in_the_log(body: bytes) -> None:
    with capture_logs() as logs:
        assert parse_webhook(body, NAMES) is None
    assert [log["event"] for log in logs] == ["zalo_event_not_understood"]


@pytest.mark.parametrize("body", [b"", b'{"message":"Success"}', b'{"event_name":"message.reaction.received"}'])
def test_probes_and_what_we_do_not_know_are_nothing_at_all(body: bytes) -> None:
    with capture_logs() as logs:
        assert parse_webhook(body, NAMES) is None
    assert not logs


def test_a_lone_surrogate_does_not_hide_the_message() -> None:
    body = json.dumps(event("text", text="chào ␟")).replace("\\u241f", "\\ud83d")
    parsed = parse_webhook(body.encode())
    assert parsed is not None
    assert parsed.text == "chào \ufffd"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
FIELDS = [
    "message_id", "from", "chat", "date", "text", "caption", "photo", "photo_url", "voice_url", "sticker", "id",
    "chat_type", "is_bot", "message_type",
]  # fmt: skip


def assert_storable(parsed: Inbound | None) -> None:
    """What parse lets through survives the inbox exactly."""
    if parsed is not None:
        assert Inbound.from_json(json.loads(json.dumps(parsed.as_json()))) == parsed
        assert isinstance(parsed.sent_at, int)


@given(JSON)
def test_any_json_is_survived(value: Any) -> None:
    assert_storable(parse(value, NAMES))


@given(st.sampled_from(["text", "image", "voice", "sticker"]), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_fields_are_survived(what: str, fields: dict[str, Any]) -> None:
    assert_storable(parse(event(what, **fields), NAMES))
    assert_storable(parse({"event_name": f"message.{what}.received", "message": fields}, NAMES))


@given(st.binary())
def test_any_webhook_body_is_survived(body: bytes) -> None:
    assert parse_webhook(body) is None
