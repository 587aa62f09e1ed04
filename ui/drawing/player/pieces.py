"""A recording in pieces: of a run that goes on, a browser gets what is new and nothing twice.

A run brings a longer record again and again. What is new of it becomes a piece under a name of its
own, and the page's message holds the names of all pieces. A browser fetches those that it has not
got and joins them, array by array, along the first axis. What was sent is compared by content, so
another run, or another server, begins anew by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from weakref import ReferenceType, ref

import numpy as np

from bncore.moments import Array
from ui.drawing.player import shelf
from ui.drawing.player.recording import Recording, arrays_of, encoded

SHARE = 0.02
"""By how much a run must have grown for a next piece: so a long one has few hundred of them."""


@dataclass(frozen=True)
class Sent:
    """What a browser was told to fetch.

    Args:
        names: of the pieces.
        rows: how many of each array are in them.
        digest: of these rows.
        found: the record that they were made of.
    """

    names: tuple[str, ...]
    rows: Mapping[str, int]
    digest: bytes
    found: ReferenceType[object]


def sent(
    before: Sent | None,
    found: object,
    what: str,
    recording: Recording,
    *,
    live: bool,
) -> Sent:
    """What a browser is told now, which was told `before`; `what` is shown of `found`.

    While it is `live`, the record grows and nobody else sees this part of it. Otherwise the whole
    is made once for all who look at it, except for those who have the beginning already.
    """
    if before is not None and not all(map(shelf.get, before.names)):
        before = None
    if before is not None and before.found() is found:
        return before
    arrays = arrays_of(recording)
    rows = {name: len(array) for name, array in arrays.items()}
    if before is None or not _continues(before, arrays):
        name = (
            shelf.put(encoded(arrays))
            if live
            else shelf.put_once(found, what, lambda: encoded(arrays))
        )
        return Sent((name,), rows, _digest(arrays, rows), ref(found))
    new = {name: array[before.rows.get(name, 0) :] for name, array in arrays.items()}
    share = sum(each.nbytes for each in new.values()) / sum(map(_nbytes, arrays.values()))
    if live and share < SHARE:
        return before
    names = before.names
    if share:
        names += (shelf.put(encoded({name: each for name, each in new.items() if len(each)})),)
    return Sent(names, rows, _digest(arrays, rows), ref(found))


def _continues(before: Sent, arrays: Mapping[str, Array]) -> bool:
    """Whether these arrays begin with all that was sent, bit for bit."""
    longer = (len(arrays.get(name, ())) >= count for name, count in before.rows.items())
    return all(longer) and _digest(arrays, before.rows) == before.digest


def _digest(arrays: Mapping[str, Array], rows: Mapping[str, int]) -> bytes:
    whole = hashlib.blake2b(digest_size=16)
    for name, count in rows.items():
        array = arrays[name]
        whole.update(f"{name} {array.dtype} {array.shape[1:]} {count};".encode())
        whole.update(np.ascontiguousarray(array[:count]).tobytes())
    return whole.digest()


def _nbytes(array: Array) -> int:
    return int(array.nbytes)
