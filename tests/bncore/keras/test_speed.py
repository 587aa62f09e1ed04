"""The same tensor five ways: what is measured, and what is refused. No time is judged here."""

import itertools
import time

import numpy as np
import pytest

from bncore.axes import split_axes
from bncore.experiments.experiment import joined
from bncore.experiments.speed import Speed
from bncore.keras import speed
from bncore.keras.framework import keras
from bncore.keras.ways import ways
from ui.questions.speed.state import LAYOUTS, WAYS

pytestmark = pytest.mark.keras
SHAPES = {
    "nhwc": ((4, 6, 6, 8), 3), "nchw": ((4, 8, 6, 6), 1), "rows": ((200, 8), 1),
    "columns": ((8, 200), 0),
}  # fmt: skip


def measured(*arguments, clock=time.perf_counter, **options):
    chunks = list(speed.measure(Speed(*arguments, **options), clock))
    assert [chunk.done for chunk in chunks] == sorted(chunk.done for chunk in chunks)
    assert chunks[-1].done == chunks[-1].total
    return joined(chunk.values for chunk in chunks).ways


@pytest.mark.parametrize("layout", list(LAYOUTS))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_way_computes_the_same(layout, dtype):
    shape, axis = SHAPES[layout]
    rows = measured(shape, axis, dtype=dtype, mean=1.0, rounds=1)
    assert list(rows) == list(WAYS)
    for name, row in rows.items():
        single = name == "tensorflow" or (dtype == "float32" and name != "engine")
        assert row.variance_error < (1e-5 if single else 1e-13)
        assert row.x_hat_error < (1e-5 if single else 1e-13)
        assert row.device


def test_far_from_zero_the_short_formula_is_off_and_the_engine_is_not():
    rows = measured((20_000, 4), 1, mean=1e4, rounds=1)
    assert rows["short"].variance_error > 0.5
    assert rows["engine"].variance_error < 1e-12
    assert rows["engine"].x_hat_error < 1e-9 < rows["naive"].x_hat_error


def test_a_way_that_computes_something_else_is_off(monkeypatch):
    real = keras.layers.BatchNormalization._moments

    def other(layer, *arguments):
        mean, variance = real(layer, *arguments)
        return mean, 1.5 * variance

    monkeypatch.setattr(keras.layers.BatchNormalization, "_moments", other)
    rows = measured((40, 6, 6, 4), 3, rounds=1)
    assert rows["layer"].variance_error == pytest.approx(0.5, rel=1e-3)
    assert rows["layer"].x_hat_error > 0.1
    assert rows["tensorflow"].x_hat_error < 1e-5


def test_the_clock_runs_over_the_statistics_and_then_over_the_whole():
    ticks = itertools.count(0.0, 0.5)
    rows = measured((50, 4), 1, rounds=3, clock=lambda: next(ticks))
    for name, row in rows.items():
        assert row.forward.tolist() == [1.0, 1.0, 1.0]
        assert row.moments.tolist() == [0.5] * 3 * (name != "layer")
        assert row.cpu.shape == (3,)
        assert row.cpu.min() >= 0


def test_the_ways_take_turns_and_the_first_rows_come_before_them():
    seen = [
        name
        for chunk in speed.measure(Speed((50, 4), 1, rounds=2))
        if chunk.values is not None
        for name in chunk.values.ways
    ]
    assert seen == list(WAYS) * 3


def test_memory_is_that_of_the_arrays():
    size = 200_000 * 4 * 4
    rows = measured((200_000, 4), 1, rounds=1)
    tensors = {name: row.peak and row.peak / size for name, row in rows.items()}
    assert tensors["naive"] == pytest.approx(2, abs=0.1)  # x - mean, and the result
    assert tensors["short"] == pytest.approx(2, abs=0.1)
    assert tensors["engine"] == pytest.approx(2, abs=0.4)  # its result is float64
    assert tensors["tensorflow"] is tensors["layer"] is None


def test_the_layer_is_given_a_tensor_and_answers_in_training_mode():
    x = np.random.default_rng(0).normal(3, 2, (60, 4)).astype(np.float32)
    variance, x_hat = ways(x, split_axes(x.shape, 1), 1e-3)["layer"].forward(None)
    np.testing.assert_allclose(variance, x.var(axis=0), rtol=1e-5)
    np.testing.assert_allclose(np.asarray(x_hat).mean(axis=0), 0, atol=1e-6)
