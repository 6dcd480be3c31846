"""*Gương tôi đã giới thiệu*: how each stands, and taking one back."""

from bot.storage import nominations
from bot.storage.database import Transaction
from tests.support.house import House
from tests.support.people import introduce, settled


async def text_of_everything(house: House) -> str:
    """Every nomination as the database holds it, with what is kept of messages about them."""
    rows = await house.running.db.read(
        lambda tx: (
            tx.all("SELECT * FROM nomination") + tx.all("SELECT body FROM outbox WHERE origin LIKE 'nomination:%'")
        )
    )
    return repr(rows)


async def test_nothing_yet(house: House) -> None:
    """An empty list says how to begin."""
    an = await settled(house, "801", "Vàng Văn An")
    assert "Anh chưa giới thiệu gương nào" in await an.says("guong toi da gioi thieu")


async def test_withdrawn_until_accepted(house: House) -> None:
    """Confirmed first; then the words are gone, also from what the reviewer was shown here."""
    an = await settled(house, "802", "Vàng Văn An")
    mai = await settled(house, "803", "Lý Thị Mai", form="chị", reviews="LC01")
    code = await introduce(house, an, told="Cứu em nhỏ ở suối")
    await mai.taps("Xem và xử lý")
    shown = await an.says("/guongtoi")
    assert f"1. {code} · Lò Thị Bình · đang chờ xét" in shown
    detail = await an.taps("Lò Thị Bình")
    assert "Việc tốt: Cứu em nhỏ ở suối" in detail
    assert "lời kể, ảnh và tin thoại bị xóa theo" in detail
    assert "không lấy lại được" in await an.taps("Rút lại")
    assert "vẫn còn đó" in await an.taps("Không rút nữa")
    await an.says("/guongtoi")
    await an.says("1")
    await an.says("rút lại")
    assert f"Đã rút lại {code} và xóa nội dung." in await an.says("rut lai")
    assert "suối" not in await text_of_everything(house)
    assert "đã được rút lại" in await mai.taps("Tiếp nhận")
    assert f"{code} · đã rút lại, nội dung đã xóa" in await an.says("/guongtoi")


async def test_many_are_turned_over_page_by_page(plain_house: House) -> None:
    """Eight at a time, newest first; «quay lại» goes a page back."""
    an = await settled(plain_house, "810", "Vàng Văn An")
    now = plain_house.clock.now()

    def plant(tx: Transaction) -> None:
        for number in range(1, 18):
            nominations.add(
                tx,
                **dict.fromkeys(("told", "happened", "why", "unit_name"), ""),
                **{"code": f"GT-{number:02}", "kind": "person", "nominee": f"Người thứ {number:02}", "state": "kept"},
                **{"nominator_id": 1, "named": 1, "straight_up": 0, "created_at": now, "moved_at": now},
            )

    await plain_house.running.db.write(plant)
    first = await an.says("/guongtoi")
    assert "GT-17" in first
    assert "GT-09" not in first
    assert an.last.labels[-1] == "9. Xem thêm"
    assert "1. GT-09" in await an.says("xem thêm")
    last = await an.taps("Xem thêm")
    assert "1. GT-01" in last
    assert an.last.labels == ["1. Người thứ 01"]
    assert "1. GT-09" in await an.says("quay lại")
    assert "GT-08" in await an.says("2")


async def test_accepted_cannot_be_withdrawn(plain_house: House) -> None:
    """The button is gone, and one pressed too late says so."""
    an = await settled(plain_house, "804", "Vàng Văn An")
    mai = await settled(plain_house, "805", "Lý Thị Mai", form="chị", reviews="LC01")
    await introduce(plain_house, an)
    await an.says("/guongtoi")
    await an.says("1")
    await an.taps("Rút lại")
    await mai.taps("Xem và xử lý")
    await mai.taps("Tiếp nhận")
    assert "không rút lại được nữa" in await an.taps("Rút lại, xóa lời kể")
    await an.says("/guongtoi")
    detail = await an.says("1")
    assert "đã được tiếp nhận để xem xét" in detail
    assert "không còn tên người giới thiệu" in detail
    assert an.last.labels == ["1. Xem gương khác"]


async def test_another_members_nomination(plain_house: House) -> None:
    """A forged button shows nothing of it."""
    an = await settled(plain_house, "806", "Vàng Văn An")
    thief = await settled(plain_house, "807", "Lò Văn Chung")
    code = await introduce(plain_house, an)
    for data in (
        "voi:1:answer",
        "voi:1:yes",
        "voi:1:fix",
        "voi:999:yes",
        "voi:x:yes",
        "voi:99999999999999999999:fix",
        "voi::",
    ):
        assert await thief.taps_data(data) == "Tôi không tìm thấy mã này trong phần của anh."
    assert "không tìm thấy" not in await an.taps_data("voi:1:answer")
    assert code in an.last.text


async def test_erasure_keeps_only_what_was_accepted(plain_house: House) -> None:
    """Accepted ones lose the link; all else goes, with its files."""
    an = await settled(plain_house, "808", "Vàng Văn An")
    mai = await settled(plain_house, "809", "Lý Thị Mai", form="chị", reviews="LC01")
    await introduce(plain_house, an, "Bình", told="Việc thứ nhất")
    await mai.taps("Xem và xử lý")
    await mai.taps("Tiếp nhận")
    await introduce(plain_house, an, "Chi", told="Việc thứ hai")
    await mai.taps("Xem và xử lý")
    member = await plain_house.running.db.read(
        lambda tx: tx.scalar("SELECT member_id FROM address WHERE external_id = '808'")
    )
    await plain_house.running.db.write(lambda tx: nominations.forget_member(tx, member))
    left = await text_of_everything(plain_house)
    assert "Việc thứ nhất" in left
    assert "Việc thứ hai" not in left
    assert "Vàng Văn An" not in left
    rows = await plain_house.running.db.read(lambda tx: tx.all("SELECT state, nominator_id FROM nomination"))
    assert rows == [("accepted", None)]
    assert "người được giao" in await mai.taps("Tiếp nhận")
