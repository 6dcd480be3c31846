"""«Dữ liệu của tôi»: shown in the chat and sent as a file that does not stay."""

from pathlib import Path

from bot.domain.people import RoleKind
from bot.storage import units
from bot.storage.database import Transaction
from content.models import OPTION_LETTERS
from tests.support.house import PACK, House, Phone
from tests.support.people import introduce, settled


def files_of(phone: Phone) -> list[Path]:
    """The documents on a phone, where they lie."""
    return [Path(ref) for message in phone.shown for kind, ref in message.media if kind == "document"]


def exports(house: House) -> list[Path]:
    """Every export on the disk."""
    return sorted((house.directory / "exports").glob("*"))


async def test_it_is_shown_and_sent_as_a_file(house: House) -> None:
    """Name, unit and its state, hours, consent, counts, and who can see what."""
    lan = house.phone("1001")
    await lan.joins(form="Chị", name="Lò Thị Lan", hour="Sáng sớm")
    shown = await lan.says("du lieu")
    for said in (
        "chị Lò Thị Lan",
        "CĐCS Công ty Ví dụ A (chờ xác nhận)",
        "Sáng sớm (06:30)",
        "bản 2025-1, ngày 1/5/2025",
        {"telegram": "Telegram", "zalo_bot": "Zalo", "webchat": "Trang trò chuyện"}[house.channel.name],
        "Bài đã đọc: 1",
        "Không ai khác xem được chị đọc gì",
    ):
        assert said in shown
    written = files_of(lan)[-1].read_text("utf-8")
    assert "Tên: Lò Thị Lan" in written
    assert "Giờ không làm phiền: 21:00–06:00" in written
    assert len(exports(house)) == 1


async def test_what_waits_to_be_asked_again_is_in_the_file(plain_house: House) -> None:
    """The question, its days and what FSRS remembers, in words."""
    lan = await settled(plain_house, "1006", "Lò Thị Lan")
    await lan.says("/cauhoi")
    asked = next(question for question in PACK.questions if question.text in lan.last.text)
    await lan.says(OPTION_LETTERS[asked.options.index(asked.correct_options[0]) - 1])
    await lan.says("nghỉ")
    assert "chờ hỏi lại: 1\n" in await lan.says("/dulieu")
    assert (
        f"- {asked.text} (trả lời ngày 1/5/2025, đã hỏi lại 0 lần, hỏi lại từ ngày 2/5/2025;"
        " ước tính nhớ được 0,2 ngày, độ khó 6,4/10)\n"
    ) in files_of(lan)[-1].read_text("utf-8")


async def test_what_was_introduced_is_in_the_file(house: House) -> None:
    """In the member's own words, never as markup."""
    an = await settled(house, "1002", "Vàng Văn An")
    code = await introduce(house, an, "Bà <b>Sính</b> & con", told="Trả lại ví {{7*7}}")
    shown = await an.says("/dulieu")
    assert f"{code}: đang chờ xét" in shown
    written = files_of(an)[-1].read_text("utf-8")
    assert "Bà <b>Sính</b> & con" in written
    assert "Trả lại ví {{7*7}}" in written
    assert "&amp;" not in written


async def test_an_officer_sees_their_role(house: House) -> None:
    """What was entrusted to them is kept too."""
    mai = await settled(house, "1003", "Lý Thị Mai")

    def grant(tx: Transaction) -> None:
        member, unit = tx.scalar("SELECT MAX(id) FROM member"), units.by_code(tx, "LC0421")
        assert unit is not None
        units.grant(tx, member, unit.id, RoleKind.OFFICER, 0, title="Chủ tịch", phone="0912345678")

    await house.running.db.write(grant)
    assert "Chủ tịch, CĐCS Công ty Ví dụ A" in await mai.says("/dulieu")


async def test_the_file_goes_after_a_day(house: House) -> None:
    """It is made anew when asked for again."""
    lan = await settled(house, "1004", "Lò Thị Lan")
    await lan.says("/dulieu")
    assert len(exports(house)) == 1
    house.clock.forward(hours=23)
    await house.running.ticker.tick()
    assert len(exports(house)) == 1
    house.clock.forward(hours=2)
    await house.running.ticker.tick()
    assert exports(house) == []
    await lan.says("/dulieu")
    assert len(exports(house)) == 1


async def test_nobody_gets_anothers(plain_house: House) -> None:
    """Two members, two files, each with one name."""
    lan = await settled(plain_house, "1005", "Lò Thị Lan")
    pao = await settled(plain_house, "1006", "Giàng A Páo")
    await lan.says("/dulieu")
    await pao.says("/dulieu")
    assert "Páo" not in files_of(lan)[-1].read_text("utf-8")
    assert "Lan" not in files_of(pao)[-1].read_text("utf-8")


async def test_without_pages_of_ours_a_channel_that_fetches_gets_a_sentence(plain_house: House) -> None:
    """Where a file cannot go, that is said, and who can help."""
    lan = plain_house.phone("1001")
    await lan.joins(form="Chị", name="Lò Thị Lan", hour="Sáng sớm")
    plain_house.running.installation.public_url = ""
    shown = await lan.says("du lieu")
    if plain_house.channel.capabilities.uploads:
        assert len(files_of(lan)) == 1
    else:
        assert "chưa gửi được tệp" in shown
        assert files_of(lan) == []
