"""One placement study on several workers: how much sooner it ends, and what limits that."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from statistics import median
from typing import Any

import numpy as np
import psutil

from benchmarks.figures import Figure
from bncore import datasets
from bncore.experiments.experiment import Experiment, Part, entries, is_record, joined
from bncore.experiments.placement import Study, StudyFound
from bncore.placement import PLACEMENTS
from bncore.training.jobs import Chunk, Job
from bncore.training.runner import ALLOWED, name_of
from bncore.training.service import start
from bncore.training.split_service import SplitService

ROUNDS = 7
VARIANTS = tuple(PLACEMENTS)
EPOCHS = 20


def placement_scaling() -> Figure:
    """Seconds of the question's study on one of two workers, over those on both.

    Each has a core of its own. Where one may use both, TensorFlow's threads let it take 1.3 cores,
    and on a machine of two cores the second worker has only the rest.
    """
    with _workers(2, warm=True) as service:
        _pin()
        _ran(service, _study(epochs=1))  # both workers have compiled once
        jobs = replace(_study(), parts=1), _study()
        pairs = [(_ran(service, jobs[0]), _ran(service, jobs[1])) for _ in range(ROUNDS)]
    one, two = pairs[-1]
    _assert_same(one["found"], two["found"])
    note = (
        f"the same numbers, bit for bit; CPU: {sum(one['cpu']):.1f} s on one, "
        f"{' + '.join(f'{cpu:.1f}' for cpu in two['cpu'])} s on two, by which alone it could be "
        f"{sum(one['cpu']) / max(two['cpu']):.2f}x"
    )
    times = median(one["seconds"] for one, _ in pairs) / median(two["seconds"] for _, two in pairs)
    return Figure(
        "placement-scaling",
        "study on one worker / on two, a core each",
        times,
        "x",
        ">=",
        1.7,
        note,
    )


def placement_scaling_four() -> Figure:
    """The same for four workers that wait instead of computing: what splitting itself loses.

    Eight pieces of equal length. The study has five of unequal length, which is what limits it.
    """
    job = Job(Waiting((1.0,) * 8), parts=8)
    with _workers(4, warm=False) as service:
        _ran(service, job)
        one, four = _ran(service, replace(job, parts=1)), _ran(service, job)
    times = one["seconds"] / four["seconds"]
    shares = [f"{times:.2f}x on {workers}" for workers, times in _bounds().items()]
    note = f"five variants cannot be dealt out evenly: the study at most {', '.join(shares)}"
    title = "8 pieces that wait: one worker / four"
    return Figure("placement-scaling-four", title, times, "x", ">=", 3.6, note)


def placement_one_worker() -> Figure:
    """CPU seconds of a worker that makes the whole study, over those of the bare experiment.

    Splitting must cost nothing where there is nobody to share with.
    """
    with _workers(1, warm=True) as service:
        _ran(service, _study(epochs=1))
        found = median(sum(_ran(service, _study())["cpu"]) for _ in range(ROUNDS))
    _costs(epochs=1)
    bare = median(sum(_costs().values()) for _ in range(ROUNDS))
    return Figure("placement-one-worker", "one worker / bare study", found / bare, "x", "<=", 1.1)


def service_jobs() -> Figure:
    """The shortest jobs that two workers end in a second: what the service itself costs.

    Each goes the whole way: ledger, scheduler, worker, and its one chunk back.
    """
    rounds, at_once = 6, 50
    with _workers(2, warm=False) as service:
        jobs = [Job(Waiting((number * 1e-9,), steps=1)) for number in range(rounds * at_once)]
        _ran(service, Job(Waiting((0.0,), steps=2)))
        began = time.perf_counter()
        for first in range(0, len(jobs), at_once):
            names = [service.submit(job) for job in jobs[first : first + at_once]]
            while not all(service.status(name).finished for name in names):
                time.sleep(0.002)
        seconds = time.perf_counter() - began
    # 100,000 visitors a day, the largest crowd of docs/scale.md, ask for 37 runs a second.
    title = "shortest jobs a second, two workers"
    return Figure("service-jobs", title, len(jobs) / seconds, "/s", ">=", 37)


@dataclass(frozen=True)
class Waiting(Experiment[Mapping[str, Any]], run_by="benchmarks.scaling:waiting"):
    """Pieces that wait for so many seconds each, instead of computing."""

    costs: tuple[float, ...]
    steps: int = 10
    part: Part = (0, 1)


def waiting(asked: Waiting) -> Iterator[Chunk[Mapping[str, Any]]]:
    """Run it."""
    steps, part = asked.steps, asked.part
    mine, total = asked.costs[part[0] :: part[1]], steps * len(asked.costs)
    yield Chunk(0, total)
    for done in range(steps * len(mine)):
        time.sleep(mine[done % len(mine)] / steps)
        yield Chunk(done + 1, total, {"done": np.ones(1)})


def _study(epochs: int = EPOCHS) -> Job[StudyFound]:
    data = datasets.two_classes()
    asked = Study(data.values, data.labels, replicas=8, epochs=epochs, batch_size=16)
    return Job(asked, limit_seconds=600, parts=asked.pieces)


@contextmanager
def _workers(count: int, warm: bool) -> Iterator[SplitService]:
    service = SplitService(start((*ALLOWED, "benchmarks"), workers=count, warm=warm))
    try:
        while service.readiness().workers < count:
            time.sleep(0.1)
        yield service
    finally:
        service.close()


def _ran(service: SplitService, job: Job) -> dict[str, Any]:
    """Run a job: what it found, its seconds, and the CPU seconds of the workers that worked."""

    began, before = time.perf_counter(), _cpu()
    job_id = service.submit(job, fresh=True)  # not the result of the round before
    while not (status := service.status(job_id)).finished:
        time.sleep(0.02)
    if status.state != "done":
        raise RuntimeError(f"{name_of(job)} ended as {status.state}: {status.message}")
    seconds = time.perf_counter() - began
    used = [spent - before.get(pid, 0.0) for pid, spent in _cpu().items()]
    events = service.events_since(job_id, 0)
    return {
        "found": joined(event.chunk.values for event in events if event.chunk),
        "seconds": seconds,
        "cpu": sorted((spent for spent in used if spent > 0.5), reverse=True),
    }


def _cpu() -> dict[int, float]:
    """CPU seconds of every worker."""
    times = {process.pid: process.cpu_times() for process in _worker_processes()}
    return {pid: spent.user + spent.system for pid, spent in times.items()}


def _worker_processes() -> list[psutil.Process]:
    """The processes that the process which hosts the workers started."""
    started = psutil.Process().children(recursive=True)
    return [process for process in started if process.ppid() != os.getpid()]


def _pin() -> None:
    """Give each worker a core."""
    cores = sorted(os.sched_getaffinity(0))
    for index, process in enumerate(_worker_processes()):
        for thread in process.threads():
            os.sched_setaffinity(thread.id, {cores[index % len(cores)]})


def _costs(epochs: int = EPOCHS) -> dict[str, float]:
    """CPU seconds of each variant in the study, made in this process."""
    from bncore.keras.placement import study

    costs, current = dict.fromkeys(VARIANTS, 0.0), VARIANTS[0]
    titles = {PLACEMENTS[name].title: name for name in VARIANTS}
    since = time.process_time()
    for chunk in study(_study(epochs).asked):
        _, _, title = chunk.message.partition(": ")
        runs = chunk.values.runs if chunk.values is not None else {}
        current = titles.get(title) or next(iter(runs), current)
        costs[current] += time.process_time() - since
        since = time.process_time()
    return costs


@cache
def _bounds() -> dict[int, float]:
    """By how much the study can be sooner on so many workers, if nothing else costs anything."""
    _costs(epochs=1)
    costs = list(_costs().values())
    return {n: sum(costs) / max(sum(costs[i::n]) for i in range(n)) for n in (2, 3, 4, 5)}


def _assert_same(one: Any, other: Any) -> None:
    if is_record(one):
        one, other = entries(one), entries(other)
    if isinstance(one, dict):
        assert list(one) == list(other)
        for name in one:
            _assert_same(one[name], other[name])
    else:
        np.testing.assert_array_equal(one, other, strict=True)
