"""Which jobs the pages of some sessions offer to run: what their Train buttons would ask for.

`ui.server.prepared` visits the presets and runs what they offer, before anybody presses Train.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bncore.training.jobs import Job

_noted: dict[str, list[Job]] = {}  # by session


@contextmanager
def noting(session: str) -> Iterator[list[Job]]:
    """The jobs that this session's pages offer while the block lasts."""
    jobs: list[Job] = []
    _noted[session] = jobs
    try:
        yield jobs
    finally:
        del _noted[session]


def note(session: str, job: Job | None) -> None:
    """A page of this session offers this job.

    >>> with noting("7") as jobs:
    ...     note("7", Job("bncore.keras.moving:train"))
    ...     note("8", Job("bncore.keras.iris:train"))
    >>> [job.function for job in jobs]
    ['bncore.keras.moving:train']
    """
    if job is not None and session in _noted:
        _noted[session].append(job)
