"""«Bản gửi nhóm Zalo»: what an officer pastes into the unit's group, and what is declared as pasted."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image

from bot.domain.people import RoleKind
from bot.services import calendar, group_text
from bot.services.turn import Turn
from bot.storage import announcements, members
from bot.storage.database import Transaction
from content import printing
from tests.support.fake_channel import Shown
from tests.support.house import PACK, House, Phone
from tests.support.officers import (
    MEETING,
    audited,
    granted,
    may_be_lost,
    member_id,
    officer_of,
    writes,
)
from tests.support.people import pushed, settled

T = TypeVar("T")
BUTTON = "Bản gửi nhóm Zalo"
LINE = "\n\nTrợ lý Công đoàn: https://example.test/bot"
PASTED = "Công đoàn xã Ví dụ\nTrần Văn An, Chủ tịch\n\nMời anh/chị đoàn viên họp 14 giờ thứ Sáu."


async def announced(house: House, officer: Phone, body: str = MEETING, kind: str = "Thông tin") -> None:
    """Send an announcement, without restarts, repeats or crashes."""
    variant, house.variant = house.variant, "plain"
    await writes(officer, body, kind)
    if kind == "Khẩn":
        await officer.says("bão")
    await officer.says("gửi ngay")
    house.variant = variant


async def takes(officer: Phone, label: str) -> list[Shown]:
    """Take the text of a listed piece; returns the three messages."""
    before = len(officer.shown)
    await officer.says("bản gửi nhóm zalo")
    listed = next(shown for shown in officer.last.labels if label in shown)
    await officer.taps(listed)
    return officer.shown[before:][-3:]


async def as_officer(house: House, phone: Phone, read: Callable[[Turn], T]) -> T:
    """What a service says to the person behind a phone."""
    id = await member_id(house, phone)

    def ask(tx: Transaction) -> T:
        turn = Turn(tx, house.running.installation, house.clock.now(), "test", member=members.by_id(tx, id))
        return read(turn)

    return await house.running.db.read(ask)


def what_stands_in(message: Shown) -> str:
    """Its text and its buttons."""
    return " ".join([message.text, *message.labels])


def weight(message: Shown) -> int:
    """Bytes of the file a message brings."""
    [(_, path)] = message.media
    return Path(path).stat().st_size


def link_of(house: House) -> str:
    """The tests' federation proposes Telegram and the web chat."""
    return "" if house.channel.name == "zalo_bot" else LINE


async def test_an_announcement_from_above_goes_into_the_units_group(house: House) -> None:
    """Text, picture and button; declared for the unit, counted for who sent it, and taken back."""
    an = await officer_of(house)
    binh = await granted(house, await settled(house, "802", "Lê Thị Bình", form="chị"), "LC0421")
    await announced(house, an)

    await binh.says("việc của cán bộ")
    await binh.taps("Bản gửi nhóm Zalo")
    assert "1. 1/5 Mời họp 14 giờ th…" in binh.last.labels
    before = len(binh.shown)
    await binh.says("1")
    pasted, picture, after = binh.shown[before:]
    assert pasted.text == PASTED + link_of(house)
    assert pasted.buttons == []
    [(kind, path)] = picture.media
    assert kind == "photo"
    assert picture.text == "", "its words stand in the text beside it"
    assert picture.alts == [
        "Công đoàn xã Ví dụ\nTrần Văn An, Chủ tịch\nThông báo\nMời anh/chị đoàn viên họp 14 giờ thứ Sáu."
    ]
    with Image.open(path) as image:
        assert image.size == (1080, 1080)
    assert "dán vào nhóm Zalo của đơn vị" in after.text
    assert "Đã gửi nhóm:" not in after.text
    assert after.labels == ["Đã gửi nhóm", "Chọn tin khác"]

    said = await binh.taps("Đã gửi nhóm")
    assert "Đã ghi: CĐCS Công ty Ví dụ A đã gửi nhóm.\nĐã gửi nhóm: 1 đơn vị, do cán bộ báo." in said
    assert await as_officer(house, an, lambda turn: group_text.declared(turn, "announcement", "1")) == 1
    _, _, after = await takes(an, "1/5 Mời")
    assert "Đã gửi nhóm: 1 đơn vị, do cán bộ báo." in after.text

    said = await binh.taps("Chưa gửi")
    assert "Đã bỏ ghi: CĐCS Công ty Ví dụ A chưa gửi nhóm." in said
    assert "do cán bộ báo" not in said
    assert await as_officer(house, an, lambda turn: group_text.declared(turn, "announcement", "1")) == 0
    assert (await audited(house))[-2:] == ["group_post_declared", "group_post_withdrawn"]


async def test_the_days_card_and_the_next_milestone(house: House) -> None:
    """The first card not yet posted, with its source; a countdown true today; each comes and is declared alike."""
    house.clock.at("2025-05-12T09:00")
    binh = await officer_of(house, "LC0421")
    pasted, picture, _ = await takes(binh, "Bài 1: ")
    card = PACK.cards[0]
    assert pasted.text.startswith(
        f"Liên đoàn Lao động tỉnh Ví dụ\nChuyên đề năm 2025 · Bài 1/{len(PACK.cards)}\n{card.title}\n\n{card.body}"
    )
    assert f"\n\nNguồn: {PACK.sources_of(card)[0].title}" in pasted.text
    opens_it = "" if house.channel.name == "zalo_bot" else f"https://example.test/bot?start=c_{card.id}"
    assert pasted.text.endswith(opens_it)
    assert ("https://" in pasted.text) == bool(opens_it)
    assert picture.media
    await binh.taps("Đã gửi nhóm")
    pasted, _, _ = await takes(binh, "Còn 7 ngày: ")
    assert "Còn 7 ngày nữa là kỷ niệm 135 năm Ngày sinh Chủ tịch Hồ Chí Minh (19/5/1890 - 19/5/2025)." in pasted.text
    assert "Đã ghi: CĐCS Công ty Ví dụ A đã gửi nhóm." in await binh.taps("Đã gửi nhóm")
    await binh.says("bản gửi nhóm zalo")
    labels = " ".join(binh.last.labels)
    assert "Bài 2: " in labels
    assert "Hồ Chí Minh ✓" in labels
    house.clock.at("2025-05-16T09:00")
    await binh.says("bản gửi nhóm zalo")
    assert "Còn 3 ngày: Ngày sinh Chủ tịch Hồ Chí Minh" in " ".join(binh.last.labels)
    assert "Hồ Chí Minh ✓" not in " ".join(binh.last.labels)


async def test_what_opens_a_card_where_links_cannot_say_it(plain_house: House) -> None:
    """The first thing a group of Zalo reads is what to type there."""
    at = plain_house.running.installation
    at.federation = at.federation.model_copy(update={"proposed_channels": ("zalo_bot",)})
    binh = await officer_of(plain_house, "LC0421")
    pasted, _, _ = await takes(binh, "Bài 1: ")
    ends = {
        "zalo_bot": f"Đọc trên Zalo: https://example.test/bot rồi nhắn “bài {PACK.cards[0].id}”",
        "webchat": f"https://example.test/bot?start=c_{PACK.cards[0].id}",
        "telegram": PACK.sources_of(PACK.cards[0])[-1].title,
    }
    assert pasted.text.endswith(ends[plain_house.channel.name])


async def test_every_card_can_be_had(plain_house: House) -> None:
    """Page by page."""
    binh = await officer_of(plain_house, "LC0421")
    await binh.says("/guinhom")
    await binh.taps("Xem tất cả các bài")
    assert len(binh.last.labels) == group_text.PAGE + 1
    for _ in range((len(PACK.cards) - 1) // group_text.PAGE):
        await binh.taps("Các bài sau")
    assert binh.last.labels[-1].endswith("Các bài trước")
    last = PACK.cards[-1]
    before = len(binh.shown)
    await binh.taps(next(label for label in binh.last.labels if f"Bài {len(PACK.cards)}: " in label))
    assert last.title in binh.shown[before].text


async def test_an_officer_finds_it_under_what_was_sent(house: House) -> None:
    """The notice itself and the day's message carry the button for officers, and for nobody else."""
    an = await officer_of(house)
    member = await settled(house, "803", "Hoàng Dũng")
    await announced(house, an)
    if not may_be_lost(house):
        [mine] = [message for message in an.shown if "Đã nhận" in message.labels]
        [theirs] = [message for message in member.shown if "Đã nhận" in message.labels]
        assert mine.labels == ["Đã nhận", "Bản gửi nhóm Zalo", "Vì sao tôi nhận tin này?"]
        assert theirs.labels == ["Đã nhận", "Vì sao tôi nhận tin này?"]
        await an.presses(mine, mine.buttons[1].data)
        assert an.shown[-3].text == PASTED + link_of(house)
    await house.running.db.write(lambda tx: tx.run("UPDATE member SET slot = 'noon'"))
    await house.passes("2025-05-02T11:30")
    assert BUTTON in what_stands_in(await pushed(house, an))
    assert BUTTON not in what_stands_in(await pushed(house, member))


async def test_several_units_are_named_on_the_buttons(plain_house: House) -> None:
    """Each is declared for itself."""
    an = await officer_of(plain_house)
    await granted(plain_house, an, "LC0422")
    _, _, after = await takes(an, "Còn 18 ngày: ")
    assert after.labels[:2] == ["Đã gửi: Công đoàn xã Ví dụ", "Đã gửi: CĐCS Trường Ví dụ B"]
    assert "Đã ghi: CĐCS Trường Ví dụ B đã gửi nhóm." in await an.taps("Đã gửi: CĐCS Trường Ví dụ B")
    _, _, after = await takes(an, "Còn 18 ngày: ")
    assert after.labels[:2] == ["Đã gửi: Công đoàn xã Ví dụ", "Chưa gửi: CĐCS Trường Ví dụ B"]


async def test_declaring_twice_is_once(plain_house: House) -> None:
    """The second time says so; so does taking back what is not there."""
    an = await officer_of(plain_house)
    await takes(an, "Bài 1: ")
    pressed = next(button.data for button in an.last.buttons if button.label == "Đã gửi nhóm")
    message = an.last
    await an.presses(message, pressed)
    again = an.shown[-1]
    assert "Đã ghi từ trước: Công đoàn xã Ví dụ đã gửi nhóm." in await an.presses(message, pressed)
    undo = next(button.data for button in again.buttons if button.label == "Chưa gửi")
    await an.presses(again, undo)
    assert "Chưa từng ghi" in await an.presses(again, undo)
    assert await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM group_post")) == 0


async def test_people_without_an_officers_role_reach_none_of_it(plain_house: House) -> None:
    """By word, by command, by forged buttons: nothing, and nothing counted."""
    an = await officer_of(plain_house)
    await announced(plain_house, an)
    reviewer = await settled(plain_house, "804", "Người Xét", reviews="LC01")
    admin = await granted(plain_house, await settled(plain_house, "805", "Quản Trị"), "LD", RoleKind.ADMIN)
    member = await settled(plain_house, "806", "Đoàn Viên")
    for phone in (reviewer, admin, member):
        assert "dành cho người được giao" in await phone.says("/guinhom")
    for phone in (reviewer, admin, member):
        for data in ("grp:a.1:t", "grp:a.1.2:s", "grp:c.hon-da.2:s", "grp:a.1.2:u"):
            said = await phone.taps_data(data)
            assert "dành cho người được giao" in said or "không còn để gửi nhóm" in said
            assert "họp 14 giờ" not in said
    assert await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM group_post")) == 0


async def test_other_subtrees_are_refused(plain_house: House) -> None:
    """Neither their announcements nor their units."""
    an = await officer_of(plain_house, "LC0421")
    await announced(plain_house, an)
    dung = await granted(plain_house, await settled(plain_house, "807", "Hoàng Dũng", "LC0422"), "LC0422")
    await dung.says("bản gửi nhóm zalo")
    assert not [label for label in dung.last.labels if "Mời" in label]
    other = await plain_house.running.db.read(lambda tx: tx.scalar("SELECT id FROM unit WHERE code = 'LC0421'"))
    mine = await plain_house.running.db.read(lambda tx: tx.scalar("SELECT id FROM unit WHERE code = 'LC0422'"))
    assert "không còn để gửi nhóm" in await dung.taps_data("grp:a.1:t")
    assert "không tìm thấy mã này" in await dung.taps_data(f"grp:a.1.{mine}:s")
    assert "dành cho người được giao" in await dung.taps_data(f"grp:c.{PACK.cards[0].id}.{other}:s")
    for forged in ("grp:a.99999999999999999999.1:s", "grp:x.1.1:s", "grp:m.la.20250519.7.1:s", "grp::", "grp:a.1.x:s",
                   f"grp:m.{PACK.milestones[0].id}.20259999.7.{mine}:s", f"grp:c.hon-da.{mine}:z"):  # fmt: skip
        said = await dung.taps_data(forged)
        assert "không tìm thấy" in said or "dành cho" in said
    assert await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM group_post")) == 0


async def test_a_stopped_announcement_is_no_more(plain_house: House) -> None:
    """Its button leads to a sentence; the list leaves it out."""
    an = await officer_of(plain_house)
    await announced(plain_house, an)
    await plain_house.running.db.write(lambda tx: announcements.move(tx, 1, ("done", "sending"), "stopped"))
    await an.says("bản gửi nhóm zalo")
    assert not [label for label in an.last.labels if "Mời" in label]
    assert await as_officer(plain_house, an, lambda turn: group_text.piece(turn, "announcement", "1")) is None


async def test_every_card_and_milestone_makes_a_text_and_a_picture(plain_house: House) -> None:
    """All of the year: short enough, sourced, without a hole, and a picture small enough."""
    binh = await officer_of(plain_house, "LC0421")
    for card in PACK.cards:
        piece = await as_officer(plain_house, binh, lambda turn, id=card.id: group_text.piece(turn, "card", id))
        assert piece is not None
        text = group_text.as_text(piece)
        assert len(text.encode("utf-16-le")) // 2 <= group_text.LIMIT
        assert card.title in text
        assert card.body in text
        assert "Nguồn: " in text
        assert not set("{}<>") & set(text)
    for milestone in PACK.milestones:
        if not milestone.push:
            continue
        day = milestone.occurs_on(milestone.year or 2026)
        for days in calendar.COUNTDOWN:
            plain_house.clock.at(f"{day}T09:00")
            plain_house.clock.forward(days=-days)
            ref = f"{milestone.id}.{day:%Y%m%d}.30"
            piece = await as_officer(plain_house, binh, lambda turn, ref=ref: group_text.piece(turn, "milestone", ref))
            assert piece is not None
            assert piece.ref.endswith(f".{days}")
            assert (f"Còn {days} ngày" if days else "Hôm nay") in group_text.as_text(piece)
            assert len(printing.picture(piece.picture)) <= printing.PICTURE_BYTES


@pytest.mark.parametrize(
    ("body", "starts"),
    [
        ("{ten} ơi, mai họp.", "Đoàn viên ơi, mai họp."),
        ("Kính mời {goi} {ten}, {don_vi}. {don_vi} nhớ đến. {goi} {ten}!", "Kính mời anh/chị đoàn viên, đơn vị. Đơn vị nhớ đến. Anh/chị đoàn viên!"),
        ("<b>đậm</b> & {{ten}} % x", "<b>đậm</b> & {đoàn viên} % x"),
    ],
)  # fmt: skip
async def test_no_name_is_filled_in(plain_house: House, body: str, starts: str) -> None:
    """Placeholders become words that fit everyone; what an officer wrote is no markup."""
    an = await officer_of(plain_house, "LC0421")
    await announced(plain_house, an, body)
    pasted, _, _ = await takes(an, "1/5 ")
    assert pasted.text.split("\n\n")[1] == starts


async def test_a_long_announcement_is_cut_at_a_sentence(plain_house: House) -> None:
    """Head and link stay; the cut is shown; the picture stays small."""
    an = await officer_of(plain_house, "LC0421")
    long = "".join(f"Câu số {number} nói thêm một việc cần làm trong tháng này. " for number in range(36)).strip()
    await announced(plain_house, an, kind="Việc phải làm")
    await plain_house.running.db.write(lambda tx: tx.run("UPDATE announcement SET body = ?", (long,)))
    pasted, picture, _ = await takes(an, "1/5 ")
    assert len(pasted.text.encode("utf-16-le")) // 2 <= group_text.LIMIT
    assert pasted.text.startswith("VIỆC PHẢI LÀM · CĐCS Công ty Ví dụ A\nTrần Văn An, Chủ tịch\n\nCâu số 0 ")
    assert pasted.text.endswith(f"trong tháng này. …{link_of(plain_house)}")
    assert 10_000 < weight(picture) <= printing.PICTURE_BYTES


@pytest.mark.parametrize(
    ("body", "room", "cut"),
    [
        ("Ngắn.", 5, "Ngắn."),
        ("Câu một. Câu hai dài hơn.", 20, "Câu một. Câu hai…"),
        ("Câu một khá dài. Câu hai.", 22, "Câu một khá dài. …"),
        ("Dòng một\nDòng hai dài lắm", 14, "Dòng một …"),
        ("a" * 50, 20, "a" * 18 + "…"),
        ("👩" * 50, 20, "👩" * 9 + "…"),
        ("Ông nói: “Được.” Rồi thôi nhé", 20, "Ông nói: “Được.” …"),
    ],
)
def test_where_a_text_is_cut(body: str, room: int, cut: str) -> None:
    """At a sentence, a line, a word; never over the room, in UTF-16 units."""
    found = group_text.cut(body, room)
    assert found == cut
    assert len(found.encode("utf-16-le")) // 2 <= room


async def test_a_member_erased_takes_no_count_with_them(plain_house: House) -> None:
    """What was declared was for the unit; who declared it is forgotten."""
    binh = await officer_of(plain_house, "LC0421")
    await takes(binh, "Bài 1: ")
    await binh.taps("Đã gửi nhóm")
    await binh.says("/xoadulieu")
    await binh.says("XÓA")
    rows = await plain_house.running.db.read(lambda tx: tx.all("SELECT declared_by FROM group_post"))
    assert rows == [(None,)]


async def test_the_list_of_sent_announcements_leads_there_and_counts(plain_house: House) -> None:
    """From what became of it to the text to paste; what was declared stands apart from what was received."""
    an = await officer_of(plain_house, "LC0421")
    await settled(plain_house, "802", "Lê Thị Bình")
    await writes(an)
    await an.says("gửi ngay")
    await an.says("thông báo đã gửi")
    await an.says("1")
    assert "Đã gửi nhóm" not in an.last.text
    given = await an.taps("Bản gửi nhóm Zalo")
    assert "họp 14 giờ thứ Sáu" in given
    await an.taps("Đã gửi nhóm")
    await an.says("thông báo đã gửi")
    assert "Đã gửi nhóm: 1 đơn vị, do cán bộ báo." in await an.says("1")
