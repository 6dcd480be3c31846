"""«Việc làm của tôi»: chosen, shown, taken back; it changes what a piece suggests, and nothing else."""

from dataclasses import fields

import pytest

from bot.domain.announcements import Audience
from content.models import Card, Pack
from tests.support import house as support
from tests.support.house import PACK, House, Phone
from tests.support.officers import officer_of

FOR_ALL, FOR_KITCHENS = "Rủ một người cùng làm.", "Chia đều việc rửa bát cuối ca."


@pytest.fixture(autouse=True)
def _variants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every card has a suggestion of its own for kitchens, in every house that opens."""
    cards = [
        Card(**card.model_dump() | {"do_this": FOR_ALL, "do_this_for": {"bep-an": FOR_KITCHENS}}) for card in PACK.cards
    ]
    parts = {name: getattr(PACK, name) for name in Pack.model_fields}
    monkeypatch.setattr(support, "PACK", Pack(**parts | {"cards": tuple(cards)}))


async def suggested(phone: Phone) -> str:
    """What the next piece suggests."""
    shown = await phone.says("/bai")
    await phone.says("menu")
    return shown.partition("Gợi ý việc làm theo tuần này: ")[2].partition("\n")[0]


async def test_chosen_and_taken_back(house: House) -> None:
    """Nobody is asked; who chooses is told why, sees it among their data, and takes it back with one tap."""
    house.running.installation.pack = support.PACK
    phone = house.phone("721")
    await phone.joins(form="Chị")
    assert await suggested(phone) == FOR_ALL
    assert "Việc làm: " not in await phone.says("cai dat")
    asked = await phone.taps("Việc làm của tôi")
    assert "chỉ để phần “Gợi ý việc làm theo” của bài nói đúng việc của chị. Không ai khác thấy" in asked
    assert [label.partition(". ")[2] for label in phone.last.labels] == [*PACK.works.values(), "Giữ như cũ"]
    chosen = await phone.taps("Bếp ăn")
    assert chosen.startswith("Đã ghi: Bếp ăn.")
    assert "• Việc làm: Bếp ăn\n" in chosen
    assert await suggested(phone) == FOR_KITCHENS
    assert "• Việc làm: Bếp ăn\n" in await phone.says("dữ liệu của tôi")
    await phone.says("viec lam cua toi")
    assert (await phone.taps("Không ghi nữa")).startswith("Tôi không ghi việc làm của chị nữa.")
    assert await suggested(phone) == FOR_ALL
    assert "Việc làm: " not in await phone.says("dữ liệu của tôi")


@pytest.mark.parametrize(
    ("typed", "work"), [("bep an", "Bếp ăn"), ("Lái xe", "Lái xe"), ("1", "Bếp ăn"), ("3", "Y tế")]
)
async def test_ways_to_choose(plain_house: House, typed: str, work: str) -> None:
    """By the name with or without accents, or by number."""
    phone = plain_house.phone("722")
    await phone.joins()
    await phone.says("việc làm của tôi")
    assert (await phone.says(typed)).startswith(f"Đã ghi: {work}.")
    await phone.says("viec lam cua toi")
    assert f"• Việc làm: {work}\n" in await phone.says("giữ như cũ")


@pytest.mark.parametrize("typed", ["Phi công", "99", "<b>{{7*7}}</b>", "x" * 4000])
async def test_what_is_no_kind_of_work(plain_house: House, typed: str) -> None:
    """Only what the pack has is kept; a word of one's own is not."""
    phone = plain_house.phone("723")
    await phone.joins()
    await phone.says("việc làm của tôi")
    assert "49" not in await phone.says(typed)
    rows = await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM member_work"))
    assert rows == 0


async def test_a_kind_the_pack_has_no_more(plain_house: House) -> None:
    """The suggestion is the one for everybody; it stays in one's data until it is taken back."""
    phone = plain_house.phone("724")
    await phone.joins()
    await phone.says("việc làm của tôi")
    await phone.says("bếp ăn")
    parts = {name: getattr(support.PACK, name) for name in Pack.model_fields}
    fewer = Pack(**parts | {"works": {"y-te": "Y tế"}, "cards": PACK.cards})
    plain_house.running.installation.pack = fewer
    assert await suggested(phone) == PACK.cards[1].do_this
    assert "• Việc làm: bep-an\n" in await phone.says("dữ liệu của tôi")


async def test_erased_with_the_rest(plain_house: House) -> None:
    """No row stays."""
    phone = plain_house.phone("725")
    await phone.joins()
    await phone.says("việc làm của tôi")
    await phone.says("y te")
    await phone.says("/xoadulieu")
    await phone.says("XÓA")
    assert await plain_house.running.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM member_work")) == 0


async def test_what_an_officer_gives_to_a_group_is_for_everybody(plain_house: House) -> None:
    """The officer's own kind of work is in no text for others; and no audience can be chosen by work."""
    officer = await officer_of(plain_house, "LC0421")
    await officer.says("việc làm của tôi")
    await officer.says("bếp ăn")
    assert await suggested(officer) == FOR_KITCHENS
    await officer.says("bản gửi nhóm zalo")
    await officer.taps(next(label for label in officer.last.labels if "Bài 1: " in label))
    taken = "\n".join(message.text for message in officer.shown[-3:])
    assert PACK.cards[0].title in taken
    assert FOR_KITCHENS not in taken
    assert {field.name for field in fields(Audience)} & {"work", "works"} == set()
