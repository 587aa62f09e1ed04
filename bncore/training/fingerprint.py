"""The name of a job, made from its content: who asks for the same, asks for the same run."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from bncore.training.jobs import Job


def fingerprint(job: Job) -> str:
    """The content of a job: equal for equal experiment and arguments, whatever its label.

    >>> a = Job("bncore.keras.moving:train", {"x": np.zeros(2), "n": 1}, label="one")
    >>> b = Job("bncore.keras.moving:train", {"n": 1, "x": np.zeros(2)})
    >>> fingerprint(a) == fingerprint(b), fingerprint(a) == fingerprint(Job(a.function, {"n": 1}))
    (True, False)
    """
    return digest((job.function, job.arguments))


def digest(value: Any) -> str:
    """A name for the content of arrays, mappings, sequences and plain values."""
    fed = hashlib.sha256()
    _feed(fed, value)
    return fed.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    """Feed a value to a digest so that different values never read alike."""
    if isinstance(value, np.ndarray):
        digest.update(f"array{value.dtype.str}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, Mapping):
        digest.update(f"mapping{len(value)}".encode())
        for name in sorted(value):
            _feed(digest, name)
            _feed(digest, value[name])
    elif isinstance(value, tuple | list):
        digest.update(f"sequence{len(value)}".encode())
        for item in value:
            _feed(digest, item)
    else:
        text = repr(value)
        digest.update(f"{type(value).__name__}{len(text)}:{text}".encode())
