"""Tài liệu: the plan's documents, one at a time, and back to the list."""

from content.models import Pack
from tests.support.house import PACK, House


def pack_without(document_id: str) -> Pack:
    parts = {name: getattr(PACK, name) for name in Pack.model_fields}
    return Pack(**parts | {"documents": tuple(d for d in PACK.documents if d.id != document_id)})


async def test_reading_a_document(house: House) -> None:
    """By number, by its own number as people type it, and by button; back by button and by word."""
    phone = house.phone("901")
    await phone.joins()
    listed = await phone.says("/tailieu")
    assert "1. Kế hoạch số 121/KH-LĐLĐ, 14/2/2025\n" in listed
    assert len(phone.last.labels) == len(PACK.documents)
    assert phone.last.labels[0] == "1. Kế hoạch số 121/KH-LĐLĐ"
    shown = await phone.says("2")
    assert "Chỉ thị số 05-CT/TW, ngày 15/5/2016" in shown
    assert "Bộ Chính trị (khóa XII)" in shown
    assert PACK.document_by_id["ct05"].summary in shown
    assert 'href="http' in phone.last.html
    assert phone.last.labels == ["1. Danh sách tài liệu"]
    assert await phone.taps("Danh sách tài liệu") == listed
    assert "Bộ Chính trị (khóa XIII)" in await phone.says("ket luan so 01-KL/TW")
    assert await phone.says("quay lại") == listed
    assert "Ban Bí thư" in await phone.taps("Quy định số 124-QĐ/TW")
    assert await phone.says("1") == listed


async def test_a_document_withdrawn_meanwhile(plain_house: House) -> None:
    """It is said, with the list as it now is."""
    phone = plain_house.phone("902")
    await phone.joins()
    await phone.says("/tailieu")
    plain_house.running.installation.pack = pack_without("ct05")
    answer = await phone.says("2")
    assert answer.startswith("Văn bản này vừa được rút khỏi danh sách.")
    assert len(phone.last.labels) == len(PACK.documents) - 1


async def test_no_documents(plain_house: House) -> None:
    """An empty shelf is a sentence."""
    parts = {name: getattr(PACK, name) for name in Pack.model_fields}
    plain_house.running.installation.pack = Pack(**parts | {"documents": (), "cards": ()})
    phone = plain_house.phone("903")
    await phone.joins()
    assert "Hiện chưa có tài liệu nào." in await phone.says("/tailieu")
