"""The web chat over HTTP, without a browser: identity, resending, resuming, and everything hostile."""

import asyncio
import re
import uuid
from datetime import timedelta

import pytest

from bot.domain.lanes import Lane
from bot.domain.messages import Button, Outbound, OutboundMedia
from bot.web import events
from tests.support.visitor import Visitor
from tests.web.conftest import PNG, Public


async def test_a_stranger_is_asked_to_agree(public: Public) -> None:
    visitor = await public.visitor()
    status, answer = await visitor.says("/start")
    assert (status, answer) == (200, {"at": public.clock.now()})
    await public.app.settle()
    [said] = await visitor.seen()
    assert "Liên đoàn Lao động tỉnh Ví dụ" in said.value["html"]
    assert [label for row in said.value["buttons"] for label, _ in row] == ["1. Đồng ý", "2. Để sau"]
    assert said.id == str(said.value["row"])


async def test_the_cookie_is_signed_and_out_of_reach_of_scripts(public: Public) -> None:
    visitor = public.newcomer()
    async with visitor.http.get(visitor.url + "/chat") as response:
        cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    status, _ = await public.newcomer().says("chào")
    assert status == 401
    token = cookie.split("=", 1)[1].split(";")[0]
    other = "a" if token[0] != "a" else "b"
    for forged in (other + token[1:], token[:-1], token.split(".")[0], "", "x.y", token + "x"):
        stranger = public.newcomer()
        stranger.http.cookie_jar.update_cookies({"chat": forged})
        assert (await stranger.says("chào"))[0] == 401
        assert (await stranger.get("/chat/events"))[0] == 401
        assert (await stranger.uploads(PNG))[0] == 401


async def test_the_same_person_comes_back(public: Public) -> None:
    visitor = await public.visitor()
    await visitor.says("/start")
    await public.app.settle()
    await visitor.get("/chat")
    assert len(await visitor.texts()) == 1


async def test_a_resend_is_the_same_message(public: Public) -> None:
    visitor = await public.visitor()
    id = str(uuid.uuid4())
    answers = await asyncio.gather(*(visitor.says("/start", id=id) for _ in range(5)))
    assert {status for status, _ in answers} == {200}
    await public.app.settle()
    assert len(await visitor.texts()) == 1
    other = await public.visitor()
    assert (await other.says("/start", id=id))[0] == 200, "another's id is nothing to this chat"
    await public.app.settle()
    assert len(await other.texts()) == 1


async def test_two_people_do_not_see_each_other(public: Public) -> None:
    first, second = await public.visitor(), await public.visitor()
    await first.says("/start")
    await public.app.settle()
    assert await second.seen() == []


async def test_the_stream_brings_what_is_said_while_it_is_open(public: Public) -> None:
    visitor = await public.visitor()
    async with asyncio.timeout(5), visitor.stream() as events:
        names = []
        async for event in events:
            names.append(event.name)
            if event.name == "ready":
                await visitor.says("/start")
            if event.name == "said":
                break
    assert names == ["hello", "ready", "said"]


async def test_the_stream_resumes_after_the_last_row_seen(public: Public) -> None:
    visitor = await public.visitor()
    await visitor.says("/start")
    await public.app.settle()
    [first] = await visitor.seen()
    public.clock.forward(minutes=10)
    await visitor.taps(first.value["buttons"][0][0][1], first.value["row"])
    await public.app.settle()
    later = await visitor.seen(first.id)
    assert [event.name for event in later] == ["said", "keyboard"]
    assert later[1].value["target"] == first.value["row"]
    everything = await visitor.seen("999999")
    assert [event.id for event in everything] == [first.id, *(event.id for event in later)]


async def test_a_push_that_waited_reaches_a_page_that_has_seen_later_rows(public: Public) -> None:
    visitor = await public.visitor()
    await visitor.says("/start")
    await public.app.settle()
    tomorrow = public.clock.now() + int(timedelta(days=1).total_seconds() * 1000)
    waiting = await public.enqueue(Outbound("Ngày mai nhé"), not_before=tomorrow, lane=Lane.DAILY)
    await visitor.says("chào")
    await public.app.settle()
    last = (await visitor.seen())[-1]
    assert int(last.id) > waiting
    public.clock.forward(days=1)
    public.app.wake(pushes=True)
    await public.app.settle()
    missed = await visitor.texts(last.id)
    assert missed[-1] == "Ngày mai nhé"


async def test_an_album_is_changed_and_taken_back_with_the_text_that_followed_it(public: Public) -> None:
    """Each shown at once to a page that is open, and the same to one that opens later."""
    visitor = await public.visitor()
    await visitor.says("/start")
    await public.app.settle()
    [hello] = await visitor.seen()
    files = (OutboundMedia("photo", 1), OutboundMedia("video", 2))
    text = Outbound("Cũ", ((Button("Đã nhận", "x:1"),),))
    album = await public.enqueue(Outbound("", media=files, then=(text,)), lane=Lane.URGENT)
    await public.app.settle()
    shown, below = await visitor.seen(hello.id)
    assert [kind for kind, *_ in shown.value["media"]] == ["photo", "video"]
    assert (below.value["html"], len(below.value["buttons"])) == ("Cũ", 1)
    new = Outbound("", media=files, then=(text._replace(html="Mới"),))
    last = below.id
    for operation in ("edit", "delete"):
        await public.enqueue(new, lane=Lane.URGENT, operation=operation, target_id=album)
        await public.app.settle()
        events = [event for event in await visitor.seen(last) if event.name in ("edited", "deleted")]
        if operation == "edit":
            [edited] = events
            assert (edited.value["target"], edited.value["html"]) == (below.value["row"], "Mới")
            last = edited.id
        else:
            deleted = [event.value["target"] for event in events if event.name == "deleted"]
            assert deleted == [shown.value["row"], below.value["row"]]


async def test_an_erased_chat_s_ids_do_not_come_back(public: Public) -> None:
    visitor = await public.visitor()
    await visitor.says("/start")
    await public.app.settle()
    [first] = await visitor.seen()
    await public.sql("DELETE FROM outbox")
    await public.enqueue(Outbound("Đã xóa"))
    [after] = await visitor.seen(first.id)
    assert int(after.id) > int(first.id)


async def test_a_message_that_an_erasure_blanked_leaves_no_empty_bubble(public: Public) -> None:
    visitor = await public.visitor()
    await visitor.says("/start")
    await public.app.settle()
    [first] = await visitor.seen()
    await visitor.taps(first.value["buttons"][0][0][1], first.value["row"])
    await public.enqueue(Outbound("Cán bộ: Lò Thị Lan"))
    last = (await visitor.seen())[-1]
    await public.sql("UPDATE outbox SET body = NULL WHERE id IN (?, ?)", first.id, last.id)
    left = [event for seen in (None, first.id, last.id) for event in await visitor.seen(seen or "")]
    assert {event.id for event in left}.isdisjoint({first.id, last.id})
    assert all(event.value["html"] for event in left if event.name == "said")
    assert sum(event.name == "keyboard" for event in left) == 3


@pytest.mark.parametrize(
    ("origin", "headers"),
    [
        ("https://evil.example", {}),
        ("null", {}),
        (None, {}),
        (None, {"Sec_Fetch_Site": "cross-site"}),
        ("http://127.0.0.1:1", {}),
        ("http://localhost.evil.example", {"Sec_Fetch_Site": "same-origin"}),
    ],
)
async def test_another_site_s_page_cannot_speak_for_a_visitor(
    public: Public, origin: str | None, headers: dict[str, str]
) -> None:
    visitor = await public.visitor()
    message = {"id": str(uuid.uuid4()), "text": "/start"}
    status, _ = await visitor.post("/chat/messages", message, origin=origin, **headers)
    assert status == 403
    status, _ = await visitor.post("/chat/files", body=PNG, origin=origin, X_Message_Id=str(uuid.uuid4()), **headers)
    assert status == 403
    assert await visitor.seen() == []


async def test_a_form_of_another_site_is_no_message(public: Public) -> None:
    visitor = await public.visitor()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        status, _ = await visitor.post("/chat/messages", {"id": str(uuid.uuid4()), "text": "/start"}, Content_Type=kind)
        assert status == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"{}",
        b'{"id":"1","text":"x"}',
        b'{"id":"%ID%"}',
        b'{"id":"%ID%","text":5}',
        b'{"id":"%ID%","text":"\\ud800"}',
        b'{"id":"%ID%","text":"\xff"}',
        b'{"id":["%ID%"],"text":"x"}',
        b'{"id":"%ID%","data":"m:menu"}',
        b'{"id":"%ID%","data":"' + b"x" * 65 + b'","on":1}',
        b'{"id":"%ID%","data":"m:menu","on":"1"}',
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
    ],
)
async def test_what_is_not_a_message_gets_a_sentence(public: Public, body: bytes) -> None:
    visitor = await public.visitor()
    status, answer = await visitor.post("/chat/messages", body=body.replace(b"%ID%", str(uuid.uuid4()).encode()))
    assert status == 400
    assert "tải lại trang" in answer["error"]
    assert await visitor.seen() == []


async def test_a_message_of_100_kb_gets_a_sentence(public: Public) -> None:
    visitor = await public.visitor()
    status, answer = await visitor.says("a" * 100_000)
    assert status == 413
    assert "viết gọn" in answer["error"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a" * 5000,
        "Nguye\u0302\u0303n",
        "👍🏽👨‍👩‍👧",
        "\u202eabc",
        "{{7*7}}",
        "<b>x",
        "'; DROP TABLE outbox",
        "\x00\x1b[31m",
    ],
)
async def test_any_text_gets_an_answer_and_no_markup_comes_through(public: Public, text: str) -> None:
    visitor = await public.visitor()
    assert (await visitor.says(text))[0] == 200
    await public.app.settle()
    texts = await visitor.texts()
    assert texts
    assert "49" not in texts[-1]
    assert "<b>x" not in texts[-1]


async def test_forged_taps_get_an_answer(public: Public) -> None:
    visitor = await public.visitor()
    for data in ("", "d:1:7:agree", "d:999999:0:agree", "d:x", "m:nothing", "x:y:z", ":::", "ack:1:read"):
        assert (await visitor.taps(data))[0] == 200
    await public.app.settle()
    said = [event.value for event in await visitor.seen() if event.name == "said"]
    assert said
    assert all("Chào" in value["html"] or "xong từ trước" in value["html"] for value in said), said
    members = await public.app.db.read(lambda tx: tx.scalar("SELECT COUNT(*) FROM member"))
    assert members == 0


async def test_storage_trouble_is_told_and_the_resend_counts_once(public: Public) -> None:
    visitor = await public.visitor()
    id = str(uuid.uuid4())
    await public.sql("ALTER TABLE inbox RENAME TO hidden")
    status, answer = await visitor.says("/start", id=id)
    assert status == 503
    assert "gửi lại" in answer["error"]
    await public.sql("ALTER TABLE hidden RENAME TO inbox")
    for _ in range(2):
        assert (await visitor.says("/start", id=id))[0] == 200
    await public.app.settle()
    assert len(await visitor.texts()) == 1


@pytest.mark.parametrize("limit", ["STREAMS_A_CHAT", "STREAMS_A_CLIENT", "STREAMS_AT_ONCE"])
async def test_streams_are_bounded(public: Public, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """For a chat, for a network address (which the proxy on this machine tells) and in all; a place left is free."""
    monkeypatch.setattr(events, limit, 2)
    first, second = await public.visitor(), await public.visitor()
    later = first if limit == "STREAMS_A_CHAT" else second
    here = {"X-Forwarded-For": "10.0.0.1, 203.0.113.7"}
    elsewhere = {"X-Forwarded-For": "203.0.113.7, 198.51.100.9"}
    address = f"{public.site.url}/chat/events"
    async with first.http.get(address, headers=here), first.http.get(address, headers=here):
        async with later.http.get(address, headers=here) as refused:
            assert refused.status == 503
            assert refused.headers["Retry-After"] == "30"
            assert "quá nhiều nơi" in await refused.text()
        async with second.http.get(address, headers=elsewhere) as other:
            assert other.status == (503 if limit == "STREAMS_AT_ONCE" else 200)
    async with asyncio.timeout(10):
        while True:
            async with later.http.get(address, headers=here) as again:
                if again.status == 200:
                    break
            await asyncio.sleep(0.01)


# -- the page


async def test_the_page_is_vietnamese_and_runs_nothing_inline(public: Public) -> None:
    visitor = public.newcomer()
    async with visitor.http.get(visitor.url + "/chat") as response:
        page = await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert '<html lang="vi">' in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", page)
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    for path in re.findall(r'(?:src|href)="(static/[^"]+)"', page):
        assert (await visitor.get(f"/{path}"))[0] == 200


async def test_scripts_find_every_word_they_use(public: Public) -> None:
    visitor = public.newcomer()
    _, page = await visitor.get("/chat")
    _, script = await visitor.get("/static/chat.js")
    used = set(re.findall(r"this\.words\.(\w+)", script)) | {"connected", "reconnecting"}
    given = set(re.findall(r"&#34;(\w+)&#34;:", page))
    assert used <= given
    assert "innerHTML" not in script


async def test_nothing_else_is_there(public: Public) -> None:
    visitor: Visitor = await public.visitor()
    for path in (
        "/",
        "/as/lan/events",
        "/stage/state",
        "/chat/",
        "/static/../site.py",
        "/static/%2e%2e/site.py",
        "/docs",
    ):
        assert (await visitor.get(path))[0] in (404, 307), path
    assert (await visitor.get("/chat/messages"))[0] == 405
