"""migrate, check-content, seed, broadcast: what they do, and what they refuse."""

import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import broadcast as broadcasting
from bot.cli.content import check, new_pack, revisions
from bot.cli.migrate import migrate_now
from bot.cli.seed import seed
from bot.settings import OFFICIAL_API, SHIPPED_PACK
from bot.storage import migrate
from content.loader import load_pack
from tests.cli.conftest import Place, put

Out = pytest.CaptureFixture[str]


def refuses(command: Callable[[], None], capsys: Out) -> str:
    with pytest.raises(SystemExit) as ended:
        command()
    assert ended.value.code == 1
    shown = capsys.readouterr().err
    assert shown.startswith("✘ ")
    assert "Traceback" not in shown
    return shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("seed", "Thiếu --members."),
        ("posters", "Thiếu --to."),
        ("units a.csv b.csv", "Thừa b.csv."),
        ("seed --members", "Tùy chọn --members thiếu hoặc thừa giá trị."),
        ("seed --members ba", "Giá trị của --members không dùng được."),
        ("seed --members 0", "Giá trị của --members không dùng được."),
        ("seed --memberz 3", "Không có tùy chọn --memberz."),
        ("broadcast --yes=1", "Tùy chọn --yes thiếu hoặc thừa giá trị."),
        ("sed", "Không có lệnh 'sed'."),
        ("--loud", "Không có tùy chọn --loud."),
    ],
)
def test_what_cannot_be_understood_is_a_vietnamese_sentence(place: Place, typed: str, said: str) -> None:
    """With how the command is called and where its help is; the library's own English shows nowhere."""
    ended = subprocess.run(
        place.command(*typed.split()), cwd=place.folder, env=place.environment, capture_output=True, text=True
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    lines = ended.stderr.splitlines()
    assert lines[0] == f"✘ {said}"
    assert lines[-1].startswith("Xem hướng dẫn: python -m bot")
    assert all(line.startswith("Cách dùng: python -m bot") for line in lines[1:-1])


def test_help_has_no_english_of_the_library(place: Place) -> None:
    for arguments, status in (((), 2), (("--help",), 0), (("seed", "--help"), 0)):
        ended = subprocess.run(
            place.command(*arguments), cwd=place.folder, env=place.environment, capture_output=True, text=True
        )
        assert ended.returncode == status
        assert "Cách dùng: python -m bot" in ended.stdout + ended.stderr
        assert "Xem hướng dẫn này." in ended.stdout + ended.stderr
        assert not re.search(r"Usage|Show this|Options|Commands|required", ended.stdout + ended.stderr)


def test_migrate_says_what_it_did(place: Place, capsys: Out) -> None:
    migrate_now()
    assert "0001 initial" in capsys.readouterr().out
    migrate_now()
    assert "bản mới nhất" in capsys.readouterr().out


@pytest.mark.parametrize("mask", ["022", "000"])
def test_what_is_kept_is_for_its_owner_alone(place: Place, mask: str) -> None:
    """Other accounts of the machine read neither the database nor the installation's secret in it."""
    started = ["sh", "-c", f'umask {mask}; exec "$@"', "sh", *place.command("migrate")]
    subprocess.run(started, cwd=place.folder, env=place.environment, check=True, capture_output=True)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in place.database.parent.iterdir()}
    assert modes["bot.db"] == 0
    assert set(modes.values()) == {0}


def test_a_broken_migration_is_one_sentence(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    migrate_now()
    broken = place.folder / "migrations"
    shutil.copytree(migrate.DIRECTORY, broken)
    number = len(migrate.load()) + 1
    (broken / f"{number:04}_broken.sql").write_text("CREATE TABLE installation (name TEXT);")
    migrations = migrate.load(broken)
    monkeypatch.setattr(migrate, "load", lambda _directory: migrations)
    shown = refuses(migrate_now, capsys)
    assert f"{number:04} broken" in shown
    assert len(shown.splitlines()) == 1
    assert place.rows("SELECT MAX(version) FROM schema_migration") == [(number - 1,)]


def test_the_shipped_pack_is_good(place: Place, capsys: Out) -> None:
    check(None)
    assert "không có lỗi" in capsys.readouterr().out


def test_a_broken_pack_ends_with_an_error(place: Place, capsys: Out) -> None:
    pack = place.folder / "pack"
    shutil.copytree(SHIPPED_PACK, pack)
    card = next((pack / "themes").rglob("cards/*.md"))
    card.write_text(card.read_text("utf-8") + "\n{{ 7*7 }}\n", "utf-8")
    with pytest.raises(SystemExit) as ended:
        check(pack)
    assert ended.value.code == 1
    assert card.name in capsys.readouterr().out


def test_a_pack_that_is_not_there(place: Place, capsys: Out) -> None:
    assert "nowhere" in refuses(lambda: check(Path("nowhere")), capsys)


def test_the_coverage_map_is_printed(place: Place, capsys: Out) -> None:
    check(None, coverage=True)
    shown = capsys.readouterr().out
    assert shown.startswith("# Bản đồ nội dung năm 2025\n")
    assert "**ii-1-1**" in shown


def test_the_revisions_of_cards_are_printed(place: Place, capsys: Out) -> None:
    """Those that an erratum is to name, also of files with a fault in them."""
    known = load_pack(SHIPPED_PACK)
    pack = place.folder / "pack"
    shutil.copytree(SHIPPED_PACK, pack)
    (pack / "weeks.yaml").unlink()
    revisions(pack)
    lines = capsys.readouterr().out.splitlines()
    assert sorted(lines) == sorted(f"{card.id} {card.revision}" for card in known.cards)


def test_a_new_year_is_begun_and_an_old_one_never_overwritten(place: Place, capsys: Out) -> None:
    packs = place.folder / "packs"
    shutil.copytree(SHIPPED_PACK, packs / "2025")
    before = {path: path.read_bytes() for path in packs.rglob("*") if path.is_file()}
    new_pack(2026, str(packs / "2025"))
    shown = capsys.readouterr().out
    assert shown.startswith(f"✔ Đã dựng khung ở {packs / '2026'}. Những chỗ cần điền:\n")
    assert "pack.yaml:3 [wrong-value]" in shown
    assert "weeks.yaml:1 [missing-week]" in shown
    again = refuses(lambda: new_pack(2026, str(packs / "2025")), capsys)
    assert "đã có, không ghi đè" in again
    assert "đã có" in refuses(lambda: new_pack(2025, str(packs / "2025")), capsys)
    assert "1999" in refuses(lambda: new_pack(2027, "1999"), capsys)
    assert "có lỗi" in refuses(lambda: new_pack(2027, str(packs / "2026")), capsys)
    assert {path: path.read_bytes() for path in before} == before
    assert not (packs / "2027").exists()


def test_seeded_members_have_agreed_and_belong_to_units(place: Place, capsys: Out) -> None:
    seed(1201, 3, 5000)
    assert "1201 đoàn viên" in capsys.readouterr().out
    assert place.rows(
        "SELECT COUNT(*), MIN(CAST(external_id AS INTEGER)), MAX(CAST(external_id AS INTEGER)) FROM address"
    ) == [(1201, 5000, 6200)]
    assert place.rows("SELECT DISTINCT unit_state, slot, state, consent_version <> '' FROM member") == [
        ("confirmed", "none", "active", 1)
    ]
    shares = [count for (count,) in place.rows("SELECT COUNT(*) FROM member GROUP BY unit_id")]
    assert len(shares) == 3
    assert max(shares) - min(shares) <= 1
    assert place.rows("SELECT DISTINCT channel, external_id FROM account") == [("telegram", "777000111")]


def test_seeding_again_adds_only_who_is_missing(place: Place, capsys: Out) -> None:
    seed(10, 1, 1000)
    seed(20, 1, 1000)
    assert "10 đoàn viên" in capsys.readouterr().out.splitlines()[-1]
    assert place.rows("SELECT COUNT(*), COUNT(DISTINCT external_id) FROM address") == [(20, 20)]


def test_nobody_is_invented_for_the_real_telegram(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    put(monkeypatch, place, {"TELEGRAM_API_URL": OFFICIAL_API})
    assert "TELEGRAM_API_URL" in refuses(lambda: seed(1, 1, 1000), capsys)
    assert not place.database.exists()


def test_nor_beside_the_real_zalo(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    put(monkeypatch, place, {"ZALO_BOT_TOKEN": "123456:abc-xyz"})
    assert "ZALO_API_URL" in refuses(lambda: seed(1, 1, 1000), capsys)
    assert not place.database.exists()


def test_seed_needs_a_token(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    put(monkeypatch, place, {"TELEGRAM_BOT_TOKEN": ""})
    assert "TELEGRAM_BOT_TOKEN" in refuses(lambda: seed(1, 1, 1000), capsys)


def test_a_broadcast_is_written_once_and_audited(place: Place, capsys: Out) -> None:
    seed(12, 2, 1000)
    broadcasting.broadcast("all", "Kính gửi {ten}: 8 giờ sáng mai họp.", confirmed=True)
    shown = capsys.readouterr().out
    assert "12 người" in shown
    assert "8 giờ sáng mai họp." in shown
    assert place.rows("SELECT body, audience_id FROM announcement") == [("Kính gửi {ten}: 8 giờ sáng mai họp.", None)]
    assert place.rows("SELECT actor_id FROM audit WHERE act = 'announcement_sent'") == [(None,)]


def test_a_broadcast_to_one_unit_counts_that_unit(place: Place, capsys: Out) -> None:
    seed(12, 2, 1000)
    broadcasting.broadcast("tai2", "Họp.", confirmed=True)
    assert "6 người" in capsys.readouterr().out


@pytest.mark.parametrize(("answer", "sent"), [("co", 1), ("Có", 1), ("", 0), ("khong", 0)])
def test_a_broadcast_asks_first(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: Out, answer: str, sent: int
) -> None:
    seed(1, 1, 1000)
    monkeypatch.setattr("builtins.input", lambda prompt: answer)
    broadcasting.broadcast("all", "Họp.", confirmed=False)
    assert place.rows("SELECT COUNT(*) FROM announcement") == [(sent,)]


def test_nobody_at_the_keyboard_means_no(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(prompt: str) -> str:
        raise EOFError

    seed(1, 1, 1000)
    monkeypatch.setattr("builtins.input", nobody)
    broadcasting.broadcast("all", "Họp.", confirmed=False)
    assert place.rows("SELECT COUNT(*) FROM announcement") == [(0,)]


@pytest.mark.parametrize(
    ("to", "text", "said"),
    [
        ("all", "   ", "--text"),
        ("all", "x" * 2001, "2001"),
        ("XX99", "Họp.", "XX99"),
        ("all", "Chào {ho_ten}.", "{ho_ten}"),
    ],
)
def test_what_a_broadcast_refuses(place: Place, capsys: Out, to: str, text: str, said: str) -> None:
    seed(1, 1, 1000)
    assert said in refuses(lambda: broadcasting.broadcast(to, text, confirmed=True), capsys)
    assert place.rows("SELECT COUNT(*) FROM announcement") == [(0,)]


def test_a_broadcast_to_nobody_is_refused(place: Place, capsys: Out) -> None:
    assert "Không có ai" in refuses(lambda: broadcasting.broadcast("all", "Họp.", confirmed=True), capsys)
