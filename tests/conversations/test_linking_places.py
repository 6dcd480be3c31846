"""One person on Telegram, Zalo and the web chat: where messages come, a place taken off, another phone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.contract import Quota
from bot.domain.messages import InboundKind
from bot.storage import members, units
from bot.storage.database import Transaction
from tests.conversations.test_erase import nobody_there, tables_with, where
from tests.conversations.test_my_data import files_of
from tests.support.house import VARIANTS, House, Phone
from tests.support.linking import CODE, code_on, links, owner, value
from tests.support.officers import may_be_lost, officer_of, outcomes, times, writes
from tests.support.people import a_minute_later, introduce, settled

NAME = "Sùng Thị Nhìa"
ZALO, WEB = "zalo_bot", "webchat"


@pytest.fixture(params=VARIANTS)
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """An installation with three channels, under each of the four variants."""
    house = House(tmp_path, request.param, "telegram", beside=(ZALO, WEB))
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


@pytest.fixture
async def calm(tmp_path: Path) -> AsyncIterator[House]:
    """The same without restarts, repeats or crashes."""
    house = House(tmp_path, channel="telegram", beside=(ZALO, WEB))
    await house.open()
    await house.plant_units()
    yield house
    await house.close()


async def at_two(house: House, second: str = ZALO) -> tuple[Phone, Phone]:
    """A member on Telegram, five minutes later also on another channel."""
    first = await settled(house, "2100777001", NAME, form="chị")
    house.clock.forward(minutes=5)
    other = house.phone("2100777002", second)
    await links(house, first, other)
    return first, other


async def announced(house: House, officer: Phone) -> None:
    """An announcement goes out to everybody, now."""
    a_minute_later(house)
    await writes(officer)
    await officer.says("gửi ngay")


async def test_a_push_goes_where_one_wrote_last(house: House) -> None:
    """Never to both; replies are not bound to it."""
    officer = await officer_of(house)
    first, zalo = await at_two(house)
    await announced(house, officer)
    assert times(first, "họp 14 giờ") == 0
    assert times(zalo, "họp 14 giờ") == 1 or may_be_lost(house)
    assert "Đã gửi" in officer.last.text or may_be_lost(house)
    house.clock.forward(minutes=5)
    await first.says("menu")
    await announced(house, officer)
    assert times(first, "họp 14 giờ") == 1 or may_be_lost(house)
    assert times(zalo, "họp 14 giờ") <= 1


async def test_a_push_goes_where_it_was_chosen(house: House) -> None:
    """Whatever one wrote last; to another place only while the chosen one cannot be reached."""
    officer = await officer_of(house)
    first, zalo = await at_two(house)
    await zalo.says("cài đặt")
    await zalo.says("máy và ứng dụng")
    assert "đang tới Zalo" in await zalo.taps("Nhận tin ở đâu")
    assert "tới Telegram" in await zalo.says("telegram")
    assert "Telegram, từ 1/5/2025; tin tự gửi tới đây" in zalo.last.text
    await zalo.says("menu")
    await announced(house, officer)
    assert times(zalo, "họp 14 giờ") == 0
    assert times(first, "họp 14 giờ") == 1 or may_be_lost(house)
    await first.sends(InboundKind.BLOCKED)
    await announced(house, officer)
    assert times(zalo, "họp 14 giờ") == 1 or may_be_lost(house)
    assert times(first, "họp 14 giờ") <= 1


async def test_the_same_person_is_counted_once(calm: House) -> None:
    """In an audience, and in what became of it."""
    officer = await officer_of(calm)
    await at_two(calm)
    assert "Gửi tới 2 người" in await writes(officer)
    await officer.says("gửi ngay")
    assert "2 người." in officer.last.text
    assert sum((await outcomes(calm, "announcement:1")).values()) == 2


async def test_one_place_has_nothing_to_choose(calm: House) -> None:
    """Nor can the last one be taken off: the way out is another."""
    phone = await settled(calm, "201", NAME)
    await phone.says("máy và ứng dụng")
    assert phone.last.labels == ["1. Nối máy, ứng dụng khác"]
    assert "chỉ nhắn với tôi ở Telegram" in await phone.says("nhận tin ở đâu")
    answer = await phone.says("gỡ một nơi")
    assert "nơi duy nhất" in answer
    assert "“ngừng”" in answer
    assert "“xóa dữ liệu”" in answer


async def test_a_place_is_taken_off(house: House) -> None:
    """It is told, forgotten, and a stranger's from then on; nothing is left there, and what waited comes elsewhere."""
    officer = await officer_of(house)
    first, zalo = await at_two(house)
    house.clock.at("2025-05-01T22:00")
    await announced(house, officer)
    await first.says("gỡ một nơi")
    assert "Gỡ Zalo" in await first.says("zalo")
    zalo.new  # noqa: B018 - what came so far is seen
    assert "Đã gỡ Zalo" in await first.taps("Gỡ")
    assert "đã được gỡ" in "".join(message.text for message in zalo.new)
    assert await owner(house, zalo) is None
    await nobody_there(house)
    assert where(house.directory, zalo.chat) == []
    assert "đồng ý không" in await zalo.says("menu")
    await house.passes("2025-05-02T07:00")
    assert times(zalo, "họp 14 giờ") == 0
    assert times(first, "họp 14 giờ") == 1 or may_be_lost(house)


async def test_taking_off_the_place_one_writes_from(house: House) -> None:
    """Said there, and nothing more comes there."""
    first, zalo = await at_two(house)
    assert "Chị đang nhắn ở Zalo" in await zalo.says("gỡ một nơi")
    assert "chính nơi này" in await zalo.says("zalo")
    assert "Đã gỡ nơi này" in await zalo.says("gỡ")
    assert "đồng ý không" in await zalo.says("menu")
    assert f"Chị {NAME} muốn làm gì" in await first.says("menu")


async def test_a_place_is_kept_after_all(calm: House) -> None:
    """Anything but the word."""
    first, zalo = await at_two(calm)
    await first.says("gỡ một nơi")
    await first.says("zalo")
    assert "giữ nguyên" in await first.taps("Để như cũ")
    assert await owner(calm, zalo) == await owner(calm, first)


async def test_another_phone_for_the_web_chat(house: House) -> None:
    """The new phone goes on where the old one was, with what was half done; the old one is a stranger's."""
    old = house.phone("2100777003", WEB)
    await old.joins(form="Chị", name=NAME)
    variant, house.variant = house.variant, "plain"
    a_minute_later(house)
    await old.says("/gioithieu")
    await old.says("1")
    await old.says("Lò Văn Bình")
    await old.says("menu")
    house.variant = variant
    a_minute_later(house)
    await old.says("cài đặt")
    await old.says("máy và ứng dụng")
    shown = await old.taps("Dùng máy khác")
    code = CODE.search(shown)
    assert code is not None
    assert "Trang trò chuyện: https://example.test/bot" in shown
    new = house.phone("2100777004", WEB)
    asked = await new.says(code[1])
    assert "máy kia thôi dùng" in asked
    old.new  # noqa: B018 - what came so far is seen
    assert "Từ nay chị dùng nơi này" in await new.says("đúng")
    assert "đã chuyển sang máy khác" in "".join(message.text for message in old.new)
    assert "đang làm dở" in await new.says("tiếp tục")
    assert "Lò Văn Bình" in new.last.text or "đơn vị" in new.last.text
    await nobody_there(house)
    assert where(house.directory, old.chat) == []
    assert "đồng ý không" in await old.says("chào")
    assert await value(house, "SELECT COUNT(*) FROM member") == 1


async def test_another_phone_that_had_joined_by_itself(calm: House) -> None:
    """It is merged, and the old place is taken off all the same."""
    old = await settled(calm, "201", NAME)
    calm.clock.forward(minutes=1)
    new = calm.phone("2100777004", WEB)
    await new.joins(form="Chị", name=NAME)
    a_minute_later(calm)
    await new.says(await code_on(old, "dùng máy khác"))
    while "Nối chứ" not in new.last.text:
        await new.says("1")
    assert "Máy kia thôi dùng" in new.last.text
    assert "dùng nơi này" in await new.says("nối")
    assert await owner(calm, old) is None
    assert await value(calm, "SELECT COUNT(*) FROM member") == 1


async def test_another_phone_that_is_linked_already(calm: House) -> None:
    """Then the old one is only taken off."""
    first, zalo = await at_two(calm)
    await zalo.says(await code_on(first, "dùng máy khác"))
    assert "dùng nơi này" in await zalo.says("đúng")
    assert await owner(calm, first) is None
    assert await owner(calm, zalo) is not None


async def test_two_phones_take_each_other_off(calm: House) -> None:
    """Both asked before either confirmed: one stays."""
    first, zalo = await at_two(calm)
    for phone, place in ((first, "zalo"), (zalo, "telegram")):
        await phone.says("gỡ một nơi")
        await phone.says(place)
    assert "Đã gỡ Zalo" in await first.says("gỡ")
    await zalo.says("gỡ")
    assert await owner(calm, first) is not None


async def test_a_place_that_went_meanwhile(calm: House) -> None:
    """Chosen for messages, or to be taken off, after it was taken off elsewhere: said, and nothing else changes."""
    first, zalo = await at_two(calm)
    await links(calm, first, web := calm.phone("205", WEB))
    await first.says("nhận tin ở đâu")
    await web.says("gỡ một nơi")
    await web.says("zalo")
    for said in ("gỡ một nơi", "zalo", "gỡ"):
        await zalo.says(said)
    assert "vừa được gỡ từ một máy khác" in await first.says("zalo")
    assert "vừa được gỡ từ một máy khác" in await web.says("gỡ")
    assert await owner(calm, first) == await owner(calm, web)


async def test_where_to_begin_is_said(calm: House) -> None:
    """Addresses of the other channels beside the code; Telegram's only if the federation proposes it."""
    phone = calm.phone("201", ZALO)
    await phone.joins()
    a_minute_later(calm)
    shown = await phone.says("nối máy")
    assert "Trang trò chuyện: https://example.test/bot" in shown
    assert "Telegram: https://example.test/bot" in shown
    at = calm.running.installation
    at.federation = at.federation.model_copy(update={"proposed_channels": ()})
    shown = await phone.says("nối máy")
    assert "Trang trò chuyện: https://example.test/bot" in shown
    assert "Telegram" not in shown


async def test_a_plan_without_room(calm: House) -> None:
    """A full account takes nobody in by a code either; the code still works elsewhere."""
    at = calm.running.installation
    account = calm.running.accounts[ZALO]
    at.capabilities[account] = replace(at.capabilities[account], quota=Quota(users=1, messages=0))
    await links(calm, await settled(calm, "201", "Vàng A Sử"), calm.phone("202", ZALO))
    first, zalo, web = await settled(calm, "203", NAME), calm.phone("204", ZALO), calm.phone("205", WEB)
    code = await code_on(first)
    assert "đã đủ người nên chưa nối được" in await zalo.says(code)
    assert NAME in await web.says(code)
    assert "Đã nối" in await web.says("đúng")


async def test_ones_own_data_names_every_place(house: House) -> None:
    """With its channel and since when, in the chat and in the file; never as a number of a platform."""
    first, _ = await at_two(house)
    shown = await first.says("/dulieu")
    assert "Nơi nhắn: Telegram (từ 1/5/2025, lần cuối 1/5/2025), Zalo (từ 1/5/2025, lần cuối 1/5/2025)" in shown
    written = files_of(first)[-1].read_text("utf-8")
    assert "Nơi nhắn: Zalo, từ 1/5/2025" in written
    assert "2100777" not in shown + written


async def test_everything_goes_everywhere(house: House) -> None:
    """«Xóa dữ liệu» names both places before, and leaves nothing of either in any file."""
    first, zalo = await at_two(house)
    id = await owner(house, first)
    assert id is not None
    told = "Cõng cụ Khoàng vượt lũ ở Nậm Nhùn"
    variant, house.variant = house.variant, "plain"
    await zalo.says("/dulieu")
    await introduce(house, zalo, told=told)
    stranger = house.phone("2100777009", ZALO)
    other = await settled(house, "2109", "Vàng A Sử")
    await stranger.says(await code_on(first))
    a_minute_later(house)
    await other.says(await code_on(first))
    await other.says("menu")
    house.variant = variant
    a_minute_later(house)
    assert where(house.directory, NAME, first.chat, zalo.chat, told)
    asked = await first.says("/xoadulieu")
    assert "Xóa ở mọi nơi chị nhắn với tôi: Telegram (từ 1/5/2025), Zalo (từ 1/5/2025)" in asked
    await first.says("XÓA")
    house.clock.forward(days=1, minutes=1)
    await nobody_there(house)
    assert where(house.directory, NAME, first.chat, zalo.chat, told) == []
    assert await tables_with(house, id) == []
    assert "đồng ý không" in await zalo.says("menu")
    assert "Vàng A Sử" in await other.says("/dulieu")


async def test_a_unit_that_ended_is_not_offered(calm: House) -> None:
    """Of two units the one that exists is kept without asking."""
    first = await settled(calm, "201", NAME, "LC0423")
    calm.clock.forward(minutes=1)
    second = await settled(calm, "202", NAME)
    assert "CĐCS Công ty Ví dụ A" in await second.says(await code_on(first))
    await second.says("nối")

    def unit(tx: Transaction) -> str:
        member = members.by_id(tx, tx.scalar("SELECT id FROM member"))
        assert member is not None
        assert member.unit_id is not None
        found = units.by_id(tx, member.unit_id)
        assert found is not None
        return found.code

    assert await calm.running.db.read(unit) == "LC0421"
