"""An album whose text does not follow it: not received; what is sent again is what is missing, and nothing twice."""

from collections.abc import Callable

import pytest

from bot.channels.contract import Delivery, Operation, Outcome, OutcomeKind
from bot.domain.messages import InboundKind
from tests.support.house import House, Phone
from tests.support.officers import officer_of, times
from tests.support.people import a_minute_later, settled

WORDS = "Ảnh lễ phát động"


def texts_meet(kind: OutcomeKind, chat: str = "802", retry_after: float = 0) -> Callable[[Delivery], Outcome | None]:
    """What becomes of texts without files to one chat, of everything else nothing special."""

    def answer(delivery: Delivery) -> Outcome | None:
        theirs = delivery.chat == chat and WORDS in delivery.outbound.html and not delivery.media
        return Outcome(kind, detail="Bad Request: strange", retry_after=retry_after) if theirs else None

    return answer


async def album(house: House) -> tuple[Phone, Phone]:
    """An officer who sends three pictures with a question, and one of those who get them."""
    an = await officer_of(house, "LC0421")
    binh = await settled(house, "802", "Lê Thị Bình")
    await settled(house, "803", "Hoàng Dũng")
    await an.says("/thongbao_moi")
    for number in range(3):
        house.channel.files[f"photo-{number}"] = b"picture"
        await an.sends(InboundKind.PHOTO, ref=f"photo-{number}", album="a", text="" if number else WORDS)
    await an.taps("Xong")
    await an.says("thông tin")
    await an.says("cả đơn vị")
    a_minute_later(house)
    await an.says("gửi ngay")
    return an, binh


async def report(house: House, an: Phone) -> str:
    """The result and its reasons; the result stays open."""
    a_minute_later(house)
    await an.says("thông báo đã gửi")
    found = [await an.says("1"), await an.taps("Theo đơn vị")]
    await an.taps("Về kết quả")
    return "".join(found)


def pictures(phone: Phone) -> int:
    return sum(len(message.media) for message in phone.shown)


async def again(house: House, an: Phone) -> None:
    """Send it to those who did not get it, once nobody is in the middle of a conversation."""
    await report(house, an)
    await an.taps("Gửi lại người chưa nhận")
    await an.taps("Gửi lại người chưa nhận")
    house.clock.forward(minutes=6)
    await house.settle()


@pytest.mark.parametrize("kind", [OutcomeKind.REJECTED, OutcomeKind.UNREACHABLE])
async def test_only_the_text_is_sent_again(one_house: House, kind: OutcomeKind) -> None:
    """It counts as not received, with a reason, and its text comes later without its pictures."""
    one_house.channel.outcome_for = texts_meet(kind)
    an, binh = await album(one_house)
    assert (pictures(binh), times(binh, WORDS)) == (3, 0)
    shown = await report(one_house, an)
    assert "Đã tới: 2" in shown
    assert "mới có tệp tới 1" in shown
    one_house.channel.outcome_for = lambda _: None
    await one_house.running.db.write(lambda tx: tx.run("UPDATE address SET reachable = 1"))
    await again(one_house, an)
    assert (pictures(binh), times(binh, WORDS)) == (3, 1)
    assert binh.last.labels[0] == "Đã nhận"
    shown = await report(one_house, an)
    assert "Đã tới: 3" in shown
    assert "mới có tệp tới" not in shown


async def test_missing_once_more(one_house: House) -> None:
    """However often the text fails, the pictures come once."""
    one_house.channel.outcome_for = texts_meet(OutcomeKind.REJECTED)
    an, binh = await album(one_house)
    await again(one_house, an)
    assert "mới có tệp tới 1" in await report(one_house, an)
    one_house.channel.outcome_for = lambda _: None
    await again(one_house, an)
    assert (pictures(binh), times(binh, WORDS)) == (3, 1)


async def test_the_album_failed_and_then_its_text(one_house: House) -> None:
    """Nothing came, then only the pictures: the third time only the text."""
    one_house.channel.outcome_for = lambda sent: (
        Outcome(OutcomeKind.REJECTED, detail="wrong file") if sent.chat == "802" else None
    )
    an, binh = await album(one_house)
    one_house.channel.outcome_for = texts_meet(OutcomeKind.REJECTED)
    await again(one_house, an)
    assert (pictures(binh), times(binh, WORDS)) == (3, 0)
    assert "mới có tệp tới 1" in await report(one_house, an)
    one_house.channel.outcome_for = lambda _: None
    await again(one_house, an)
    assert (pictures(binh), times(binh, WORDS)) == (3, 1)


async def test_a_text_that_may_have_arrived(one_house: House) -> None:
    """It is uncertain; decided as not received the text alone is sent."""
    one_house.channel.outcome_for = texts_meet(OutcomeKind.AMBIGUOUS)
    an, binh = await album(one_house)
    assert "Chưa chắc đã tới: 1" in await report(one_house, an)
    one_house.channel.outcome_for = lambda _: None
    await an.taps("Tin chưa chắc đã tới")
    await an.taps("Gửi lại hết")
    await again(one_house, an)
    assert (pictures(binh), times(binh, WORDS)) == (3, 1)


async def test_when_the_messages_are_not_kept_any_more(one_house: House) -> None:
    """What is known is that the pictures came."""
    one_house.channel.outcome_for = texts_meet(OutcomeKind.REJECTED)
    an, binh = await album(one_house)
    await one_house.running.db.write(lambda tx: tx.run("DELETE FROM outbox"))
    one_house.channel.outcome_for = lambda _: None
    await again(one_house, an)
    assert (pictures(binh), times(binh, WORDS)) == (3, 1)


async def test_the_pictures_are_taken_back(one_house: House) -> None:
    """Recalling deletes what there is, also where the text never came."""
    one_house.channel.outcome_for = texts_meet(OutcomeKind.REJECTED)
    an, binh = await album(one_house)
    deleted: list[str] = []

    def answer(delivery: Delivery) -> Outcome | None:
        if delivery.operation is Operation.DELETE:
            deleted.append(delivery.chat)
        return None

    one_house.channel.outcome_for = answer
    await report(one_house, an)
    assert "Xóa được: 3 tin" in await an.taps("Thu hồi")
    await an.taps("Thu hồi")
    await one_house.settle()
    assert sorted(deleted) == ["801", "802", "803"]
    assert pictures(binh) == 0


async def test_stopped_between_the_album_and_its_text(one_house: House) -> None:
    """The text does not come after all; who asks for those who were stopped too gives them the text alone."""
    one_house.channel.outcome_for = texts_meet(OutcomeKind.THROTTLED, retry_after=60)
    an, binh = await album(one_house)
    assert (pictures(binh), times(binh, WORDS)) == (3, 0)
    a_minute_later(one_house)
    await an.says("tin đang gửi")
    await an.says("1")
    await an.taps("Dừng hẳn")
    await an.taps("Dừng hẳn")
    await one_house.settle()
    one_house.channel.outcome_for = lambda _: None
    await one_house.restart()  # its chat waits no more
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert times(binh, WORDS) == 0
    assert "Không gửi nữa: 1." in await report(one_house, an)
    await an.taps("Gửi lại người chưa nhận")
    await an.taps("Gửi cả người bị dừng")
    one_house.clock.forward(minutes=6)
    await one_house.settle()
    assert (pictures(binh), times(binh, WORDS)) == (3, 1)
