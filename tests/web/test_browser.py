"""The demo in a real Chromium: by mouse, by keyboard alone, on a small phone, through a lost network."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from bot.demo import Demo
from bot.domain.messages import Outbound, OutboundMedia
from content import printing
from content.models import Pack, Question
from tests.support.browser import DESK, PHONE, open_browser, picture
from tests.web.conftest import Public

pytestmark = pytest.mark.browser


class Desk:
    """A browser; script errors and refused resources on its pages end up in `complaints`."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.complaints: list[str] = []

    async def visit(self, url: str, width: int, height: int) -> Page:
        opened = await self._browser.new_context(
            viewport={"width": width, "height": height}, locale="vi-VN", reduced_motion="reduce"
        )
        opened.set_default_timeout(10_000)
        page = await opened.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self._note(said.text))
        await page.goto(url)
        return page

    def _note(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.complaints.append(text)


@pytest.fixture
async def browser() -> AsyncIterator[Desk]:
    async with open_browser() as opened:
        desk = Desk(opened)
        yield desk
        assert desk.complaints == []


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    demo = await Demo.open(tmp_path, port=0)
    yield demo
    await demo.close()


def of(page: Page, role: str) -> Locator:
    """One persona's conversation."""
    return page.locator(f'[data-as="{role}"]')


async def taps(chat: Locator, label: str) -> None:
    await chat.get_by_role("button", name=re.compile(rf"^(\d+\. )?{re.escape(label)}$")).last.click()


async def types(chat: Locator, text: str) -> None:
    await chat.get_by_role("textbox", name="Tin nhắn").fill(text)
    await chat.get_by_role("textbox", name="Tin nhắn").press("Enter")


async def hears(chat: Locator, text: str) -> None:
    await expect(chat.locator(".message.bot").last).to_contain_text(text)


async def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= await page.evaluate("document.documentElement.clientWidth")
    for log in await page.locator(".log:visible").all():
        assert await log.evaluate("e => e.scrollWidth <= e.clientWidth")


async def test_a_newcomer_joins_by_buttons(browser: Desk, demo: Demo) -> None:
    page = await browser.visit(demo.url, **DESK)
    chat = of(page, "moi")
    await taps(chat, "Bắt đầu")
    await hears(chat, "đồng ý không?")
    await picture(page, "consent")
    await taps(chat, "Đồng ý")
    await hears(chat, "ở công đoàn nào?")
    await picture(page, "first-piece")
    await types(chat, "cong ty vi du a")
    await taps(chat, "CĐCS Công ty Ví dụ A")
    await hears(chat, "gọi thế nào")
    await picture(page, "form-of-address")
    await taps(chat, "Chị")
    await types(chat, "Huy")
    await hears(chat, "Ý chị là" if await _asks_back(chat) else "nhận bài lúc nào")
    await taps(chat, "Sáng sớm")
    await hears(chat, "Xong rồi, cảm ơn chị Huy")
    await picture(page, "joined")


async def _asks_back(chat: Locator) -> bool:
    await expect(chat.locator(".message.bot").last).to_contain_text(re.compile("Ý chị là|lúc nào"))
    return "Ý chị là" in await chat.locator(".message.bot").last.inner_text()


async def test_a_newcomer_joins_by_keyboard_alone_on_a_small_phone(browser: Desk, demo: Demo) -> None:
    page = await browser.visit(demo.url, **PHONE)
    chat = of(page, "moi")
    await fits(page)
    begin = chat.get_by_role("button", name="Bắt đầu")
    await expect(begin).to_be_visible()
    for _ in range(20):
        if await begin.evaluate("e => e === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(chat.get_by_role("button", name="1. Đồng ý")).to_be_focused()
    await picture(page, "phone-consent")
    await page.keyboard.press("Enter")
    await hears(chat, "ở công đoàn nào?")
    await expect(chat.get_by_role("button", name="1. Chọn từ danh sách")).to_be_focused()
    await fits(page)
    await picture(page, "phone-first-piece")
    for _ in range(10):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    for typed in ("LC 421", "1", "2", "Lan", "4"):
        count = await chat.locator(".message.bot").count()
        await page.keyboard.type(typed)
        await page.keyboard.press("Enter")
        await expect(chat.locator(".message.bot")).to_have_count(count + 1)
        assert await page.evaluate("document.activeElement.tagName") == "TEXTAREA", "typing goes on"
    await hears(chat, "Xong rồi, cảm ơn chị Lan")
    await fits(page)
    await picture(page, "phone-joined")


async def test_every_persona_and_the_panel_fit_a_small_phone(browser: Desk, demo: Demo) -> None:
    page = await browser.visit(demo.url, **PHONE)
    for role in demo.roles:
        await page.get_by_role("button", name=role.label, exact=True).click()
        await expect(of(page, role.id)).to_be_visible()
        assert await page.locator(".phone:visible").count() == 1
        await fits(page)
    await page.get_by_role("button", name="Bảng điều khiển").click()
    await expect(page.get_by_text("Thứ Năm, 01/05/2025").last).to_be_visible()
    assert await page.locator(".phone:visible").count() == 0
    await fits(page)
    await picture(page, "phone-panel")


async def test_a_message_sent_into_a_lost_network_arrives_once(browser: Desk, demo: Demo) -> None:
    page = await browser.visit(demo.url, **DESK)
    chat = of(page, "lan")
    await page.get_by_role("button", name="Chị Lan").click()
    await hears(chat, "muốn làm gì?")
    said = chat.locator(".message.bot")
    before = await said.count()
    lost: list[str] = []

    async def lose_the_answer(route: Route) -> None:
        """The server takes it, and the network dies before the page hears so."""
        lost.append(route.request.post_data or "")
        if len(lost) < 3:
            await route.fetch()
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route("**/messages", lose_the_answer)
    await types(chat, "gặp cán bộ")
    own = chat.locator(".message.own").last
    await expect(own).to_have_attribute("data-state", "retrying")
    await picture(page, "lost-network")
    await expect(own).to_have_attribute("data-state", "sent")
    assert len(set(lost)) == 1, "every attempt is the same message"
    assert len(lost) == 3
    await page.unroute("**/messages")
    await types(chat, "menu")
    await hears(chat, "muốn làm gì?")
    assert await said.count() == before + 2


async def test_a_reload_shows_the_same_conversation(browser: Desk, demo: Demo) -> None:
    page = await browser.visit(demo.url, **DESK)
    chat = of(page, "moi")
    await taps(chat, "Bắt đầu")
    await taps(chat, "Đồng ý")
    await types(chat, "LC0421")
    await taps(chat, "CĐCS Công ty Ví dụ A")
    await hears(chat, "gọi thế nào")
    await expect(chat.locator(".own[data-state=sent]")).to_have_count(4)
    before = await chat.locator(".log .text").all_inner_texts()
    await page.reload()
    await hears(chat, "gọi thế nào")
    await expect(chat.locator(".own[data-state=sent]")).to_have_count(4)
    assert await chat.locator(".log .text").all_inner_texts() == before
    await taps(chat, "Anh")
    await hears(chat, "Tên anh là gì?")


async def test_what_was_unsent_goes_out_after_a_reload(browser: Desk, demo: Demo) -> None:
    page = await browser.visit(demo.url, **DESK)
    chat = of(page, "moi")
    await page.route("**/messages", lambda route: route.abort("internetdisconnected"))
    await taps(chat, "Bắt đầu")
    await expect(chat.locator(".own").last).to_have_attribute("data-state", "retrying")
    await page.unroute("**/messages")
    await page.reload()
    await hears(chat, "đồng ý không?")
    await expect(chat.locator(".own")).to_have_count(1)


async def test_the_clock_brings_the_reminder_to_two_people_at_once(browser: Desk, demo: Demo) -> None:
    page = await browser.visit(demo.url, **DESK)
    await page.get_by_role("button", name="Người mới").click()
    await page.get_by_role("button", name="Chủ tịch Bình").click()
    for name in ("Chị Lan", "Cô Hoa"):
        await page.get_by_role("button", name=name, exact=True).click()
    await hears(of(page, "lan"), "muốn làm gì?")
    await page.get_by_role("button", name="Đến 08:00 ngày 12/05").click()
    await expect(page.get_by_text("Đồng hồ đã tới nơi.")).to_be_visible(timeout=60_000)
    for role in ("lan", "hoa"):
        await expect(of(page, role).get_by_text("19/5").last).to_be_visible()
    await expect(page.locator("aside table")).to_contain_text("Nhắc ngày")
    await expect(page.get_by_role("button", name="Đến 08:00 ngày 12/05")).to_be_disabled()
    await picture(page, "reminder")


async def test_beginning_again_asks_first(browser: Desk, demo: Demo) -> None:
    page = await browser.visit(demo.url, **DESK)
    chat = of(page, "moi")
    await taps(chat, "Bắt đầu")
    await hears(chat, "đồng ý không?")
    await page.get_by_role("button", name="Bắt đầu lại").click()
    await expect(page.get_by_role("dialog")).to_contain_text("07:55 01/05/2025")
    await picture(page, "begin-again")
    await page.get_by_role("dialog").get_by_role("button", name="Thôi").click()
    await hears(chat, "đồng ý không?")
    await page.get_by_role("button", name="Bắt đầu lại").click()
    await page.get_by_role("dialog").get_by_role("button", name="Bắt đầu lại").click()
    await expect(chat.locator(".begin")).to_be_visible()
    await expect(chat.locator(".message")).to_have_count(0)


async def test_no_more_than_four_at_once(browser: Desk, demo: Demo) -> None:
    page = await browser.visit(demo.url, **DESK)
    for name in ("Chị Lan", "Anh Minh", "Cô Hoa"):
        await page.get_by_role("button", name=name, exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("nhiều nhất 4 vai")
    assert await page.locator(".phone:visible").count() == 4
    await picture(page, "four")


async def test_markup_is_built_only_from_what_is_known(browser: Desk, demo: Demo) -> None:
    page = await browser.visit(demo.url, **DESK)
    built = await page.evaluate(
        """async (html) => {
          const { fragment } = await import("/static/markup.js");
          const box = document.createElement("div");
          box.append(fragment(html));
          return box.innerHTML;
        }""",
        '<b onclick="x()">đậm</b> <img src=x onerror=x()><script>x()</script><a href="javascript:x()">a</a>'
        '<a href="https://e.vn" onmouseover="x()">b</a><svg onload=x()><i>c</i></svg><iframe src="//e.vn"></iframe>'
        "<style>*{}</style><blockquote>d</blockquote>&lt;b&gt;",
    )
    assert built == (
        '<b>đậm</b> x()a<a href="https://e.vn" target="_blank" rel="noopener noreferrer">b</a><i>c</i>*{}'
        "<blockquote>d</blockquote>&lt;b&gt;"
    )
    assert browser.complaints, "what was dropped would have been stopped by the policy as well"
    browser.complaints.clear()


async def test_the_public_chat_opened_by_a_unit_s_link(browser: Desk, public: Public) -> None:
    page = await browser.visit(f"{public.site.url}/chat?start=u_LC0421", **PHONE)
    await fits(page)
    await picture(page, "public-begin")
    await page.get_by_role("button", name="Bắt đầu").click()
    await expect(page.locator(".message.bot").last).to_contain_text("đồng ý không?")
    assert "start" not in page.url
    await picture(page, "public-consent")
    payloads = await public.app.db.read(lambda tx: tx.all("SELECT journal FROM dialog"))
    assert "u_LC0421" in str(payloads)
    await page.get_by_role("button", name="2. Để sau").click()
    await expect(page.locator(".message.bot").last).to_contain_text("Tôi không lưu gì cả")


async def test_pictures_are_told_to_who_does_not_see_them(browser: Desk, public: Public) -> None:
    """By their own words, however many; what somebody sent without any is a picture, and not its file's name."""
    page = await browser.visit(f"{public.site.url}/chat", **PHONE)
    await taps(page.locator("body"), "Bắt đầu")
    await hears(page.locator("body"), "đồng ý không?")
    path = public.app.plan.data_dir / "photo"
    path.write_bytes(printing.picture(printing.Picture("LĐLĐ tỉnh", "", "Hôm nay", "Ngày thành lập", "")))
    await public.sql(
        "INSERT INTO media (id, kind, state, path, name, created_at) VALUES (7, 'photo', 'stored', ?, 'a.png', 0)",
        str(path),
    )
    said = "LĐLĐ tỉnh\nHôm nay\nNgày “thành lập” <b>&"
    await public.enqueue(Outbound("", media=(OutboundMedia("photo", 7, "anh.png", said),)))
    await public.enqueue(Outbound("Ảnh của tổ", media=(OutboundMedia("photo", 7, "IMG_0001.png"),)))
    pictures = page.locator(".message.bot img")
    await expect(pictures).to_have_count(2)
    await expect(pictures.first).to_have_attribute("alt", said)
    await expect(pictures.last).to_have_attribute("alt", "Ảnh gửi kèm, không có lời tả")
    await expect(pictures.first).to_have_js_property("naturalWidth", 1080)
    await fits(page)
    await picture(page, "pictures")


async def test_several_options_are_marked_where_they_stand(browser: Desk, public: Public) -> None:
    """By keyboard: each press marks its button, the focus stays on it, and no message comes until it is done."""
    pack = public.app.installation.pack
    several = Question(**pack.questions[0].model_dump() | {"correct": (0, 2)})
    parts = {name: getattr(pack, name) for name in Pack.model_fields}
    public.app.installation.pack = Pack(**parts | {"questions": (several,)})
    page = await browser.visit(f"{public.site.url}/chat", **PHONE)
    chat = page.locator("body")
    for label in ("Bắt đầu", "Đồng ý", "Không thấy đơn vị của tôi"):
        await taps(chat, label)
    await types(chat, "Xưởng may")
    for label in ("Chị", "Bỏ qua", "Tối"):
        await taps(chat, label)
    await hears(chat, "Xong rồi")
    await types(chat, "câu hỏi")
    await hears(chat, "hoặc chọn từng ý rồi chọn Xong")
    messages = await chat.locator(".message.bot").count()
    button = chat.locator(".message.bot").last.get_by_role("button")
    for letter in "AC":
        await button.get_by_text(letter, exact=True).press("Enter")
        await expect(button.get_by_text(f"✓ {letter}", exact=True)).to_be_focused()
    await picture(page, "several-marked")
    await fits(page)
    await button.get_by_text("✓ C", exact=True).press("Enter")
    await expect(button.get_by_text("C", exact=True)).to_be_focused()
    await button.get_by_text("C", exact=True).press("Enter")
    await expect(button.get_by_text("✓ C", exact=True)).to_be_visible()
    assert await chat.locator(".message.bot").count() == messages
    await taps(chat, "Xong")
    await expect(chat.locator(".message.bot", has_text="Đúng rồi.")).to_be_visible()
