"""The page about speed: what it says is what its run measured."""

import dataclasses
import math

import numpy as np
import pytest

from bncore.experiments.speed import LARGEST, Measured, SpeedFound
from ui.drawing.palette import LIGHT
from ui.questions.speed import answers, figures, state
from ui.questions.speed.state import LAYOUTS, SIZES, WAYS, SpeedState


def row(moments, forward, error=1e-6, peak=200):
    """A way as it was recorded; milliseconds in."""
    parts = np.array(moments or []) / 1e3
    whole = np.array(forward) / 1e3
    return Measured("CPU", error, error, peak, parts, whole, whole)


def recorded(**changes):
    rows = {
        "naive": row([20, 22, 21], [30, 31, 32], 2e-2),
        "short": row([10, 11, 12], [25, 26, 27], 7.0),
        "engine": row([9, 10, 11], [40, 41, 42], 3e-8, 425),
        "tensorflow": row([15, 16, 17], [28, 29, 30], 1e-4, None),
        "layer": row(None, [12, 13, 14], 1e-4, None),
    }
    return SpeedFound(nbytes=100, ways={**rows, **changes})


@pytest.mark.keras
def test_the_preset_is_measured(visit):
    page = visit("speed", guess="engine")
    assert page.app.button(key="speed-train").label == "Measure"
    page.train("speed")
    table = page.app.dataframe[0].value
    assert table["way"].tolist() == list(WAYS.values())
    assert (table["with x̂, ms"] != "–").all()
    assert table["mean and variance, ms"].tolist().count("–") == 1
    assert "x̂ is closest to the exact one from **the engine**" in page.words
    assert "Run with Keras" in page.captions
    assert "NumPy" in page.captions


def test_it_opens_ready_to_run_and_says_what_it_will_measure(visit):
    page = visit("speed", layout="columns", dtype="float64")
    assert not page.app.button(key="speed-train").disabled
    assert "x = rng.standard_normal((64, 25088), dtype=np.float64)" in page.app.code[0].value
    assert "x.mean((1,), keepdims=True)" in page.app.code[0].value
    assert "12.8 MB; 64 features" in page.captions


@pytest.mark.parametrize("layout", list(LAYOUTS))
@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_tensor_is_as_large_as_the_button_says(layout, size, dtype):
    chosen = SpeedState(layout=layout, size=size, dtype=dtype)
    shape, axis = state.tensor(chosen)
    assert shape[axis] == 64
    nbytes = math.prod(shape) * np.dtype(dtype).itemsize
    assert nbytes / 1e6 == pytest.approx(state.megabytes(chosen)) == pytest.approx(int(size), 0.02)
    asked = state.job(chosen).asked
    assert (asked.shape, asked.feature_axis) == (shape, axis)


def test_every_size_is_one_that_the_experiment_takes():
    assert max(int(size) for size in SIZES) * 1e6 < LARGEST


def test_the_answer_comes_first_with_its_error():
    first = answers.words(SpeedState(mean=1e4), recorded())[0]
    assert "the engine needs 0.48 times NumPy's time here** (10 ms, 21 ms)" in first
    assert "error of the variance of **3e-08** instead of 0.02" in first


def test_rounds_that_overlap_decide_nothing():
    values = recorded(engine=row([9, 10, 20.5], [40, 41, 42]), layer=row(None, [12, 13, 27]))
    first, second, *_ = answers.words(SpeedState(guess="layer"), values)
    assert "no clear difference in time" in first
    assert "none is clearly the fastest**: the rounds of NumPy, E[x²] − E[x]² and" in second
    assert "You predicted: the Keras layer." in second


def test_a_prediction_is_told():
    second = answers.words(SpeedState(guess="layer"), recorded())[1]
    assert "fastest is **the Keras layer**: 13 ms. You predicted it." in second
    assert "NumPy, E[x²] − E[x]² 2 times as long" in second


def test_a_run_that_was_stopped_claims_no_time():
    early = recorded()
    del early.ways["layer"], early.ways["tensorflow"]
    assert answers.words(SpeedState(), early) == [
        "**No comparison of times**: the run ended after 0 of 5 rounds with every way."
    ]
    two = recorded(layer=row(None, [12, 13]))
    assert "after 2 of 5 rounds" in answers.words(SpeedState(), two)[0]


def test_the_table_shows_what_is_there_so_far():
    waits = Measured("CPU", variance_error=np.nan, x_hat_error=0.1, peak=425)
    table = answers.table(recorded(engine=waits))
    assert table["way"].tolist() == list(WAYS.values())
    naive, engine, layer = (table.loc[number] for number in (0, 2, 4))
    assert naive["with x̂, ms"] == "31 (30 to 32)"
    assert naive["GB/s"] == "3.2e-06"
    assert engine["with x̂, ms"] == engine["GB/s"] == "–"
    assert engine["error of the variance"] == "not finite"
    assert engine["memory, tensors"] == "4.25"
    assert layer["memory, tensors"] == "not measured"


def test_the_figure_has_a_mark_for_every_time():
    figure = figures.times(recorded().ways, LIGHT).to_dict()
    moments, forward = figure["data"]
    assert list(moments["y"]) == [WAYS[name] for name in list(WAYS)[:4]]
    assert list(forward["x"]) == [31, 26, 41, 29, 13]
    assert forward["error_x"]["array"][0] == pytest.approx(1)


def test_large_tensors_leave_a_worker_to_others():
    small, large = (state.job(SpeedState(size=size)) for size in ("13", "154"))
    assert (small.lane, large.lane) == ("run", "study")
    assert dataclasses.replace(large, lane="run").asked == large.asked


def test_every_column_of_the_table():
    slow = dataclasses.replace(
        row([999, 1000, 1234], [1999, 2000, 40_000], 0.5, 250),
        device="GPU", x_hat_error=1.0, cpu=np.array([0.5, 0.25, 0.75]),
    )  # fmt: skip
    table = answers.table(dataclasses.replace(recorded(naive=slow), nbytes=10**10))
    assert table.loc[0].to_dict() == {
        "way": WAYS["naive"],
        "mean and variance, ms": "1000 (999 to 1234)",
        "with x̂, ms": "2000 (1999 to 40000)",
        "processor, ms": "500 (250 to 750)",
        "GB/s": "5",
        "memory, tensors": "0.00",
        "error of the variance": "0.5",
        "error of x̂": "1",
        "device": "GPU",
    }
