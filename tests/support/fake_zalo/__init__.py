"""A Zalo Bot API on loopback that enforces what is known of Zalo's rules, and fails on demand."""

from tests.support.fake_zalo.methods import Sent
from tests.support.fake_zalo.server import TOKEN, Call, FakeZalo, Fault

__all__ = ["TOKEN", "Call", "FakeZalo", "Fault", "Sent"]
