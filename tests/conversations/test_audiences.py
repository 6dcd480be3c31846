"""Each way to narrow an audience, from the officer's taps to the phones that ring and those that do not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.contract import Delivery, Outcome, OutcomeKind
from bot.domain.announcements import Audience
from bot.domain.people import RoleKind
from bot.domain.time import DAY
from bot.services import roster
from bot.services.turn import Turn
from bot.storage import members
from bot.storage.database import Transaction
from tests.support.house import House, Phone
from tests.support.officers import MEETING, granted, member_id, officer_of, outcomes, sends, set_member, times, writes
from tests.support.people import a_minute_later, settled, taps_pushed

BODY = "Mời dự lễ phát động."


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[House]:
    """Telegram with a web chat beside it."""
    house = await House(tmp_path, beside=["webchat"]).open()
    await house.plant_units()
    yield house
    await house.close()


async def narrows(house: House, officer: Phone, *said: str) -> str:
    """Write an announcement, narrow it by what is said, send it; returns what was shown before it went."""
    a_minute_later(house)
    await writes(officer, BODY, who="Chọn người nhận")
    await officer.taps("Lọc người nhận")
    for words in said:
        await officer.says(words)
    a_minute_later(house)
    preview = await officer.says("xong")
    await officer.says("gửi ngay")
    house.clock.forward(minutes=6)  # it does not come into the middle of a conversation
    await house.settle()
    return preview


async def on_the_web(house: House, chat: str, name: str, *, also: Phone | None = None) -> Phone:
    """A member who is there in the web chat, or a second address there of who has a phone."""
    web = house.running.accounts["webchat"]
    if also is None:
        await settled(house, chat, name)
        await house.running.db.write(
            lambda tx: tx.run("UPDATE address SET account_id = ? WHERE external_id = ?", (web, chat))
        )
    else:
        id, later = await member_id(house, also), house.clock.now() + 1

        def second(tx: Transaction) -> None:
            address = members.arrive(tx, web, chat, later).address
            tx.run("UPDATE address SET member_id = ?, last_in_at = ? WHERE id = ?", (id, later, address.id))

        await house.running.db.write(second)
    return house.phone(chat, "webchat")


async def test_by_role(office: House) -> None:
    """Whoever holds the role now over a unit inside, wherever they are members; others do not."""
    an = await officer_of(office)
    hoa = await granted(office, await settled(office, "802", "Phạm Hoa", "LC0422"), "LC0421")
    former = await granted(office, await settled(office, "803", "Hoàng Dũng"), "LC0421", valid_until=1)
    above = await granted(office, await settled(office, "804", "Vũ Lan", "LD"), "LD")
    reviewer = await granted(office, await settled(office, "805", "Đinh Sơn"), "LC0421", RoleKind.REVIEWER)
    preview = await narrows(office, an, "Người được giao việc", "Cán bộ công đoàn", "xong")
    assert "Gửi tới 2 người thuộc Công đoàn xã Ví dụ" in preview
    assert times(hoa, BODY) == 1
    assert [times(phone, BODY) for phone in (former, above, reviewer)] == [0, 0, 0]


async def test_by_channel(office: House) -> None:
    """The channel somebody is written to by, not one they have besides."""
    an = await officer_of(office, "LC0421")
    binh = await settled(office, "802", "Lê Thị Bình")
    dung = await on_the_web(office, "w3", "Hoàng Dũng")
    both = await settled(office, "804", "Vũ Lan")
    both_on_the_web = await on_the_web(office, "w4", "", also=both)
    preview = await narrows(office, an, "Kênh", "Trang trò chuyện", "xong")
    assert "Theo kênh: Trang trò chuyện 2." in preview
    assert [times(phone, BODY) for phone in (binh, both, dung, both_on_the_web)] == [0, 0, 1, 1]


async def test_by_when_they_joined(office: House) -> None:
    """From the midnight of a day on; a day to come is refused, the draft kept."""
    an = await officer_of(office, "LC0421")
    day = office.clock.now() - office.clock.now() % 60_000
    office.clock.at("2025-04-20T00:00")
    since = office.clock.now()
    office.clock.at("2025-05-01T07:55")
    phones = []
    for chat, at in (("802", since - 1), ("803", since), ("804", day)):
        phones.append(await settled(office, chat, f"Người {chat}"))
        await office.running.db.write(
            lambda tx, chat=chat, at=at: tx.run(
                "UPDATE member SET created_at = ? WHERE id = (SELECT member_id FROM address WHERE external_id = ?)",
                (at, chat),
            )
        )
    await writes(an, BODY, who="Chọn người nhận")
    await an.taps("Lọc người nhận")
    await an.taps("Tham gia từ ngày")
    assert "chưa tới" in await an.says("20/4/2026")
    await an.says("hủy")
    preview = await narrows(office, an, "Tham gia từ ngày", "20/4/2025")
    assert "tham gia từ 20/4/2025" in preview
    assert [times(phone, BODY) for phone in phones] == [0, 1, 1]


async def test_all_but_who_has_it(office: House) -> None:
    """Who got the earlier one, or may have, is left out; who did not get it, and who came since, is not."""
    an = await officer_of(office, "LC0421")
    phones = [await settled(office, f"81{number}", f"Người {number}") for number in range(4)]
    failing = {
        "811": OutcomeKind.REJECTED,
        "812": OutcomeKind.AMBIGUOUS,
        "813": OutcomeKind.UNREACHABLE,
    }

    def answer(delivery: Delivery) -> Outcome | None:
        kind = failing.get(delivery.chat)
        return Outcome(kind) if kind else None

    office.channel.outcome_for = answer
    await sends(office, an, body="Tin đầu.")
    office.channel.outcome_for = lambda _: None
    await office.running.db.write(lambda tx: tx.run("UPDATE address SET reachable = 1"))
    newcomer = await settled(office, "820", "Người mới")
    preview = await narrows(office, an, "Trừ người đã nhận", "1")
    assert "Gửi tới 3 người" in preview
    assert [times(phone, BODY) for phone in (*phones, newcomer)] == [0, 1, 0, 1, 1]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("Chưa trả lời", [0, 0, 1, 0]),
        ("Đã trả lời", [1, 1, 0, 0]),
        ("Sẽ dự", [1, 0, 0, 0]),
        ("Không dự được", [0, 1, 0, 0]),
    ],
)
async def test_by_what_they_answered(office: House, choice: str, expected: list[int]) -> None:
    """Of those who were asked; who was not asked has not failed to answer."""
    an = await officer_of(office, "LC0421")
    phones = [await settled(office, f"81{number}", f"Người {number}") for number in range(3)]
    await sends(office, an, question="attend", body="Tin đầu.")
    await taps_pushed(office, phones[0], "Sẽ dự")
    await taps_pushed(office, phones[1], "Không dự được")
    await an.taps("Sẽ dự")
    later = await settled(office, "820", "Người mới")
    await narrows(office, an, "Theo câu trả lời", "1", choice)
    assert [times(phone, BODY) for phone in (*phones, later)] == expected


async def test_no_number_tells_what_one_person_answered(office: House) -> None:
    """However narrow: it looks the same whether they did or not, before and after, in what follows, and in reverse."""
    an = await officer_of(office, "LC0421")
    for number in range(6):
        await settled(office, f"81{number}", f"Người {number}")
    office.clock.at("2025-05-02T08:00")
    late = await settled(office, "820", "Người mới")
    until = office.clock.now() + 5 * DAY
    await sends(office, an, question="attend", body="Tin đầu.", valid_until=until)
    seen = []
    for answered in (False, True):
        if answered:
            await late.taps("Không dự được")
        before = len(an.shown)
        await narrows(office, an, "Theo câu trả lời", "2/5 Tin đầu.", "Không dự được", "Tham gia từ ngày", "2/5/2025")
        a_minute_later(office)
        await an.says("thông báo đã gửi")
        await an.says("1")
        await an.taps("Theo đơn vị")
        assert "Xuất ra Excel" not in str(an.last.labels)
        await an.says("hủy")
        await narrows(office, an, "Trừ người đã nhận", "1")
        seen.append([message.text for message in an.shown[before:]])
    assert times(late, BODY) == 2  # by the second, and not by the first; then the other way round
    assert seen[0] == seen[1]


async def test_nobody_is_named_through_a_second_question(office: House) -> None:
    """A task for those who answered without names is answered without names, whatever was wished."""
    an = await officer_of(office, "LC0421")
    binh = await settled(office, "802", "Lê Thị Bình")
    first = await sends(office, an, question="attend", body="Tin đầu.")
    await taps_pushed(office, binh, "Không dự được")
    asked = {"asked": first, "answer": "cannot_attend"}
    until = office.clock.now() + 9 * DAY
    await sends(office, an, kind="task", named=True, question="done", valid_until=until, audience=asked)
    assert times(binh, MEETING[-12:]) == 1
    for day in (2, 3, 4, 5):
        await office.passes(f"2025-05-0{day}T09:00")
    assert not [message.text for message in an.shown if "Bình" in message.text]


async def test_several_addresses_are_one_person(office: House) -> None:
    """Counted once before, written to once, counted once afterwards, and answering once wherever they are."""
    an = await officer_of(office, "LC0421")
    binh = await settled(office, "802", "Lê Thị Bình")
    web = await on_the_web(office, "w2", "", also=binh)
    again = await on_the_web(office, "w9", "", also=binh)
    id = await member_id(office, an)

    def counted(tx: Transaction) -> int:
        turn = Turn(tx, office.running.installation, office.clock.now(), "test", member=members.by_id(tx, id))
        return roster.reach(turn, Audience())["people"]

    assert await office.running.db.read(counted) == 2
    await sends(office, an, body=BODY)
    assert times(binh, BODY) + times(web, BODY) + times(again, BODY) == 1
    assert (await outcomes(office, "announcement:1")) == {"sent": 2}
    assert await office.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM recipient")) == 2
    got = next(phone for phone in (binh, web, again) if phone.shown)
    assert "Đã ghi nhận" in await got.taps("Đã nhận")
    assert "báo nhận tin này rồi" in await binh.says("đã nhận")
    a_minute_later(office)
    await an.says("thông báo đã gửi")
    assert "2 người." in await an.says("1")


async def test_conditions_hold_together(office: House) -> None:
    """Role, standing and channel at once: only who meets all of them."""
    an = await officer_of(office)
    ids = await office.running.db.read(lambda tx: dict(tx.all("SELECT code, id FROM unit")))
    binh = await granted(office, await settled(office, "802", "Lê Thị Bình"), "LC0421")
    web = await granted(office, await on_the_web(office, "w3", "Hoàng Dũng"), "LC0421")
    worker = await granted(office, await settled(office, "804", "Vũ Lan"), "LC0421")
    await set_member(office, worker, standing="worker")
    telegram = office.running.accounts["telegram"]
    narrowed = {
        "units": [ids["LC0421"]],
        "roles": ["officer"],
        "standings": ["member"],
        "channels": [telegram],
    }
    await sends(office, an, "LC01", BODY, audience=narrowed)
    assert [times(phone, BODY) for phone in (binh, web, worker)] == [1, 0, 0]
