"""Two members who are one person: both shown, chosen from, and made one."""

import pytest

from bot.domain.messages import InboundKind
from bot.domain.people import RoleKind
from bot.domain.time import DAY
from bot.services.console import announce_from_console
from bot.services.turn import Turn
from bot.storage import members, recipients
from bot.storage.database import Transaction
from tests.conversations.test_erase import where
from tests.conversations.test_settings import member_of
from tests.support.house import House, Phone
from tests.support.linking import code_on, owner, value
from tests.support.officers import (
    ON_THE_PHONE,
    audited,
    granted,
    may_be_lost,
    officer_of,
    outcomes,
    set_member,
    times,
    writes,
)
from tests.support.people import a_minute_later, introduce, pushed, settled

NAME, SHORT = "Lò Thị Lan", "Lan Thị Lò"


async def two(house: House) -> tuple[Phone, Phone]:
    """The older one on the first phone, and the same person again on the second, in another unit."""
    first = await settled(house, "201", NAME, form="chị")
    house.clock.forward(minutes=5)
    return first, await settled(house, "202", SHORT, "LC0422", form="cô")


async def merged(house: House, shows: Phone, types: Phone, *answers: str) -> str:
    """Go through a merge, without restarts, repeats or crashes; returns the last answer."""
    variant, house.variant = house.variant, "plain"
    code = await code_on(shows)
    house.clock.forward(minutes=1)
    await types.says(code)
    answer = ""
    for said in answers:
        answer = await types.says(said)
    house.variant = variant
    return answer


async def test_both_are_shown_and_chosen_from(house: House) -> None:
    """The unit of one, the form, name and hours of the other; the older stays."""
    first, second = await two(house)
    older, younger = await owner(house, first), await owner(house, second)
    asked = await second.says(await code_on(first))
    for said in (NAME, SHORT, "CĐCS Công ty Ví dụ A", "CĐCS Trường Ví dụ B", "tham gia từ 1/5/2025", "Để như cũ"):
        assert said in asked
    habits = await second.taps("CĐCS Trường Ví dụ B")
    assert f"Ở đây: cô {SHORT}" in habits
    assert f"Nơi kia: chị {NAME}" in habits
    summary = await second.says("nơi kia")
    assert f"Sau khi nối: chị {NAME}" in summary
    assert "CĐCS Trường Ví dụ B" in summary
    assert "Nối rồi không tách lại được" in summary
    assert "Đã nối. Chị nhắn ở" in await second.taps("Nối làm một")
    assert await owner(house, first) == await owner(house, second) == older
    member = await member_of(house, second)
    assert (member.name, member.form, member.unit_state) == (NAME, "chị", "confirmed")
    assert "CĐCS Trường Ví dụ B" in await first.says("cài đặt")
    assert await value(house, "SELECT COUNT(*) FROM member WHERE id = ?", younger) == 0
    assert "members_merged" in await audited(house)


async def test_the_older_may_be_the_one_who_types(house: House) -> None:
    """The number of years decides who stays, not the side; what is the same is not asked about."""
    first = await settled(house, "201", NAME)
    house.clock.forward(minutes=5)
    second = await settled(house, "202", NAME)
    older = await owner(house, first)
    summary = await first.says(await code_on(second))
    assert "Sau khi nối" in summary
    assert "Đã nối" in await first.says("đồng ý")
    assert await owner(house, second) == older


@pytest.mark.parametrize("answers", [["Để như cũ"], ["1", "thôi"], ["1", "1", "không"]])
async def test_no_changes_nothing(plain_house: House, answers: list[str]) -> None:
    """At every question; the code is used up."""
    first, second = await two(plain_house)
    code = await code_on(first)
    await second.says(code)
    for said in answers:
        answer = await second.says(said)
    assert "không nối gì cả" in answer
    assert await owner(plain_house, first) != await owner(plain_house, second)
    assert (await member_of(plain_house, second)).name == SHORT
    assert "đã hết giờ" in await second.says(code)


async def test_what_both_did_is_one(house: House) -> None:
    """Good deeds, pieces and answers of both are there, on both phones."""
    first, second = await two(house)
    codes = [await introduce(house, phone) for phone in (first, second)]
    variant, house.variant = house.variant, "plain"
    await first.says("bài hôm nay")
    await second.says("bài hôm nay")
    await second.taps("Đọc tiếp")
    house.variant = variant
    await merged(house, first, second, "1", "1", "nối")
    a_minute_later(house)
    shown = await first.says("/dulieu")
    assert all(code in shown for code in codes)
    assert "Bài đã đọc: 2" in shown
    assert await value(house, "SELECT COUNT(*) FROM card_read") == 2


async def test_what_was_half_done_is_parked(house: House) -> None:
    """On the younger's own phone: its question is no longer asked, and «tiếp tục» brings it back."""
    first, second = await two(house)
    variant, house.variant = house.variant, "plain"
    code = await code_on(second)
    await second.says("/gioithieu")
    await second.says("1")
    await second.says("Lò Văn Bình")
    house.variant = variant
    await first.says(code)
    await first.says("2")
    await first.says("2")
    await first.says("nối")
    assert await value(house, "SELECT state FROM dialog") == "parked"
    assert f"Cô {SHORT} muốn làm gì" in await second.says("menu")
    assert "đang làm dở" in await second.says("tiếp tục")
    assert await owner(house, first) == await owner(house, second)


async def test_roles_of_the_younger_end(house: House) -> None:
    """Said before it happens; an administrator is told, and it stands in the audit."""
    first, second = await two(house)
    await granted(house, second, "LC0422")
    admin = await granted(house, await settled(house, "203", "Trần Quản Trị", "LC01"), "LD", RoleKind.ADMIN)
    await second.says(await code_on(first))
    await second.says("1")
    summary = await second.says("1")
    assert "không mang theo: Chủ tịch, CĐCS Trường Ví dụ B" in summary
    await second.says("nối")
    assert "Chủ tịch, CĐCS Trường Ví dụ B" in (await pushed(house, admin)).text
    assert await value(house, "SELECT COUNT(*) FROM role WHERE kind = 'officer'") == 0
    assert "role_not_carried_over" in await audited(house)
    assert "dành cho người được giao" in await second.says("/thongbao_moi")


async def test_who_stood_in_for_the_younger_is_told(plain_house: House) -> None:
    """Their role ends with the one it stands in for, and an administrator hears of a unit without an officer."""
    first, second = await two(plain_house)
    house, unit = plain_house, "LC0422"
    boss = await granted(house, await settled(house, "209", "Người Quản Trị", "LD"), "LD", RoleKind.ADMIN)
    await granted(house, second, unit, RoleKind.OFFICER)
    deputy = await settled(house, "208", "Lê Thị Bình", unit)
    await granted(house, deputy, unit, valid_until=house.clock.now() + DAY)
    of = "(SELECT r.id FROM role r JOIN address a ON a.member_id = r.member_id WHERE a.external_id = ?)"
    await house.running.db.write(
        lambda tx: tx.run(f"UPDATE role SET deputy_of = {of} WHERE id = {of}", (second.chat, deputy.chat))
    )
    await merged(house, first, second, "1", "1", "nối")
    a_minute_later(house)
    house.clock.forward(minutes=9)
    await house.settle()
    assert await value(house, "SELECT COUNT(*) FROM role") == 1
    assert "Trường Ví dụ B" in (await pushed(house, deputy)).text
    assert [message for message in boss.shown if "không còn cán bộ công đoàn nào" in message.text]


async def test_roles_of_the_older_stay(plain_house: House) -> None:
    """And hold on both phones."""
    first, second = await two(plain_house)
    await granted(plain_house, first, "LC0421")
    await merged(plain_house, first, second, "1", "1", "nối")
    assert "viết nội dung thông báo" in await second.says("/thongbao_moi")


async def test_an_announcement_that_waits_for_both_comes_once(house: House) -> None:
    """In the morning, on the phone last written from."""
    officer = await officer_of(house)
    first, second = await two(house)
    house.clock.at("2025-05-01T22:00")
    await writes(officer)
    await officer.says("gửi ngay")
    assert (await outcomes(house, "announcement:1"))["pending"] == 3
    await merged(house, first, second, "1", "1", "nối")
    await house.passes("2025-05-02T07:00")
    assert times(first, "họp 14 giờ") == 0
    assert times(second, "họp 14 giờ") == 1 or may_be_lost(house)
    counted = await outcomes(house, "announcement:1")
    assert sum(counted.values()) == 2
    assert may_be_lost(house) or set(counted) == ON_THE_PHONE
    assert "2 người." in officer.last.text or may_be_lost(house)


async def test_an_announcement_that_one_has_does_not_come_again(house: House) -> None:
    """It arrived on the phone without quiet hours; what waited for the other is cancelled."""
    officer = await officer_of(house)
    first, second = await two(house)
    await set_member(house, first, quiet_from=0, quiet_to=0)
    house.clock.at("2025-05-01T22:00")
    await writes(officer)
    await officer.says("gửi ngay")
    assert times(first, "họp 14 giờ") == 1 or may_be_lost(house)
    await merged(house, first, second, "1", "1", "nối")
    await house.passes("2025-05-02T07:00")
    assert times(second, "họp 14 giờ") == 0
    assert times(first, "họp 14 giờ") <= 1


async def test_the_days_message_comes_once(house: House) -> None:
    """Both had chosen an hour; after the merge one message of the day is left."""
    first, second = await two(house)
    for phone in (first, second):
        await set_member(house, phone, slot="evening", quiet_from=19 * 60, quiet_to=20 * 60)
    await house.passes("2025-05-01T19:31")
    assert (await outcomes(house, "daily:%"))["pending"] == 2
    await merged(house, first, second, "1", "1", "nối")
    first.new, second.new  # noqa: B018 - what came so far is seen
    await house.passes("2025-05-01T20:05")
    came = [message for message in first.new + second.new if "Trả lời câu hỏi" in message.labels]
    assert len(came) == 1 or (not came and may_be_lost(house))
    assert sum((await outcomes(house, "daily:%")).values()) == 1
    assert await value(house, "SELECT COUNT(*) FROM occurrence") == 1


async def test_the_last_answer_counts(plain_house: House) -> None:
    """Both were recipients: one is left, with the later answer."""
    house = plain_house
    officer = await officer_of(house)
    first, second = await two(house)
    await writes(officer)
    await officer.says("gửi ngay")
    await second.taps("Đã nhận")
    house.clock.forward(minutes=1)
    await first.taps("Đã nhận")
    late = house.clock.now()
    await merged(house, first, second, "1", "1", "nối")
    id = await owner(house, first)
    assert isinstance(id, int)
    kept = await house.running.db.read(lambda tx: recipients.answer_of(tx, 1, id))
    assert kept == ("received", "", late)
    assert await value(house, "SELECT COUNT(*) FROM recipient") == 2


async def test_while_an_announcement_is_fanned_out(plain_house: House) -> None:
    """Members are gone through in order: for that moment a merge is put off, not refused."""
    house = plain_house
    first, second = await two(house)
    await second.says(await code_on(first))
    await second.says("1")
    await second.says("1")

    def announce(tx: Transaction) -> None:
        turn = Turn(tx, house.running.installation, house.clock.now(), "test")
        announce_from_console(turn, "all", "Chào mừng Ngày Quốc tế Lao động.")

    await house.running.db.write(announce)
    assert "chưa nối được ngay" in await second.says("nối")
    assert await owner(house, first) != await owner(house, second)
    assert "Đã nối" in await second.says("nối")


async def test_who_had_left_on_one_side_takes_part_again(house: House) -> None:
    """It is said before; the consent given on the other side holds."""
    first, second = await two(house)
    await second.says("ngừng")
    await second.taps("Ngừng")
    asked = await second.says(await code_on(first))
    assert "đang ngừng tham gia" in asked
    await second.says("1")
    assert "lại tham gia và nhận tin" in await second.says("1")
    await second.says("nối")
    member = await member_of(house, second)
    assert member.state == "active"
    assert member.unit_state == "confirmed"


async def test_who_seeks_a_unit_gets_the_other_sides(plain_house: House) -> None:
    """No question about it, and no administrator looks for it any more."""
    house = plain_house
    first, second = await settled(house, "201", NAME), house.phone("202")
    await second.joins(name=NAME, form="Anh", hour="Không, tôi tự mở")
    a_minute_later(house)
    await second.says("cài đặt")
    await second.says("chuyển đơn vị")
    await second.taps("Không thấy đơn vị của tôi")
    await second.says("Tổ may bản Hô Ta")
    a_minute_later(house)
    await second.says("menu")
    asked = await second.says(await code_on(first))
    assert "ở đơn vị nào?" not in asked
    while "Nối chứ" not in second.last.text:
        await second.says("1")
    await second.says("nối")
    assert (await member_of(house, second)).unit_state == "confirmed"
    assert await house.running.db.read(members.unit_requests) == []


async def test_the_name_that_ends_is_not_left_behind(house: House) -> None:
    """What an officer was shown under it could not be found at an erasure: it goes at the merge."""
    officer = await officer_of(house, "LC0422")
    first, second = await two(house)
    await set_member(house, second, unit_state="pending")
    variant, house.variant = house.variant, "plain"
    assert SHORT in await officer.says("xác nhận người mới")
    house.variant = variant
    await merged(house, first, second, "1", "2", "nối")
    a_minute_later(house)
    for phone in (first, second):
        await phone.says("menu")
    await first.says("/xoadulieu")
    await first.says("XÓA")
    await house.running.ticker.tick()
    house.clock.forward(minutes=2)
    await house.running.ticker.tick()
    await house.running.wipe()
    assert where(house.directory, SHORT, NAME) == []


async def test_pressing_twice_merges_once(plain_house: House) -> None:
    """A second tap on the same button is silent, a photo instead of an answer is asked back about."""
    first, second = await two(plain_house)
    await second.says(await code_on(first))
    await second.says("1")
    await second.says("1")
    await second.sends(InboundKind.PHOTO)
    assert "Nối chứ" in second.last.text
    await second.says("nối")
    assert await value(plain_house, "SELECT COUNT(*) FROM audit WHERE act = 'members_merged'") == 1
