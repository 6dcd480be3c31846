"""The pack is changed under a running bot: taken up between turns when it is good, refused when it is not."""

import gc
import shutil
import weakref

import orjson
import pytest

from bot.domain.people import RoleKind
from bot.storage import dialogs, installation
from content import approval
from content.files import read_pack_files
from content.loader import copies_in, keep, load_pack
from tests.support.content import CARD, QUESTIONS, administrator, change, take_up, with_small_pack
from tests.support.house import House, Phone
from tests.support.officers import granted
from tests.support.people import a_minute_later, settled

REFUSED = "Việc này dành cho người được giao. Cần thì anh liên hệ Nguyễn Văn Mẫu, 0912 000 001."
OTHER = {
    "Điều gì làm nên sức mạnh?": "Sức mạnh từ đâu mà có?",
    "Ngủ nhiều, Đi xa": "Làm một mình, Đi xa",
    "Bài thơ tên là gì?": "Bài thơ đăng báo tên là gì?",
}


async def answers_right(phone: Phone) -> str:
    """Answer whatever is asked, in the small pack's words of before or after."""
    text = phone.last.text
    if "vật gì" in text:
        return await phone.says("AC")
    return await phone.says("A" if "sức mạnh?" in text or "mà có?" in text else "B")


async def test_a_round_goes_on_with_what_it_began(house: House) -> None:
    """Texts and options of before to its end, over restarts; who begins now gets the new ones."""
    folder = await with_small_pack(house)
    boss = await administrator(house)
    old, new = await settled(house, "701", "Cũ"), await settled(house, "702", "Mới")
    first = await old.says("/cauhoi")
    assert "Điều gì làm nên sức mạnh?" in first
    assert "Ngủ nhiều" in first
    for before, after in OTHER.items():
        change(folder, QUESTIONS, before, after)

    report = await take_up(boss)
    assert f"(bản {load_pack(folder).revision})" in report
    if house.variant in ("plain", "double"):  # a start takes up what is in the folder by itself
        assert report.startswith("Đã dùng bản mới: chuyên đề năm 2025, 2 bài, 3 câu hỏi")

    second = await answers_right(old)
    assert second.startswith("Đúng rồi.")
    assert "Bài thơ tên là gì?" in second
    theirs = await new.says("/cauhoi")
    assert "Sức mạnh từ đâu mà có?" in theirs
    assert "Làm một mình" in theirs
    assert "Câu 3/3" in await answers_right(old)
    end = await answers_right(old)
    assert "đúng 3/3 câu" in end
    a_minute_later(house)
    assert "Bài thơ đăng báo tên là gì?" in await answers_right(new)


async def test_what_is_opened_next_is_new(plain_house: House) -> None:
    """A card chosen from a list of before, and what is searched for; the changed card is named for an erratum."""
    folder = await with_small_pack(plain_house)
    boss = await administrator(plain_house)
    reader = await settled(plain_house, "701", "Cũ")
    assert "“hòn đá”" in await reader.says("tìm hòn đá")
    before = plain_house.running.installation.pack.card_by_id["hon-da"].revision
    change(folder, CARD, "title: Hòn đá", "title: Tảng đá lớn")
    change(folder, CARD, "sức mạnh của nhiều người", "sức vóc của nhiều người")
    report = await take_up(boss)
    assert "Bài đã sửa" in report
    assert f"• hon-da ({before})" in report
    assert "Tảng đá lớn" in await reader.says("1")
    await reader.says("tìm sức vóc")
    assert any("Tảng đá lớn" in label for label in reader.last.labels) or "Tảng đá lớn" in reader.last.text


async def test_only_who_administers_everything_may(plain_house: House) -> None:
    """Neither a member nor who administers a part of the tree."""
    await with_small_pack(plain_house)
    member = await settled(plain_house, "701", "Người Thường")
    part = await granted(plain_house, await settled(plain_house, "702", "Một Phần"), "LC01", RoleKind.ADMIN)
    for phone in (member, part):
        assert await phone.says("/capnhat") == REFUSED
    await part.says("/congviec")
    assert not any("Cập nhật nội dung" in label for label in part.last.labels)


async def test_nothing_to_take_up(plain_house: House) -> None:
    """The same files again: said so, and the same pack stays."""
    await with_small_pack(plain_house)
    boss = await administrator(plain_house)
    before = plain_house.running.installation.pack
    assert "không khác bản đang dùng" in await take_up(boss)
    assert plain_house.running.installation.pack is before
    await boss.says("/capnhat")
    assert "Vẫn dùng bản đang có" in await boss.taps("Để sau")


BROKEN = {
    "wrong type": ("pack.yaml", "year: 2025", "year: [2025]", "pack.yaml, dòng 2:"),
    "no yaml": ("facts.yaml", "- id: f1", "- id: [f1", "facts.yaml, dòng "),
    "template": (CARD, "Bài thơ nói về", "Bài thơ {% ten %} nói về", f"{CARD}, dòng 12:"),
}


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_broken_pack_is_refused(one_house: House, fault: str) -> None:
    """Who asked is told how many faults there are and where the first stand; members go on with what there was."""
    name, old, new, place = BROKEN[fault]
    folder = await with_small_pack(one_house)
    boss = await administrator(one_house)
    member = await settled(one_house, "701", "Cũ")
    await member.says("/cauhoi")
    before = one_house.running.installation.pack
    change(folder, name, old, new)
    report = await take_up(boss)
    assert report.startswith("Nội dung mới có ")
    assert f"mọi người vẫn đọc bản {before.revision}" in report
    assert place in report
    assert report.count("•") <= 3
    assert str(one_house.directory) not in report
    assert one_house.running.installation.pack is before
    assert (await answers_right(member)).startswith("Đúng rồi.")
    change(folder, name, new, old)
    await boss.taps("Cập nhật nội dung")
    await boss.taps("Dùng bản mới")
    assert "không khác bản đang dùng" in boss.last.text


async def test_broken_without_any_copy_left(one_house: House) -> None:
    """Somebody emptied the folder of copies: who asked is answered, once, and what is in memory stays in use."""
    folder = await with_small_pack(one_house)
    boss = await administrator(one_house)
    before = one_house.running.installation.pack
    shutil.rmtree(copies_in(one_house.running.installation.data_dir))
    (folder / "facts.yaml").unlink()
    assert "facts.yaml, dòng 1:" in await take_up(boss)
    assert one_house.running.installation.pack is before
    assert not await one_house.running.pack_update.work()


async def test_a_missing_file_and_a_restart_on_it(one_house: House) -> None:
    """The last good one goes on over restarts, and administrators are told once without having asked."""
    folder = await with_small_pack(one_house)
    boss = await administrator(one_house)
    member = await settled(one_house, "701", "Cũ")
    before = one_house.running.installation.pack
    (folder / "facts.yaml").unlink()
    assert "facts.yaml, dòng 1:" in await take_up(boss)
    await member.says("/cauhoi")
    shown = len(boss.shown)
    await one_house.restart()
    await one_house.settle()
    assert one_house.running.installation.pack == before
    assert [message.text[:16] for message in boss.shown[shown:]] == ["Nội dung mới có "]
    await one_house.restart()
    await one_house.settle()
    assert len(boss.shown) == shown + 1
    assert (await answers_right(member)).startswith("Đúng rồi.")


async def test_a_picture_too_large_and_a_folder_that_leads_back(one_house: House) -> None:
    """Both at once: two faults, each with its place."""
    folder = await with_small_pack(one_house)
    boss = await administrator(one_house)
    (folder / "themes/chuyen-ke/images/chiec-ao.png").write_bytes(b"x" * 2_000_000)
    (folder / "themes/vong").symlink_to(folder)
    report = await take_up(boss)
    assert "themes/chuyen-ke/" in report
    assert "themes/vong, dòng 1:" in report
    assert "mọi người vẫn đọc" in report


async def test_what_was_approved_is_what_is_taken_up(one_house: House) -> None:
    """Beside an approved pack changed files are told of and not used; once approved they are, without a restart."""
    folder = await with_small_pack(one_house)
    boss = await administrator(one_house)
    first = one_house.running.installation.pack.revision
    approval.mark(keep(read_pack_files(folder), one_house.directory), "Chị An, Trưởng ban", one_house.clock.now())
    assert "không khác bản đang dùng" in await take_up(boss)
    change(folder, CARD, "title: Hòn đá", "title: Tảng đá lớn")
    a_minute_later(one_house)
    assert "Tôi đang gửi nội dung đã duyệt ngày 1/5/2025 (Chị An, Trưởng ban)." in await take_up(boss)
    assert one_house.running.installation.pack.revision == first
    a_minute_later(one_house)
    approval.mark(keep(read_pack_files(folder), one_house.directory), "Chị An, Trưởng ban", one_house.clock.now())
    assert "Đã dùng bản mới" in await take_up(boss)
    change(folder, "pack.yaml", "year: 2025", "year: [2025]")
    assert "Nội dung mới có 1 lỗi nên chưa dùng" in await take_up(boss)
    assert one_house.running.installation.pack.card_by_id["hon-da"].title == "Tảng đá lớn"


async def test_killed_after_it_was_taken_up(one_house: House) -> None:
    """The next process still says which cards were changed, and from what: an erratum names it."""
    folder = await with_small_pack(one_house)
    boss = await administrator(one_house)
    pack = one_house.running.installation.pack
    change(folder, CARD, "sức mạnh của nhiều người", "sức vóc của nhiều người")
    asked = {"before": pack.revision, "addresses": [1]}
    await one_house.running.db.write(
        lambda tx: installation.set_setting(tx, "pack_update", orjson.dumps(asked).decode())
    )
    await one_house.restart()
    await one_house.running.pack_update.work()
    await one_house.settle()
    assert f"• hon-da ({pack.card_by_id['hon-da'].revision})" in boss.last.text


async def test_what_no_conversation_needs_is_let_go(one_house: House) -> None:
    """A revision that a waiting conversation names stays on the disk, and is read again for it; then it goes."""
    folder = await with_small_pack(one_house)
    boss = await administrator(one_house)
    member = await settled(one_house, "701", "Cũ")
    await member.says("/cauhoi")
    revision = one_house.running.installation.pack.revision
    copies = copies_in(one_house.directory)
    old = "Tên"
    change(folder, "themes/doan-ket/theme.yaml", "title: Đoàn kết", f"title: {old}")
    for number in range(5):
        new = f"Tên {number}"
        change(folder, "themes/doan-ket/theme.yaml", f"title: {old}", f"title: {new}")
        old = new
        await take_up(boss)
        await one_house.tick()
    await one_house.running.pack_update.tidy()
    await boss.says("/menu")
    kept = {copy.name for copy in copies.iterdir()}
    assert f"2025-{revision}" in kept
    assert len(kept) == 4
    for _ in range(3):
        assert "Đúng rồi." in await answers_right(member)
    assert await one_house.running.db.read(dialogs.packs) <= {one_house.running.installation.pack.revision}
    await one_house.running.pack_update.tidy()
    assert f"2025-{revision}" not in {copy.name for copy in copies.iterdir()}


async def test_memory_is_let_go(one_house: House) -> None:
    """A pack is held while a conversation needs it, and by nothing else that runs."""
    folder = await with_small_pack(one_house)
    boss = await administrator(one_house)
    member = await settled(one_house, "701", "Cũ")
    await one_house.tick()
    await member.says("/cauhoi")
    before = weakref.ref(one_house.running.installation.pack)
    change(folder, "themes/doan-ket/theme.yaml", "title: Đoàn kết", "title: Chung sức")
    await take_up(boss)
    await one_house.tick()
    await one_house.running.pack_update.tidy()
    gc.collect()
    assert before() is not None
    for _ in range(3):
        assert "Đúng rồi." in await answers_right(member)
    await boss.says("/menu")
    await one_house.running.pack_update.tidy()
    gc.collect()
    assert before() is None


async def test_a_revision_that_is_gone(one_house: House) -> None:
    """Then the pack in use answers: a question that is in it no more, or reads otherwise, does not count."""
    folder = await with_small_pack(one_house)
    boss = await administrator(one_house)
    member = await settled(one_house, "701", "Cũ")
    await member.says("/cauhoi")
    revision = one_house.running.installation.pack.revision
    for before, after in OTHER.items():
        change(folder, QUESTIONS, before, after)
    await take_up(boss)
    (copies_in(one_house.directory) / f"2025-{revision}" / "pack.yaml").unlink()
    await one_house.restart()
    answer = await answers_right(member)
    assert "Bài thơ đăng báo tên là gì?" in answer
    assert "Đúng rồi." not in answer
