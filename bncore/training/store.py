"""Results that several web processes share, and that outlive them: one file on disk (SQLite).

    store = ResultStore(Path("/var/lib/bnlab"))
    store.put(fingerprint(job), chunks, 2.5)     # of a run that ended well, in 2.5 s
    store.get(fingerprint(job)).chunks           # the same; get gives None where there is nothing

A result belongs to the content of its job, and to the code and the libraries that computed it: with
others it may be another result. Nothing here unpickles: a result is written as plain JSON and
arrays, so a file that somebody else wrote can be wrong, but runs nothing. The folder is for this
user alone.

A store that fails (disk full, file broken) is told in the log and is otherwise an empty one.
"""

import importlib
import io
import json
import logging
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bncore.experiments.experiment import entries, is_record
from bncore.training.jobs import Chunk
from bncore.training.versions import computed_by

log = logging.getLogger(__name__)

KEEP_BYTES = 2**30
WAIT_SECONDS = 5.0
"""How long one process waits while another one writes."""

_TABLE = """CREATE TABLE IF NOT EXISTS results (
    key TEXT PRIMARY KEY, value BLOB NOT NULL, bytes INTEGER NOT NULL, seconds REAL NOT NULL,
    made REAL NOT NULL, used REAL NOT NULL
) WITHOUT ROWID"""


def store_of_settings(environ: Mapping[str, str] | None = None) -> "ResultStore | None":
    """The store in the folder that BNLAB_RESULTS names; None where it names none.

    >>> store_of_settings({}) is None
    True
    """
    folder = (os.environ if environ is None else environ).get("BNLAB_RESULTS", "").strip()
    return ResultStore(Path(folder)) if folder else None


@dataclass(frozen=True)
class Kept:
    """What a run brought, how long it took, and how long ago that was."""

    chunks: tuple[Chunk[Any], ...]
    seconds: float
    age_seconds: float


class ResultStore:
    """Chunks under a key, kept until they take more than `keep_bytes`: the longest unused go first.

    Several processes may use one folder; every call opens the file anew, so any thread may call.
    """

    def __init__(self, folder: Path, keep_bytes: int = KEEP_BYTES, code: str | None = None) -> None:
        self._path = folder / "results.sqlite3"
        self._keep_bytes = keep_bytes
        self._code = computed_by() if code is None else code
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._open() as file:
                file.execute("PRAGMA journal_mode=WAL")  # readers do not wait for a writer
                file.execute(_TABLE)
        except (OSError, sqlite3.Error):
            log.warning("results cannot be kept in %s", folder, exc_info=True)

    def get(self, key: str) -> Kept | None:
        """What was put under this key by the same code; None if nothing was."""
        name = self._name(key)
        try:
            with self._open() as file:
                found = "SELECT value, seconds, made FROM results WHERE key = ?"
                row = file.execute(found, (name,)).fetchone()
                if row is None:
                    return None
                file.execute("UPDATE results SET used = ? WHERE key = ?", (time.time(), name))
            return Kept(decode(row[0]), row[1], max(0.0, time.time() - row[2]))
        except (OSError, sqlite3.Error, ValueError, KeyError, TypeError):
            log.warning("a kept result cannot be read", exc_info=True)
            return None

    def put(self, key: str, chunks: Sequence[Chunk[Any]], seconds: float = 0.0) -> None:
        """Keep the chunks of a run that took so long."""
        try:
            value = encode(chunks)
            if len(value) > self._keep_bytes:
                return
            now = time.time()
            row = (self._name(key), value, len(value), seconds, now, now)
            with self._open() as file:
                file.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?)", row)
                self._forget(file)
        except (OSError, sqlite3.Error, ValueError, TypeError):
            log.warning("a result cannot be kept", exc_info=True)

    def _forget(self, file: sqlite3.Connection) -> None:
        """Drop the results that are longest unused while all of them take too much."""
        (size,) = file.execute("SELECT total(bytes) FROM results").fetchone()
        oldest = file.execute("SELECT key, bytes FROM results ORDER BY used").fetchall()
        for key, bytes_ in oldest:
            if size <= self._keep_bytes:
                return
            file.execute("DELETE FROM results WHERE key = ?", (key,))
            size -= bytes_

    def _name(self, key: str) -> str:
        return f"{self._code}:{key}"

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=WAIT_SECONDS)) as file, file:
            yield file


def encode(chunks: Sequence[Chunk[Any]]) -> bytes:
    """Chunks as bytes: their arrays in NumPy's own format, the rest as JSON.

    >>> decode(encode([Chunk(1, 2, {"loss": np.ones(3), "at": (0, "x")})]))[0].values["at"]
    (0, 'x')
    """
    arrays: list[np.ndarray] = []
    plain = [[c.done, c.total, _plain(c.values, arrays), c.message] for c in chunks]
    text = np.frombuffer(json.dumps(plain).encode(), np.uint8)
    file = io.BytesIO()
    for array in (text, *arrays):
        np.lib.format.write_array(file, array, allow_pickle=False)
    return file.getvalue()


def decode(data: bytes) -> tuple[Chunk[Any], ...]:
    """The chunks that `encode` made these bytes from; ValueError where it did not."""
    file = io.BytesIO(data)
    text = np.lib.format.read_array(file, allow_pickle=False)
    arrays = []
    while file.tell() < len(data):
        arrays.append(np.lib.format.read_array(file, allow_pickle=False))
    return tuple(
        Chunk(done, total, _restored(values, arrays), message)
        for done, total, values, message in json.loads(text.tobytes())
    )


def _plain(value: Any, arrays: list[np.ndarray]) -> Any:
    """A value as JSON takes it: [kind, ...] for whatever JSON does not know."""
    if isinstance(value, np.ndarray | np.generic):
        arrays.append(np.asarray(value))
        return ["array" if isinstance(value, np.ndarray) else "scalar", len(arrays) - 1]
    if isinstance(value, bytes):
        arrays.append(np.frombuffer(value, np.uint8))
        return ["bytes", len(arrays) - 1]
    if is_record(value):
        fields = {name: _plain(item, arrays) for name, item in entries(value).items()}
        return ["record", [type(value).__module__, type(value).__name__, fields]]
    if isinstance(value, Mapping):
        pairs = [[_plain(name, arrays), _plain(item, arrays)] for name, item in value.items()]
        return ["mapping", pairs]
    if isinstance(value, tuple | list):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return [kind, [_plain(item, arrays) for item in value]]
    return value  # None, text and numbers


def _restored(value: Any, arrays: list[np.ndarray]) -> Any:
    if not isinstance(value, list):
        return value
    kind, content = value
    if kind == "array":
        return arrays[content]
    if kind == "scalar":
        return arrays[content][()]
    if kind == "bytes":
        return arrays[content].tobytes()
    if kind == "record":
        module, name, fields = content
        held = {field: _restored(item, arrays) for field, item in fields.items()}
        return _record_type(module, name)(**held)
    if kind == "mapping":
        return {_restored(name, arrays): _restored(item, arrays) for name, item in content}
    items = [_restored(item, arrays) for item in content]
    return tuple(items) if kind == "tuple" else items


def _record_type(module: str, name: str) -> Any:
    """A frozen record of `bncore.experiments`; ValueError for anything else that a file names."""
    if module.startswith("bncore.experiments."):
        found = getattr(importlib.import_module(module), name, None)
        if isinstance(found, type) and is_dataclass(found):
            return found
    raise ValueError(f"{module}.{name} is no record of an experiment")
