"""An officer sends a voice note for a card; a second person hears and approves it; members who chose it hear it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.contract import Refusal
from bot.domain.messages import InboundKind
from bot.domain.people import RoleKind
from bot.services import recordings
from bot.services.turn import Turn
from bot.storage import members
from content.models import Card, Pack
from tests.support.house import PACK, House, Phone
from tests.support.officers import audited, granted, member_id, officer_of
from tests.support.people import a_minute_later, pushed, settled, taps_pushed

CARD = next(card for card in PACK.cards if card.title.startswith("Hòn đá"))
QUESTION = PACK.questions_by_card[CARD.id][0]
WISH = "ghi âm tiếng Thái cho bài Hòn đá"


async def sends(officer: Phone, wish: str = WISH, ref: str = "voice", speaker: str = "Tôi đọc") -> str:
    """Send a recording, from the wish to the end; returns the last answer."""
    await officer.says(wish)
    await officer.sends(InboundKind.VOICE, ref=ref)
    await officer.says(speaker)
    return await officer.says("người đọc đồng ý")


async def planted(house: House, *, approved: bool = False) -> tuple[Phone, Phone]:
    """An officer who sent a recording, and a reviewer above, who approved it or was asked; without crashes."""
    variant, house.variant = house.variant, "plain"
    house.channel.files["voice"] = b"OggS a voice"
    an = await officer_of(house, "LC0421")
    mai = await settled(house, "902", "Lý Thị Mai", "LC01", form="chị", reviews="LC01")
    await sends(an)
    if approved:
        await taps_pushed(house, mai, "Nghe và duyệt")
        await mai.says("duyệt cho nghe")
    a_minute_later(house)
    house.variant = variant
    return an, mai


async def rows(house: House) -> list[tuple[str, ...]]:
    """Every recording: of what, in which language, by whose voice, its state."""
    return await house.running.db.read(
        lambda tx: tx.all("SELECT target, language, speaker, state FROM recording ORDER BY id")
    )


def voices(phone: Phone) -> list[str]:
    """Voice notes on the phone."""
    return [ref for message in phone.shown for kind, ref in message.media if kind == "voice"]


async def test_sent_heard_approved_and_played(house: House) -> None:
    """Only what is missing is asked; nobody hears it before a second person did; then who chose the language does."""
    house.channel.files["voice"] = b"OggS a voice"
    an = await officer_of(house, "LC0421")
    mai = await settled(house, "902", "Lý Thị Mai", "LC01", form="chị", reviews="LC01")
    ban = await settled(house, "903", "Lò Văn Ban")
    asked = await an.says("Ghi am tieng Thai cho bai Hon da")
    assert asked.startswith(f"Ghi âm tiếng Thái cho bài “{CARD.title}”.")
    assert "Ai đọc bài" in await an.sends(InboundKind.VOICE, ref="voice")
    consent = await an.says("Bà Lò Thị Pâng")
    assert "sau khi một người thứ hai nghe và duyệt. Người đọc đồng ý chứ?" in consent
    assert "xóa dữ liệu của mình thì ghi âm anh gửi cũng xóa theo" in consent
    assert "để người thứ hai nghe và duyệt" in await an.taps("Người đọc đồng ý")
    assert await rows(house) == [(f"card-{CARD.id}", "blt", "Bà Lò Thị Pâng", "waiting")]

    await ban.says("ngôn ngữ nghe")
    await ban.says("thái")
    assert "Bài này chưa có bản tiếng Thái." in await ban.says(f"bài {CARD.id}")

    case = await taps_pushed(house, mai, "Nghe và duyệt")
    assert CARD.body[:40] in case
    assert "Người đọc: Bà Lò Thị Pâng. Người gửi: Trần Văn An" in case
    assert len(voices(mai)) == 1
    assert "đoàn viên chọn tiếng này nghe được" in await mai.taps("Duyệt cho nghe")
    assert "đã được duyệt" in (await pushed(house, an)).text

    a_minute_later(house)
    assert "Bài này chưa có" not in await ban.says(f"bài {CARD.id}")
    assert "Đây là bản tiếng Thái của bài." in await ban.taps("Nghe")
    assert len(voices(ban)) == 1
    assert await audited(house) == ["recording_sent", "recording_approved"]


async def approved_of(house: House, wish: str) -> tuple[Phone, Phone]:
    """An officer's recording of what the wish names, approved; the officer and the second person, as the latter saw it."""
    house.channel.files["voice"] = b"OggS a voice"
    an = await officer_of(house, "LC0421")
    mai = await settled(house, "902", "Lý Thị Mai", "LC01", form="chị", reviews="LC01")
    await sends(an, wish)
    await taps_pushed(house, mai, "Nghe và duyệt")
    await mai.says("duyệt cho nghe")
    return an, mai


async def test_of_a_question(house: House) -> None:
    """Who chose the language hears it where they are asked it, before they answer."""
    an, mai = await approved_of(house, f"ghi âm tiếng Thái cho câu hỏi {QUESTION.id}")
    assert await rows(house) == [(f"question-{QUESTION.id}", "blt", "Trần Văn An", "approved")]
    heard = "\n".join(message.text for message in mai.shown)
    assert f"tiếng Thái của câu hỏi “{QUESTION.text}”" in heard
    assert f"D. {QUESTION.options[3]}" in heard
    assert f"cho câu hỏi “{QUESTION.text}” đã được duyệt" in (await pushed(house, an)).text
    ban = await settled(house, "903", "Lò Văn Ban")
    await ban.says("ngôn ngữ nghe")
    await ban.says("thái")
    a_minute_later(house)
    await ban.says(f"bài {CARD.id}")
    shown = await ban.says("/cauhoi")
    for _ in range(4):
        if QUESTION.text not in shown:
            assert "Câu này chưa có bản tiếng Thái." in shown
            shown = await ban.says("A B" if "(chọn mọi ý đúng)" in shown else "A")
    assert QUESTION.text in shown
    await ban.says("nghe")
    assert len(voices(ban)) == 1


async def test_of_a_script(house: House) -> None:
    """The officer who fetches the week's gets it along."""
    an, mai = await approved_of(house, "ghi âm tiếng Thái cho bài phát thanh tuần 20")
    assert await rows(house) == [("script-20", "blt", "Trần Văn An", "approved")]
    heard = "\n".join(message.text for message in mai.shown)
    assert "tiếng Thái của bài phát thanh tuần 20" in heard
    assert "Bài thứ nhất: " in heard
    a_minute_later(house)
    await an.says("gỡ ghi âm")
    assert any("Phát thanh tuần 20 (Thái)" in label for label in an.last.labels)
    await an.says("huỷ")
    await fetches_script(an)
    assert any("có cả bản tiếng Thái, ở trên" in message.text for message in an.shown)
    assert len(voices(an)) == 1


async def fetches_script(officer: Phone) -> None:
    """The script of week 20."""
    await officer.says("/sinhhoat")
    await officer.says("Tuần khác")
    await officer.says("20")


async def test_of_a_script_that_was_changed_since(telegram: House) -> None:
    """Other words of one of its cards make it mute, and its sender hears of it."""
    an, _ = await approved_of(telegram, "ghi âm tiếng Thái cho bài phát thanh tuần 20")
    telegram.running.installation.pack = other_words(PACK, PACK.weeks[19].cards[1])
    a_minute_later(telegram)
    await fetches_script(an)
    assert voices(an) == []
    await telegram.passes("2025-05-02T09:00")
    assert "Nội dung bài phát thanh tuần 20 đã được sửa" in (await pushed(telegram, an)).text


def other_words(pack: Pack, id: str) -> Pack:
    """The pack as it is once a card's text was changed."""
    cards = [Card(**each.model_dump() | {"text_revision": "khác"}) if each.id == id else each for each in pack.cards]
    return Pack(**{name: getattr(pack, name) for name in Pack.model_fields} | {"cards": tuple(cards)})


async def test_refused_with_a_sentence(plain_house: House) -> None:
    """The sender reads it, and nothing of the recording stays."""
    an, mai = await planted(plain_house)
    await taps_pushed(plain_house, mai, "Nghe và duyệt")
    await mai.taps("Không duyệt")
    assert "Đã báo người gửi" in await mai.says("Tiếng gió to quá <b>.")
    assert "chưa được duyệt: Tiếng gió to quá <b>." in (await pushed(plain_house, an)).text
    assert await rows(plain_house) == []
    assert (await audited(plain_house))[-1] == "recording_refused"
    assert await files(plain_house) == ["gone"]


async def files(house: House) -> list[str]:
    """The states of all files that people sent."""
    return [row[0] for row in await house.running.db.read(lambda tx: tx.all("SELECT state FROM media"))]


async def test_nobody_decides_about_their_own(plain_house: House) -> None:
    """Neither with a reviewer's role as well, nor by a forged button, nor without any role there."""
    an, mai = await planted(plain_house)
    await granted(plain_house, an, "LD", RoleKind.STAFF)
    other = await granted(
        plain_house, await settled(plain_house, "904", "Hoàng Dũng", "LC0422"), "LC0422", RoleKind.STAFF
    )
    assert "Hiện không có ghi âm nào chờ" in await an.says("/duyetghiam" if buttons(an) else "duyệt ghi âm")
    for phone in (an, other):
        a_minute_later(plain_house)
        turn_of = await member_id(plain_house, phone)
        problem = await act(plain_house, turn_of, "approve")
        assert problem == "no_right"
        if buttons(phone):
            assert "dành cho người được giao" in await phone.taps_data("rec:1:open")
    if buttons(mai):
        assert "đã có người xử lý trước" in await mai.taps_data("rec:99:open")
        assert "đã có người xử lý trước" in await mai.taps_data("rec:1:still")
        assert "Chị nghe ghi âm nào?" in await mai.taps_data("rec:một:open")
    assert [row[3] for row in await rows(plain_house)] == ["waiting"]


def buttons(phone: Phone) -> bool:
    return phone.channel.capabilities.buttons


async def act(house: House, member: int, what: str) -> object:
    """Call a service of recordings about the first one, as a member."""

    def do(tx: object) -> object:
        turn = Turn(tx, house.running.installation, house.clock.now(), "test", member=members.by_id(tx, member))  # type: ignore[arg-type]
        return getattr(recordings, what)(turn, 1)

    return await house.running.db.write(do)


@pytest.fixture
async def telegram(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("ghi âm", "bằng tiếng nào"),
        ("/ghiam", "bằng tiếng nào"),
        ("ghi âm tiếng mông", "Ghi âm cho bài nào"),
        ("thu âm ha nhi", "Ghi âm cho bài nào"),
        ("Ghi âm cho bài Hòn đá", "bằng tiếng nào"),
        ("ghi âm bài Hòn đá bằng tiếng Thái", "người cùng đẩy”. Anh gửi tin thoại"),
        ("ghi âm tiếng Thái cho bài đoàn kết", "ghi âm cho bài nào"),
        ("ghi âm tiếng Thái cho bài qwertyu", "Ghi âm cho bài nào"),
        ("ghi âm tiếng Anh cho bài Hòn đá", "bằng tiếng nào"),
        ("Ghi âm tiếng Thái cho bài phát thanh tuần 20", "tiếng Thái cho bài phát thanh tuần 20."),
        ("ghi am bai phat thanh tuan nay bang tieng thai", "cho bài phát thanh tuần 18."),
        ("ghi âm tiếng Thái tuần 3", "cho bài phát thanh tuần 3."),
        ("ghi âm tiếng Thái cho bài phát thanh", "bài phát thanh tuần nào? Anh viết số tuần"),
        ("ghi âm tiếng Thái cho bài phát thanh tuần 60", "bài phát thanh tuần nào?"),
        ("ghi âm tiếng Thái cho bài Thư gửi đồng bào trong Tuần lễ Vàng", "cho bài “Thư gửi đồng bào"),
        ("ghi âm tiếng Thái cho câu hỏi", "Ghi âm cho câu hỏi nào?"),
        ("ghi âm tiếng Thái cho câu hỏi qwertyu", "Ghi âm cho câu hỏi nào?"),
        (
            "ghi âm tiếng Thái cho câu hỏi Chủ tịch Hồ Chí Minh nói về điều gì?",
            f"tiếng Thái cho câu hỏi “{QUESTION.text}”.",
        ),
        ("ghi am cau hoi chu tich ho chi minh noi ve dieu gi tieng thai", f"tiếng Thái cho câu hỏi “{QUESTION.text}”."),
        (f"ghi âm tiếng Thái cho câu hỏi {QUESTION.id}", f"tiếng Thái cho câu hỏi “{QUESTION.text}”."),
        ("ghi âm tiếng Thái cho câu hỏi của bài Hòn đá to và nhiều người cùng đẩy", "cho bài nào, câu nào?"),
    ],
)
async def test_only_what_is_missing_is_asked(telegram: House, said: str, asked: str) -> None:
    an = await officer_of(telegram, "LC0421")
    answer = await an.says(said)
    assert asked.lower() in answer.lower()


async def test_a_card_is_found_by_what_is_typed(telegram: House) -> None:
    """Until one is; what finds nothing is said."""
    an = await officer_of(telegram, "LC0421")
    await an.says("ghi âm tiếng thái")
    assert "chưa tìm thấy bài nào như thế" in await an.says("qwertyu")
    assert "Không có ở đây thì anh viết lại" in await an.says("đoàn kết")
    assert f"cho bài “{CARD.title}”" in await an.says("hon da to")


async def test_a_kind_is_named_afterwards(telegram: House) -> None:
    """Where a card is asked for, a question or a week may be named; each is asked for until it is found."""
    an = await officer_of(telegram, "LC0421")
    await an.says("ghi âm tiếng thái")
    assert "Ghi âm cho câu hỏi nào?" not in await an.says("phát thanh")
    assert "Không có bài phát thanh tuần ấy." in await an.says("99")
    assert "chưa tìm thấy câu hỏi nào như thế" in await an.says("câu hỏi qwertyu")
    assert "cho bài phát thanh tuần 52." in await an.says("phát thanh tuần 52")


async def test_a_long_question_is_copied_whole(telegram: House) -> None:
    """Where it is asked for, and in a caption."""
    longest = max(PACK.questions, key=lambda question: len(question.text)).text
    an = await officer_of(telegram, "LC0421")
    await an.says("ghi âm tiếng thái cho câu hỏi")
    assert f"cho câu hỏi “{longest}”." in await an.says(longest)
    await an.says("/huy")
    caption = f"Ghi âm tiếng Thái cho câu hỏi “{longest}”"
    assert f"Ai đọc câu hỏi “{longest}”?" in await an.sends(InboundKind.VOICE, ref="voice", text=caption)


@pytest.mark.parametrize("caption", ["Ghi âm tiếng Thái cho bài Hòn đá", "ghi am thai hon da"])
async def test_by_the_caption(telegram: House, caption: str) -> None:
    """A voice note with its wish: who speaks is all that is asked."""
    an = await officer_of(telegram, "LC0421")
    assert f"Ai đọc bài “{CARD.title}”" in await an.sends(InboundKind.VOICE, ref="voice", text=caption)


async def test_a_caption_that_may_mean_anything(telegram: House) -> None:
    """A recording of something else is an announcement as likely, with its caption as the text."""
    an = await officer_of(telegram, "LC0421")
    assert "làm bản ghi âm" in await an.sends(InboundKind.VOICE, ref="voice", text="Ghi âm buổi giao ca qwertyu")
    assert await rows(telegram) == []


async def test_a_voice_note_out_of_nowhere(house: House) -> None:
    """It may be for members, or a recording: what is typed next says which, and the note is not lost."""
    an = await officer_of(house, "LC0421")
    offer = await an.sends(InboundKind.VOICE, ref="voice")
    assert "gửi tin này cho đoàn viên, hay làm bản ghi âm" in offer
    assert "Ghi âm tiếng Thái cho bài" in await an.says("xin chào các bạn nhé")
    assert f"Ai đọc bài “{CARD.title}”" in await an.says(WISH)
    await an.says("tôi đọc")
    await an.says("đồng ý")
    assert [row[2:] for row in await rows(house)] == [("Trần Văn An", "waiting")]


async def test_a_voice_note_is_still_an_announcement(telegram: House) -> None:
    an = await officer_of(telegram, "LC0421")
    await an.sends(InboundKind.VOICE, ref="voice")
    assert "1/10 tệp" in await an.taps("Làm thông báo từ tin này")
    a_minute_later(telegram)
    await an.says("huỷ")
    await an.sends(InboundKind.VOICE, ref="voice")
    assert "không làm gì" in await an.taps("Không làm")


@pytest.mark.parametrize(
    ("kind", "size", "said"),
    [
        (InboundKind.PHOTO, 1000, "không phải ghi âm"),
        (InboundKind.VIDEO, 1000, "không phải ghi âm"),
        (InboundKind.DOCUMENT, 1000, "không phải ghi âm"),
        (InboundKind.VOICE, 2_000_001, "nặng quá 2 MB"),
        (InboundKind.VOICE, 50_000_000, "nặng quá 2 MB"),
    ],
)
async def test_what_is_no_recording(telegram: House, kind: InboundKind, size: int, said: str) -> None:
    """One sentence, and the question stands; so by caption, where nothing is begun."""
    an = await officer_of(telegram, "LC0421")
    await an.says(WISH)
    refused = await an.sends(kind, size=size)
    assert said in refused
    assert "gửi tin thoại vào đây" in refused
    assert "Tôi đang chờ tin thoại" in await an.says("đọc rồi")
    await an.says("/huy")
    if kind is InboundKind.VOICE:
        assert said in await an.sends(kind, size=size, text=WISH)
    assert await rows(telegram) == []


async def test_without_the_speakers_consent(plain_house: House) -> None:
    """Nothing is fetched or kept."""
    an = await officer_of(plain_house, "LC0421")
    await an.says(WISH)
    await an.sends(InboundKind.VOICE)
    await an.says("Bà Pâng")
    assert "tôi không giữ ghi âm này" in await an.says("chưa đồng ý")
    assert await rows(plain_house) == []
    assert await files(plain_house) == []


async def test_members_send_no_recordings(plain_house: House) -> None:
    """A voice note of theirs is what it was."""
    phone = await settled(plain_house, "905", "Lò Văn Ban")
    assert "chưa nghe được tin thoại" in await phone.sends(InboundKind.VOICE, text=WISH)
    assert await rows(plain_house) == []


async def test_withdrawn(plain_house: House) -> None:
    """By its sender, or by who may decide; it is asked twice, and the file goes."""
    an, mai = await planted(plain_house, approved=True)
    assert "Chưa có ghi âm nào" not in await an.says("gỡ ghi âm")
    await an.says("1")
    assert "để nguyên" in await an.says("để lại")
    await mai.says("gỡ ghi âm")
    await mai.says("1")
    assert "Đã gỡ." in await mai.says("gỡ ghi âm này")
    assert "đã được người duyệt gỡ xuống" in (await pushed(plain_house, an)).text
    assert await rows(plain_house) == []
    assert await files(plain_house) == ["gone"]
    a_minute_later(plain_house)
    assert "Chưa có ghi âm nào anh gỡ được." in await an.says("gỡ ghi âm")
    assert (await audited(plain_house))[-1] == "recording_withdrawn"


async def test_a_text_that_was_changed_since(plain_house: House) -> None:
    """It is not played; its sender hears of it once, says that it still fits, and the second person hears it again."""
    an, mai = await planted(plain_house, approved=True)
    ban = await settled(plain_house, "903", "Lò Văn Ban")
    await ban.says("ngôn ngữ nghe")
    await ban.says("thái")
    plain_house.running.installation.pack = other_words(PACK, CARD.id)
    assert "Bài này chưa có bản tiếng Thái." in await ban.says(f"bài {CARD.id}")
    seen = len(an.shown)
    await plain_house.passes("2025-05-02T09:00")
    await plain_house.passes("2025-05-03T09:00")
    told = [message.text for message in an.shown[seen:] if "đã được sửa" in message.text]
    assert len(told) == 1
    assert "tạm không phát" in told[0]
    assert "Người thứ hai nghe lại xong" in await taps_pushed(plain_house, an, "Lời đọc vẫn đúng")
    assert [row[3] for row in await rows(plain_house)] == ["waiting"]
    await taps_pushed(plain_house, mai, "Nghe và duyệt")
    await mai.says("duyệt cho nghe")
    a_minute_later(plain_house)
    await ban.says(f"bài {CARD.id}")
    assert "Đây là bản tiếng Thái của bài." in await ban.says("nghe")


async def test_of_when_quotations_did_not_count(telegram: House) -> None:
    """An update of the bot changes how revisions are made: nobody is told that a text was changed that was not."""
    an, _ = await planted(telegram, approved=True)
    file = CARD.revision.partition("-")[0]
    assert file != CARD.text_revision
    await telegram.running.db.write(lambda tx: tx.run("UPDATE recording SET revision = ?", (file,)))
    await telegram.restart()
    seen = len(an.shown)
    await telegram.passes("2025-05-02T09:00")
    assert an.shown[seen:] == []
    found = await telegram.running.db.read(lambda tx: tx.one("SELECT revision, told_of FROM recording"))
    assert found == (CARD.text_revision, "")


async def test_a_file_that_never_came(telegram: House) -> None:
    """It cannot be approved; the second person reads why."""

    async def gone(ref: str, limit: int) -> bytes | Refusal:
        return Refusal.GONE

    telegram.channel.fetch = gone  # type: ignore[method-assign]
    _, mai = await planted(telegram)
    case = await taps_pushed(telegram, mai, "Nghe và duyệt")
    assert "chưa có tệp ghi âm" in case
    assert "1. Không duyệt" in mai.last.labels
    assert await act(telegram, await member_id(telegram, mai), "approve") == "not_here"


async def test_a_file_heavier_than_it_said(telegram: House) -> None:
    """Where a platform does not say how big a file is, it is known once it lies here."""
    telegram.channel.files["heavy"] = b"OggS" + b"x" * 2_000_000
    an = await officer_of(telegram, "LC0421")
    mai = await settled(telegram, "902", "Lý Thị Mai", "LC01", form="chị", reviews="LC01")
    await sends(an, ref="heavy")
    await taps_pushed(telegram, mai, "Nghe và duyệt")
    assert "nặng quá 2 MB nên không duyệt được" in await mai.says("duyệt cho nghe")
    assert [row[3] for row in await rows(telegram)] == ["waiting"]


async def test_an_erased_sender_takes_it_along(plain_house: House) -> None:
    """So was it said when they agreed; before, it is among their data."""
    an, _ = await planted(plain_house, approved=True)
    assert f"• Ghi âm đã gửi: {CARD.title} (Thái)" in await an.says("dữ liệu của tôi")
    await an.says("/xoadulieu")
    await an.says("XÓA")
    assert await rows(plain_house) == []
    assert "stored" not in await files(plain_house)


async def test_the_level_that_is_asked(telegram: House) -> None:
    """The nearest one that has anybody; without any the administrators; without these the sender is told."""
    an = await officer_of(telegram, "LC0421")
    assert "chưa có ai duyệt được" in await sends(an)
    top = await granted(telegram, await settled(telegram, "906", "Hà", "LD"), "LD", RoleKind.ADMIN)
    a_minute_later(telegram)
    await sends(an)
    assert "chờ" in (await pushed(telegram, top)).text
    near = await settled(telegram, "907", "Mai", "LC01", reviews="LC01")
    a_minute_later(telegram)
    count = len(top.shown)
    await sends(an)
    assert "nghe và duyệt" in (await pushed(telegram, near)).text
    assert len(top.shown) == count
