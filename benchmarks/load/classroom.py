"""A class: many visitors join, look around, and change something every few seconds.

    python -m benchmarks.load --sessions 100 --seconds 120

Each visitor opens one page, keeps a websocket of its own, and makes one change every `every`
seconds, whatever the answer to the last one took (a change that is due while an answer is
outstanding waits for it, as a person does). Latency is from the message until the server says that
the run has finished; the generator shares the machine's cores with the server.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import psutil

from benchmarks.load.changes import a_change
from benchmarks.load.visitor import Visitor
from ui.page.registry import PAGES

GIVE_UP_SECONDS = 30.0
ADDRESSES = tuple(page.url_path for page in PAGES)


@dataclass(frozen=True)
class Plan:
    """What a class does.

    Args:
        sessions: visitors, joining evenly over `join` seconds.
        seconds: how long they go on after that.
        every: seconds between two changes of one visitor.
        runners: the share of visitors who ask for the answer of the recorded run on `runner_page`,
            and then press Train there, all at the same time, in the middle.
    """

    sessions: int = 100
    seconds: float = 120.0
    join: float = 30.0
    every: float = 3.0
    runners: float = 0.0
    runner_page: str = "placement"
    seed: int = 0


@dataclass
class Seen:
    """What the visitors saw, collected while they are there."""

    first: list[float] = field(default_factory=list)
    changes: list[tuple[str, float]] = field(default_factory=list)
    unanswered: int = 0
    dropped: int = 0
    results: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    bytes: int = 0
    messages: int = 0


@dataclass(frozen=True)
class Report:
    """One wave in numbers. Times in milliseconds, memory in MiB, `cpu` in cores."""

    sessions: int
    changes: int
    answered: float
    p50: float
    p95: float
    first_p95: float
    dropped: int
    errors: int
    cpu: float
    cpu_ms_per_change: float
    kb_per_change: float
    memory: float
    memory_per_session: float
    result_p95: float
    shown_p95: float
    slowest_page: str

    def rows(self) -> list[tuple[str, str]]:
        """The report as a table of two columns."""
        return [
            (name, f"{v:.4g}" if isinstance(v, float) else str(v))
            for name, v in asdict(self).items()
        ]


async def wave(url: str, process: psutil.Process, plan: Plan) -> tuple[Report, Seen]:
    """Let a class come, work and go."""
    seen = Seen()
    memory = process.memory_info().rss
    began, cpu = time.monotonic(), _cpu(process)
    end = began + plan.join + plan.seconds
    runners = round(plan.sessions * plan.runners)
    # They all press in the same second, when everybody has joined.
    press_at = began + plan.join + plan.seconds / 3
    peak = asyncio.create_task(_peak(process, end))
    await asyncio.gather(
        *(
            _runner(url, number, began, press_at, plan, seen)
            if number < runners
            else _learner(url, number, began, end, plan, seen)
            for number in range(plan.sessions)
        )
    )
    spent, took = _cpu(process) - cpu, time.monotonic() - began
    return _report(plan, seen, spent, took, await peak, memory), seen


async def _learner(url: str, number: int, began: float, end: float, plan: Plan, seen: Seen) -> None:
    chance = random.Random(plan.seed * 10_007 + number)
    page = ADDRESSES[number % len(ADDRESSES)]
    visitor = await _joined(url, page, number, began, plan, seen)
    due = time.monotonic() + chance.uniform(0, plan.every)
    while not visitor.dropped and (due := max(due, time.monotonic())) < end:
        await asyncio.sleep(due - time.monotonic())
        due += plan.every
        change = a_change(visitor, chance)
        if change is None:  # a page to read: come back to it
            work = visitor.send(timeout=GIVE_UP_SECONDS)
        else:
            work = visitor.send(change.state, fragment=change.fragment, timeout=GIVE_UP_SECONDS)
        try:
            seen.changes.append((page, await work))
        except (TimeoutError, ConnectionError):
            seen.unanswered += 1
    await _leave(visitor, seen)


async def _runner(
    url: str, number: int, began: float, press_at: float, plan: Plan, seen: Seen
) -> None:
    visitor = await _joined(url, plan.runner_page, number, began, plan, seen)
    await asyncio.sleep(press_at - time.monotonic())
    try:
        if (shown := await visitor.show(timeout=GIVE_UP_SECONDS)) is not None:
            seen.shown.append(shown)
        pressed = time.monotonic()
        await visitor.press("Train", timeout=GIVE_UP_SECONDS)
        while not any(text.startswith("Done") for text in visitor.texts()):
            await asyncio.sleep(0.05)
            if time.monotonic() - pressed > 120 or visitor.dropped:
                raise TimeoutError
        seen.results.append(time.monotonic() - pressed)
    except (TimeoutError, ConnectionError):
        seen.unanswered += 1
    await _leave(visitor, seen)


async def _joined(
    url: str, page: str, number: int, began: float, plan: Plan, seen: Seen
) -> Visitor:
    await asyncio.sleep(began + plan.join * number / plan.sessions - time.monotonic())
    visitor = Visitor(url, page)
    try:
        seen.first.append(await visitor.open())
        await visitor.unfold()
    except (TimeoutError, ConnectionError, OSError) as error:
        seen.unanswered += 1
        visitor.errors.append(repr(error))
    return visitor


async def _leave(visitor: Visitor, seen: Seen) -> None:
    seen.dropped += visitor.dropped
    seen.errors += visitor.errors
    seen.bytes += visitor.traffic.bytes
    seen.messages += visitor.traffic.messages
    await visitor.close()


async def _peak(process: psutil.Process, end: float) -> int:
    most = 0
    while time.monotonic() < end:
        most = max(most, process.memory_info().rss)
        await asyncio.sleep(1)
    return most


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _report(plan: Plan, seen: Seen, cpu: float, took: float, peak: int, memory: int) -> Report:
    latencies = np.array([seconds for _, seconds in seen.changes] or [np.nan]) * 1e3
    answers = len(seen.changes) + len(seen.results)
    return Report(
        sessions=plan.sessions,
        changes=len(seen.changes),
        answered=answers / max(1, answers + seen.unanswered),
        p50=float(np.percentile(latencies, 50)),
        p95=float(np.percentile(latencies, 95)),
        first_p95=_p95(seen.first) * 1e3,
        dropped=seen.dropped,
        errors=len(seen.errors),
        cpu=cpu / took,
        cpu_ms_per_change=1e3 * cpu / max(1, len(seen.changes) + len(seen.first)),
        kb_per_change=seen.bytes / 1e3 / max(1, len(seen.changes) + len(seen.first)),
        memory=peak / 2**20,
        memory_per_session=(peak - memory) / 2**20 / plan.sessions,
        result_p95=_p95(seen.results),
        shown_p95=_p95(seen.shown),
        slowest_page=_slowest(seen.changes),
    )


def _p95(values: Sequence[float]) -> float:
    return float(np.percentile(values, 95)) if values else float("nan")


def _slowest(changes: Sequence[tuple[str, float]]) -> str:
    """The page with the largest median latency."""
    by_page: dict[str, list[float]] = {}
    for page, seconds in changes:
        by_page.setdefault(page, []).append(seconds)
    if not by_page:
        return ""
    page, times = max(by_page.items(), key=lambda item: float(np.median(item[1])))
    return f"/{page} {1e3 * float(np.median(times)):.0f} ms"
