"""Numbers for Prometheus; its client library is loaded when somebody first asks."""

import hmac
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.domain.lanes import Lane
from bot.storage import outbox
from bot.storage.database import Database
from bot.web.counters import Counters
from bot.web.site import LOOPBACK

if TYPE_CHECKING:
    from prometheus_client.core import Metric

FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""What a proxy adds: behind one everybody comes from this machine."""


def metrics_route(db: Database, counters: Counters, token: str) -> Route:
    """`/metrics`, for this machine, and for whoever brings the token when there is one."""

    async def metrics(request: Request) -> Response:
        if not _may_read(request, token):
            return Response(status_code=403)
        return PlainTextResponse(exposition(counters, await db.read(outbox.backlog)))

    return Route("/metrics", metrics)


def exposition(counters: Counters, backlog: Mapping[str, int]) -> str:
    """The numbers in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Collector(counters, backlog))
    return generate_latest(registry).decode()


class _Collector:
    def __init__(self, counters: Counters, backlog: Mapping[str, int]) -> None:
        self._counters = counters
        self._backlog = backlog

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


def _may_read(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "")
    if given:
        return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    behind_proxy = any(name in request.headers for name in FORWARDED)
    client: Any = request.client
    return client is not None and client.host in LOOPBACK and not behind_proxy
