"""Which jobs the pages of some sessions offer to run: what their Train buttons would ask for.

`ui.server.prepared` visits the presets and runs what they offer, before anybody presses Train.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bncore.training.jobs import Job

_noted: dict[str, list[Job[Any]]] = {}  # by session


@contextmanager
def noting(session: str) -> Iterator[list[Job[Any]]]:
    """The jobs that this session's pages offer while the block lasts."""
    jobs: list[Job[Any]] = []
    _noted[session] = jobs
    try:
        yield jobs
    finally:
        del _noted[session]


def note(session: str, job: Job[Any] | None) -> None:
    """A page of this session offers this job.

    >>> from bncore.experiments.experiment import Experiment
    >>> with noting("7") as jobs:
    ...     note("7", Job(Experiment(), "Moving statistics"))
    ...     note("8", Job(Experiment(), "Iris"))
    >>> [job.label for job in jobs]
    ['Moving statistics']
    """
    if job is not None and session in _noted:
        _noted[session].append(job)
