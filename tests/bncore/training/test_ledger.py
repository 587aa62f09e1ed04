"""What is known of jobs: order, places, elapsed time, and what is forgotten when."""

import numpy as np
import pytest

from bncore.training.jobs import FINAL, Chunk, Job
from bncore.training.ledger import Ledger
from tests.experiments.simple import Count

JOB = Job(Count(1))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def finish(ledger: Ledger, size: int = 1) -> str:
    job_id = ledger.add(JOB)
    ledger.record(job_id, "started")
    ledger.record(job_id, "chunk", Chunk(1, 1, {"x": np.zeros(size, np.uint8)}))
    ledger.record(job_id, "done")
    return job_id


@pytest.mark.parametrize("kind", sorted(FINAL))
def test_nothing_follows_the_final_event(kind):
    ledger = Ledger()
    job_id = ledger.add(JOB)
    assert ledger.record(job_id, kind, message="why")
    assert not ledger.record(job_id, "chunk", Chunk(1, 2))
    assert not ledger.record(job_id, "done")
    assert ledger.status(job_id).state == kind
    assert ledger.status(job_id).message == "why"
    assert [event.index for event in ledger.events_since(job_id, 0)] == [0, 1]


def test_events_are_read_from_where_the_reader_is():
    ledger = Ledger()
    job_id = finish(ledger)
    assert [event.kind for event in ledger.events_since(job_id, 0)] == [
        "queued",
        "started",
        "chunk",
        "done",
    ]
    assert [event.kind for event in ledger.events_since(job_id, 3)] == ["done"]
    assert ledger.events_since(job_id, 4) == []


def test_elapsed_time_starts_with_the_run_and_stops_with_it():
    clock = Clock()
    ledger = Ledger(clock=clock)
    job_id = ledger.add(JOB)
    clock.now += 5
    assert ledger.status(job_id).elapsed_seconds == 0
    ledger.record(job_id, "started")
    clock.now += 3
    assert ledger.status(job_id).elapsed_seconds == 3
    ledger.record(job_id, "done")
    clock.now += 9
    assert ledger.status(job_id).elapsed_seconds == 3


def test_the_workers_clock_wins_over_the_time_of_arrival():
    clock = Clock()
    ledger = Ledger(clock=clock)
    job_id = ledger.add(JOB)
    ledger.record(job_id, "started", seconds=2.5)
    assert ledger.status(job_id).elapsed_seconds == 2.5
    ledger.record(job_id, "done", seconds=4.0)
    assert ledger.status(job_id).elapsed_seconds == 4.0


def test_progress_survives_the_final_event():
    ledger = Ledger()
    job_id = ledger.add(JOB)
    ledger.record(job_id, "started")
    ledger.record(job_id, "chunk", Chunk(30, 100, message="warming up"))
    assert ledger.status(job_id).message == "warming up"
    ledger.record(job_id, "lost", message="the worker died")
    status = ledger.status(job_id)
    assert (status.done, status.total, status.message) == (30, 100, "the worker died")


def test_old_finished_jobs_are_forgotten_and_live_ones_never():
    ledger = Ledger(keep_jobs=3)
    live = ledger.add(JOB)
    done = [finish(ledger) for _ in range(5)]
    assert ledger.status(live).state == "queued"
    with pytest.raises(KeyError):
        ledger.status(done[0])
    assert not ledger.record(done[0], "chunk", Chunk(1, 1))
    assert ledger.events_since(done[-1], 0)
    assert len(ledger.live()) == 1


def test_many_live_jobs_are_all_kept():
    ledger = Ledger(keep_jobs=3)
    jobs = [ledger.add(JOB) for _ in range(10)]
    assert ledger.live() == jobs


def test_large_results_are_forgotten_first_but_not_the_newest():
    ledger = Ledger(keep_jobs=100, keep_bytes=1000)
    small, large, newest = finish(ledger, 10), finish(ledger, 900), finish(ledger, 5000)
    for gone in (small, large):
        with pytest.raises(KeyError):
            ledger.events_since(gone, 0)
    assert ledger.status(newest).state == "done"


def test_what_is_used_is_forgotten_later():
    ledger = Ledger(keep_jobs=2)
    first, second = finish(ledger), finish(ledger)
    ledger.used(first)
    finish(ledger)
    assert ledger.state(first) == "done"
    assert ledger.state(second) is None


def test_the_age_of_a_result():
    clock = Clock()
    ledger = Ledger(clock=clock)
    live, done = ledger.add(JOB), finish(ledger)
    clock.now += 7
    assert (ledger.age(live), ledger.age(done)) == (0, 7)
