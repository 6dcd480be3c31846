"""What members answer to announcements: by button, by words, changed in time, counted for the one that asked."""

from typing import Any

from bot.domain.announcements import Audience
from bot.services import sending
from bot.services.turn import Turn
from bot.storage import announcements
from bot.storage.announcements import Announcement
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import member_id, officer_of, sends
from tests.support.people import settled, taps_pushed


async def answer_of(house: House, phone: Phone, id: int = 1) -> tuple[str, str]:
    """The choice and the words kept for who has a phone."""
    member = await member_id(house, phone)
    row = await house.running.db.read(
        lambda tx: tx.one(
            "SELECT answer, words FROM recipient WHERE announcement_id = ? AND member_id = ?", (id, member)
        )
    )
    assert row is not None
    return row


async def follows(house: House, id: int, purpose: str, body: str, **fields: Any) -> int:
    """Something that follows an announcement, to the same people."""

    def submit(tx: Transaction) -> int:
        turn = Turn(tx, house.running.installation, house.clock.now(), "test")
        first = announcements.by_id(tx, id)
        assert first is not None
        return sending.submit(
            turn,
            Announcement(
                id=0,
                author_id=first.author_id,
                unit_id=first.unit_id,
                unit_name=first.unit_name,
                speaker="",
                title=first.title,
                audience=Audience(first.audience.top),
                kind=first.kind,
                reason="",
                body=body,
                created_at=turn.now,
                valid_until=fields.get("valid_until", first.valid_until),
                question=fields.get("question", first.question),
                of_id=id,
                purpose=purpose,
            ),
        )

    later = await house.running.db.write(submit)
    await house.settle()
    return later


async def test_will_they_come(house: House) -> None:
    """The face says who learns of the answer; it is given by button, changed by its words, and shown again."""
    an = await officer_of(house, "LC0421")
    binh = await settled(house, "802", "Lê Thị Bình", form="chị")
    await sends(house, an, question="attend", kind="task", named=True)
    assert "Đã ghi: Sẽ dự. Cảm ơn chị." in await taps_pushed(house, binh, "Sẽ dự")
    assert await answer_of(house, binh) == ("will_attend", "")
    assert "Chị đã trả lời Sẽ dự rồi" in await taps_pushed(house, binh, "Sẽ dự")
    assert "Đã ghi: Không dự được" in await taps_pushed(house, binh, "Không dự được")
    assert await answer_of(house, binh) == ("cannot_attend", "")
    await binh.says("thông báo")
    shown = await binh.says("1")
    assert "Cán bộ đơn vị biết ai trả lời." in shown
    assert "Chị đã trả lời: Không dự được" in shown
    assert "Đã ghi: Sẽ dự" in await binh.says("sẽ dự")
    assert "✓" in binh.last.text


async def test_the_label_typed(plain_house: House) -> None:
    """«Sẽ dự» without a tap is enough; «đã nhận» is asked back with the choices there are."""
    an = await officer_of(plain_house, "LC0421")
    binh = await settled(plain_house, "802", "Lê Thị Bình", form="chị")
    await sends(plain_house, an, question="attend")
    assert "cần một câu trả lời" in await binh.says("đã nhận")
    assert binh.last.labels == ["Sẽ dự", "Không dự được"]
    assert "Đã ghi: Sẽ dự" in await binh.says("Sẽ dự")
    assert await answer_of(plain_house, binh) == ("will_attend", "")


async def test_in_their_own_words(plain_house: House) -> None:
    """Asked for after the button, limited, changeable, escaped."""
    an = await officer_of(plain_house, "LC0421")
    binh = await settled(plain_house, "802", "Lê Thị Bình", form="chị")
    await sends(plain_house, an, question="words")
    assert "chỉ thấy số lượng, không thấy tên ai" in binh.last.text
    assert "viết câu trả lời" in await binh.taps("Viết câu trả lời")
    assert "dưới 300" in await binh.says("a" * 301)
    assert "<b>Tôi & tổ 2</b>" in await binh.says("<b>Tôi & tổ 2</b>")
    assert await answer_of(plain_house, binh) == ("words", "<b>Tôi & tổ 2</b>")
    await binh.says("thông báo")
    assert "Chị đã trả lời: “<b>Tôi & tổ 2</b>”" in await binh.says("1")
    await binh.taps("Viết câu trả lời")
    await binh.says("Tổ 3 nữa")
    assert await answer_of(plain_house, binh) == ("words", "Tổ 3 nữa")


async def test_only_while_it_is_valid(plain_house: House) -> None:
    """After its end a question takes no first answer and no other one; what was counted stays counted."""
    an = await officer_of(plain_house, "LC0421")
    binh = await settled(plain_house, "802", "Lê Thị Bình")
    dung = await settled(plain_house, "803", "Hoàng Dũng")
    until = plain_house.clock.now() + 3_600_000
    await sends(plain_house, an, question="attend", valid_until=until)
    await taps_pushed(plain_house, binh, "Sẽ dự")
    plain_house.clock.forward(hours=2)
    assert "không đổi câu trả lời được nữa" in await taps_pushed(plain_house, binh, "Không dự được")
    assert await answer_of(plain_house, binh) == ("will_attend", "")
    assert "hết hạn trả lời" in await taps_pushed(plain_house, dung, "Không dự được")
    assert "hết hạn trả lời" in await dung.says("đã nhận")
    await dung.says("thông báo")
    await dung.says("1")
    assert "Sẽ dự" not in dung.last.labels
    assert await answer_of(plain_house, dung) == ("", "")


async def test_own_words_that_come_too_late(plain_house: House) -> None:
    """Not asked for any more; begun in time and sent too late they are not taken."""
    an = await officer_of(plain_house, "LC0421")
    binh = await settled(plain_house, "802", "Lê Thị Bình")
    dung = await settled(plain_house, "803", "Hoàng Dũng")
    await sends(plain_house, an, question="words", valid_until=plain_house.clock.now() + 3_600_000)
    await taps_pushed(plain_house, binh, "Viết câu trả lời")
    plain_house.clock.forward(hours=2)
    assert "hết hạn trả lời" in await binh.says("Tôi góp ý")
    assert await answer_of(plain_house, binh) == ("", "")
    assert "hết hạn trả lời" in await taps_pushed(plain_house, dung, "Viết câu trả lời")


async def test_what_is_sent_again_keeps_its_question_open(plain_house: House) -> None:
    """Who gets it later may answer as long as what they got is of use."""
    an = await officer_of(plain_house, "LC0421")
    binh = await settled(plain_house, "802", "Lê Thị Bình")
    first = await sends(plain_house, an, question="attend", valid_until=plain_house.clock.now() + 3_600_000)
    plain_house.clock.forward(hours=2)
    later = plain_house.clock.now() + 3_600_000
    await follows(plain_house, first, "again", "Mời dự lễ.", valid_until=later)
    assert "Đã ghi: Sẽ dự" in await taps_pushed(plain_house, binh, "Sẽ dự")
    plain_house.clock.forward(hours=2)
    assert "không đổi" in await taps_pushed(plain_house, binh, "Không dự được")


async def test_a_reminder_is_answered_for_what_it_reminds_of(plain_house: House) -> None:
    """The answer to what follows counts for the first; a choice of another question is forged."""
    an = await officer_of(plain_house, "LC0421")
    binh = await settled(plain_house, "802", "Lê Thị Bình")
    first = await sends(plain_house, an, question="done", kind="task")
    later = await follows(plain_house, first, "reminder", "Nhắc lại.")
    await taps_pushed(plain_house, binh, "Đã làm xong")
    assert await answer_of(plain_house, binh, first) == ("completed", "")
    assert await answer_of(plain_house, binh, later) == ("", "")
    if plain_house.channel.capabilities.buttons:
        assert "không tìm thấy mã này" in await binh.taps_data(f"ack:{later}:received")


async def test_an_erratum_stands_in_place_of_the_wrong_text(plain_house: House) -> None:
    """In the list and opened; what was taken back is not readable any more."""
    an = await officer_of(plain_house, "LC0421")
    binh = await settled(plain_house, "802", "Lê Thị Bình")
    first = await sends(plain_house, an, body="Họp 14 giờ.")
    await follows(plain_house, first, "erratum", "Họp 15 giờ.", question="none")
    assert "1. Họp 15 giờ." in await binh.says("thông báo")
    shown = await binh.says("1")
    assert shown.startswith("Bản đã đính chính.")
    assert "14 giờ" not in shown
    await binh.says("menu")
    await follows(plain_house, first, "recall", "Tin gửi nhầm.", question="none")
    assert "Tin đã thu hồi" in await binh.says("thông báo")
    shown = await binh.says("1")
    assert "Tin này đã được thu hồi." in shown
    assert "giờ." not in shown


async def test_why_names_the_whole_rule(plain_house: House) -> None:
    """Not only the unit: what else had to hold."""
    an = await officer_of(plain_house, "LC01")
    binh = await settled(plain_house, "802", "Lê Thị Bình", form="chị")
    ids = await plain_house.running.db.read(lambda tx: dict(tx.all("SELECT code, id FROM unit")))
    narrowed = {"units": [ids["LC0421"]], "except_units": [ids["LC0422"]], "standings": ["member"]}
    await sends(plain_house, an, "LC01", audience=narrowed)
    assert (
        "vì thuộc CĐCS Công ty Ví dụ A, trừ CĐCS Trường Ví dụ B, tư cách Đoàn viên. Người gửi: Công đoàn xã Ví dụ"
        in await binh.taps("Vì sao tôi nhận tin này?")
    )
    assert "tư cách Đoàn viên" in await binh.says("vì sao")
