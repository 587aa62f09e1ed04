"""The runs of a session, without widgets: what is kept, joined, stopped, and when it is gone."""

import threading
import time

import numpy as np
import pytest

from bncore.experiments.experiment import joined
from bncore.training.jobs import Event, Job, Status
from tests.experiments.local import LocalService
from tests.experiments.simple import Count
from ui.training.runs import KEEP_RUNS, Presence, Run, Runs


def count(total: int, seconds: float = 0.0) -> Job:
    return Job(Count(total=total, seconds=seconds))


@pytest.fixture
def service():
    service = LocalService(("tests.experiments",))
    yield service
    service.close()


def until(condition) -> None:
    limit = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.005)


# ---- what a run brings ---------------------------------------------------------------------


def test_arrays_are_joined_name_by_name_and_the_newest_of_the_rest_wins():
    whole = joined(
        [
            {"mean": np.zeros((1, 3)), "verdict": "?", "by": {"keras-3": {"loss": np.ones(1)}}},
            {"mean": np.ones((2, 3)), "verdict": "biased", "by": {"keras-3": {"loss": np.ones(2)}}},
            {"late": np.arange(2)},
        ]
    )
    assert whole["mean"].tolist() == [[0, 0, 0], [1, 1, 1], [1, 1, 1]]
    assert whole["verdict"] == "biased"
    assert whole["by"]["keras-3"]["loss"].tolist() == [1, 1, 1]
    assert whole["late"].tolist() == [0, 1]


def test_scalars_of_numpy_are_not_joined():
    assert joined([{"n": np.float64(1)}, {"n": np.array(2.0)}]) == {"n": 2.0}


def test_a_run_grows_to_the_whole(service):
    runs, job = Runs(), count(50, 0.002)
    assert runs.start(service, job)
    sizes = []

    def ended() -> bool:
        over = runs.poll(service)
        sizes.append(len((runs.find(job).found or {"n": ()})["n"]))
        return over

    until(ended)
    result = runs.find(job).result()
    assert result.state == "done"
    assert result.finished
    assert result.found["n"].tolist() == list(range(1, 51))
    assert sizes == sorted(sizes)
    assert 0 < sorted(set(sizes))[1] < 50  # seen growing, not all at once


def test_no_event_is_missed_between_the_two_questions():
    """The end arrives between asking for the status and asking for the events."""

    class Late:
        state = "running"

        def status(self, job_id):
            return Status(job_id, self.state, None, 1, 1)

        def events_since(self, job_id, index):
            return [Event(job_id, 0, "queued"), Event(job_id, 1, "done")][index:]

    run = Run(count(1), "a")
    service = Late()
    run.poll(service)
    assert not run.status.finished  # known at the next poll, when nothing can be missing
    assert run.seen == 2
    service.state = "done"
    run.poll(service)  # with no event that is new
    assert run.status.finished


def test_a_job_that_the_service_does_not_know_is_lost(service):
    run = Run(count(1), "from another server")
    run.poll(service)
    assert run.status.state == "lost"
    assert "Start it again" in run.status.message


def test_all_who_share_a_run_hold_its_values_once(service):
    class_of_three = [Runs() for _ in range(3)]
    for runs in class_of_three:
        runs.start(service, count(5))
        until(lambda runs=runs: runs.live is None or runs.poll(service))
    first, *others = [runs.find(count(5)).found for runs in class_of_three]
    assert first["n"].tolist() == [1, 2, 3, 4, 5]
    assert all(values is first for values in others)


def test_who_has_a_result_gets_a_new_one_and_who_has_none_a_shared_one(service):
    mine, others = Runs(), Runs()
    ids = []
    for runs in (mine, others, mine):
        runs.start(service, count(4))
        until(lambda runs=runs: runs.live is None or runs.poll(service))
        ids.append(service.events_since(runs.find(count(4)).job_id, 0)[0].job_id)
    assert ids[0] == ids[1] != ids[2]


# ---- one at a time, results by content -----------------------------------------------------


def test_a_run_that_was_made_before_is_opened_and_costs_nothing(service):
    mine, job = Runs(), count(5)
    mine.open(service, job)
    assert mine.find(job) is None  # nobody has made it
    mine.start(service, job)
    until(lambda: mine.poll(service))
    mine.open(service, job)
    assert not mine.find(job).result().opened  # one's own stays one's own
    other = Runs()
    other.open(service, job)
    found = other.find(job).result()
    assert (found.opened, found.state, found.found["n"].tolist()) == (True, "done", [1, 2, 3, 4, 5])
    assert other.live is None
    assert other.empty  # this visitor has run nothing
    slow = count(5000, 0.01)
    other.start(service, slow)
    other.stop(service)
    until(lambda: other.poll(service))
    other.start(service, job)
    assert not other.find(job).result().opened
    assert other.find(job).status.age_seconds is None  # made anew


@pytest.mark.parametrize(("state", "opened"), [("cancelled", True), ("declined", False)])
def test_what_was_given_up_makes_room_and_what_was_declined_keeps_its_sentence(
    service, state, opened
):
    first, job = Runs(), count(5)
    first.start(service, job)
    until(lambda: first.poll(service))
    runs = Runs()
    runs.open(service, job)
    run = runs.find(job)
    run.opened, run.held = False, type(run.held)(None)
    run.status = Status(run.job_id, state, message="why")
    runs.open(service, job)
    assert runs.find(job).opened == opened
    assert (runs.find(job).status.message == "why") != opened


def test_one_run_at_a_time(service):
    runs = Runs()
    assert runs.start(service, count(10_000, 0.01))
    assert not runs.start(service, count(1))
    assert runs.find(count(1)) is None
    runs.stop(service)
    until(lambda: runs.poll(service))
    assert runs.start(service, count(1))


def test_results_belong_to_the_content_of_the_job(service):
    runs = Runs()
    for total in (1, 2):
        runs.start(service, count(total))
        until(lambda: runs.poll(service))
    assert runs.find(count(1)).result().done == 1
    assert runs.find(count(2)).result().done == 2
    assert runs.find(count(3)) is None


def test_old_results_are_forgotten(service):
    runs = Runs()
    for total in range(KEEP_RUNS + 2):
        runs.start(service, count(total))
        until(lambda: runs.poll(service))
    found = [total for total in range(KEEP_RUNS + 2) if runs.find(count(total))]
    assert found == list(range(2, KEEP_RUNS + 2))


def test_old_results_are_forgotten_of_those_that_were_opened_too(service):
    mine, other = Runs(), Runs()
    for total in range(KEEP_RUNS + 3):
        mine.start(service, count(total))
        until(lambda: mine.poll(service))
        other.open(service, count(total))
    found = [total for total in range(KEEP_RUNS + 3) if other.find(count(total))]
    assert found == list(range(3, KEEP_RUNS + 3))


# ---- a session that goes -------------------------------------------------------------------


class Asked:
    """A service that only remembers what it was asked to stop."""

    def __init__(self) -> None:
        self.stopped: list[str] = []
        self.event = threading.Event()

    def cancel(self, job_id: str) -> None:
        self.stopped.append(job_id)
        self.event.set()


def presence(grace: float) -> tuple[Presence, Asked]:
    runs, asked = Runs(), Asked()
    runs.live = Run(count(1), "live")
    here = Presence(runs, grace)
    here.service = asked
    return here, asked


def test_a_session_that_goes_takes_its_run_with_it():
    here, asked = presence(0.01)
    here.leave()
    assert asked.event.wait(300)
    assert asked.stopped == ["live"]


def test_a_session_that_comes_back_keeps_its_run():
    here, asked = presence(300)
    here.leave()
    here.leave()
    clocks = stopping_clocks()
    assert len(clocks) == 1  # the second call brings no clock of its own
    here.come_back()
    clocks[0].join(300)  # it ends without having rung
    assert asked.stopped == []
    here.leave()  # and goes for good later
    stopping_clocks()[0].function()
    assert asked.stopped == ["live"]
    here.come_back()


def stopping_clocks() -> list[threading.Timer]:
    """What would stop a run when the grace is over."""
    return [
        thread
        for thread in threading.enumerate()
        if isinstance(thread, threading.Timer) and thread.interval == 300
    ]


def test_a_session_without_a_run_just_goes():
    here, asked = presence(0.0)
    here.runs.live = None
    here.leave()
    assert not asked.event.wait(0.1)
