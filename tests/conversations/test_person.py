"""«Gặp cán bộ»: the member's own officer who agreed to be called, else the federation's contact."""

import pytest

from bot.domain.people import RoleKind
from bot.storage import units
from bot.storage.database import Transaction
from tests.support.house import House, Phone


async def appoint(house: House, phone: Phone, unit: str, *, title: str, number: str, shown: bool) -> None:
    """Make the member behind a phone an officer of a unit."""

    def grant(tx: Transaction) -> None:
        id = tx.scalar("SELECT member_id FROM address WHERE external_id = ?", (phone.chat,))
        found = units.by_code(tx, unit)
        assert found is not None
        units.grant(tx, id, found.id, RoleKind.OFFICER, house.clock.now(), title=title, phone=number, phone_shown=shown)

    await house.running.db.write(grant)


async def test_the_federations_contact_when_there_is_no_officer(house: House) -> None:
    """Name, title, phone, and the line on passwords."""
    phone = house.phone("701")
    await phone.joins()
    answer = await phone.says("gap can bo")
    assert "Nguyễn Văn Mẫu, Trưởng Ban Tuyên giáo - Nữ công" in answer
    assert "0912 000 001" in answer
    assert "không bao giờ hỏi mật khẩu, mã OTP hay tiền" in answer


@pytest.mark.parametrize("asked", ["/gapcanbo", "7", "phản ánh"])
async def test_the_nearest_officer_who_agreed(house: House, asked: str) -> None:
    """The unit's own officer hides the number, so the one above is shown."""
    near, above, lan = house.phone("702"), house.phone("703"), house.phone("704")
    await near.joins(name="Trần Văn Kín")
    await above.joins("LC01", name="Lê Thị Mở")
    await appoint(house, near, "LC0421", title="Chủ tịch", number="0987 000 111", shown=False)
    await appoint(house, above, "LC01", title="Phó Chủ tịch", number="+84 912 345 678", shown=True)
    await lan.joins()
    answer = await lan.says(asked)
    assert "Lê Thị Mở, Phó Chủ tịch, Công đoàn xã Ví dụ" in answer
    assert "0912 345 678" in answer
    assert "Kín" not in answer
    assert "0987" not in answer


async def test_an_officer_is_not_shown_their_own_number(house: House) -> None:
    """They need somebody else."""
    officer = house.phone("705")
    await officer.joins(name="Lê Thị Mở")
    await appoint(house, officer, "LC0421", title="Chủ tịch", number="0912345678", shown=True)
    answer = await officer.says("/gapcanbo")
    assert "Nguyễn Văn Mẫu" in answer
    assert "0912 345 678" not in answer


async def test_without_a_unit(house: House) -> None:
    """A member whose unit was not found gets the federation's contact."""
    phone = house.phone("706")
    await phone.says("/start")
    await phone.taps("Đồng ý")
    answer = await phone.says("/gapcanbo")
    assert "Nguyễn Văn Mẫu" in answer
