"""Numbers for Prometheus; its client library is loaded when somebody first asks."""

import hmac
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.domain.lanes import Lane
from bot.domain.sending import Sending
from bot.domain.time import Clock
from bot.storage import outbox
from bot.storage.database import Database
from bot.web.counters import Counters
from bot.web.site import LOOPBACK

if TYPE_CHECKING:
    from prometheus_client.core import Metric

FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""What a proxy adds: behind one everybody comes from this machine."""


def metrics_route(db: Database, clock: Clock, counters: Counters, token: str) -> Route:
    """`/metrics`, for this machine, and for whoever brings the token when there is one."""

    async def metrics(request: Request) -> Response:
        if not _may_read(request, token):
            return Response(status_code=403)
        now = clock.now()
        waiting = await db.read(lambda tx: (outbox.backlog(tx), outbox.oldest(tx, now)))
        return PlainTextResponse(exposition(counters, *waiting, now))

    return Route("/metrics", metrics)


def exposition(counters: Counters, backlog: Mapping[str, int], oldest: Mapping[str, int], now: int) -> str:
    """The numbers in Prometheus' text format; `oldest` as `storage.outbox.oldest` at `now`."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Collector(counters, backlog, {lane: (now - since) / 1000 for lane, since in oldest.items()}))
    return generate_latest(registry).decode()


class _Collector:
    def __init__(self, counters: Counters, backlog: Mapping[str, int], waited: Mapping[str, float]) -> None:
        self._counters = counters
        self._backlog = backlog
        self._waited = waited

    def collect(self) -> "Iterator[Metric]":
        from prometheus_client.core import CounterMetricFamily as Counter
        from prometheus_client.core import GaugeMetricFamily as Gauge

        counters = self._counters
        yield Counter("bot_inbound_handled", "Updates whose turn committed.", counters.handled())
        yield Counter("bot_turn_failures", "Turns that failed by a fault of ours.", counters.failed())
        yield Counter("bot_commits", "Commits of the database.", counters.commits())
        outcomes = Counter("bot_deliveries", "Finished deliveries.", labels=["lane", "outcome"])
        for (lane, kind), count in sorted(counters.outcomes.items()):
            outcomes.add_metric([Lane(lane).name.lower(), kind.value], count)
        yield outcomes
        waiting = Gauge("bot_outbox_pending", "Rows that wait to be sent.", labels=["lane"])
        for each in Lane:
            waiting.add_metric([each.name.lower()], self._backlog.get(each.name.lower(), 0))
        yield waiting
        waited = Gauge("bot_outbox_oldest_seconds", "How long the oldest row waits that may go out.", labels=["lane"])
        for each in Lane:
            waited.add_metric([each.name.lower()], self._waited.get(each.name.lower(), 0.0))
        yield waited
        yield from self._senders()

    def _senders(self) -> "Iterator[Metric]":
        from prometheus_client.core import CounterMetricFamily as Counter
        from prometheus_client.core import GaugeMetricFamily as Gauge

        senders = self._counters.senders()
        ended = Counter("bot_outbox_ended", "Rows that came to an end.", labels=["channel", "lane", "state"])
        for sender in senders:
            for (lane, state), count in sorted(sender.ended.items()):
                ended.add_metric([sender.channel, Lane(lane).name.lower(), state], count)
        yield ended
        for name, help_, values in _SENDER_COUNTERS:
            counted = Counter(name, help_, labels=["channel"])
            for sender in senders:
                counted.add_metric([sender.channel], values(sender))
            yield counted
        for name, help_, values in _SENDER_GAUGES:
            gauge = Gauge(name, help_, labels=["channel"])
            for sender in senders:
                gauge.add_metric([sender.channel], values(sender))
            yield gauge


_Told = tuple[str, str, Callable[[Sending], float]]

_SENDER_COUNTERS: Final[tuple[_Told, ...]] = (
    ("bot_outbox_faults", "Tries that failed by a fault of ours.", lambda s: s.faults),
    ("bot_outbox_set_aside", "Rows failed because our own code could not send them.", lambda s: s.set_aside),
    ("bot_breaker_opened", "How often a platform was found to be down.", lambda s: s.breaker_opened),
)
_SENDER_GAUGES: Final[tuple[_Told, ...]] = (
    ("bot_breaker_state", "0: sends flow, 1: one at a time, 2: none.", lambda s: s.breaker),
    ("bot_sender_in_flight", "Calls on the wire.", lambda s: s.in_flight),
    ("bot_sender_stopped", "Whether it stopped for good (the platform refuses the token).", lambda s: s.stopped),
    ("bot_sender_paused_seconds", "What is left of a pause of the whole account after 429s.", lambda s: s.paused),
    ("bot_sender_rate", "Sends a second allowed now; 0 for no limit.", lambda s: s.rate),
    ("bot_sender_chats_paused", "Chats that pause after a 429 of their own.", lambda s: s.chats_paused),
)


def _may_read(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "")
    if given:
        return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    behind_proxy = any(name in request.headers for name in FORWARDED)
    client: Any = request.client
    return client is not None and client.host in LOOPBACK and not behind_proxy
