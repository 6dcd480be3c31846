"""A card, a question and a week's script in another language, written and spoken, as files of a pack say it."""

from pathlib import Path

import pytest

from content.loader import load_pack
from tests.support.content import administrator, change, take_up, with_small_pack
from tests.support.house import House, Phone
from tests.support.officers import officer_of
from tests.support.people import a_minute_later, settled
from tests.support.told import SOUND, WORDS


def tell(folder: Path, *, spoken: bool) -> None:
    """Have the first card, every question and the script of week 20 told in blt, of the words they have now."""
    pack, blt = load_pack(folder), folder / "variants/blt"
    blt.mkdir(parents=True)
    of = ["card-hon-da", "script-20", *(f"question-{each.id}" for each in pack.questions)]
    about = "speaker: Bà A\n{0}provided_on: 2025-05-01\n{0}revision: {1}\n"
    if not spoken:
        for target in of:
            front = about.format("", f'"{pack.revision_of(target)}"')
            (blt / f"{target}.md").write_text(f"---\n{front}---\n{WORDS} {target}\n", "utf-8")
        return
    entries = [
        f"- of: {target}\n  file: {target}.ogg\n  consent: Đồng ý\n  {about}".format(
            "  ", f'"{pack.revision_of(target)}"'
        )
        for target in of
    ]
    (blt / "recordings.yaml").write_text("".join(entries), "utf-8")
    for target in of:
        (blt / f"{target}.ogg").write_bytes(SOUND + target.encode())


def told(phone: Phone, spoken: bool) -> list[str]:
    """Of what the phone got texts or voice notes."""
    if spoken:
        files = [ref for message in phone.shown for kind, ref in message.media if kind == "voice"]
        return [Path(ref).read_bytes().removeprefix(SOUND).decode() for ref in files]
    found = [message.text.partition(f"{WORDS} ")[2].split("\n") for message in phone.shown if WORDS in message.text]
    return [words[0] for words in found]


@pytest.mark.parametrize("spoken", [True, False])
async def test_all_three_as_text_and_as_recording(tmp_path: Path, spoken: bool) -> None:
    """Taken up while the bot runs; a quotation put right makes mute what reads it, and a question stays as it is."""
    house = House(tmp_path)
    await house.open()
    await house.plant_units()
    folder = await with_small_pack(house)
    boss, an = await administrator(house), await officer_of(house, "LC0421")
    ban = await settled(house, "731", "Lò Văn Ban")
    tell(folder, spoken=spoken)
    assert "Đã dùng bản mới" in await take_up(boss)
    await ban.says("ngôn ngữ nghe")
    await ban.says("thái")
    press = "nghe" if spoken else "đọc bản tiếng ấy"

    await ban.says("bài hon-da")
    await ban.says(press)
    assert told(ban, spoken) == ["card-hon-da"]
    await ban.says("/cauhoi")
    await ban.says(press)
    assert told(ban, spoken)[1].startswith("question-")
    await script(an)
    assert told(an, spoken) == ["script-20"]

    change(folder, "quotations.yaml", "sức mạnh của chúng ta", "sức mạnh vô địch")
    await take_up(boss)
    await ban.says("/huy")
    assert "Bài này chưa có bản tiếng Thái." in await ban.says("bài hon-da")
    a_minute_later(house)
    await script(an)
    assert told(an, spoken) == ["script-20"]
    assert "chưa có bản tiếng Thái" not in await ban.says("/cauhoi")
    await house.close()


async def script(officer: Phone) -> None:
    """The officer fetches the script of week 20."""
    await officer.says("/sinhhoat")
    await officer.says("Tuần khác")
    await officer.says("20")
