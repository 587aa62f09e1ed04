"""When a job is ended from here, because its worker does not do it."""

import math

import pytest

from bncore.training import flights
from bncore.training.flights import Flight, overdue
from bncore.training.jobs import Job
from tests.experiments.simple import Count

JOB = Job(Count(1), limit_seconds=60.0)


def ends(now, size=None, **moments):
    return [(end.kind, end.then) for end in overdue(Flight(JOB, None, **moments), now, size)]


def after(seconds):
    return math.nextafter(seconds, math.inf)


def test_a_job_that_runs_is_left_alone():
    assert ends(1e9) == []
    assert ends(60.0 + flights.STUBBORN_SECONDS, began=0.0) == []


@pytest.mark.parametrize(
    ("moment", "patience", "end"),
    [
        ("cancelled", flights.STOPPED_SECONDS, ("cancelled", "go on")),
        ("cancelled", flights.STUBBORN_SECONDS, ("cancelled", "restart")),
        ("began", 60.0 + flights.STUBBORN_SECONDS, ("timeout", "restart")),
        ("died", flights.CAUSE_SECONDS, ("lost", "land")),
        ("finished", flights.LAST_EVENTS_SECONDS, ("lost", "land")),
    ],
)
def test_each_end_is_due_after_its_patience_and_not_before(moment, patience, end):
    assert end not in ends(patience, **{moment: 0.0})
    assert ends(after(patience), **{moment: 0.0}) == [end]


def test_a_death_is_told_with_its_cause_where_that_is_known():
    flight = Flight(JOB, None, died=0.0)
    (end,) = overdue(flight, 1.0, size=3 * 2**30)
    assert (end.kind, end.then) == ("timeout", "land")
    assert "with 3.0 GiB it was over its limit" in end.message
    assert [each.message for each in overdue(flight, 1.0)] == [flights.LOST]


def test_all_that_is_due_is_told():
    assert ends(100.0, cancelled=0.0, began=0.0) == [
        ("cancelled", "restart"),
        ("timeout", "restart"),
    ]
