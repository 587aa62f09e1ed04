"""How much memory one worker may take; one that takes more is ended and replaced."""

import os
from collections.abc import Mapping
from typing import Any

SETTING = "BNLAB_WORKER_MEMORY"
LEAST = 2 * 2**30
"""TensorFlow alone takes 0.7 GB: a share below this would end a worker that is at work."""

MEMORY_CONFIG: dict[str, Any] = {
    # Either a worker is within its limit and works, or it is not and ends: no half measures, which
    # are for workers that hold data for others.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 1.0,
}


def worker_memory(workers: int) -> int:
    """The bytes that each of so many workers may take: what is set, or its share of the machine."""
    from distributed.system import MEMORY_LIMIT

    return memory_setting() or max(LEAST, MEMORY_LIMIT // workers)


def memory_setting(environ: Mapping[str, str] = os.environ) -> int | None:
    """What BNLAB_WORKER_MEMORY says, in bytes; ValueError where that is no size.

    >>> memory_setting({"BNLAB_WORKER_MEMORY": "1.5 GiB"}), memory_setting({})
    (1610612736, None)
    >>> memory_setting({"BNLAB_WORKER_MEMORY": "plenty"})
    Traceback (most recent call last):
    ...
    ValueError: BNLAB_WORKER_MEMORY is a size such as "2 GiB", not 'plenty'
    """
    text = environ.get(SETTING, "").strip()
    if not text:
        return None
    from dask.utils import parse_bytes

    try:
        size = int(parse_bytes(text))
    except ValueError:
        size = 0
    if size <= 0:
        raise ValueError(f'{SETTING} is a size such as "2 GiB", not {text!r}')
    return size
