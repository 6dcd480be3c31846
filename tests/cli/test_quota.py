"""`broadcast` on a channel whose plan has too few messages left."""

import sqlite3

import pytest

from bot.cli.broadcast import broadcast
from bot.cli.seed import seed
from tests.cli.conftest import Place, put


def test_a_broadcast_that_does_not_fit(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused in one sentence that says what would fit; nothing is written."""
    seed(4, 2, 1000)
    zalo = {"ZALO_BOT_TOKEN": "123456:abc", "ZALO_API_URL": "http://127.0.0.1:9", "ZALO_QUOTA_MESSAGES": "3"}
    put(monkeypatch, place, zalo)
    with sqlite3.connect(place.database) as connection:
        connection.execute("INSERT INTO account (id, channel, external_id) VALUES (99, 'zalo_bot', '123456')")
        connection.execute("UPDATE address SET account_id = 99")
    connection.close()
    with pytest.raises(SystemExit):
        broadcast("all", "Họp.", confirmed=True)
    shown = capsys.readouterr().err
    assert shown.startswith("✘ Tin này chưa gửi được")
    assert "cần 4 tin, tháng này chỉ còn 3 trong 3" in shown
    assert place.rows("SELECT COUNT(*) FROM announcement") == [(0,)]
    broadcast("tai2", "Họp.", confirmed=True)
    assert place.rows("SELECT COUNT(*) FROM announcement") == [(1,)]
