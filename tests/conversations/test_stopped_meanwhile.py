"""Pressed while a broadcast is on its way at a rate: from the commit of the press on no row of it is claimed."""

import asyncio
from typing import Any

import pytest

from bot.domain.messages import Inbound, InboundKind
from bot.domain.people import RoleKind
from bot.outbox.claiming import Claims
from bot.outbox.pacing import Pace
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import audited, granted, officer_of, outcomes, times, writes
from tests.support.people import settled

PEOPLE = 30
RATE = 5.0
ANNOUNCED = "announcement:1"
UNDER_WAY = {"queueing", "sending"}
PATIENCE = 10.0


class Sender:
    """The house's sender, at a rate from now on, by a clock that the test moves.

    `claims` are the states that the announcement had in the transactions that claimed its rows, one for each row.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        account = house.running.accounts[house.channel.name]
        house.running.installation.rates[account] = RATE
        self._dispatcher = house.running.dispatchers[account]
        assert self._dispatcher.idle
        self._seconds = 0.0
        self._looks = 0
        self.claims: list[str] = []
        self._dispatcher._monotonic = lambda: self._seconds
        self._dispatcher._pace = Pace(RATE, self._seconds)
        self._claim = self._dispatcher._claimer.claim
        self._dispatcher._claimer.claim = self._watched  # type: ignore[method-assign]

    def _watched(self, tx: Transaction, *given: Any) -> Claims:
        self._looks += 1
        claimed = self._claim(tx, *given)
        state = tx.scalar("SELECT state FROM announcement WHERE id = 1")
        self.claims += [state for start in claimed.starts if start.row.origin == ANNOUNCED]
        return claimed

    def goes_on(self, seconds: float) -> None:
        """Time passes, and the sender looks at once; nobody waits for it."""
        self._seconds += seconds
        self._dispatcher.wake(pushes=True)

    async def passes(self, seconds: float) -> None:
        """Time passes in steps, and what may go out goes out."""
        for _ in range(int(seconds * 2)):
            self.goes_on(0.5)
            before = self._looks
            async with asyncio.timeout(PATIENCE):
                while self._looks < before + 3 or not self._dispatcher.idle:
                    self._dispatcher.wake(pushes=True)
                    await asyncio.sleep(0)


async def brings(house: House, phone: Phone, said: str) -> None:
    """Say something, or tap the newest button of that label, and wait until the turn is committed; no longer."""
    data = next((b.data for m in reversed(phone.shown) for b in m.buttons if said in (b.label, b.label[3:])), "")
    key = house.next_key()
    press: dict[str, Any] = {"kind": InboundKind.BUTTON, "data": data, "press_ref": key}
    typed: dict[str, Any] = {"kind": InboundKind.TEXT, "text": said}
    inbound = Inbound(key, phone.chat, **(press if data else typed), sent_at=house.clock.now())
    await house.running.receive(phone.channel, [inbound])
    await house.running.intake.settle()


@pytest.mark.parametrize("press", ["Tạm dừng", "Dừng hẳn", "Dừng tất cả"])
async def test_nothing_is_claimed_after_the_press(one_house: House, press: str) -> None:
    """The sender has its next tokens at the moment of the press, and those of ten seconds more after it."""
    an = await officer_of(one_house, "LC0421")
    admin = await granted(
        one_house, await settled(one_house, "809", "Lò Văn Quản", "LD"), "LD", RoleKind.ADMIN, title=""
    )
    for number in range(PEOPLE - 1):
        await settled(one_house, f"9{number:02}", f"Người {number}")
    await writes(an, "Mai họp.")
    sender = Sender(one_house)
    await brings(one_house, an, "gửi ngay")
    await one_house.running.fan_out.work()
    await sender.passes(2)
    who = admin if press == "Dừng tất cả" else an
    if press != "Tạm dừng":
        await brings(one_house, who, press)
        await sender.passes(1)
        assert times(who, "chắc chứ") == 1
    assert times(an, "Đang gửi: ") == 1
    before = len(sender.claims)
    sender.goes_on(1)
    await brings(one_house, who, press)
    await sender.passes(10)
    assert set(sender.claims) <= UNDER_WAY
    begun = len(sender.claims)
    assert 0 < before <= begun < PEOPLE
    assert (await outcomes(one_house, ANNOUNCED))["sent"] == begun
    if press != "Tạm dừng":
        await one_house.running.fan_out.work()
        await sender.passes(2)
        assert await outcomes(one_house, ANNOUNCED) == {"sent": begun, "cancelled": PEOPLE - begun}
        acts = {"Dừng hẳn": "announcement_stopped", "Dừng tất cả": "announcement_stopped_all"}
        assert (await audited(one_house)).count(acts[press]) == 1
        return
    assert times(an, "Đã tạm dừng.") == 1
    await brings(one_house, an, "Gửi tiếp")
    await sender.passes(2)
    assert len(sender.claims) > begun
    await sender.passes(10)
    assert set(sender.claims) <= UNDER_WAY
    assert await outcomes(one_house, ANNOUNCED) == {"sent": PEOPLE}
