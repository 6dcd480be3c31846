"""A newcomer joins: consent, the first piece, the unit, how to be addressed."""

from tests.support.house import House


async def test_from_a_deep_link(house: House) -> None:
    """Four messages to the first piece; then form, name and hour."""
    lan = house.phone("501")
    consent = await lan.says("/start u_LC0421")
    assert "Liên đoàn Lao động tỉnh Ví dụ" in consent
    assert lan.last.labels == ["1. Đồng ý", "2. Để sau"]
    piece = await lan.taps("Đồng ý")
    assert "Nguồn:" in piece
    assert "CĐCS Công ty Ví dụ A" in piece
    assert await lan.taps("Chị") == "Tên chị là gì? Tôi ghi đúng như chị viết."
    assert "lúc nào" in await lan.says("  Lò Thị   Lan ")
    assert "Lò Thị Lan" in await lan.says("tối")


async def test_declining_keeps_nothing(house: House) -> None:
    """*Để sau* leaves no member behind."""
    phone = house.phone("502")
    await phone.says("/start")
    assert "không lưu gì cả" in await phone.says("de sau")
    members = await house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM member"))
    assert members == 0


async def test_unit_by_typing_part_of_its_name(house: House) -> None:
    """Without a link, the unit is found by part of its name, without accents."""
    phone = house.phone("503")
    await phone.says("chào")
    await phone.says("đồng ý")
    await phone.says("cong ty vi du a")
    assert "CĐCS Công ty Ví dụ A" in phone.last.labels[0]
    answer = await phone.says("1")
    assert "Cán bộ đơn vị sẽ xác nhận" in answer
