"""The preview: everything the bot says as each channel shows it, whatever is written in the files, on this machine only."""

import html
import re
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import expect

from bot.channels.webchat import WebChat
from bot.channels.zalo_bot import Quirks
from bot.preview import Preview, Studio
from bot.settings import SHIPPED_PACK
from bot.web.listening import listen
from content.texts import DIRECTORY
from tests.content.conftest import write_small_pack
from tests.support.browser import DESK, PHONE, open_browser, picture
from tests.support.clock import ZONE, FakeClock
from tests.support.house import FEDERATION

CARD = "themes/doan-ket/cards/hon-da.md"


@dataclass
class Desk:
    """A preview and the files it shows."""

    preview: Preview
    pack: Path
    texts: Path
    http: aiohttp.ClientSession

    async def page(self, query: str = "") -> str:
        async with self.http.get(f"{self.preview.url}/{query}") as answer:
            assert answer.status == 200
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
            return await answer.text()

    async def token(self) -> str:
        async with self.http.get(f"{self.preview.url}/token") as answer:
            return str((await answer.json())["token"])

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.pack / path
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")


def studio(tmp_path: Path, pack: Path) -> Studio:
    channels = {"telegram": WebChat.capabilities, "zalo_bot": Quirks().capabilities, "webchat": WebChat.capabilities}
    return Studio(pack, tmp_path / "data", FEDERATION, ZONE, FakeClock(), channels, True, texts=tmp_path / "vi")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    write_small_pack(tmp_path / "pack")
    async for opened in opened_on(tmp_path, tmp_path / "pack"):
        yield opened


async def opened_on(tmp_path: Path, pack: Path) -> AsyncIterator[Desk]:
    shutil.copytree(DIRECTORY, tmp_path / "vi")
    preview = await Preview.open(studio(tmp_path, pack), listen("127.0.0.1", 0))
    async with aiohttp.ClientSession() as http:
        yield Desk(preview, pack, tmp_path / "vi", http)
    await preview.close()


def screens(page: str, title: str) -> list[str]:
    """What each channel shows of a specimen, as text."""
    [article] = re.findall(rf'<article data-title="{re.escape(title)}">(.*?)</article>', page, re.DOTALL)
    found = re.findall(r'<section class="screen".*?</section>', article, re.DOTALL)
    return [" ".join(html.unescape(re.sub("<[^>]+>", " ", screen)).split()) for screen in found]


async def test_a_card_on_every_channel(desk: Desk) -> None:
    """Buttons where there are any, else a numbered list in the text; what it suggests to each kind of work below."""
    telegram, zalo, web = screens(await desk.page(), "Hòn đá")
    for screen in (telegram, zalo, web):
        assert "Ngày 21/4/1942, bài thơ Hòn đá" in screen
        assert "Bếp ăn: Giúp một người nấu ăn." in screen
    assert telegram.removeprefix("Telegram") == web.removeprefix("Web")
    assert re.search(r"ký tự 1. Đọc tiếp 2. Trả lời câu hỏi", telegram)
    assert re.search(r"1. Đọc tiếp 2. Trả lời câu hỏi .*ký tự", zalo)


async def test_questions_reminders_and_texts(desk: Desk) -> None:
    _, zalo, _ = screens(await desk.page("?kind=question"), "Điều gì làm nên sức mạnh?")
    assert "A. Đoàn kết B. Ngủ nhiều C. Đi xa D. Ở nhà Gõ “Nghỉ ở đây”" in zalo
    assert "Đúng rồi. Đoàn kết là sức mạnh." in zalo
    assert "Chưa đúng. Đáp án là A: Đoàn kết." in zalo
    _, zalo, _ = screens(await desk.page("?kind=reminder"), "Ngày Hội (19/5/2025)")
    for left in ("Còn 7 ngày", "Còn 3 ngày", "Còn 1 ngày", "Hôm nay kỷ niệm 135 năm"):
        assert left in zalo
    telegram, zalo, _ = screens(await desk.page("?kind=daily&theme=doan-ket"), "Tin trong ngày: Hòn đá")
    assert "Ngày 21/4/1942, bài thơ Hòn đá" in telegram
    assert re.search(r"Đọc tiếp.*Trả lời câu hỏi.*Lưu bài.*Chia sẻ bài.*Vì sao tôi nhận tin này", telegram)
    assert re.search(r"Gõ \d+: Lưu bài Gõ \d+: Chia sẻ bài", zalo)
    telegram, _, _ = screens(await desk.page("?kind=daily"), "Tin trong ngày: 19/5/2025")
    said = ["Hôm nay kỷ niệm 135 năm", "Đính chính", "Ngày 21/4/1942, bài thơ", "5 câu đến lượt hỏi lại"]
    assert [telegram.find(part) for part in said] == sorted(telegram.find(part) for part in said)
    assert all(part in telegram for part in said)
    texts = await desk.page("?kind=text")
    assert "‹title›" in screens(texts, "card.save")[0]
    every = await desk.page("?kind=all")
    titles = re.findall('<article data-title="([^"]*)"', every)
    assert len(titles) == len(set(titles)) > 300
    assert {"Hòn đá", "Bài thơ tên là gì?", "Giỗ Tổ (7/4/2025)", "card.save"} <= set(titles)


async def test_a_cards_picture_where_the_channel_carries_it(desk: Desk) -> None:
    """Zalo fetches pictures from our pages, and here it cannot."""
    page = await desk.page("?theme=chuyen-ke")
    assert page.count('src="image/chiec-ao" alt="Một chiếc áo màu nâu"') == 2
    async with desk.http.get(f"{desk.preview.url}/image/chiec-ao") as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
    for other in ("hon-da", "..%2Fpack.yaml"):
        async with desk.http.get(f"{desk.preview.url}/image/{other}") as answer:
            assert answer.status == 404


async def test_only_a_theme_or_a_channel(desk: Desk) -> None:
    page = await desk.page("?theme=chuyen-ke&channel=zalo_bot")
    assert re.findall('<article data-title="([^"]*)"', page) == ["Chiếc áo"]
    assert len(screens(page, "Chiếc áo")) == 1
    assert 'data-title="Hòn đá"' in await desk.page("?theme=%3Cscript%3E&kind=x&channel=%22")


async def test_what_is_hostile_in_a_card_is_only_text(desk: Desk) -> None:
    desk.edit(CARD, "title: Hòn đá", "title: <script>alert(document.title)</script>")
    desk.edit(
        CARD,
        "Bài thơ nói về sức",
        "<img src=x onerror=alert(document.title)> <b onclick=alert(document.title)>Bài</b> thơ nói về sức",
    )
    page = await desk.page()
    assert "&lt;script&gt;alert(document.title)&lt;/script&gt;" in page
    assert (
        "&lt;img src=x onerror=alert(document.title)&gt; &lt;b onclick=alert(document.title)&gt;Bài&lt;/b&gt; thơ"
        in page
    )
    assert not re.search("<script>|<img src=x|<b onclick", page)


async def test_what_looks_like_a_template_in_a_card_is_never_run(desk: Desk) -> None:
    """The linter refuses it; what is seen is the pack before."""
    await desk.page()
    desk.edit(CARD, "Bài thơ nói về sức", "{{7*7}} Bài thơ nói về sức")
    page = await desk.page()
    assert f"<code>{CARD}:12</code>" in page
    assert "Tệp đang có lỗi: bên dưới là bản tốt gần nhất" in page
    assert "{{7*7}}" not in "".join(screens(page, "Hòn đá"))
    assert "49" not in "".join(screens(page, "Hòn đá"))


BREAK: dict[str, Callable[[Desk], object]] = {
    "yaml": lambda desk: desk.edit("pack.yaml", "year: 2025", "year: [2025"),
    "type": lambda desk: desk.edit("milestones.yaml", "day: 19", "day: mười chín"),
    "gone": lambda desk: (desk.pack / "facts.yaml").unlink(),
    "bytes": lambda desk: (desk.pack / "plan.yaml").write_bytes(b"\xff\xfe\x00"),
    "everything": lambda desk: shutil.rmtree(desk.pack),
}


@pytest.mark.parametrize("how", BREAK)
async def test_a_broken_pack_shows_what_is_wrong_and_the_last_good_one(desk: Desk, how: str) -> None:
    before, token = screens(await desk.page(), "Hòn đá"), await desk.token()
    BREAK[how](desk)
    assert await desk.token() != token
    page = await desk.page()
    assert re.search(r'<li class="serious"><code>[\w./-]+:\d+</code> \S+', page)
    assert screens(page, "Hòn đá") == before
    assert "Traceback" not in page


async def test_of_a_pack_that_was_never_good_the_faults_are_shown(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    async for desk in opened_on(tmp_path, tmp_path / "pack"):
        for kind in ("card", "all"):
            page = await desk.page(f"?kind={kind}")
            assert "chưa có bản tốt nào để xem" in page
            assert "<article" not in page
        write_small_pack(desk.pack)
        assert screens(await desk.page(), "Hòn đá")


async def test_texts_are_read_again_and_a_broken_one_is_told(desk: Desk) -> None:
    await desk.page("?kind=text")
    card = desk.texts / "card.j2"
    good = card.read_text("utf-8")
    card.write_text(good.replace("Đã lưu bài", "Đã giữ bài"), "utf-8")
    assert "Đã giữ bài" in screens(await desk.page("?kind=text"), "card.save")[0]
    card.write_text(good + "{% block", "utf-8")
    page = await desk.page("?kind=text")
    assert "<code>card.j2:" in page
    assert "Đã giữ bài" in screens(page, "card.save")[0]
    card.write_text(good, "utf-8")
    words = desk.texts / "words.yaml"
    words.write_text(words.read_text("utf-8") + "\nmore: [", "utf-8")
    assert "<code>words*.yaml:1</code>" in await desk.page("?kind=text")


async def test_nobody_else_is_answered(desk: Desk) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        async with desk.http.get(desk.preview.url + "/token", headers=headers) as answer:
            assert answer.status == 403


@pytest.mark.browser
async def test_it_is_live_in_a_browser(desk: Desk) -> None:
    """A change of a file is seen by itself, a search stays; nothing hostile runs; it fits a small phone."""
    complaints: list[str] = []
    async with open_browser() as browser:
        page = await browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        await page.goto(desk.preview.url)
        await page.get_by_label("Tìm").fill("tặng lại")
        await expect(page.locator("article:visible")).to_have_count(1)
        story = "themes/chuyen-ke/cards/chiec-ao.md"
        desk.edit(story, "title: Chiếc áo", "title: Chiếc áo <script>alert(document.title)</script>")
        await expect(page.locator("article:visible h2")).to_have_text("Chiếc áo <script>alert(document.title)</script>")
        desk.edit("pack.yaml", "year: 2025", "year: [2025")
        await expect(page.locator(".faults")).to_contain_text("pack.yaml:")
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"]
        await picture(page, "preview-phone")
        await page.set_viewport_size(DESK)  # type: ignore[arg-type]
        await page.get_by_label("Kênh").select_option(label="Zalo")
        await expect(page).to_have_url(re.compile("channel=zalo_bot"))
        await picture(page, "preview-desk")
    assert complaints == []


async def test_every_text_and_the_whole_pack_can_be_seen(tmp_path: Path) -> None:
    """A text that stand-ins cannot fill is shown as it is written; those are few."""
    async for desk in opened_on(tmp_path, SHIPPED_PACK):
        page = await desk.page("?kind=all")
        assert "Traceback" not in page
        assert page.count('class="unfilled"') < 20
        assert not re.search('<li class="serious">', page)
