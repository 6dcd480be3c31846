"""What goes out: text with its styles, pictures and voice notes by their address, everything else as a link."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.channels.contract import Delivery, MediaFile, Operation, OutcomeKind
from bot.channels.render import compose, plain
from bot.channels.zalo_bot import Quirks, ZaloBotChannel
from bot.channels.zalo_bot.encode import styled
from bot.domain.messages import Button, Outbound, OutboundMedia
from tests.support.fake_zalo import FakeZalo, Fault

CHAT = "6ede9afa66b88fe6d6a9"
JPG = "https://cong-doan.example/media/1-2-abc/anh.jpg"
AAC = "https://cong-doan.example/media/2-2-abc/giong.aac"
OGG = "https://cong-doan.example/media/2-2-abc/giong.ogg"
PDF = "https://cong-doan.example/media/3-2-abc/bao-cao.pdf"


@pytest_asyncio.fixture
async def api() -> AsyncIterator[FakeZalo]:
    async with FakeZalo() as api:
        yield api


@pytest_asyncio.fixture
async def channel(api: FakeZalo) -> AsyncIterator[ZaloBotChannel]:
    channel = ZaloBotChannel(api.token, api.url, "polling")
    await channel.open()
    yield channel
    await channel.close()


def delivery(outbound: Outbound, operation: Operation = Operation.SEND, **changes: Any) -> Delivery:
    return Delivery(1, CHAT, operation, outbound, **changes)


def file(kind: str, url: str, name: str = "") -> MediaFile:
    return MediaFile(1, kind, "", "/nowhere", name, url)


def with_files(html: str, *files: MediaFile) -> Delivery:
    declared = tuple(OutboundMedia(file.kind, file.media_id, file.name) for file in files)
    return delivery(Outbound(html, media=declared), media=files)


MARKUP: dict[str, tuple[str, str, list[dict[str, Any]]]] = {
    "plain": ("R&amp;D &lt;3 &#39;x&#39;", "R&D <3 'x'", []),
    "all four": (
        "<b>b</b><i>i</i><u>u</u><s>s</s>",
        "bius",
        [{"start": number, "len": 1, "st": [style]} for number, style in enumerate("bius")],
    ),
    "nested, over an emoji": (
        "😀 <b>Chào <i>chị</i> 😀</b>!",
        "😀 Chào chị 😀!",
        [
            {"start": 3, "len": 5, "st": ["b"]},
            {"start": 8, "len": 3, "st": ["b", "i"]},
            {"start": 11, "len": 3, "st": ["b"]},
        ],
    ),
    "code and quotation": ("<code>A1</code>\n<blockquote>“t”</blockquote>", "A1\n“t”", []),
    "bold code": ("<b>x<code>1</code></b>", "x1", [{"start": 0, "len": 1, "st": ["b"]}, {"start": 1, "len": 1, "st": ["b"]}]),
    "link": ('<a href="https://vi.du/?a=1&amp;b=2">Nguồn</a>.', "Nguồn: https://vi.du/?a=1&b=2.", []),
    "link that shows itself": ('<a href="https://vi.du/">https://vi.du/</a>', "https://vi.du/", []),
    "bold in a link": (
        '<a href="https://v.d">Nguồn <b>một</b></a> hai',
        "Nguồn một: https://v.d hai",
        [{"start": 6, "len": 3, "st": ["b"]}],
    ),
    "broken": ("a < b</i> <b>c", "a < b c", [{"start": 6, "len": 1, "st": ["b"]}]),
}  # fmt: skip


@pytest.mark.parametrize("name", MARKUP)
async def test_text_arrives_with_its_styles(name: str, api: FakeZalo, channel: ZaloBotChannel) -> None:
    markup, text, styles = MARKUP[name]
    outcome = await channel.deliver(delivery(Outbound(markup, ((Button("x", "m:today"),),))))
    [message] = api.sent(CHAT)
    assert (message.text, message.styles, outcome.external_id) == (text, styles, message.message_id)
    assert "parse_mode" not in api.called("sendMessage")[0].values


async def test_styles_can_be_turned_off(api: FakeZalo) -> None:
    channel = ZaloBotChannel(api.token, api.url, "polling", quirks=Quirks(styles=False))
    await channel.open()
    await channel.deliver(delivery(Outbound("<b>Chào</b>")))
    await channel.close()
    assert api.called("sendMessage")[0].values == {"chat_id": CHAT, "text": "Chào"}


TAGS = st.sampled_from(["b", "i", "u", "s", "code", "blockquote"])
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<>"), max_size=5).map(
    lambda words: words.replace("&", "&amp;")
)
NESTED = st.recursive(
    WORDS,
    lambda inner: st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", TAGS, st.lists(inner, max_size=3)),
    max_leaves=8,
)


@given(st.lists(NESTED, max_size=3).map("".join))
def test_any_markup_is_its_text_with_runs_that_fit_and_do_not_overlap(markup: str) -> None:
    text, runs = styled(markup)
    assert text == plain(markup)
    end = 0
    for run in runs:
        assert run["start"] >= end
        assert run["len"] > 0
        end = run["start"] + run["len"]
    assert end <= len(text.encode("utf-16-le")) // 2


async def test_a_text_too_long_with_its_links_goes_without_their_addresses(
    api: FakeZalo, channel: ZaloBotChannel
) -> None:
    link = f'<a href="https://vi.du/{"x" * 200}">Nguồn</a>'
    await channel.deliver(delivery(Outbound(f"{'a' * 1700} {link}")))
    await channel.deliver(delivery(Outbound(f"{'a' * 1790} {link}")))
    assert [message.text[-5:] for message in api.sent(CHAT)] == ["xxxxx", "Nguồn"]


async def test_no_address_of_a_link_is_lost_where_a_text_is_cut(api: FakeZalo, channel: ZaloBotChannel) -> None:
    """What a turn says is cut with room for the addresses that are written out here."""
    links = [f"https://vi.du/{number}/{'x' * 150}" for number in range(20)]
    said = "\n".join(f'<a href="{link}">Nguồn &amp; tài liệu</a>' for link in links)
    for message in compose(["a" * 1500, said], (), channel.capabilities):
        await channel.deliver(delivery(message))
    arrived = api.sent(CHAT)
    assert all(len(message.text) <= 1800 for message in arrived)
    assert [line.partition(": ")[2] for m in arrived for line in m.text.splitlines() if "Nguồn" in line] == links


@pytest.mark.parametrize("markup", ["", "  \n ", "<b> </b>"])
async def test_nothing_is_never_sent(markup: str, api: FakeZalo, channel: ZaloBotChannel) -> None:
    assert (await channel.deliver(delivery(Outbound(markup)))).kind is OutcomeKind.REJECTED
    assert not api.called("sendMessage")


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        (Operation.EDIT, OutcomeKind.NO_OP),
        (Operation.EDIT_KEYBOARD, OutcomeKind.NO_OP),
        (Operation.DELETE, OutcomeKind.REJECTED),
    ],
)
async def test_what_cannot_be_changed_is_left_as_it_is(
    operation: Operation, kind: OutcomeKind, api: FakeZalo, channel: ZaloBotChannel
) -> None:
    """Whoever takes a message back must learn that it is still there."""
    outcome = await channel.deliver(delivery(Outbound(""), operation, target="x"))
    assert (outcome.kind, api.messages) == (kind, [])


async def test_a_picture_goes_by_its_address_with_a_plain_caption(api: FakeZalo, channel: ZaloBotChannel) -> None:
    await channel.deliver(with_files("<b>Đây</b> ạ", file("photo", JPG, "anh.jpg")))
    await channel.deliver(with_files("", file("photo", JPG, "anh.jpg")))
    assert [(message.photo, message.text) for message in api.sent(CHAT)] == [(JPG, "Đây ạ"), (JPG, "")]
    assert "caption" not in api.called("sendPhoto")[1].values


async def test_a_voice_note_goes_as_one_only_if_it_is_aac(api: FakeZalo, channel: ZaloBotChannel) -> None:
    await channel.deliver(with_files("", file("voice", AAC, "giong.aac")))
    await channel.deliver(with_files("", file("voice", OGG, "giong.ogg")))
    await channel.deliver(with_files("<b>Nghe</b>", file("voice", AAC)))
    assert [(message.voice, message.text) for message in api.sent(CHAT)] == [
        (AAC, ""),
        ("", f"giong.ogg\n{OGG}"),
        ("", f"Nghe\n\n{AAC}"),
    ]


async def test_a_sticker_goes_by_zalos_own_id(api: FakeZalo, channel: ZaloBotChannel) -> None:
    sticker = MediaFile(1, "sticker", "0e078a2fb66a5f34067b", "", "")
    assert (await channel.deliver(with_files("", sticker))).kind is OutcomeKind.SENT
    assert [(message.sticker, message.text) for message in api.sent(CHAT)] == [("0e078a2fb66a5f34067b", "")]


async def test_what_cannot_be_carried_goes_as_a_name_and_an_address(api: FakeZalo, channel: ZaloBotChannel) -> None:
    await channel.deliver(with_files("", file("document", PDF, "Báo cáo tháng 5.pdf")))
    await channel.deliver(with_files("<b>Ba tệp</b>", file("photo", JPG, "anh.jpg"), file("document", PDF, "b.pdf")))
    assert [message.text for message in api.sent(CHAT)] == [
        f"Báo cáo tháng 5.pdf\n{PDF}",
        f"Ba tệp\n\nanh.jpg\n{JPG}\n\nb.pdf\n{PDF}",
    ]
    assert api.sent(CHAT)[1].styles == [{"start": 0, "len": 6, "st": ["b"]}]


async def test_a_picture_that_is_refused_goes_as_its_address(api: FakeZalo, channel: ZaloBotChannel) -> None:
    api.fail_next("sendPhoto", Fault.REFUSE, description="photo format")
    with capture_logs() as logs:
        outcome = await channel.deliver(with_files("Đây", file("photo", JPG, "anh.heic")))
    [message] = api.sent(CHAT)
    assert (outcome.kind, message.text) == (OutcomeKind.SENT, f"Đây\n\nanh.heic\n{JPG}")
    assert [(log["event"], log["method"]) for log in logs] == [("zalo_markup_refused", "sendPhoto")]


async def test_a_file_without_a_public_address_is_rejected_and_says_why(api: FakeZalo, channel: ZaloBotChannel) -> None:
    outcome = await channel.deliver(with_files("Đây", file("photo", "", "anh.jpg")))
    assert outcome.kind is OutcomeKind.REJECTED
    assert "PUBLIC_URL" in outcome.detail
    assert not api.messages


async def test_many_deliveries_at_once_all_arrive(api: FakeZalo, channel: ZaloBotChannel) -> None:
    outcomes = await asyncio.gather(*(channel.deliver(delivery(Outbound(str(n)))) for n in range(200)))
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.SENT}
    assert sorted(int(message.text) for message in api.sent(CHAT)) == list(range(200))
