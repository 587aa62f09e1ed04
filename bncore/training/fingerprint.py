"""The name of a job, made from its content: who asks for the same, asks for the same run."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from bncore.experiments.experiment import entries, is_record
from bncore.training.jobs import Job


def fingerprint(job: Job[Any]) -> str:
    """The content of a job: equal where the same is asked, whatever its label.

    >>> from bncore.experiments.freezing import Freezing
    >>> one, other = Freezing(np.zeros((2, 1))), Freezing(np.zeros((3, 1)))
    >>> fingerprint(Job(one, "a")) == fingerprint(Job(one)), digest(one) == digest(other)
    (True, False)
    """
    return digest(job.asked)


def digest(value: Any) -> str:
    """A name for the content of records, arrays, mappings, sequences and plain values."""
    fed = hashlib.sha256()
    _feed(fed, value)
    return fed.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    """Feed a value to a digest so that different values never read alike."""
    if isinstance(value, np.ndarray):
        digest.update(f"array{value.dtype.str}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    elif is_record(value):
        _feed(digest, type(value).__qualname__)
        _feed(digest, entries(value))
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
