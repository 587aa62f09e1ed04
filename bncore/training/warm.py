"""Loads the experiments into a worker before it takes its first job (Dask calls `dask_setup`).

Importing TensorFlow takes seconds; whoever presses Train should not wait for that.
"""

import importlib
import logging
import os
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

log = logging.getLogger(__name__)


def dask_setup(_worker: Any) -> None:
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
