"""The figures of a class: latency, answers, memory, and what a run costs the others."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import psutil

from benchmarks.figures import Figure
from benchmarks.load.changes import a_change
from benchmarks.load.classroom import Plan, Report, wave
from benchmarks.load.cost import at_rest
from benchmarks.load.visitor import Visitor
from tools.browser import APP, NO_WORKERS, serving

# Sessions whose tab is closed are kept for two minutes; here they go at once, so that what three
# classes one after the other leave behind shows.
QUICK_GOODBYE = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "5"}
CLASS = Plan(sessions=100, seconds=120, join=30, every=3)
SHORT = Plan(sessions=100, seconds=20, join=20, every=3)
RUNNERS = Plan(sessions=100, seconds=60, join=30, every=3, runners=0.1)
RERUNS = 14_000
WARM_RERUNS = 4_000  # fill the caches, which are bounded


@dataclass(frozen=True)
class Classes:
    """Three classes one after the other, and the server's memory (MiB) after each had gone."""

    first: Report
    memory: tuple[float, float, float]


@cache
def classes() -> Classes:
    """Measured once, whichever figures are asked for."""
    with serving(_log(), APP, {**NO_WORKERS, **QUICK_GOODBYE}) as server:
        process = psutil.Process(server.process.pid)
        at_rest(process)
        reports, memory = [], []
        for plan in (CLASS, SHORT, SHORT):
            reports.append(asyncio.run(wave(server.url, process, plan))[0])
            time.sleep(30)  # the sessions go, and what they held is collected
            memory.append(process.memory_info().rss / 2**20)
    return Classes(reports[0], (memory[0], memory[1], memory[2]))


@cache
def class_with_runs(page: str) -> Report:
    """A class in which every tenth presses Train on a page's preset in the same second."""
    with serving(_log(), APP, {"BNLAB_PREPARE": "1"}) as server:
        process = psutil.Process(server.process.pid)
        _wait_for_presets(server.url)
        at_rest(process)
        return asyncio.run(wave(server.url, process, replace(RUNNERS, runner_page=page)))[0]


def load_p95() -> Figure:
    """From a change to its answer, for 19 of 20 changes."""
    value = classes().first.p95
    return Figure("load-p95", "100 visitors: p95 of a change", value, "ms", "<=", 500)


def load_p50() -> Figure:
    """The same for every second change."""
    value = classes().first.p50
    return Figure("load-p50", "100 visitors: p50 of a change", value, "ms", "<=", 150)


def load_answered() -> Figure:
    """How many changes were answered at all."""
    value = 100 * classes().first.answered
    return Figure("load-answered", "100 visitors: changes answered", value, "%", ">=", 99.9)


def load_cpu() -> Figure:
    """How busy the server's process is; its interpreter is full at one core."""
    value = classes().first.cpu
    return Figure("load-cpu", "100 visitors: cores of the server", value, "cores", "<=", 0.8)


def load_memory() -> Figure:
    """What one visitor adds to the server's memory."""
    value = classes().first.memory_per_session
    return Figure("load-memory", "100 visitors: memory of a session", value, "MiB", "<=", 2)


def load_waves() -> Figure:
    """Whether memory comes back when a class has gone."""
    first, _, third = classes().memory
    return Figure("load-waves", "memory after 3 classes / after 1", third / first, "x", "<=", 1.1)


def load_run_result() -> Figure:
    """From a click on Train to the result, when ten ask for the same in the same second."""
    value = class_with_runs("moving").result_p95
    return Figure("load-run-result", "10 of 100 press Train live: result", value, "s", "<=", 3)


def load_study_result() -> Figure:
    """From a click on "Show the answer" to a study of 40 models, run after the server's start."""
    value = class_with_runs("placement").shown_p95
    what = "10 of 100 ask for the recorded study"
    return Figure("load-study-result", what, value, "s", "<=", 3)


def load_run_others() -> Figure:
    """What the others feel of it."""
    value = class_with_runs("placement").p95
    return Figure(
        "load-run-others", "10 of 100 train a study live: others' p95", value, "ms", "<=", 700
    )


def reruns_memory() -> Figure:
    """What 10,000 changes leave in the server's memory, after those that fill its caches."""
    with serving(_log(), APP, NO_WORKERS) as server:
        process = psutil.Process(server.process.pid)
        at_rest(process)
        before, after = asyncio.run(_reruns(server.url, process))
    return Figure(
        "reruns-memory", "memory after 14,000 changes / 4,000", after / before, "x", "<=", 1.05
    )


async def _reruns(url: str, process: psutil.Process) -> tuple[int, int]:
    chance = random.Random(0)
    visitors = [Visitor(url, page) for page in ("axes", "conventions", "steps", "moving")]
    for visitor in visitors:
        await visitor.open()
        await visitor.show()
    before = 0
    for number in range(RERUNS):
        if number == WARM_RERUNS:
            before = process.memory_info().rss
        visitor = visitors[number % len(visitors)]
        change = a_change(visitor, chance)
        if change is None:
            await visitor.send()
        else:
            await visitor.send(change.state, fragment=change.fragment)
    for visitor in visitors:
        await visitor.close()
    return before, process.memory_info().rss


def _wait_for_presets(url: str) -> None:
    """Until the server has run what its presets offer, as it does after every start."""
    end = time.monotonic() + 1800
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{url}/readyz?presets"):
                return
        except urllib.error.HTTPError:
            time.sleep(1)
    raise TimeoutError("not all presets could be run; the server's log says how they ended")


def _log() -> Path:
    return Path(tempfile.mkdtemp()) / "server.log"
