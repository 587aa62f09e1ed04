"""Requests of visitors: shared, in turns, bounded."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bncore.training.desk import LEFT, PRESENT_SECONDS, SHARED_SECONDS, STOPPED_EARLY, Desk
from bncore.training.jobs import FINAL, Chunk, Job
from bncore.training.limits import HOUR, Limits
from tests.experiments.simple import Count


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def job(content: float = 1, lane: str = "run") -> Job:
    return Job(Count(1, seconds=content), lane=lane)


def run(desk: Desk, kind: str = "done", seconds: float = 1.0) -> str:
    """Run the next job to its end."""
    job_id = desk.next()
    assert job_id is not None
    desk.record(job_id, "started", seconds=0.0)
    desk.record(job_id, "chunk", Chunk(1, 2, {"n": np.ones(1)}))
    desk.record(job_id, kind, seconds=seconds)
    desk.free(job_id)
    return job_id


def kinds(desk: Desk, request: str) -> list[str]:
    return [event.kind for event in desk.events_since(request, 0)]


# ---- shared runs ---------------------------------------------------------------------------


def test_five_clicks_on_one_preset_are_one_run():
    desk = Desk(workers=2)
    requests = [desk.submit(job(), visitor) for visitor in "abcde"]
    assert len(set(requests)) == 5
    run(desk)
    assert desk.next() is None
    assert [kinds(desk, each) for each in requests] == [["queued", "started", "chunk", "done"]] * 5


def test_who_comes_later_sees_the_same_from_the_start():
    desk = Desk(workers=1)
    first = desk.submit(job(), "ada")
    job_id = desk.next()
    desk.record(job_id, "started")
    desk.record(job_id, "chunk", Chunk(1, 2))
    joined = desk.submit(job(), "bob")
    assert kinds(desk, joined) == ["queued", "started", "chunk"]
    assert (desk.status(joined).age_seconds, desk.status(first).age_seconds) == (0, None)


def test_a_result_is_given_at_once_with_its_age_and_for_an_hour():
    clock = Clock()
    desk = Desk(workers=1, clock=clock)
    desk.submit(job(), "ada")
    run(desk)
    clock.now += 100
    again = desk.status(desk.submit(job(), "bob"))
    assert (again.state, again.elapsed_seconds) == ("done", 1.0)
    assert again.age_seconds == pytest.approx(99)
    clock.now += SHARED_SECONDS
    assert desk.status(desk.submit(job(), "bob")).state == "queued"


def test_a_result_is_had_while_it_would_be_given():
    clock = Clock()
    desk = Desk(workers=1, clock=clock)
    had = [desk.has(job())]
    desk.submit(job(), "ada")
    had.append(desk.has(job()))  # it waits
    run(desk)
    had += [desk.has(job()), desk.has(job(2))]
    clock.now += SHARED_SECONDS + 1
    had.append(desk.has(job()))
    assert had == [False, False, True, False, False]
    assert not desk.live()  # nobody was asked to run anything


def test_a_result_is_there_again_when_a_new_run_of_it_is_given_up():
    desk = Desk(workers=1)
    first = desk.submit(job(), "ada")
    run(desk)
    again = desk.submit(job(), "ada", fresh=True)
    assert not desk.has(job())  # the new run is joined meanwhile
    desk.leave(again)
    assert desk.has(job())
    assert kinds(desk, desk.submit(job(), "bob")) == kinds(desk, first)


@pytest.mark.parametrize("kind", sorted(FINAL - {"done"}))
def test_what_did_not_end_well_is_never_shared(kind):
    desk = Desk(workers=1)
    desk.submit(job(), "ada")
    run(desk, kind)
    again = desk.submit(job(), "bob")
    assert desk.status(again).state == "queued"
    assert desk.next() == again


def test_a_fresh_run_takes_no_old_result_but_joins_what_goes_on():
    desk = Desk(workers=1)
    desk.submit(job(), "ada")
    run(desk)
    fresh = desk.submit(job(), "ada", fresh=True)
    assert desk.status(fresh).state == "queued"
    assert desk.status(desk.submit(job(), "bob", fresh=True)).age_seconds == 0
    assert run(desk) == fresh
    assert desk.next() is None


def test_other_content_is_another_run():
    desk = Desk(workers=2)
    requests = {desk.submit(job(1), "ada"), desk.submit(job(2), "ada")}
    assert {desk.next(), desk.next()} == requests


# ---- leaving -------------------------------------------------------------------------------


def test_a_run_goes_on_until_the_last_who_asked_has_left():
    desk = Desk(workers=1)
    first, second = desk.submit(job(), "ada"), desk.submit(job(), "bob")
    job_id = desk.next()
    desk.record(job_id, "started")
    assert desk.leave(first) is None
    status = desk.status(first)
    assert (status.state, status.message) == ("cancelled", LEFT)
    assert desk.leave(first) is None  # twice is once
    desk.record(job_id, "chunk", Chunk(1, 2))
    assert kinds(desk, first) == ["queued", "started", "cancelled"]
    assert kinds(desk, second) == ["queued", "started", "chunk"]
    assert desk.leave(second) == job_id
    assert desk.status(second).state == "running"  # until whoever runs it has stopped it
    assert desk.submit(job(), "cyd") != second  # and nobody joins it meanwhile
    assert desk.record(job_id, "cancelled")


def test_a_job_that_waits_ends_with_its_last_request():
    desk = Desk(workers=0)
    first, second = desk.submit(job(), "ada"), desk.submit(job(), "ada")
    desk.leave(first)
    assert desk.status(second).position == 1
    desk.leave(second)
    assert desk.status(second).message == STOPPED_EARLY
    assert desk.live() == []
    desk.set_workers(1)
    assert desk.next() is None


def test_leaving_what_is_over_or_unknown_does_nothing():
    desk = Desk(workers=1)
    done = desk.submit(job())
    run(desk)
    assert desk.leave(done) is None
    assert desk.leave("unknown") is None
    assert desk.status(done).state == "done"
    for ask in (desk.status, lambda each: desk.events_since(each, 0)):
        with pytest.raises(KeyError):
            ask("unknown")


# ---- limits --------------------------------------------------------------------------------


def test_a_visitor_may_have_so_many_waiting_and_others_still_can():
    desk = Desk(Limits(waiting_each=2))
    requests = [desk.submit(job(n), "ada") for n in range(3)]
    assert [desk.status(each).state for each in requests] == ["queued", "queued", "declined"]
    assert "One visitor may have 2 waiting at a time" in desk.status(requests[2]).message
    assert desk.status(desk.submit(job(0), "ada")).state == "queued"  # a shared one costs nothing
    assert desk.status(desk.submit(job(9), "bob")).state == "queued"
    assert desk.status(desk.submit(job(8, "check"), "ada")).state == "queued"
    desk.leave(requests[0])
    desk.leave(requests[1])
    assert desk.status(desk.submit(job(2), "ada")).state == "queued"  # never a shared refusal


def test_the_parts_of_a_job_count_as_one():
    desk = Desk(Limits(waiting_each=2, waiting_all=3))

    def parts(whole: str, *numbers: int) -> list[str]:
        asked = [desk.submit(replace(job(n), whole=whole), "ada") for n in numbers]
        return [desk.status(each).state for each in asked]

    assert parts("first", 0, 1, 2) == ["queued"] * 3
    assert parts("second", 3, 4) == ["queued"] * 2
    assert parts("third", 5, 6) == ["declined"] * 2
    assert desk.status(desk.submit(job(7), "bob")).state == "queued"
    assert desk.status(desk.submit(job(8), "cyd")).state == "declined"  # three wait: two and bob's


def test_all_together_may_have_so_many_waiting():
    desk = Desk(Limits(waiting_all=2))
    states = [desk.status(desk.submit(job(n), f"visitor {n}")) for n in range(3)]
    assert [status.state for status in states] == ["queued", "queued", "declined"]
    assert "This server lets 2 wait at a time" in states[2].message


def test_training_seconds_within_an_hour():
    clock = Clock()
    desk = Desk(Limits(training_seconds=10), workers=1, clock=clock)
    for n in range(2):
        desk.submit(job(n), "ada")
        run(desk, seconds=6)
        clock.now += 60
    declined = desk.status(desk.submit(job(3), "ada"))
    assert declined.state == "declined"
    assert "trained for 10 s within the last hour" in declined.message
    assert "Try again in 58 min." in declined.message
    assert desk.status(desk.submit(job(1), "ada")).state == "done"  # a shared one costs nothing
    assert desk.status(desk.submit(job(4, "check"), "ada")).state == "queued"
    assert desk.status(desk.submit(job(4), "bob")).state == "queued"
    clock.now += HOUR - 120
    assert desk.status(desk.submit(job(3), "ada")).state == "queued"


def test_studies_leave_a_worker_to_others_who_are_there():
    clock = Clock()
    desk = Desk(workers=2, clock=clock)
    desk.submit(job(0, "check"), "bob")
    run(desk)
    studies = [desk.submit(job(n, "study"), "ada") for n in (1, 2)]
    assert [desk.next(), desk.next()] == [studies[0], None]
    clock.now += PRESENT_SECONDS
    assert desk.next() == studies[1]  # ada is alone


def test_a_shared_run_is_charged_to_who_asked_first():
    desk = Desk(Limits(training_seconds=5), workers=1)
    desk.submit(job(), "ada")
    desk.submit(job(), "bob")
    run(desk, seconds=6)
    assert desk.status(desk.submit(job(2), "bob")).state == "queued"
    assert desk.status(desk.submit(job(3), "ada")).state == "declined"


@pytest.mark.parametrize("text", ["many", "-1", "0", "1.5", "9999999"])
def test_a_setting_that_is_no_number_is_told(text):
    with pytest.raises(ValueError, match="BNLAB_WAITING_ALL is a whole number"):
        Limits.of({"BNLAB_WAITING_ALL": text})


# ---- whatever happens ----------------------------------------------------------------------

steps = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.sampled_from("abc"), st.integers(0, 4), st.booleans()),
        st.tuples(st.just("leave"), st.integers(0, 30)),
        st.tuples(st.just("next")),
        st.tuples(st.just("end"), st.integers(0, 5), st.sampled_from(["done", "failed", "lost"])),
        st.tuples(st.just("back"), st.integers(0, 5)),
    ),
    max_size=60,
)


@given(steps)
def test_every_request_ends_and_every_worker_is_free_again(steps):
    desk, flying, requests = Desk(Limits(waiting_each=3), workers=2), [], []

    def end(job_id: str, kind: str) -> None:
        flying.remove(job_id)
        desk.record(job_id, kind)
        desk.free(job_id)

    def take() -> None:
        if (job_id := desk.next()) is not None:
            assert job_id not in flying
            flying.append(job_id)
        assert len(flying) <= 2

    for name, *rest in steps:
        if name == "submit":
            visitor, content, fresh = rest
            requests.append(desk.submit(job(content), visitor, fresh))
        elif name == "leave" and rest[0] < len(requests):
            desk.leave(requests[rest[0]])
        elif name == "next":
            take()
        elif name == "end" and rest[0] < len(flying):
            end(flying[rest[0]], rest[1])
        elif name == "back" and rest[0] < len(flying):
            job_id = flying.pop(rest[0])
            if desk.state(job_id) == "queued":
                desk.put_back(job_id)
            desk.free(job_id)
    for _ in range(1000):
        take()
        if not flying:
            break
        end(flying[0], "done")
    assert desk.live() == []
    assert all(desk.status(each).finished for each in requests)
    for each in requests:
        found = kinds(desk, each)
        assert found[-1] in FINAL
        assert not FINAL & set(found[:-1])
