"""`/metrics` for Prometheus: what the web process counts of its requests, and what the database knows of the calls.

The latter is read when it is asked for, so any process answers the same. No label is about a person.
"""

import hmac
import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from threading import Lock

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from calls import operations
from calls.breaker import Breaker, breaker_state
from calls.house import calls_stopped
from calls.pace import limits, lines_in_use
from invoices.models import Event

logger = logging.getLogger(__name__)
# An event may become visible after a later one: whoever wrote it has committed by then.
SETTLED_SECONDS = 120


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever sends METRICS_TOKEN as a bearer token; where none is set there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse("A bearer token is needed.", status=401, headers={"WWW-Authenticate": "Bearer"})
    of_requests = ExportToDjangoView(request)
    return HttpResponse(of_requests.content + generate_latest(REGISTRY), headers=dict(of_requests.headers))


class Tally:
    """Events counted since ever, without reading all of them each time: what is settled is read once per process."""

    def __init__(self, count: Callable[..., dict[str, int]]) -> None:
        self._count = count
        self._lock = Lock()
        self._kept: dict[str, int] = {}
        self._kept_until = 0

    def now(self) -> dict[str, int]:
        with self._lock:
            settled = _settled_id()
            if settled > self._kept_until:
                fresh = self._count(after_id=self._kept_until, until_id=settled)
                self._kept = _sum(self._kept, fresh)
                self._kept_until = settled
            return _sum(self._kept, self._count(after_id=self._kept_until))


def _settled_id() -> int:
    before = timezone.now() - timedelta(seconds=SETTLED_SECONDS)
    return int(Event.objects.filter(at__lt=before).aggregate(last=Max("pk"))["last"] or 0)


def _sum(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    return {name: left.get(name, 0) + right.get(name, 0) for name in {**left, **right}}


class CallCollector(Collector):
    """What the database says of the calls."""

    def __init__(self) -> None:
        self._findings = Tally(operations.sweep_findings)
        self._carrier_errors = Tally(operations.carrier_errors)

    def collect(self) -> Iterator[Metric]:
        try:
            families = [*self._gauges(), *self._totals()]
        except DatabaseError as error:
            logger.warning("no metrics of calls: %s", type(error).__name__)
            families = []
        up = bool(families)
        yield GaugeMetricFamily("phantompay_database_up", "1 if the database answered.", value=up)
        yield from families

    def _gauges(self) -> Iterator[Metric]:
        now, pace, bounds = timezone.now(), operations.pace_now(), limits()
        oldest = operations.requested().values_list("requested_at", flat=True).first()
        live = operations.calls_by_status(live=True)
        over = operations.calls_by_status(live=False)
        yield _labelled(GaugeMetricFamily, "calls", "Calls by status.", "status", {**live, **over})
        yield _labelled(
            GaugeMetricFamily,
            "calls_waiting",
            "Requested calls by what they wait for.",
            "reason",
            operations.waiting_by_reason(),
        )
        waited = (now - oldest).total_seconds() if oldest else 0
        yield _gauge("calls_waiting_oldest_seconds", "How long the first in the queue has waited.", waited)
        yield _gauge("lines_in_use", "Calls that hold a line.", lines_in_use())
        yield _gauge("lines", "Calls that there may be at once.", bounds.at_once)
        yield _gauge("calls_per_second_limit", "Calls placed in a second at most.", bounds.per_second)
        opened = breaker_state(pace, now) != Breaker.CLOSED
        yield _gauge("breaker_open", "1 while placing pauses after failures, or one call is tried.", opened)
        stopped = calls_stopped() is not None
        yield _gauge("calls_stopped", "1 while staff have stopped all calls.", stopped)

    def _totals(self) -> Iterator[Metric]:
        for name, told, label, counted in (
            ("sweep_findings", "What the sweep found and mended.", "kind", self._findings.now()),
            ("carrier_errors", "Errors of the carrier to our dials.", "code", self._carrier_errors.now()),
            (
                "calls_ended",
                "Calls by what they came to.",
                "disposition",
                operations.calls_ended_by_disposition(),
            ),
        ):
            yield _labelled(CounterMetricFamily, name, told, label, counted)


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"phantompay_{name}", told, value=value)


def _labelled(
    family: type[GaugeMetricFamily] | type[CounterMetricFamily],
    name: str,
    told: str,
    label: str,
    counted: Mapping[str, int],
) -> Metric:
    found = family(f"phantompay_{name}", told, labels=[label])
    for value, count in counted.items():
        found.add_metric([value], count)
    return found


REGISTRY = CollectorRegistry(auto_describe=False)
REGISTRY.register(CallCollector())
