"""The numbers of this server as Prometheus reads them: counts and seconds, nothing of visitors."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from streamlit import runtime

from bncore.training.jobs import FINAL
from bncore.training.tally import BUCKETS, Durations, Load
from ui.training.service import NoTrainingServiceError, training_service

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Lab(Collector):
    """Asks the training service and Streamlit whenever somebody reads."""

    def collect(self) -> Iterator[Metric]:
        """Sessions, runs, queue, workers."""
        yield GaugeMetricFamily("bnlab_sessions", "Browsers that are connected.", value=sessions())
        load = _load()
        for name, what in (("waiting", "wait"), ("running", "run")):
            value = getattr(load, name)
            yield GaugeMetricFamily(f"bnlab_runs_{name}", f"Jobs that {what} now.", value=value)
        yield GaugeMetricFamily("bnlab_workers", "Connected training workers.", value=load.workers)
        ended = CounterMetricFamily("bnlab_runs", "Jobs by how they ended.", labels=["state"])
        for state in sorted(FINAL):
            ended.add_metric([state], load.ended.get(state, 0))
        yield ended
        yield _histogram("bnlab_run_seconds", "How long jobs ran.", load.runs)
        yield _histogram("bnlab_run_wait_seconds", "How long jobs waited.", load.waits)


def sessions() -> int:
    """How many browsers are connected to this process."""
    if not runtime.exists():
        return 0
    manager = runtime.get_instance()._session_mgr  # Streamlit tells it nowhere in public
    return manager.num_active_sessions()


def text() -> bytes:
    """All numbers, in Prometheus' text format."""
    return generate_latest(REGISTRY)


REGISTRY = CollectorRegistry()
REGISTRY.register(Lab())
ProcessCollector(registry=REGISTRY)
page_failures = Counter("bnlab_page_failures", "Scripts that ended in an error.", registry=REGISTRY)


def _load() -> Load:
    try:
        return training_service().load()
    except NoTrainingServiceError:
        return Load()


def _histogram(name: str, what: str, durations: Durations) -> HistogramMetricFamily:
    ends = [*map(str, BUCKETS), "+Inf"]
    upto = [sum(durations.counts[: place + 1]) for place in range(len(ends))]
    buckets = list(zip(ends, upto, strict=True))
    return HistogramMetricFamily(name, what, buckets=buckets, sum_value=durations.total)
