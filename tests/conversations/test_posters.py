"""«Tờ giới thiệu»: an officer takes the printable poster of a unit in their subtree."""

from pathlib import Path

import pytest

from bot.domain.people import RoleKind
from bot.storage import roster, units
from bot.storage.database import Transaction
from tests.content.test_printing import codes_of, words_of
from tests.support.house import FEDERATION, House, Phone
from tests.support.officers import granted, member_id, officer_of
from tests.support.people import settled

LINK = "https://example.test/bot"
NEVER = "Công đoàn không bao giờ hỏi mật khẩu, mã OTP hay tiền."


def printed(phone: Phone) -> bytes:
    """The newest document on a phone."""
    paths = [Path(ref) for message in phone.shown for kind, ref in message.media if kind == "document"]
    return paths[-1].read_bytes()


def documents(phone: Phone) -> int:
    """How many documents are on a phone."""
    return sum(kind == "document" for message in phone.shown for kind, _ in message.media)


def proposed(house: House, *channels: str) -> None:
    """Let the federation propose these channels."""
    house.running.installation.federation = FEDERATION.model_copy(update={"proposed_channels": channels})


async def shows_phone(house: House, phone: Phone, number: str = "0912345678") -> None:
    """The officer behind a phone agrees to be called."""
    id = await member_id(house, phone)
    await house.running.db.write(lambda tx: roster.set_phone(tx, id, number, True))


async def test_an_officer_gets_the_poster_of_their_unit(house: House) -> None:
    """One unit, nothing to choose: the file, with the code, whom to call, and what the union never asks."""
    binh = await officer_of(house, "LC0421")
    await shows_phone(house, binh)
    await binh.says("việc của cán bộ")
    said = await binh.taps("Tờ giới thiệu")
    assert "Đây là tờ giới thiệu của CĐCS Công ty Ví dụ A, khổ A4." in said
    assert "Người liên hệ ghi trên tờ: Trần Văn An, Chủ tịch." in said
    assert documents(binh) == 1
    words = words_of(printed(binh))
    for shown in (
        "Liên đoàn Lao động tỉnh Ví dụ",
        "CĐCS Công ty Ví dụ A",
        "Mã đơn vị LC0421",
        "Nhắn mã LC0421",
        "Trần Văn An, Chủ tịch",
        "0912 345 678",
        NEVER,
    ):
        assert shown in words
    carried = [f"{LINK}?start=u_LC0421"] if house.channel.name in FEDERATION.proposed_channels else []
    assert codes_of(printed(binh)) == carried


async def test_what_the_poster_tells_to_type_leads_into_the_unit(house: House) -> None:
    """Also where no link can carry the code."""
    binh = await officer_of(house, "LC0421")
    await binh.says("/togioithieu")
    typed = words_of(printed(binh)).partition("Nhắn mã ")[2].split()[0]
    stranger = house.phone("900")
    await stranger.says(typed)
    await stranger.taps("Đồng ý")
    assert "CĐCS Công ty Ví dụ A" in " ".join(message.text for message in stranger.shown)


async def test_units_below_are_chosen_or_typed(house: House) -> None:
    """By button, by part of the name, by code; what is not there is said and asked again."""
    an = await officer_of(house)
    asked = await an.says("to gioi thieu")
    assert "của đơn vị nào?" in asked
    assert an.last.labels == ["1. Công đoàn xã Ví dụ", "2. CĐCS Công ty Ví dụ A", "3. CĐCS Trường Ví dụ B"]
    assert "Không có đơn vị nào tên “Nhà máy Z” trong phần của anh." in await an.says("Nhà máy Z")
    assert "chọn đơn vị" in await an.says("truong vi du")
    assert an.last.labels == ["1. CĐCS Trường Ví dụ B"]
    assert "của CĐCS Trường Ví dụ B, khổ A4" in await an.says("1")
    words = words_of(printed(an))
    assert "LC0422" in words
    assert "Nguyễn Văn Mẫu, Trưởng Ban Tuyên giáo - Nữ công" in words
    assert "0912 000 001" in words
    await an.says("/togioithieu")
    assert "LC0421" not in words_of(printed(an))
    await an.says("LC0421")
    await an.says("1")
    assert "LC0421" in words_of(printed(an))


async def test_an_officer_who_does_not_show_a_phone_is_not_printed(plain_house: House) -> None:
    """Neither is one whose role has ended: the federation's contact stands there."""
    binh = await officer_of(plain_house, "LC0421")
    await binh.says("/togioithieu")
    assert "Trần Văn An" not in words_of(printed(binh))
    assert "Nguyễn Văn Mẫu" in words_of(printed(binh))
    await shows_phone(plain_house, binh)
    over = await settled(plain_house, "802", "Hết Nhiệm Kỳ", "LC0422")
    await granted(plain_house, over, "LC0422", valid_until=plain_house.clock.now() - 1)
    await shows_phone(plain_house, over)
    admin = await granted(plain_house, await settled(plain_house, "803", "Quản Trị"), "LD", RoleKind.ADMIN)
    await admin.says("/togioithieu")
    await admin.says("LC0422")
    await admin.says("1")
    assert "Hết Nhiệm Kỳ" not in words_of(printed(admin))


@pytest.mark.parametrize("kind", [RoleKind.REVIEWER, RoleKind.STAFF])
async def test_other_roles_get_none(plain_house: House, kind: RoleKind) -> None:
    """It is no work of theirs: neither in their menu nor by its word."""
    other = await granted(plain_house, await settled(plain_house, "804", "Người Xét"), "LC01", kind)
    await other.says("việc của cán bộ")
    assert not [label for label in other.last.labels if "Tờ giới thiệu" in label or "nhóm Zalo" in label]
    assert "dành cho người được giao" in await other.says("/togioithieu")
    member = await settled(plain_house, "805", "Đoàn Viên")
    assert "dành cho người được giao" in await member.says("/togioithieu")
    assert documents(other) + documents(member) == 0


async def test_a_unit_of_another_subtree_is_refused(plain_house: House) -> None:
    """It is not found by name or code; and the right is checked at the press."""
    an = await officer_of(plain_house)
    await an.says("/togioithieu")
    assert "Không có đơn vị nào tên “LD”" in await an.says("LD")
    id = await member_id(plain_house, an)

    def end_role(tx: Transaction) -> None:
        unit = units.by_code(tx, "LC01")
        assert unit is not None
        units.grant(tx, id, unit.id, RoleKind.OFFICER, 0, valid_until=1)

    await plain_house.running.db.write(end_role)
    assert "dành cho người được giao" in await an.says("2")
    assert documents(an) == 0


async def test_one_code_for_each_proposed_channel(tmp_path: Path) -> None:
    """The unit's code goes with the link where the channel takes it; on Zalo it is typed."""
    house = House(tmp_path, "plain", "telegram", beside=("webchat", "zalo_bot"))
    await house.open()
    await house.plant_units()
    house.channels["zalo_bot"].link = "https://zalo.example/1459232241454765289"
    house.channels["webchat"].link = "https://bot.example/chat"
    await house.restart()
    proposed(house, "zalo_bot", "telegram", "webchat")
    binh = await officer_of(house, "LC0421")
    await binh.says("/togioithieu")
    assert codes_of(printed(binh)) == sorted(
        [
            "https://zalo.example/1459232241454765289",
            f"{LINK}?start=u_LC0421",
            "https://bot.example/chat?start=u_LC0421",
        ]
    )
    words = words_of(printed(binh))
    assert "Telegram" in words
    assert "Trang trò chuyện" in words
    await house.close()


async def test_the_file_goes_after_a_day(plain_house: House) -> None:
    """It can be made again at any time."""
    binh = await officer_of(plain_house, "LC0421")
    await binh.says("/togioithieu")
    kept = plain_house.directory / "exports"
    await plain_house.tick()
    assert len(list(kept.iterdir())) == 1
    plain_house.clock.forward(hours=25)
    await plain_house.tick()
    assert list(kept.iterdir()) == []
