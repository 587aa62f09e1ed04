"""What one change costs the server, page by page: CPU, bytes and messages.

A single visitor makes the same seeded changes on every page, one after the other, so that nothing
waits for anything else. CPU is the server process' own (user and system), whatever else the
machine is doing.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

import psutil

from benchmarks.load.changes import a_change
from benchmarks.load.visitor import Visitor
from ui.page.registry import PAGES

CHANGES = 40


@dataclass(frozen=True)
class Cost:
    """The mean of `changes` changes on one page."""

    page: str
    changes: int
    cpu_ms: float
    kb: float
    messages: float

    def row(self) -> str:
        """A line of the table."""
        return f"/{self.page:<14} {self.cpu_ms:7.1f} ms {self.kb:8.1f} kB {self.messages:6.1f}"


def costs(url: str, process: psutil.Process, changes: int = CHANGES) -> list[Cost]:
    """One visitor on every page, one page after the other."""
    at_rest(process)
    return [asyncio.run(_cost(url, process, page.url_path, changes)) for page in PAGES]


def at_rest(process: psutil.Process) -> None:
    """Wait until the server has warmed up: it has nothing to do for three seconds."""
    quiet = 0
    while quiet < 3:
        quiet = quiet + 1 if process.cpu_percent(interval=1) < 10 else 0


async def _cost(url: str, process: psutil.Process, page: str, changes: int) -> Cost:
    chance = random.Random(1)
    visitor = Visitor(url, page)
    await visitor.open()
    await visitor.unfold()
    await asyncio.sleep(1)  # what the first run leaves to do
    visitor.traffic.bytes = visitor.traffic.messages = 0
    before = process.cpu_times()
    for _ in range(changes):
        change = a_change(visitor, chance)
        if change is None:
            await visitor.send()
        else:
            await visitor.send(change.state, fragment=change.fragment)
    after = process.cpu_times()
    await visitor.close()
    cpu = after.user + after.system - before.user - before.system
    traffic = visitor.traffic
    return Cost(
        page,
        changes,
        1e3 * cpu / changes,
        traffic.bytes / 1e3 / changes,
        traffic.messages / changes,
    )
