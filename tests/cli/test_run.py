"""`run`, `doctor` and `demo` as the processes people start: what they say, how they stop, what stops them."""

import asyncio
import re
import shutil
import socket
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.settings import OFFICIAL_API, SHIPPED_PACK
from tests.cli.conftest import Place, put
from tests.cli.processes import (
    READY,
    ends,
    free_port,
    one_sentence,
    patiently,
    started,
    stop,
    until,
    with_a_contact,
    with_a_pack_of,
)
from tests.support.fake_bot_api import FakeBotApi, Fault

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

CHAT = 41


@pytest.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as api:
        yield api


@pytest.fixture(autouse=True)
def here(place: Place, monkeypatch: pytest.MonkeyPatch, api: FakeBotApi) -> None:
    put(monkeypatch, place, {"TELEGRAM_API_URL": api.url, "HTTP_PORT": str(free_port())})


async def test_it_answers_serves_and_stops_with_nothing_in_flight(place: Place, api: FakeBotApi) -> None:
    async with started(place, "run") as process, aiohttp.ClientSession() as http:
        api.user_says(CHAT, "/start")
        await api.wait_until(lambda: api.called("sendMessage"), 30)
        url = f"http://127.0.0.1:{place.variables['HTTP_PORT']}"
        for path, said in (("/healthz", '"status":"ok"'), ("/metrics", "bot_inbound_handled_total 1")):
            async with await patiently(http, url + path) as answer:
                assert answer.status == 200
                assert said in await answer.text()
        assert await stop(process) == (0, "")
    assert place.rows("SELECT state, COUNT(*) FROM outbox GROUP BY state") == [("sent", 1)]
    [commands] = [call.values["commands"] for call in api.called("setMyCommands")]
    assert {"bai", "menu", "huy", "quaylai"} < {command["command"] for command in commands}


async def test_the_first_administrator_types_the_code_that_run_prints(place: Place, api: FakeBotApi) -> None:
    process = await asyncio.create_subprocess_exec(
        *place.command("run"), cwd=place.folder, env=place.environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        shown = await until(process, READY)
        [code] = [line.strip() for line in shown.splitlines() if line.startswith("    ")]
        assert code not in "".join(text for (text,) in sqlite_texts(place))
    finally:
        process.kill()
        await process.communicate()


def sqlite_texts(place: Place) -> list[tuple[str]]:
    return [(str(row),) for row in place.rows("SELECT * FROM code")]


async def test_with_an_administrator_named_no_code_is_printed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, place, {"ADMINS": "telegram:1"})
    process = await asyncio.create_subprocess_exec(
        *place.command("run"), cwd=place.folder, env=place.environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        shown = await until(process, READY)
        assert len(shown.splitlines()) == 1
    finally:
        process.kill()
        await process.communicate()


async def test_a_second_process_on_the_same_database_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async with started(place, "run") as process:
        put(monkeypatch, place, {"HTTP_PORT": str(free_port())})
        assert "bot.db" in await one_sentence(place, "run")
        assert "bot.db" in await one_sentence(place, "migrate")
        assert (await stop(process))[0] == 0


async def test_the_lock_goes_with_the_process_however_it_ends(place: Place) -> None:
    async with started(place, "run") as process:
        process.kill()
        await process.wait()
    async with started(place, "run") as process:
        assert (await stop(process))[0] == 0


async def test_what_a_broadcast_wrote_the_running_process_sends(place: Place, api: FakeBotApi) -> None:
    await ends(place, "seed", "--members", "3")
    async with started(place, "run") as process:
        status, shown = await ends(place, "broadcast", "--to", "all", "--text", "Họp lúc 8 giờ.", "--yes")
        assert status == 0, shown
        await api.wait_until(lambda: len(api.called("sendMessage")) == 3, 30)
        await stop(process)
    assert {call.chat for call in api.called("sendMessage")} == {1000, 1001, 1002}


async def test_the_clock_can_be_set_for_a_trial(place: Place, api: FakeBotApi) -> None:
    async with started(place, "run", "--clock", "2025-05-12T07:59:50+07:00") as process:
        api.user_says(CHAT, "/start")
        await api.wait_until(lambda: api.called("sendMessage"), 30)
        await stop(process)
    [(at,)] = place.rows("SELECT created_at FROM address")
    assert 0 <= at - 1_747_011_590_000 < 120_000


async def test_settings_that_are_wrong(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, place, {"HTTP_PORT": "none", "TIMEZONE": "Moon"})
    for command in ("run", "demo", "doctor", "migrate"):
        status, shown = await ends(place, command)
        assert status == 1
        assert "HTTP_PORT" in shown
        assert "TIMEZONE" in shown
        assert "Traceback" not in shown


async def test_no_channel(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, place, {"TELEGRAM_BOT_TOKEN": ""})
    shown = await one_sentence(place, "run")
    for way in ("@BotFather", "Zalo Bot Manager", "WEB_CHAT=on", "make demo"):
        assert way in shown


async def test_a_refused_token(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, place, {"TELEGRAM_BOT_TOKEN": "123456:not-the-right-token-at-all"})
    shown = await one_sentence(place, "run")
    assert "TELEGRAM_BOT_TOKEN" in shown
    assert "not-the-right" not in shown


async def test_a_port_in_use(place: Place) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(place.variables["HTTP_PORT"])))
        other.listen()
        assert place.variables["HTTP_PORT"] in await one_sentence(place, "run")


async def test_a_disk_that_takes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, place, {"DATA_DIR": "/proc/nowhere", "DATABASE_URL": "sqlite:////proc/nowhere/bot.db"})
    assert "/proc/nowhere" in await one_sentence(place, "run")


async def test_a_file_that_is_no_database(place: Place) -> None:
    place.database.parent.mkdir()
    place.database.write_bytes(b"no database at all " * 100)
    assert "bot.db" in await one_sentence(place, "run")


async def test_a_database_of_a_newer_version(place: Place) -> None:
    await ends(place, "migrate")
    connection = sqlite3.connect(place.database)
    connection.execute("INSERT INTO schema_migration VALUES (9999, 'later', '', 0)")
    connection.commit()
    connection.close()
    assert "newer version" in await one_sentence(place, "run")


async def test_a_broken_pack_falls_back_to_the_last_good_one_and_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = place.folder / "pack"
    shutil.copytree(SHIPPED_PACK, pack)
    put(monkeypatch, place, {"CONTENT_PACK": str(pack)})
    card = next((pack / "themes").rglob("cards/*.md"))
    good = card.read_bytes()
    card.write_text("{{ no card }}", "utf-8")
    status, shown = await ends(place, "run")
    assert status == 1
    assert shown.startswith("✘ ")
    assert card.name in shown
    card.write_bytes(good)
    async with started(place, "run") as process:
        await stop(process)
    card.write_text("{{ no card }}", "utf-8")
    process = await asyncio.create_subprocess_exec(
        *place.command("run"),
        cwd=place.folder,
        env=place.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        shown = await until(process, "✔ Bot")
        assert "CẢNH BÁO" in shown
        assert card.name in shown
    finally:
        process.kill()
        await process.communicate()


async def test_a_broken_federation_file(place: Place) -> None:
    place.database.parent.mkdir()
    (place.database.parent / "federation.yaml").write_text("name: X\nunion: Y\n", "utf-8")
    status, shown = await ends(place, "run")
    assert status == 1
    assert "union" in shown
    assert "contact" in shown
    assert "Traceback" not in shown


async def test_the_clock_may_not_be_moved_for_the_real_telegram(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, place, {"TELEGRAM_API_URL": OFFICIAL_API})
    assert "--clock" in await one_sentence(place, "run", "--clock", "2025-05-12T07:59:50+07:00")


async def test_a_clock_that_is_no_time(place: Place) -> None:
    assert "19/5" in await one_sentence(place, "run", "--clock", "19/5")


async def test_doctor_finds_nothing_wrong(place: Place, api: FakeBotApi) -> None:
    with_a_contact(place)
    with_a_pack_of(place, 2099)
    await ends(place, "migrate")
    status, shown = await ends(place, "doctor")
    assert status == 0, shown
    assert "✘" not in shown
    assert shown.count("✔") == 11
    assert f"@{api.username}" in shown


async def test_doctor_says_which_revision_is_in_use(place: Place, api: FakeBotApi) -> None:
    """Where the files are others by now, and where they are broken."""
    with_a_contact(place)
    with_a_pack_of(place, 2099)
    await ends(place, "migrate")
    place.change("INSERT INTO installation (name, value) VALUES ('pack_in_use', 'abcabcabcabc')")
    _, shown = await ends(place, "doctor")
    assert re.search(r"✔ Nội dung: 2 bài, 3 câu hỏi, bản [0-9a-f]{12}; bot đang dùng bản abcabcabcabc", shown)
    (Path(place.variables["CONTENT_PACK"]) / "facts.yaml").unlink()
    _, shown = await ends(place, "doctor")
    assert re.search(r"✘ Nội dung: .*\.yaml:\d+ .*; bot dùng bản tốt gần nhất abcabcabcabc", shown)


async def test_doctor_says_when_the_packs_year_is_over(place: Place, api: FakeBotApi) -> None:
    """It works on, and that is how to begin the next one."""
    with_a_contact(place)
    with_a_pack_of(place, 2024)
    status, shown = await ends(place, "doctor")
    assert status == 0, shown
    assert "⚠ Nội dung: gói của năm 2024, đã hết năm\n    → Chuẩn bị gói của năm mới: python -m bot new-pack" in shown


async def test_doctor_names_every_trouble_with_its_remedy(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, place, {"CONTENT_PACK": "nowhere", "TELEGRAM_API_URL": "http://127.0.0.1:9"})
    place.database.parent.mkdir()
    place.database.write_bytes(b"no database at all " * 100)
    status, shown = await ends(place, "doctor")
    assert status == 1
    for name in ("Thông tin công đoàn", "Mã bot", "Địa chỉ", "Cơ sở dữ liệu", "Nội dung"):
        assert f"✘ {name}" in shown
    assert shown.count("→") == 5
    assert "Traceback" not in shown
    assert place.variables["TELEGRAM_BOT_TOKEN"] not in shown


async def test_the_demo_is_refused_beside_a_real_token_or_the_open_net(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "TELEGRAM_BOT_TOKEN" in await one_sentence(place, "demo")
    put(monkeypatch, place, {"TELEGRAM_BOT_TOKEN": "", "ZALO_BOT_TOKEN": "123456:abc-xyz"})
    assert "ZALO_BOT_TOKEN" in await one_sentence(place, "demo")
    put(monkeypatch, place, {"ZALO_BOT_TOKEN": "", "HTTP_HOST": "0.0.0.0"})
    assert "127.0.0.1" in await one_sentence(place, "demo")


async def test_the_demo_starts_and_stops(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, place, {"TELEGRAM_BOT_TOKEN": ""})
    async with started(place, "demo") as process, aiohttp.ClientSession() as http:
        async with http.get(f"http://127.0.0.1:{place.variables['HTTP_PORT']}/") as answer:
            assert answer.status == 200
        assert (await stop(process))[0] == 0


async def test_a_token_revoked_while_running_ends_the_process(place: Place, api: FakeBotApi) -> None:
    async with started(place, "run") as process:
        api.fail_next("getUpdates", Fault.REFUSE, status=401, description="Unauthorized")
        api.user_says(CHAT, "/start")
        shown, _ = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 1
        assert "TELEGRAM_BOT_TOKEN" in shown.decode().splitlines()[-1]


async def test_help_explains_every_command(place: Place) -> None:
    status, shown = await ends(place, "--help")
    assert status == 0
    for command in ("demo", "run", "migrate", "units", "check-content", "seed", "broadcast", "doctor"):
        assert command in shown
        status, told = await ends(place, command, "--help")
        assert status == 0
        assert "--help" in told
