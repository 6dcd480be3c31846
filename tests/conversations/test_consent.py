"""Consent: short, two options of equal weight, its version recorded; declining keeps nothing."""

import re

import pytest

from bot.app import federation_variables
from bot.channels.render import plain
from bot.domain.prompts import text
from bot.storage import outbox
from content.federation import load_federation
from content.texts import Texts, Voice
from tests.support.house import FEDERATION, ROOT, House


async def test_it_fits_in_sixty_words(house: House) -> None:
    """Who, what is kept, what officers never see, how to leave."""
    phone = house.phone("801")
    consent = await phone.says("/start")
    assert len(re.findall(r"\w+", consent)) <= 60
    for said in (
        "Liên đoàn Lao động tỉnh Ví dụ",
        "Nguyễn Văn Mẫu",
        "lưu tên, đơn vị",
        "cán bộ không xem được",
        "ngừng",
    ):
        assert said in consent
    assert phone.last.labels == ["1. Đồng ý", "2. Để sau"]


@pytest.mark.parametrize("path", ["federation.yaml", "content/demo/federation.yaml"])
def test_it_fits_for_the_federations_that_are_shipped(path: str) -> None:
    """With their names, and "anh/chị" counted as two words."""
    texts = Texts(federation_variables(load_federation(ROOT / path)))
    assert len(re.findall(r"\w+", plain(texts.render(text("welcome.consent"), Voice())))) <= 60


async def test_both_options_stand_side_by_side(house: House) -> None:
    """Equal weight: one row, neither label marked."""
    phone = house.phone("802")
    await phone.says("chào")
    assert "*" not in "".join(phone.last.labels)

    last = await house.running.db.read(lambda tx: tx.scalar("SELECT MAX(id) FROM outbox WHERE operation = 'send'"))
    sent = await house.running.db.read(lambda tx: outbox.body(tx, last))
    assert sent is not None
    if house.channel.capabilities.buttons:
        assert len(sent.buttons) == 1
    else:
        assert sent.html.endswith("\n\n1. Đồng ý\n2. Để sau")


async def test_the_version_is_recorded(house: House) -> None:
    """And when it was given."""
    phone = house.phone("803")
    await phone.says("/start")
    await phone.says("đồng ý ạ")
    stored = await house.running.db.read(lambda tx: tx.one("SELECT consent_version, consent_at FROM member"))
    assert stored == (FEDERATION.consent_version, house.clock.now())
