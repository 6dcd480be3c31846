"""An announcement that a plan has too few messages left for is refused before it starts, saying what would fit."""

import re

import pytest

from bot.services import console, sending
from bot.services.console import DoesNotFit
from bot.services.drafts import begun
from bot.services.turn import Turn
from bot.storage import members, units
from bot.storage.database import Transaction
from tests.support.house import House
from tests.support.officers import IN_DOUBT, MEETING, audited, member_id, officer_of, outcomes, times, writes
from tests.support.people import settled
from tests.support.quota import allow, spend, used


async def populated(house: House) -> None:
    """An officer of the upper union (801), three members in unit A, one in unit B."""
    for chat in ("802", "803", "804"):
        await settled(house, chat, f"Người {chat}", "LC0421")
    await settled(house, "805", "Người 805", "LC0422")


async def test_what_would_fit(house: House) -> None:
    """Five messages are needed and four are left: refused; sent to a smaller audience."""
    an = await officer_of(house)
    await populated(house)
    await allow(house, messages=1000, counts_received=False)
    for text in ("/thongbao_moi", MEETING, "thông tin"):
        await an.says(text)
    sent, _ = await used(house)
    await spend(house, sent=996 - sent)
    shown = await an.says("cả đơn vị")
    assert "cần 5 tin, tháng này chỉ còn 4 trong 1000" in shown
    assert "Từ 1/6/2025 tính lại" in shown
    assert "• CĐCS Công ty Ví dụ A: 3 tin\n• CĐCS Trường Ví dụ B: 1 tin" in shown
    assert "nhóm Zalo" in shown
    assert "Gửi chứ" not in shown
    assert "Gửi ngay" not in " ".join(an.last.labels)
    await an.taps("Đổi nơi nhận")
    shown = await an.taps("CĐCS Trường Ví dụ B")
    assert "Gửi tới 1 người thuộc CĐCS Trường Ví dụ B" in shown
    assert re.search(r"Hạn mức .+: tháng này còn [0-4] trong 1000 tin\.", shown)
    await an.says("gửi ngay")
    became = await outcomes(house, "announcement:%")
    assert set(became) <= IN_DOUBT
    assert became.total() == 1


async def test_it_fits_no_more_at_the_press(house: House) -> None:
    """Used up between the preview and the press: nothing is created, one sees why, and the text is not lost."""
    an = await officer_of(house)
    await populated(house)
    await allow(house, messages=1000)
    assert "Gửi chứ" in await writes(an)
    await spend(house, received=999)
    shown = await an.says("gửi ngay")
    assert "cần 5 tin" in shown
    assert "Mời anh Trần Văn An họp" in shown
    assert "announcement_sent" not in await audited(house)
    await spend(house, received=-999)
    assert "Gửi chứ" in await an.taps("Trả lại để sửa") + await an.says("Mời {ten} họp lúc 15 giờ.")
    assert times(an, "Đã nhận lệnh gửi") == 0
    assert "Đã nhận lệnh gửi" in await an.says("gửi ngay")
    assert (await outcomes(house, "announcement:%")).total() == 5


async def test_an_urgent_one_is_refused_too(plain_house: House) -> None:
    """What the platform will not take cannot be sent, however urgent."""
    an = await officer_of(plain_house)
    await populated(plain_house)
    await allow(plain_house, messages=1000)
    await spend(plain_house, sent=998)
    await an.says("/thongbao_moi")
    await an.says("Bão gần bờ.")
    await an.says("khẩn")
    await an.says("bão số 3")
    assert "cần 5 tin, tháng này chỉ còn 0 trong 1000" in await an.says("1")


async def test_what_waits_is_left_no_more(plain_house: House) -> None:
    """Two announcements at night, each of which would fit alone: the second is refused, also while the first is queued."""
    plain_house.clock.at("2025-05-01T22:00")
    an = await officer_of(plain_house)
    await populated(plain_house)
    await allow(plain_house, messages=1000, counts_received=False)
    await spend(plain_house, sent=980)
    await writes(an)
    await an.says("gửi ngay")
    assert (await outcomes(plain_house, "announcement:1"))["pending"] == 5
    sent, _ = await used(plain_house)
    await spend(plain_house, sent=991 - sent)
    id = await member_id(plain_house, an)

    def again(tx: Transaction) -> list[int | None]:
        turn = Turn(tx, plain_house.running.installation, plain_house.clock.now(), "test", member=members.by_id(tx, id))
        upper, below = (units.by_code(tx, code) for code in ("LC01", "LC0422"))
        assert upper is not None
        assert below is not None
        to_all = begun(upper.id, upper.id, "x", "information")
        to_one = begun(upper.id, below.id, "x", "information")
        placed = [sending.send(turn, draft) for draft in (to_all, to_one, to_one, to_one, to_one, to_one)]
        return [sent["id"] if sent is not None else None for sent in placed]

    # Nine are left, of which five are promised; each of those accepted here promises one more.
    assert await plain_house.running.db.write(again) == [None, 2, 3, 4, 5, None]


async def test_other_channels_do_not_count(plain_house: House) -> None:
    """Only those whose messages go to the account with the plan need its messages."""
    other = "telegram" if plain_house.channel.name != "telegram" else "webchat"
    plain_house.channels[other] = type(plain_house.channel)(other)
    an = await officer_of(plain_house)
    await populated(plain_house)
    await allow(plain_house, messages=1000, counts_received=False)
    await spend(plain_house, sent=993)
    elsewhere = plain_house.running.accounts[other]
    await plain_house.running.db.write(
        lambda tx: tx.run("UPDATE address SET account_id = ? WHERE external_id IN ('804', '805')", (elsewhere,))
    )
    await an.says("/thongbao_moi")
    await an.says("Mai họp.")
    await an.says("thông tin")
    assert "Gửi tới 5 người" in await an.says("1")


async def test_the_console_is_refused(plain_house: House) -> None:
    """When it counts and when it writes."""
    await populated(plain_house)
    await allow(plain_house, messages=1000)
    await spend(plain_house, sent=997)

    def attempt(tx: Transaction) -> None:
        turn = Turn(tx, plain_house.running.installation, plain_house.clock.now(), "console")
        with pytest.raises(DoesNotFit, match="cần 4 tin, tháng này chỉ còn 3 trong 1000"):
            console.count_for_console(turn, "all")
        with pytest.raises(DoesNotFit, match="nhóm Zalo") as refused:
            console.announce_from_console(turn, "all", "Mai họp.")
        assert "Gửi riêng" not in str(refused.value)  # the one unit below everyone needs as many
        assert console.count_for_console(turn, "LC0421")["people"] == 3
        assert console.announce_from_console(turn, "LC0421", "Mai họp.") == 1

    await plain_house.running.db.write(attempt)
