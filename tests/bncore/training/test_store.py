"""Results on disk: the same bits come back, to any process with the same code, and nothing runs."""

import pickle
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bncore.training import versions
from bncore.training.jobs import Chunk
from bncore.training.store import ResultStore, decode, encode, store_of_settings
from tests.bncore.training.processes import ROOT

CHUNKS = (
    Chunk(1, 2, {"loss": np.array([0.1, np.nan, np.inf]), "name": "ein Ä", "none": None}),
    Chunk(2, 2, {"nested": {"a": (1, 2.5, True), 3: [b"\x00\xff"]}, "n": np.float32(0.1)}, "done"),
)


def same(a, b) -> bool:
    """Whether two values are equal bit for bit, types included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[name], b[name]) for name in a)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Chunk):
        return same(vars(a), vars(b))
    return a == b or (a != a and b != b)


def key_of(store: ResultStore) -> list[str]:
    with sqlite3.connect(store._path) as file:
        return [row[0] for row in file.execute("SELECT key FROM results ORDER BY used")]


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
dtypes = arrays.boolean_dtypes() | arrays.integer_dtypes() | arrays.floating_dtypes()
values = st.recursive(
    plain | arrays.arrays(dtypes, arrays.array_shapes(min_dims=0, min_side=0, max_side=3)),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), values))
def test_every_value_that_may_be_sent_comes_back_as_it_was(found):
    chunk = Chunk(1, 1, found)
    assert same(decode(encode([chunk])), (chunk,))


def test_what_was_put_is_got_by_another_store_of_the_same_folder(tmp_path):
    ResultStore(tmp_path).put("a", CHUNKS, 2.5)
    kept = ResultStore(tmp_path).get("a")
    assert same(kept.chunks, CHUNKS)
    assert kept.seconds == 2.5
    assert 0 <= kept.age_seconds < 600
    assert ResultStore(tmp_path).get("b") is None


def test_another_process_gets_it(tmp_path):
    ResultStore(tmp_path).put("a", CHUNKS)
    code = (
        "import sys, pathlib; from bncore.training.store import ResultStore;"
        "print(ResultStore(pathlib.Path(sys.argv[1])).get('a').chunks[1].message)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True,
        timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout == "done\n"


def test_other_code_gets_nothing(tmp_path):
    ResultStore(tmp_path, code="one").put("a", CHUNKS)
    assert ResultStore(tmp_path, code="two").get("a") is None
    assert ResultStore(tmp_path, code="one").get("a") is not None


def test_results_belong_to_the_libraries_that_computed_them(monkeypatch):
    versions.computed_by.cache_clear()
    before = versions.computed_by()
    assert before == versions.computed_by.__wrapped__()
    monkeypatch.setattr(versions, "_release", lambda name: f"{name} of tomorrow")
    assert before != versions.computed_by.__wrapped__()


def test_the_longest_unused_results_go_first(tmp_path):
    size = len(encode(CHUNKS))
    store = ResultStore(tmp_path, keep_bytes=3 * size, code="c")
    for key in "abc":
        store.put(key, CHUNKS)
    assert store.get("a")  # used again
    store.put("d", CHUNKS)
    assert key_of(store) == ["c:c", "c:a", "c:d"]
    ResultStore(tmp_path, keep_bytes=size - 1, code="c").put("e", CHUNKS)  # larger than all it may
    assert key_of(store) == ["c:c", "c:a", "c:d"]


def test_many_writers_lose_nothing(tmp_path):
    stores = [ResultStore(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: stores[n % 4].put(str(n), CHUNKS), range(40)))
    assert all(same(stores[0].get(str(n)).chunks, CHUNKS) for n in range(40))


def test_the_folder_is_for_this_user_alone(tmp_path):
    ResultStore(tmp_path / "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


class Evil:
    ran = False

    def __reduce__(self):
        return setattr, (Evil, "ran", True)


@pytest.mark.parametrize("broken", [b"", b"nothing", pickle.dumps(Evil()), encode(CHUNKS)[:-9]])
def test_what_somebody_else_wrote_runs_nothing_and_is_no_result(tmp_path, caplog, broken):
    store = ResultStore(tmp_path)
    store.put("a", CHUNKS)
    with sqlite3.connect(store._path) as file:
        file.execute("UPDATE results SET value = ?", (broken,))
    assert store.get("a") is None
    assert not Evil.ran
    assert "cannot be read" in caplog.text


def test_a_pickled_array_is_no_result():
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        encode([Chunk(1, 1, {"a": np.array([Evil()], dtype=object)})])


def test_a_store_that_cannot_be_written_is_an_empty_one(tmp_path, caplog):
    (tmp_path / "results.sqlite3").write_bytes(b"no database, and long enough to be taken for one")
    store = ResultStore(tmp_path)
    store.put("a", CHUNKS)
    assert store.get("a") is None
    assert "cannot be kept" in caplog.text


def test_the_setting_names_the_folder(tmp_path):
    assert store_of_settings({"BNLAB_RESULTS": " "}) is None
    store = store_of_settings({"BNLAB_RESULTS": str(tmp_path / "results")})
    store.put("a", CHUNKS)
    assert (tmp_path / "results" / "results.sqlite3").exists()
