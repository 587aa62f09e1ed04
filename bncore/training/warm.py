"""Loads the experiments before the first job: importing TensorFlow takes seconds, and whoever
presses Train should not wait for that.

`bncore.training.loaded` does so once for all workers of a machine, which are forked from it; Dask
calls `dask_setup` in each worker, which makes sure.
"""

import importlib
import logging
import os
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

log = logging.getLogger(__name__)

NICENESS = 10
"""Two busy workers slow a page of 10 ms down to 21 ms at niceness 0, to 14 at 5, to 11 at 10."""


def dask_setup(_worker: Any) -> None:
    """Called by Dask in a worker before it takes jobs."""
    load()


def give_way() -> None:
    """Let others on this machine go first: somebody waits for a page (BNLAB_NICE, 0 to 19)."""
    text = os.environ.get("BNLAB_NICE", "").strip()
    niceness = min(int(text), 19) if text.isdigit() else NICENESS
    if os.getpriority(os.PRIO_PROCESS, 0) < niceness:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)


def load() -> None:
    """Import every module of `bncore.keras`.

    A worker without TensorFlow starts all the same: its jobs end with a message that says what is
    missing.
    """
    try:
        with _quiet_stderr():
            package = importlib.import_module("bncore.keras")
            for module in pkgutil.iter_modules(package.__path__, "bncore.keras."):
                importlib.import_module(module.name)
    except Exception:
        log.warning("the experiments could not be loaded in advance", exc_info=True)


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Without what TensorFlow's C++ prints while it is imported, which no setting turns off."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
