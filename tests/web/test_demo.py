"""The demo: its people, its clock, beginning again, and who may not touch it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.demo import Demo, DemoRefused
from bot.web.listening import AddressInUse
from tests.support.visitor import Visitor

HOURS = 3_600_000
START = 1746060900000


class Stagehand(Visitor):
    """Whoever sits at the demo's machine."""

    async def state(self) -> dict[str, Any]:
        async with self.http.get(f"{self.url}/stage/state") as response:
            state: dict[str, Any] = await response.json()
            return state

    async def goes_to(self, to: str) -> tuple[int, Any]:
        return await self.post("/stage/clock", {"to": to})

    async def arrives(self) -> int:
        """Wait until the clock is where it was sent; epoch ms."""
        async with asyncio.timeout(60):
            while True:
                state = await self.state()
                if state["journey"] is None:
                    now: int = state["now"]
                    return now

    async def hears(self, words: str) -> None:
        """Wait until the newest message says so."""
        async with asyncio.timeout(10):
            while words not in ([""] + await self.texts())[-1]:
                continue

    def as_role(self, role: str) -> "Stagehand":
        return Stagehand(self.http, self.url, f"/as/{role}")


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    demo = await Demo.open(tmp_path, port=0)
    yield demo
    await demo.close()


@pytest.fixture
async def hand(demo: Demo) -> AsyncIterator[Stagehand]:
    async with aiohttp.ClientSession() as http:
        yield Stagehand(http, demo.url)


async def test_everybody_is_there_and_the_clock_stands_at_the_first_of_may(demo: Demo, hand: Stagehand) -> None:
    state = await hand.state()
    assert START <= state["now"] < START + HOURS
    assert {line["to"] for line in state["lines"]} == {role.label for role in demo.roles[1:]}
    assert await hand.as_role("moi").seen() == []
    [menu] = await hand.as_role("binh").seen()
    assert menu.value["html"] == "Đồng chí Trần Văn Bình muốn làm gì?"
    labels = [label for row in menu.value["buttons"] for label, _ in row]
    assert labels[0] == "1. Bài hôm nay"
    assert labels[-1] == "9. Việc của cán bộ"
    status, page = await hand.get("/")
    assert status == 200
    assert all(role.label in page for role in demo.roles)


async def test_there_is_nobody_else(hand: Stagehand) -> None:
    for path in ("/as/nobody/events", "/as/nobody/messages", "/as//events", "/chat", "/as/binh%2F..%2Fyen/events"):
        assert (await hand.get(path))[0] in (401, 404, 405), path
    assert (await hand.as_role("nobody").says("chào"))[0] == 401


async def test_the_clock_moves_forward_through_everything_due(hand: Stagehand) -> None:
    assert await hand.as_role("lan").says("chào") == (200, {"at": pytest.approx(START, abs=HOURS)})
    assert (await hand.goes_to("jump"))[0] == 202
    now = await hand.arrives()
    assert now >= START + 11 * 24 * HOURS
    daily = [event for event in await hand.as_role("lan").seen() if event.name == "said"]
    moments = [event.value["at"] for event in daily]
    assert moments == sorted(moments)
    assert len({moment // (24 * HOURS) for moment in moments}) >= 11, "a piece a day"
    reminded = (await hand.as_role("hoa").texts())[-1]
    assert "19/5" in reminded
    assert "135" in reminded


async def test_the_clock_does_not_go_back(hand: Stagehand) -> None:
    before = (await hand.state())["now"]
    for to in ("2025-05-01T07:00", "1970-01-01T00:00"):
        status, answer = await hand.goes_to(to)
        assert status == 400
        assert "chỉ đi tới" in answer["error"]
    assert (await hand.goes_to("2031-01-01T00:00"))[0] == 400
    assert (await hand.state())["now"] < before + HOURS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"to":5}',
        '{"to":"hôm qua"}'.encode(),
        b'{"to":"2025-13-01T00:00"}',
        b'{"x":"hour"}',
        b'{"to":"2025-05-12"}',
    ],
)
async def test_what_is_no_time_gets_a_sentence(hand: Stagehand, body: bytes) -> None:
    status, answer = await hand.post("/stage/clock", body=body)
    assert status == 400
    assert "ngày giờ" in answer["error"]


async def test_one_hour_and_tomorrow_morning(hand: Stagehand) -> None:
    before = (await hand.state())["now"]
    await hand.goes_to("hour")
    assert before + HOURS <= await hand.arrives() < before + 2 * HOURS
    await hand.goes_to("tomorrow")
    assert START + 24 * HOURS + 5 * 60_000 <= await hand.arrives() < START + 25 * HOURS


async def test_beginning_again_forgets_everything(demo: Demo, hand: Stagehand) -> None:
    newcomer = hand.as_role("moi")
    await newcomer.says("/start")
    async with asyncio.timeout(5):
        while not await newcomer.seen():
            continue
    await hand.goes_to("tomorrow")
    async with newcomer.stream() as events:
        hello = await anext(events)
        status, _ = await hand.post("/stage/restart", {})
        assert status == 200
        assert [event.name async for event in events][-1] == "ready", "the old world's stream ended"
    assert await newcomer.seen() == []
    state = await hand.state()
    assert state["now"] < START + HOURS
    assert state["journey"] is None
    async with newcomer.stream() as events:
        assert (await anext(events)).value["world"] != hello.value["world"]


async def test_beginning_again_twice_at_once(hand: Stagehand) -> None:
    answers = await asyncio.gather(*(hand.post("/stage/restart", {}) for _ in range(3)))
    assert {status for status, _ in answers} <= {200, 503}
    assert len((await hand.state())["lines"]) == 7


async def test_the_world_is_there_again_the_next_time(tmp_path: Path) -> None:
    for visit in range(2):
        demo = await Demo.open(tmp_path, port=0)
        async with aiohttp.ClientSession() as http:
            hand = Stagehand(http, demo.url)
            if visit == 0:
                await hand.goes_to("tomorrow")
                later = await hand.arrives()
            else:
                assert (await hand.state())["now"] >= later - 60_000
                assert await hand.as_role("lan").texts()
        await demo.close()


async def test_a_world_of_another_version_begins_anew(tmp_path: Path) -> None:
    world = tmp_path / "demo" / "world"
    world.mkdir(parents=True)
    (world / "demo.db").write_bytes(b"not a database at all" * 500)
    demo = await Demo.open(tmp_path, port=0)
    async with aiohttp.ClientSession() as http:
        assert len((await Stagehand(http, demo.url).state())["lines"]) == 7
    await demo.close()


async def test_a_photo_travels_from_a_member_to_the_reviewer_and_to_nobody_else(hand: Stagehand) -> None:
    minh, yen, lan = hand.as_role("minh"), hand.as_role("yen"), hand.as_role("lan")
    photo = b"\x89PNG\r\n\x1a\n" + bytes(500)
    for said, answer in (
        ("giới thiệu gương tốt", "giới thiệu ai"),
        ("1", "tên là gì"),
        ("Lò Thị Lan", "Ở đơn vị nào"),
        ("LC0421", "Việc tốt ấy là gì"),
        ("Giúp ba công nhân mới thuê được phòng trọ", "khi nào"),
        ("hôm qua", "đáng quý"),
        ("bỏ qua", "Có ảnh"),
    ):
        await minh.says(said)
        await minh.hears(answer)
    await minh.uploads(photo)
    await minh.hears("1/5 ảnh")
    for said, answer in (("xong", "nêu tên"), ("2", "xem lại"), ("gửi", "Đã tiếp nhận")):
        await minh.says(said)
        await minh.hears(answer)
    await yen.hears("gương tốt mới")
    asked = (await yen.seen())[-1].value
    await yen.taps(asked["buttons"][0][0][1], asked["row"])
    media: list[Any] = []
    async with asyncio.timeout(10):
        while not media:
            media = [each for event in await yen.seen() for each in event.value.get("media", [])]
    async with hand.http.get(f"{hand.url}/as/yen/{media[0][1]}") as response:
        assert (response.status, await response.read()) == (200, photo)
    for other in (minh, lan):
        assert (await hand.get(f"{other.base}/{media[0][1]}"))[0] == 404


async def test_a_second_officer_approves_what_goes_to_many(demo: Demo, hand: Stagehand) -> None:
    """To three hundred invented members: Bình asks, Thu approves, Bình sees how far it is."""
    binh, thu = hand.as_role("binh"), hand.as_role("thu")
    for said, answer in (
        ("/thongbao_moi", "nội dung"),
        ("Mời đoàn viên dự buổi nói chuyện chuyên đề lúc 14 giờ thứ Sáu.", "Loại"),
        ("thông tin", "Gửi cho"),
        ("cả đơn vị", "Gửi chứ?"),
        ("gửi ngay", "duyệt"),
    ):
        await binh.says(said)
        async with asyncio.timeout(10):
            while answer.lower() not in (await binh.texts())[-1].lower():
                continue
    await thu.hears("duyệt")
    asked = next(event.value for event in reversed(await thu.seen()) if event.value.get("buttons"))
    await thu.taps(asked["buttons"][0][0][1], asked["row"])
    async with asyncio.timeout(20):
        while not any("304" in said and "Đã gửi xong" in said for said in await binh.texts()):
            continue


# -- who may not


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "::1", "192.168.1.5", "example.com"])
async def test_it_listens_to_this_machine_only(tmp_path: Path, host: str) -> None:
    with pytest.raises(DemoRefused):
        await Demo.open(tmp_path, host, 0)


async def test_a_port_in_use_stops_it_before_anything_is_made(demo: Demo, tmp_path: Path) -> None:
    port = int(demo.url.rpartition(":")[2])
    with pytest.raises(AddressInUse):
        await Demo.open(tmp_path / "other", port=port)
    assert not (tmp_path / "other").exists()


PATHS = ("/", "/stage/state", "/as/lan/events", "/static/stage.js", "/healthz", "/metrics", "/nothing")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:{port}"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Host": "127.0.0.1:{port}.evil.example"},
        {"Host": "localhost.evil.example:{port}"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "http://localhost:{port}"},
        {"Origin": "http://127.0.0.1:{port}@evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ],
)
async def test_other_sites_and_rebound_names_get_nothing(demo: Demo, headers: dict[str, str]) -> None:
    port = demo.url.rpartition(":")[2]
    sent = {name: value.format(port=port) for name, value in headers.items()}
    for path in PATHS:
        assert await raw(demo, "GET", path, sent) == 403, path
    for path in ("/stage/clock", "/stage/restart", "/as/lan/messages", "/as/lan/files"):
        assert await raw(demo, "POST", path, {"Origin": demo.url} | sent) == 403, path


async def test_a_post_must_say_where_it_comes_from(demo: Demo) -> None:
    for path in ("/stage/clock", "/stage/restart", "/as/lan/messages"):
        assert await raw(demo, "POST", path, {}) == 403
        assert await raw(demo, "POST", path, {"Sec-Fetch-Site": "same-origin"}) == 403


async def test_two_hosts_are_one_too_many(demo: Demo) -> None:
    assert await raw(demo, "GET", "/stage/state", {}, "Host: evil.example\r\n") in (400, 403)


async def test_a_link_from_elsewhere_opens_the_page_and_nothing_else(demo: Demo) -> None:
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert await raw(demo, "GET", "/", followed) == 200
    for path in PATHS[1:]:
        assert await raw(demo, "GET", path, followed) == 403
    assert await raw(demo, "POST", "/", followed) == 403


async def raw(demo: Demo, method: str, path: str, headers: dict[str, str], more: str = "") -> int:
    """The status of a request with exactly these headers (and the right Host unless they name one)."""
    port = int(demo.url.rpartition(":")[2])
    sent = {"Host": f"127.0.0.1:{port}", "Content-Length": "0", "Connection": "close"} | headers
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items()) + more
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode())
    status = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    await writer.wait_closed()
    return int(status.split()[1])
