"""Runs one job to its end: finds the experiment, passes its chunks on, and keeps the limits.

Whoever calls it (`bncore.training.worker`) gives it a place to publish to and a flag that asks it
to stop.
"""

import importlib
import inspect
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any, cast

import numpy as np

from bncore.experiments.experiment import Experiment, entries, is_record
from bncore.training.jobs import Chunk, Job

log = logging.getLogger(__name__)

ALLOWED = ("bncore.experiments",)
"""The packages that experiments come from."""

MAX_BYTES = 64 * 2**20
"""How much one job may send back."""

Publish = Callable[[str, Chunk[Any] | None, str], None]
Generator = Callable[[Any], Iterator[Chunk[Any]]]
_FRAMEWORKS = frozenset({"tensorflow", "keras", "tf_keras"})


class LimitError(Exception):
    """A run went over a limit; the message says which."""


def run(
    job: Job[Any],
    publish: Publish,
    stop: threading.Event,
    allowed: Iterable[str] = ALLOWED,
    max_bytes: int = MAX_BYTES,
) -> None:
    """Run `job`; publishes "started", its chunks, and exactly one final kind. Never raises.

    Stopping and the limits are looked after between two chunks, and what was computed before is
    published all the same.

    >>> seen = []
    >>> run(Job(Experiment()), lambda *event: seen.append(event), threading.Event(), ("tests",))
    >>> [kind for kind, _, _ in seen], seen[-1][2]
    (['started', 'refused'], 'experiments come from tests, not from bncore.experiments.experiment')
    """
    publish("started", None, "")
    try:
        kind, message = _stream(job, publish, stop, tuple(allowed), max_bytes)
    except LimitError as error:
        kind, message = "timeout", str(error)
    except (ValueError, TypeError) as error:
        log.info("refused %s", name_of(job), exc_info=True)
        kind, message = "refused", _short(str(error))
    except ModuleNotFoundError as error:
        kind, message = "failed", _missing(error)
    except (Exception, SystemExit) as error:
        log.warning("failed %s", name_of(job), exc_info=True)
        kind, message = "failed", _short(f"{type(error).__name__}: {error}")
    publish(kind, None, message)


def name_of(job: Job[Any]) -> str:
    """What a job's experiment is called in logs and metrics.

    >>> name_of(Job(Experiment()))
    'Experiment'
    """
    return type(job.asked).__name__


def generator_of(asked: Experiment[Any], allowed: Iterable[str] = ALLOWED) -> Generator:
    """The generator that runs such an experiment; ValueError where it may not be run here.

    >>> class Counting(Experiment[int], run_by="os:remove"):
    ...     pass
    >>> generator_of(Counting())
    Traceback (most recent call last):
    ...
    ValueError: experiments come from bncore.experiments, not from bncore.training.runner
    """
    kind, allowed = type(asked), tuple(allowed)
    if not any(kind.__module__ == a or kind.__module__.startswith(a + ".") for a in allowed):
        raise ValueError(f"experiments come from {', '.join(allowed)}, not from {kind.__module__}")
    module_name, _, name = kind.run_by.partition(":")
    generator = getattr(importlib.import_module(module_name), name, None)
    if not inspect.isgeneratorfunction(generator):
        raise RuntimeError(f"{kind.__name__} is run by {kind.run_by!r}, which is no generator")
    return cast(Generator, generator)


def nbytes(value: Any) -> int:
    """The bytes of a value that may be sent: NumPy arrays, plain values, and records and mappings
    of them; TypeError otherwise.

    A framework's tensor is refused here, because the web process would have to import that
    framework to read it.

    >>> nbytes({"loss": 0.5, "mean": np.zeros(4)}), nbytes(None)
    (48, 8)
    """
    if isinstance(value, np.ndarray) and value.dtype != object:
        return int(value.nbytes)
    if isinstance(value, str | bytes):
        return len(value)
    if value is None or isinstance(value, int | float | np.generic):
        return 8
    if isinstance(value, Mapping):
        return sum(nbytes(name) + nbytes(item) for name, item in value.items())
    if is_record(value):
        return sum(nbytes(item) for item in entries(value).values())
    if isinstance(value, tuple | list):
        return sum(nbytes(item) for item in value)
    raise TypeError(f"experiments send NumPy arrays and plain values, not {type(value).__name__}")


def _stream(
    job: Job[Any], publish: Publish, stop: threading.Event, allowed: tuple[str, ...], max_bytes: int
) -> tuple[str, str]:
    """Pass the chunks on; the final kind and its message."""
    began = time.monotonic()
    total = 0
    with closing(cast(Any, generator_of(job.asked, allowed)(job.asked))) as chunks:
        while True:
            if stop.is_set():
                return "cancelled", "Stopped on request."
            if time.monotonic() - began > job.limit_seconds:
                raise LimitError(time_limit_message(job))
            try:
                chunk = next(chunks)
            except StopIteration:
                return "done", ""
            total += _bytes_of(chunk)
            if total > max_bytes:
                raise LimitError(size_limit_message(max_bytes))
            publish("chunk", chunk, "")


def time_limit_message(job: Job[Any]) -> str:
    """Why a job ended that took too long, and what to do."""
    return (
        f"Stopped at the time limit: one run may take {job.limit_seconds:g} s. "
        "What was computed until then is kept. Ask for less work to see the end."
    )


def size_limit_message(max_bytes: int) -> str:
    """Why a job ended that sent too much, and what to do."""
    return (
        f"Stopped at the size limit: the results of one run may take {max_bytes / 2**20:g} MiB. "
        "Ask for fewer updates, values or runs."
    )


def _bytes_of(chunk: Any) -> int:
    """The size of a chunk. What is wrong with it is the experiment's fault, not the input's."""
    if not isinstance(chunk, Chunk):
        raise RuntimeError(f"an experiment yields Chunks, not {type(chunk).__name__}")
    try:
        return nbytes(chunk.values)
    except TypeError as error:
        raise RuntimeError(str(error)) from error


def _missing(error: ModuleNotFoundError) -> str:
    """What to do about a module that is not there."""
    package = (error.name or "").partition(".")[0]
    if package in _FRAMEWORKS:
        return (
            f"{package} is not installed where the training runs. "
            "Install it with `pip install -r requirements.txt` and start the app again."
        )
    return _short(f"{type(error).__name__}: {error}")


def _short(message: str, limit: int = 600) -> str:
    return message if len(message) <= limit else message[: limit - 1] + "…"
