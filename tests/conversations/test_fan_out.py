"""Whom an announcement reaches, and what becomes of each of its messages, whatever dies on the way."""

import asyncio

import pytest

from bot.channels.contract import Delivery, Outcome, OutcomeKind
from bot.domain.messages import InboundKind
from bot.services import console
from bot.services.console import UnknownUnit
from bot.services.turn import Turn
from bot.storage import members
from bot.storage.database import Transaction
from tests.support.house import CrashingConnection, House
from tests.support.officers import (
    IN_DOUBT,
    granted,
    member_id,
    officer_of,
    outcomes,
    set_member,
    times,
    writes,
)
from tests.support.people import settled


async def test_nobody_to_reach(plain_house: House) -> None:
    """An audience of nobody cannot be sent to; those who cannot be written to are counted apart."""
    an = await officer_of(plain_house, "LC0421")
    await set_member(plain_house, an, unit_state="pending")
    preview = await writes(an)
    assert "Chưa có ai thuộc CĐCS Công ty Ví dụ A" in preview
    assert "Gửi ngay" not in " ".join(an.last.labels)
    await an.says("hủy")
    await set_member(plain_house, an, unit_state="confirmed")
    blocked = await settled(plain_house, "802", "Lê Thị Bình")
    await blocked.sends(InboundKind.BLOCKED)
    preview = await writes(an)
    assert "Gửi tới 1 người" in preview
    assert "Không liên lạc được: 1 người." in preview
    await an.says("gửi ngay")
    assert times(an, "Không liên lạc được: 1.") == 1


async def test_minutes_at_the_configured_rate(plain_house: House) -> None:
    """Three people at one in fifty seconds take about three minutes."""
    an = await officer_of(plain_house, "LC0421")
    await settled(plain_house, "802", "Lê Thị Bình")
    await settled(plain_house, "803", "Hoàng Dũng")
    rates = plain_house.running.installation.rates
    rates.update(dict.fromkeys(rates, 0.02))
    assert "khoảng 3 phút" in await writes(an)


async def test_what_became_of_each(plain_house: House) -> None:
    """Blocked, refused, unanswered and too late are told apart, in people."""
    an = await officer_of(plain_house, "LC0421")
    kinds = {"802": OutcomeKind.UNREACHABLE, "803": OutcomeKind.REJECTED, "804": OutcomeKind.AMBIGUOUS}
    for chat in [*kinds, "805"]:
        await settled(plain_house, chat, f"Người {chat}")

    def answer(delivery: Delivery) -> Outcome | None:
        kind = kinds.get(delivery.chat)
        return Outcome(kind) if kind else None

    plain_house.channel.outcome_for = answer
    await writes(an)
    await an.says("gửi ngay")
    result = an.last.text
    for line in ("5 người.", "Đã tới: 2.", "Không liên lạc được: 1.", "Không gửi được: 1.", "Chưa chắc đã tới: 1."):
        assert line in result


async def test_too_late_is_not_sent(plain_house: House) -> None:
    """Three days on, an announcement is no use any more."""
    plain_house.clock.at("2025-05-01T22:00")
    an = await officer_of(plain_house, "LC0421")
    await writes(an)
    await an.says("gửi ngay")
    await plain_house.passes("2025-05-05T08:00")
    assert (await outcomes(plain_house, "announcement:1")) == {"expired": 1}
    assert times(an, "Quá hạn: 1.") == 1


async def test_killed_in_the_middle_of_the_fan_out(plain_house: House) -> None:
    """The next process goes on where the list stood: everybody once, nobody twice."""
    house = plain_house
    people = 2_500

    def plant(tx: Transaction) -> int:
        account = house.running.accounts[house.channel.name]
        for chat in range(people):
            address = members.arrive(tx, account, f"c{chat}", house.clock.now()).address
            members.create(tx, address.id, "2025-1", 21 * 60, 6 * 60, house.clock.now())
        turn = Turn(tx, house.running.installation, house.clock.now(), "test")
        return console.announce_from_console(turn, "all", "Chào mừng Ngày Quốc tế Lao động.")

    for commit, before in ((2, True), (2, False), (4, True)):
        if commit == 2 and before:
            await house.running.db.write(plant)
        CrashingConnection.loop = asyncio.get_running_loop()
        CrashingConnection.died = asyncio.Event()
        CrashingConnection.armed = (commit, before)
        work = asyncio.ensure_future(house.settle())
        await CrashingConnection.died.wait()
        work.cancel()
        await house._die()
        await house.open()
    await house.settle()
    became = await outcomes(house, "announcement:1")
    assert became.total() == people
    assert set(became) <= IN_DOUBT
    got = [len(house.phone(f"c{chat}").shown) for chat in range(people)]
    assert max(got) == 1
    assert got.count(0) <= became["uncertain"]
    addresses = await house.running.db.read(
        lambda tx: tx.scalar("SELECT COUNT(DISTINCT address_id) FROM outbox WHERE lane > 0")
    )
    assert addresses == people
    assert await house.running.db.read(lambda tx: tx.scalar("SELECT state FROM announcement")) == "done"


async def test_from_the_console(plain_house: House) -> None:
    """`all` is everybody who agreed and is still here; a unit is its confirmed members; the federation speaks."""
    house = plain_house
    binh = await settled(house, "802", "Lê Thị Bình")
    waiting = await settled(house, "803", "Chưa Xác Nhận")
    await set_member(house, waiting, unit_state="pending")
    gone = await settled(house, "804", "Đã Ngừng")
    await set_member(house, gone, state="left")

    def announce(tx: Transaction) -> None:
        turn = Turn(tx, house.running.installation, house.clock.now(), "console")
        assert console.count_for_console(turn, "all")["reachable"] == 2
        assert console.count_for_console(turn, "lc0421")["reachable"] == 1
        with pytest.raises(UnknownUnit):
            console.count_for_console(turn, "LC9999")
        with pytest.raises(ValueError, match="1 to"):
            console.announce_from_console(turn, "all", " ")
        console.announce_from_console(turn, "all", "Chào {goi} {ten}.")
        console.announce_from_console(turn, "LC01", "Chỉ cho đơn vị.")

    await house.running.db.write(announce)
    await house.settle()
    head = "Liên đoàn Lao động tỉnh Ví dụ · Nguyễn Văn Mẫu, Trưởng Ban Tuyên giáo - Nữ công"
    face = "Cán bộ chỉ thấy số lượng, không thấy tên ai."
    assert [m.text for m in binh.shown] == [
        f"{head}\n\nChào anh Lê Thị Bình.\n\n{face}",
        f"{head}\n\nChỉ cho đơn vị.\n\n{face}",
    ]
    assert len(waiting.shown) == 1
    assert not gone.shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("Mời {goi} {ten} ở {don_vi} họp.", "Mời {form} {name} ở {unit} họp."),
        ("Chào {ten}.", "Chào {name}."),
        ("Ở {don_vi}, 14 giờ.", "Ở {unit}, 14 giờ."),
        ("Mời {goi} họp.", "Mời {form} họp."),
        ("Mai họp.", "Mai họp."),
    ],
)
async def test_each_reads_what_is_theirs(plain_house: House, body: str, shown: str) -> None:
    """Written to together: name, form of address, unit and an officer's button are of the one who reads."""
    house = plain_house
    people = [
        ("802", "Lê Thị Bình", "chị", "LC0421", "CĐCS Công ty Ví dụ A"),
        ("803", "Hoàng Dũng", "anh", "LC0422", "CĐCS Trường Ví dụ B"),
        ("804", "Hoàng Dũng", "anh", "LC0421", "CĐCS Công ty Ví dụ A"),
        ("805", "Vàng A Páo", "anh", "LC0421", "CĐCS Công ty Ví dụ A"),
        ("806", "Lò Thị Ánh", "chị", "LC0422", "CĐCS Trường Ví dụ B"),
    ]
    phones = {chat: await settled(house, chat, name, code, form=form) for chat, name, form, code, _ in people}
    await granted(house, phones["805"], "LC0421")

    def announce(tx: Transaction) -> None:
        console.announce_from_console(Turn(tx, house.running.installation, house.clock.now(), "console"), "all", body)

    await house.running.db.write(announce)
    await house.settle()
    for chat, name, form, _, unit in people:
        last = phones[chat].last
        assert shown.format(name=name, form=form, unit=unit) in last.text.split("\n")
        assert ("nhóm Zalo" in last.text + " ".join(last.labels)) == (chat == "805")


async def test_the_last_phone_used_gets_it(plain_house: House) -> None:
    """Of a member's addresses, the one last written from; the other when that one is blocked."""
    house = plain_house
    an = await officer_of(house, "LC0421")
    id = await member_id(house, an)

    def second(tx: Transaction) -> None:
        address = members.arrive(tx, house.running.accounts[house.channel.name], "899", house.clock.now()).address
        tx.run("UPDATE address SET member_id = ?, last_in_at = last_in_at + 1000000 WHERE id = ?", (id, address.id))

    await house.running.db.write(second)
    await writes(an)
    await an.says("gửi ngay")
    assert len(house.phone("899").shown) >= 1
    assert (await outcomes(house, "announcement:1")) == {"sent": 1}
