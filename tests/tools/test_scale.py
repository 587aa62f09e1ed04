"""docs/scale.md is made from measured figures, and the arithmetic is right."""

import json

import pytest

from tools import scale
from tools.scale import CROWDS, Crowd, Measured, read, tables

ALL = Measured(cores=0.4, session_mib=2.0, run_seconds=6.0, jobs_per_second=150.5)


def test_the_page_is_what_its_figures_make_it():
    page = scale.PAGE.read_text()
    made = scale.with_tables(page, read(scale.FIGURES.read_text()))
    assert page == made, "run: python -m tools.scale"


def test_only_the_figures_that_are_needed_are_read():
    lines = [
        "x86_64, 2 cores, Python 3.11",
        json.dumps({"name": "load-cpu", "value": 0.4, "unit": "cores"}),
        json.dumps({"name": "load-memory", "value": 2}),
        json.dumps({"name": "placement-seconds", "value": 6.0}),
        json.dumps({"name": "service-jobs", "value": 150.5}),
        json.dumps({"name": "load-p95", "value": None}),
        json.dumps({"sessions": 100}),
    ]
    assert read("\n".join(lines)) == ALL


def test_the_arithmetic():
    """100 visitors take 0.4 cores: 200 fill four fifths of one. One run of 6 s each 180 s and
    visitor: 100 visitors keep 3.3 workers busy, 5.6 at 60 %."""
    hundred = Crowd("a class", 100)
    assert ALL.sessions_per_process == 200
    assert [ALL.web_processes(Crowd("", n)) for n in (200, 201)] == [1, 2]
    assert ALL.sessions_per_gib() == 512
    assert ALL.workers(hundred) == 6
    assert ALL.workers(Crowd("", 1)) == 2
    assert ALL.learners_per_worker() == 18
    assert ALL.memory_gib(hundred) == pytest.approx((400 + 200 + 960 + 4 * 160) / 1024)


def test_what_was_not_measured_is_said():
    assert tables(Measured()).count(scale.UNKNOWN) == 4 + 4 * len(CROWDS)
    assert scale.UNKNOWN not in tables(ALL)
