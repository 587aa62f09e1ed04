"""The presets are run in advance, and give way to visitors (in a browser: test_faults.py)."""

import asyncio
from dataclasses import dataclass, field

import pytest

from bncore.training.jobs import Job, Readiness, Status
from bncore.training.tally import Load
from tests.experiments.simple import Count
from tests.loops import run
from ui.server import prepared
from ui.server.prepared import NOBODY, prepare

JOBS = [Job(Count(total=total)) for total in (1, 2)]


@dataclass
class Service:
    """Runs nothing; the test says what happens at each look."""

    ready: str = "ready"
    workers: int = 1
    load_now: Load = field(default_factory=Load)
    asked: list[tuple[str, object]] = field(default_factory=list)
    state: str = ""

    def readiness(self):
        return Readiness(self.ready, workers=self.workers)

    def load(self):
        return self.load_now

    def submit(self, job, visitor):
        assert visitor == NOBODY
        self.asked.append(("submit", job.asked.total))
        self.state, self.load_now = "running", Load(running=1)
        return "request"

    def cancel(self, request):
        self.asked.append(("cancel", request))
        self.end("cancelled")

    def status(self, request):
        return Status(request, self.state)

    def end(self, state):
        self.state, self.load_now = state, Load()


@pytest.fixture
def play(monkeypatch):
    monkeypatch.setattr(prepared, "LOOK_SECONDS", 0)
    monkeypatch.setenv("BNLAB_WORKERS", "1")

    def go(service, scene):
        async def whole():
            task = asyncio.create_task(prepare(JOBS, service))
            await asyncio.wait_for(scene(task), 60)

        run(whole())

    return go


async def reaches(service, *asked):
    while service.asked != list(asked):
        await asyncio.sleep(0)


async def looks():
    for _ in range(50):
        await asyncio.sleep(0)


def test_one_after_the_other(play):
    service = Service()

    async def scene(task):
        await reaches(service, ("submit", 1))
        await looks()
        assert len(service.asked) == 1
        service.end("done")
        await reaches(service, ("submit", 1), ("submit", 2))
        service.end("failed")  # it fails for visitors, too, who are told why
        assert await task is False

    play(service, scene)


def test_all_that_ended_well_are_told_to_be_there(play):
    service = Service()

    async def scene(task):
        await reaches(service, ("submit", 1))
        service.end("done")
        await reaches(service, ("submit", 1), ("submit", 2))
        service.end("done")
        assert await task is True

    play(service, scene)


@pytest.mark.parametrize("busy", [Load(waiting=1), Load(running=1)])
def test_a_run_of_a_visitor_comes_first(play, busy):
    service = Service(load_now=busy)

    async def scene(task):
        await looks()
        assert service.asked == []
        service.end("")
        await reaches(service, ("submit", 1))
        service.load_now = Load(waiting=busy.waiting, running=1 + busy.running)
        await reaches(service, ("submit", 1), ("cancel", "request"), ("submit", 1))
        task.cancel()

    play(service, scene)


@pytest.mark.parametrize(("ready", "workers"), [("starting", 0), ("ready", 1)])
def test_workers_that_are_not_there_are_waited_for(play, monkeypatch, ready, workers):
    monkeypatch.setenv("BNLAB_WORKERS", "2")
    service = Service(ready=ready, workers=workers)

    async def scene(task):
        await looks()
        assert service.asked == []
        service.ready, service.workers = "ready", 2
        await reaches(service, ("submit", 1))
        task.cancel()

    play(service, scene)
