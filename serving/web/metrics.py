"""What is counted, under labels that cannot hold a value of any request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.5, 1, 2, 5, 10)


def method_of(name: str) -> str:
    """Return a request's method, or ``other``: a caller may invent methods, and each would be a series of its own."""
    return name if name in METHODS else "other"


class Metrics:
    """The counters of one web process, in a registry of their own.

    Parameters
    ----------
    readiness
        Says at each reading which parts of the service are ready.
    ringing
        Says at each reading how many alarms of the evidence over time ring; None where there is none.
    """

    def __init__(
        self, readiness: Callable[[], Mapping[str, bool]], ringing: Callable[[], int | None] = lambda: None
    ) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "drive_panel_requests",
            "Requests answered, by route template and class of status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "drive_panel_request_seconds",
            "Seconds until a request was answered.",
            ("method", "route"),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._limited = Counter(
            "drive_panel_rate_limited", "Requests refused because too many came.", ("kind",), registry=self.registry
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(_Ready(readiness))
        self.registry.register(_Ringing(ringing))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(method_of(method), route, f"{status // 100}xx").inc()
        self._seconds.labels(method_of(method), route).observe(seconds)

    def limited(self, kind: str) -> None:
        """Count one request that came too often."""
        self._limited.labels(kind).inc()


class _Ready(Collector):
    """Gives each part of the service that is ready as 1 and each that is not as 0."""

    def __init__(self, readiness: Callable[[], Mapping[str, bool]]) -> None:
        self._readiness = readiness

    def describe(self) -> Iterator[Metric]:
        """Name the metric without asking the service."""
        yield self._family()

    def collect(self) -> Iterator[Metric]:
        """Ask the service."""
        family = self._family()
        for part, ready in self._readiness().items():
            family.add_metric([part], float(ready))
        yield family

    @staticmethod
    def _family() -> GaugeMetricFamily:
        return GaugeMetricFamily("drive_panel_ready", "Whether a part of the service is ready.", labels=["part"])


class _Ringing(Collector):
    """Gives how many communities' charts ring: a number about lists, never about a person."""

    def __init__(self, ringing: Callable[[], int | None]) -> None:
        self._ringing = ringing

    def describe(self) -> Iterator[Metric]:
        """Name the metric without asking the service."""
        yield self._family()

    def collect(self) -> Iterator[Metric]:
        """Ask the service; without evidence there is no value, which is not the same as none ringing."""
        family, number = self._family(), self._ringing()
        if number is not None:
            family.add_metric([], float(number))
        yield family

    @staticmethod
    def _family() -> GaugeMetricFamily:
        return GaugeMetricFamily("drive_panel_evidence_alarms", "Charts of the evidence over time that ring.")
