"""Write docs/scale.md's figures from what the benchmarks measured.

    python -m benchmarks --json > docs/figures.jsonl
    python -m tools.scale

What is measured stands in docs/figures.jsonl, one object a line; what is assumed about visitors
stands below and in the text. A figure that is missing makes the cells that need it say so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIGURES, PAGE = ROOT / "docs" / "figures.jsonl", ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- figures: python -m tools.scale -->", "<!-- /figures -->"
UNKNOWN = "not measured"

CLASS = 100
"""Visitors in the benchmark that the `load-` figures come from: one change each per 3 s."""
BUSY = 0.8
"""The share of its one core that a web process may use: beyond it, waiting grows."""
USED = 0.6
"""The share of their time that workers may be busy, so that a run seldom waits."""
WEB_MIB, FIRST_WORKERS_MIB, WORKER_MIB = 400, 960, 160
"""Memory: of a web process that has run every page, of the first two workers with the process
that they are forked from, of each further one (proportional set size, see CONTRIBUTING.md)."""


@dataclass(frozen=True)
class Crowd:
    """People at one moment: how many are connected, and how often one of them trains."""

    who: str
    sessions: int
    minutes_between_runs: float = 3.0


CROWDS = (
    Crowd("a class of 30", 30),
    Crowd("a class of 100", 100),
    Crowd("1,000 visitors a day", 67),
    Crowd("100,000 visitors a day", 6_667),
)
"""A day's visitors: a visit takes 20 minutes, and a fifth of the day's come in one hour."""


@dataclass(frozen=True)
class Measured:
    """The figures that the frame is made from; None where there is none.

    Args:
        cores: of the web process, for `CLASS` visitors.
        session_mib: memory of one visitor.
        run_seconds: of a worker, for the largest preset that a page offers.
        jobs_per_second: the shortest ones that go through one scheduler.
    """

    cores: float | None = None
    session_mib: float | None = None
    run_seconds: float | None = None
    jobs_per_second: float | None = None

    @property
    def sessions_per_process(self) -> int | None:
        """How many visitors one web process serves while its core is `BUSY`."""
        return None if not self.cores else math.floor(BUSY * CLASS / self.cores)

    def web_processes(self, crowd: Crowd) -> int | None:
        """How many web processes a crowd needs: each has a core of its own."""
        each = self.sessions_per_process
        return None if not each else math.ceil(crowd.sessions / each)

    def workers(self, crowd: Crowd) -> int | None:
        """How many workers a crowd needs where no two ask for the same run."""
        if not self.run_seconds:
            return None
        busy = crowd.sessions * self.run_seconds / (60 * crowd.minutes_between_runs)
        return max(2, math.ceil(busy / USED))

    def memory_gib(self, crowd: Crowd) -> float | None:
        """Memory of all processes and sessions of a crowd."""
        web, workers = self.web_processes(crowd), self.workers(crowd)
        if web is None or workers is None or self.session_mib is None:
            return None
        training = FIRST_WORKERS_MIB + (workers - 2) * WORKER_MIB
        return (web * WEB_MIB + crowd.sessions * self.session_mib + training) / 1024

    def sessions_per_gib(self) -> int | None:
        """How many sessions a gigabyte holds, once the processes have theirs."""
        return None if not self.session_mib else math.floor(1024 / self.session_mib)

    def learners_per_worker(self, minutes_between_runs: float = 3.0) -> int | None:
        """How many people who train every few minutes one worker serves."""
        if not self.run_seconds:
            return None
        return math.floor(USED * 60 * minutes_between_runs / self.run_seconds)


def read(text: str) -> Measured:
    """The figures among the lines of ``python -m benchmarks --json``; other lines are left alone.

    >>> read('{"name": "load-cpu", "value": 0.4}').sessions_per_process
    200
    """
    values: dict[str, float] = {}
    for line in text.splitlines():
        if line.lstrip().startswith("{"):
            figure: Mapping[str, object] = json.loads(line)
            if isinstance(figure.get("value"), int | float):
                values[str(figure.get("name"))] = float(figure["value"])  # type: ignore[arg-type]
    names = ("load-cpu", "load-memory", "placement-seconds", "service-jobs")
    return Measured(*map(values.get, names))


def tables(measured: Measured) -> str:
    """What one process, one gigabyte and one worker hold, and what a crowd needs."""
    jobs = measured.jobs_per_second
    rows = [
        ("visitors of one web process (one core)", measured.sessions_per_process),
        ("visitors of one GiB, besides the processes' own", measured.sessions_per_gib()),
        ("learners of one worker, who train every 3 minutes", measured.learners_per_worker()),
        ("jobs a second of one scheduler", None if jobs is None else math.floor(jobs)),
    ]
    lines = ["| one holds | |", "|---|---|", *(f"| {what} | {_told(n)} |" for what, n in rows), ""]
    lines += [
        "| for | at once | web processes | workers | cores | GiB |",
        "|---|---|---|---|---|---|",
    ]
    for crowd in CROWDS:
        web, workers = measured.web_processes(crowd), measured.workers(crowd)
        cores = None if web is None or workers is None else web + workers
        cells = (crowd.sessions, web, workers, cores, measured.memory_gib(crowd))
        lines.append(f"| {crowd.who} | {' | '.join(map(_told, cells))} |")
    return "\n".join(lines)


def with_tables(page: str, measured: Measured) -> str:
    """The page's text with its tables brought up to date."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{tables(measured)}\n{END}{rest.split(END)[1]}"


def _told(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(), read(FIGURES.read_text())))
