"""The presets' results are there before anybody presses Train.

A class opens one preset and presses Train in the same minute. So the server runs the presets of
all questions after its start and then once a day, as a visitor would, one after the other,
whenever nobody else trains. Who asks for the same settings later is given the result at once, with
the time when it was made. A visitor's run does not wait for this one: it is stopped, and begun
again later.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from bncore.training.desk import SHARED_SECONDS
from bncore.training.fingerprint import fingerprint
from bncore.training.jobs import Job, TrainingService
from bncore.training.split import split
from bncore.training.workers import default_workers
from ui.page.registry import PAGES
from ui.server import health
from ui.server.warmup import visit
from ui.training.service import training_service

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
NOBODY = ""  # the visitor that a run of the server itself is made for


def wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """BNLAB_PREPARE=0 leaves the presets to whoever presses Train first.

    >>> wanted({}), wanted({"BNLAB_PREPARE": "0"})
    (True, False)
    """
    return environment.get("BNLAB_PREPARE", "1").strip() != "0"


async def keep_prepared() -> None:
    """Run the presets now, and again when their results are too old to be given away."""
    while wanted():
        try:
            health.set_prepared(await prepare(await offered(), training_service()))
        except Exception:  # whoever presses Train waits for the run, as for any other
            log.warning("the presets could not be run in advance", exc_info=True)
        await asyncio.sleep(SHARED_SECONDS)


async def offered() -> list[Job[Any]]:
    """What the Train buttons of all pages would run as they open: the shortest limits first."""
    jobs: dict[str, Job[Any]] = {}
    for entry in PAGES:
        for job in await visit(entry.url_path):
            jobs.setdefault(fingerprint(job), job)
    return sorted(jobs.values(), key=lambda job: job.limit_seconds)


async def prepare(jobs: Iterable[Job[Any]], service: TrainingService) -> bool:
    """Run each job to its end, while nobody else wants a worker; whether all have ended well."""
    began, ends = time.monotonic(), []
    for job in jobs:
        while (end := await _run(job, service)) == "cancelled":
            pass  # it had to give way
        ends.append(end)
    log.info("presets: %s, in %.0f s", dict(Counter(ends)), time.monotonic() - began)
    return all(end == "done" for end in ends)


async def _run(job: Job[Any], service: TrainingService) -> str:
    """How the run ended."""
    while not _all_there(service) or _busy(service):
        await asyncio.sleep(LOOK_SECONDS)
    request = await asyncio.to_thread(service.submit, job, NOBODY)
    parts = len(split(job, service.readiness().workers))
    while not (status := service.status(request)).finished:
        if _busy(service, but=parts):
            await asyncio.to_thread(service.cancel, request)
        await asyncio.sleep(LOOK_SECONDS)
    return status.state


def _all_there(service: TrainingService) -> bool:
    """Whether the workers are there: how many there are decides how a run is split."""
    here = 1 if os.environ.get("BNLAB_SCHEDULER") else default_workers()
    readiness = service.readiness()
    return readiness.state == "ready" and readiness.workers >= here


def _busy(service: TrainingService, but: int = 0) -> bool:
    """Whether more than `but` jobs wait or run."""
    load = service.load()
    return load.waiting + load.running > but
