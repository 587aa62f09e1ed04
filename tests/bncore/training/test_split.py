"""Parts of a job on several workers: one job for whoever asked, with what one worker brings."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bncore.experiments.experiment import entries, is_record, joined
from bncore.training.jobs import FINAL, Job, Readiness
from bncore.training.ledger import Ledger
from bncore.training.runner import nbytes, run
from bncore.training.split import covered, split
from bncore.training.split_service import SplitService
from bncore.training.tally import Load
from tests.experiments import simple
from tests.experiments.simple import Pieces

ALLOWED = ("tests.experiments",)


class Scripted:
    """A service whose jobs go on when a test says so: what the experiment says, event by event."""

    def __init__(self, workers: int = 2) -> None:
        self.workers, self.now = workers, 0.0
        self.jobs: dict[str, Job] = {}
        self.ages: dict[str, float] = {}
        self.ledger = Ledger(clock=lambda: self.now)
        self._scripts: dict[str, list] = {}

    def submit(self, job: Job, visitor: str = "", fresh: bool = False) -> str:
        job_id = self.ledger.add(job)
        self.jobs[job_id] = replace(job, label=f"{visitor} {fresh}")
        script = self._scripts[job_id] = []
        run(job, lambda *entry: script.append(entry), threading.Event(), ALLOWED)
        return job_id

    def go_on(self, job_id: str) -> bool:
        """One more event; False where there is none."""
        script = self._scripts[job_id]
        return bool(script) and self.ledger.record(job_id, *script.pop(0))

    def over(self) -> bool:
        """Whether all jobs have said everything."""
        return not any(self._scripts.values())

    def end(self, job_id: str, kind: str, message: str) -> None:
        self.ledger.record(job_id, kind, message=message)

    def cancel(self, job_id: str) -> None:
        early = self.ledger.state(job_id) == "queued"
        message = "Stopped before it began." if early else "Stopped on request."
        self.end(job_id, "cancelled", message)

    def has(self, job: Job) -> bool:
        return any(
            known.asked == job.asked and self.ledger.state(job_id) == "done"
            for job_id, known in self.jobs.items()
        )

    def events_since(self, job_id: str, index: int):
        return self.ledger.events_since(job_id, index)

    def status(self, job_id: str):
        waiting = [each for each in self.jobs if self.ledger.state(each) == "queued"]
        place = waiting.index(job_id) + 1 if job_id in waiting else None
        status = self.ledger.status(job_id)
        return replace(status, position=place, age_seconds=self.ages.get(job_id))

    def readiness(self) -> Readiness:
        return Readiness("ready", workers=self.workers)

    def load(self) -> Load:
        return self.ledger.load(workers=self.workers)

    def close(self) -> None:
        for job_id in self.ledger.live():
            self.end(job_id, "cancelled", "The training service has ended.")


def pieces(parts: int = 5, **arguments) -> Job:
    return Job(Pieces(**arguments), limit_seconds=100, parts=parts)


def started(workers: int = 2, **options):
    """A job of five pieces in parts: the service inside, the one around it, the job, its parts."""
    inner = Scripted(workers)
    service = SplitService(inner, clock=lambda: inner.now, **options)
    job_id = service.submit(pieces())
    return inner, service, job_id, list(inner.jobs)


def values(service, job_id) -> dict:
    events = service.events_since(job_id, 0)
    return joined([event.chunk.values for event in events if event.chunk])


def assert_same(found, wanted) -> None:
    """Equal bit for bit, names in the same order."""
    assert type(found) is type(wanted)
    if is_record(found):
        found, wanted = entries(found), entries(wanted)
    if isinstance(found, dict):
        assert list(found) == list(wanted)
        for name in found:
            assert_same(found[name], wanted[name])
    elif isinstance(found, np.ndarray):
        assert found.dtype == wanted.dtype
        assert np.array_equal(found, wanted, equal_nan=found.dtype.kind == "f")
    else:
        assert found == wanted


def of_one_worker() -> dict:
    return joined([chunk.values for chunk in simple.pieces(Pieces())])


# ---- splitting -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "workers", "count"), [(5, 2, 2), (5, 8, 5), (1, 8, 1), (5, 1, 1), (5, 0, 1)]
)
def test_as_many_parts_as_workers_and_pieces_allow(parts, workers, count):
    job = pieces(parts, steps=2)
    found = split(job, workers)
    assert len(found) == count
    if count == 1:
        assert found == (job,)
    else:
        parts = [(number, count) for number in range(count)]
        assert [part.asked for part in found] == [Pieces(steps=2, part=part) for part in parts]
        assert all(split(part, workers) == (part,) for part in found)  # once is enough


def test_one_worker_has_the_job_itself():
    inner = Scripted(workers=1)
    service = SplitService(inner)
    job = pieces()
    job_id = service.submit(job)
    assert inner.ledger.job(job_id) is job
    while inner.go_on(job_id):
        assert service.status(job_id) == inner.status(job_id)
    assert service.events_since(job_id, 2) == inner.events_since(job_id, 2)


def test_who_asks_is_passed_on_and_parts_know_their_whole():
    inner = Scripted(workers=3)
    job_id = SplitService(inner).submit(pieces(), "ada", fresh=True)
    assert [(job.label, job.whole) for job in inner.jobs.values()] == [("ada True", job_id)] * 3


def test_an_unknown_job():
    with pytest.raises(KeyError):
        SplitService(Scripted()).status("unknown")
    with pytest.raises(KeyError):
        SplitService(Scripted()).events_since("unknown", 0)


# ---- merging -------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 6), st.data())
def test_in_whatever_order_they_come_the_parts_bring_what_one_worker_brings(workers, data):
    inner, service, job_id, parts = started(workers)
    seen, done = [], 0
    while parts:
        part = data.draw(st.sampled_from(parts))
        for _ in range(data.draw(st.integers(1, 20))):
            if not inner.go_on(part):
                parts.remove(part)
                break
        if data.draw(st.booleans()):
            seen += service.events_since(job_id, len(seen))
            status = service.status(job_id)
            assert done <= status.done <= 15
            done = status.done
            assert (status.state == "done") == inner.over()
    seen += service.events_since(job_id, len(seen))
    assert seen == service.events_since(job_id, 0)
    assert [event.index for event in seen] == list(range(len(seen)))
    kinds = [event.kind for event in seen]
    assert (kinds[:2], kinds[-1]) == (["queued", "started"], "done")
    assert set(kinds[2:-1]) == {"chunk"}
    status = service.status(job_id)
    assert (status.state, status.done, status.total) == ("done", 15, 15)
    assert_same(values(service, job_id), of_one_worker())


def test_figures_can_be_drawn_before_every_part_has_begun():
    inner, service, job_id, (first, _) = started()
    for _ in range(5):
        inner.go_on(first)
    found = values(service, job_id)["runs"]
    assert list(found) == list("abcde")
    assert [len(each["n"]) for each in found.values()] == [1, 0, 1, 0, 1]
    status = service.status(job_id)
    assert (status.state, status.done, status.total) == ("running", 3, 15)
    assert status.message == "e: step 0"


def test_the_place_is_that_of_the_first_part():
    inner = Scripted()
    service = SplitService(inner)
    for _ in range(3):
        inner.submit(pieces())
    job_id = service.submit(pieces())
    assert service.status(job_id).position == 4
    inner.go_on(list(inner.jobs)[3])
    assert service.status(job_id).position is None


def test_seconds_count_while_any_part_runs():
    inner, service, job_id, (first, second) = started()

    def seconds():
        return service.status(job_id).elapsed_seconds

    inner.now = 5.0
    assert seconds() == 0
    inner.go_on(first)
    inner.now = 8.0
    assert seconds() == 3
    while inner.go_on(first):
        pass
    inner.now = 20.0  # the other part waits for a worker
    assert seconds() == 3
    inner.go_on(second)
    inner.now = 24.0
    assert seconds() == 7
    while inner.go_on(second):
        pass
    inner.now = 100.0
    assert (service.status(job_id).state, seconds()) == ("done", 7)


def test_covered_is_the_length_of_the_union():
    assert covered([]) == 0
    assert covered([(5, 6), (0, 2), (1, 3), (6, 7)]) == 5


def test_a_run_that_others_had_asked_for_says_how_old_it_is():
    inner, service, job_id, (first, second) = started()
    inner.ages = {first: 7.0}
    assert service.status(job_id).age_seconds is None  # a part of it is made now
    inner.ages = {first: 7.0, second: 9.0}
    for part in (first, second):
        while inner.go_on(part):
            pass
    assert service.status(job_id).age_seconds == 9
    assert service.status(job_id).age_seconds == 9  # at the end, too


def test_what_one_worker_made_is_there_when_there_are_more():
    """A server's first worker is ready before the others."""
    inner = Scripted(workers=1)
    service = SplitService(inner)
    made = service.submit(pieces())
    while inner.go_on(made):
        pass
    inner.workers = 2
    assert service.has(pieces())
    again = service.submit(pieces())
    assert list(inner.jobs) == [made, again]  # nothing in parts
    service.submit(pieces(), fresh=True)
    assert len(inner.jobs) == 4


def test_the_parts_are_put_together_once_for_all_who_ask():
    inner, service, job_id, parts = started()
    assert not service.has(pieces())
    other = service.submit(pieces())  # meanwhile: parts of its own, which the service inside shares
    assert other != job_id
    for part in parts:
        while inner.go_on(part):
            pass
    inner.now = 5.0
    assert service.status(job_id).age_seconds is None
    assert service.has(pieces())
    inner.now = 7.0
    assert service.submit(pieces()) == job_id
    assert service.status(job_id).age_seconds == 2
    assert len(inner.jobs) == 4  # nothing was asked for again
    assert service.submit(pieces(), fresh=True) != job_id
    assert service.submit(Job(Pieces(), parts=1)) != job_id


# ---- endings -------------------------------------------------------------------------------


def test_a_stop_ends_all_parts_and_keeps_what_they_had():
    inner, service, job_id, (first, second) = started()
    for _ in range(4):
        inner.go_on(second)
    inner.now = 2.0  # the first part still waits
    service.cancel(job_id)
    assert {inner.ledger.state(part) for part in (first, second)} == {"cancelled"}
    status = service.status(job_id)
    assert (status.state, status.message) == ("cancelled", "Stopped on request.")
    assert [len(run["n"]) for run in values(service, job_id)["runs"].values()] == [0, 1, 0, 1, 0]
    assert [event.kind for event in service.events_since(job_id, 0)][-1] == "cancelled"


def test_the_last_results_of_a_part_that_is_being_stopped_are_kept(monkeypatch):
    inner, service, job_id, (first, second) = started()
    monkeypatch.setattr(inner, "cancel", lambda job_id: None)  # the workers take their time
    inner.go_on(first), inner.go_on(second)
    service.cancel(job_id)
    inner.end(first, "cancelled", "Stopped on request.")
    assert service.status(job_id).state == "running"
    for _ in range(2):
        inner.go_on(second)
    inner.end(second, "cancelled", "Stopped on request.")
    assert service.status(job_id).state == "cancelled"
    assert len(values(service, job_id)["runs"]["b"]["n"]) == 1


def test_a_stop_before_anything_began_and_one_too_late():
    _, service, job_id, _ = started()
    service.cancel(job_id)
    assert service.status(job_id).message == "Stopped before it began."
    inner, service, job_id, parts = started()
    for part in parts:
        while inner.go_on(part):
            pass
    service.cancel(job_id)
    assert service.status(job_id).state == "done"


@pytest.mark.parametrize("kind", sorted(FINAL - {"done"}))
def test_what_ends_one_part_ends_all(kind):
    inner, service, job_id, (first, second) = started()
    for _ in range(4):
        inner.go_on(first), inner.go_on(second)
    inner.end(second, kind, "This is why.")
    status = service.status(job_id)
    assert (status.state, status.message) == (kind, "This is why.")
    assert inner.ledger.state(first) == "cancelled"
    assert values(service, job_id)["runs"]["a"]["n"].tolist() == [[0, 0]]  # what had come is kept
    count = len(service.events_since(job_id, 0))
    inner.go_on(first)
    assert len(service.events_since(job_id, 0)) == count


def test_a_part_that_is_not_known_any_more():
    inner, service, job_id, (first, second) = started()
    inner.go_on(second)
    inner.ledger._entries.pop(first)  # as after many other jobs
    assert service.status(job_id).state == "lost"
    assert inner.ledger.state(second) == "cancelled"


def test_parts_that_run_one_after_the_other_have_the_time_of_one_job():
    inner, service, job_id, (first, second) = started()
    inner.go_on(first)
    inner.now = 60.0
    while inner.go_on(first):
        pass
    assert service.status(job_id).state == "running"
    inner.now = 500.0  # waiting does not count
    inner.go_on(second)
    assert service.status(job_id).state == "running"
    inner.now = 541.0
    status = service.status(job_id)
    assert (status.state, "one run may take 100 s" in status.message) == ("timeout", True)
    assert inner.ledger.state(second) == "cancelled"


def test_all_parts_together_have_the_size_of_one_job():
    limit = nbytes(of_one_worker()) - 1
    inner, service, job_id, parts = started(max_bytes=limit)
    for part in parts:
        while inner.go_on(part):
            pass
    status = service.status(job_id)
    assert (status.state, "size limit" in status.message) == ("timeout", True)
    assert nbytes(values(service, job_id)) <= limit


def test_nobody_asks_any_more():
    """A job that nobody looks at again is not kept for ever."""
    inner, service, job_id, parts = started()
    for part in parts:
        while inner.go_on(part):
            pass
    service.submit(pieces())
    assert service._ledger.state(job_id) == "done"


def test_closing_ends_it():
    inner, service, job_id, (first, _) = started()
    inner.go_on(first)
    service.close()
    status = service.status(job_id)
    assert (status.state, status.message) == ("cancelled", "The training service has ended.")
