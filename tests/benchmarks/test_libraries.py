"""What the table of libraries says of a cell. No time is judged here."""

import pytest

from benchmarks import libraries


@pytest.mark.parametrize("name", ["bncore", "bncore, every intermediate", "ONNX Runtime"])
def test_every_library_computes_x_hat(name, monkeypatch):
    monkeypatch.setattr(libraries, "SECONDS", 0)
    if not libraries._version(name):
        pytest.skip(f"{name} is not installed")
    for shape in ((3, 4), (5, 6, 7, 8)):
        cell = libraries._measured(name, shape)
        assert cell["error"] < (1e-5 if name == "ONNX Runtime" else 1e-14)
        assert cell["seconds"] > 0
        assert cell["memory"] is None  # so little cannot be told from the rest of the process


def test_what_is_missing_or_does_not_fit_is_not_run(monkeypatch):
    monkeypatch.setattr(libraries, "_measured", pytest.fail)
    monkeypatch.setattr(libraries, "_version", lambda name: "")
    assert libraries.written(libraries._cell("PyTorch", 0)) == "not run: not installed"
    monkeypatch.setattr(libraries, "_version", lambda name: "1.0")
    monkeypatch.setattr(libraries, "_available", lambda: 3e9)
    told = libraries.written(libraries._cell("bncore", len(libraries.SHAPES) - 1))
    assert told == "not run: needs 4 GB; 3 are free"


def test_a_process_that_fails_says_why(monkeypatch):
    monkeypatch.setattr(libraries, "_version", lambda name: "1.0")
    monkeypatch.setattr(libraries, "SHAPES", [*libraries.SHAPES, (1, 1)])
    told = libraries._cell("bncore", len(libraries.SHAPES) - 1)  # the process knows no such shape
    assert told["not_run"] == "IndexError: tuple index out of range"


def test_a_cell_in_words():
    cell = {"seconds": 0.0123, "memory": 2.04, "error": 3.2e-7}
    assert libraries.written(cell) == "12.3 ms, 2.0x, 3e-07"
    assert libraries.written({**cell, "memory": None}) == "12.3 ms, 3e-07"
