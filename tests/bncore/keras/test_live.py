"""Live layers beside the engine, and arrays carried from one to the other."""

from dataclasses import replace

import numpy as np
import pytest

import bncore
from bncore.experiments.experiment import joined
from bncore.experiments.live import CarriedLayer, LiveLayers
from bncore.frameworks import FRAMEWORKS, installed
from bncore.keras import live
from bncore.keras.live import carry, compare

pytestmark = pytest.mark.keras
NAMES = [name for name in FRAMEWORKS if installed(name)]


def live_runs(batch, names, keep, epsilon=1e-3, updates=2):
    asked = LiveLayers(batch, dict.fromkeys(names, (keep, epsilon)), updates)
    return joined(chunk.values for chunk in compare(asked)).runs


@pytest.mark.parametrize("data", ["question-2018", "images-nhwc"])
def test_the_engine_follows_every_installed_framework(data):
    batch = bncore.DATASETS[data]().values
    runs = live_runs(batch, NAMES, 0.9, updates=70)
    for name in NAMES:
        assert runs[name].difference.shape == (70,)
        assert runs[name].difference.max() < 2e-5
        assert runs[name].version == installed(name)


def test_a_wrong_convention_would_be_noticed():
    batch = bncore.DATASETS["images-nhwc"]().values
    runs = live_runs(batch, ["tf_keras", "tf_keras-unfused"], 0.5, updates=50)
    fused, plain = (run.variance[-1] for run in runs.values())
    np.testing.assert_allclose(fused / plain, 24 / 23, rtol=1e-5)


@pytest.mark.parametrize("target", ["tf_keras", "torch", "onnxruntime", "keras-2.2.4"])
def test_carried_arrays_give_the_same_output(target):
    arrays = [[1.5, 1], [0, 1], [2, 0], [0.001, 1]]
    (chunk,) = carry(CarriedLayer(arrays, [[2.0, 1.0], [2.1, -1.0]], "keras-3", target))
    found = chunk.values
    np.testing.assert_allclose(found.target.output, found.source.output, atol=1e-5)
    assert "a real layer (keras 3" in found.source.who
    assert (found.source.real, found.target.real) == (True, bool(installed(target)))
    assert ("the engine" in found.target.who) == (not installed(target))
    if bncore.CONVENTIONS[target].epsilon != 1e-3:
        assert np.abs(found.forgotten - found.source.output).max() > 0.1


@pytest.mark.parametrize(
    ("arrays", "words"),
    [([[1.0], [0.0], [0.0]], "4, features"), ([[1.0], [0.0], [0.0], [-1.0]], "0 or more")],
)
def test_bad_arrays_say_what_is_allowed(arrays, words):
    with pytest.raises(ValueError, match=words):
        CarriedLayer(arrays, [[1.0]], source="keras-3", target="torch")


def test_either_statistic_can_disagree(monkeypatch):
    real = live._engine

    def doubled(*arguments):
        found = real(*arguments)
        return replace(found, variance=2 * found.variance)

    monkeypatch.setattr(live, "_engine", doubled)
    runs = live_runs([[1.0], [3.0]], ["keras-3"], 0.5)
    assert runs["keras-3"].difference.min() > 0.4


def test_one_refusal_takes_no_other_run_with_it(monkeypatch):
    real = live.live_layer

    def refusing(name, *arguments):
        if name == "tf_keras":
            raise ValueError("batch_norm eps must be positive during training, but got 0.0")
        return real(name, *arguments)

    monkeypatch.setattr(live, "live_layer", refusing)
    names = ["keras-3", "tf_keras", "tf_keras-unfused"]
    asked = LiveLayers([[1.0], [3.0]], dict.fromkeys(names, (0.5, 0.0)), updates=2)
    chunks = list(compare(asked))
    runs = joined(chunk.values for chunk in chunks).runs
    assert "eps must be positive" in runs["tf_keras"].refused
    assert runs["keras-3"].difference.shape == runs["tf_keras-unfused"].difference.shape
    assert [chunk.done for chunk in chunks] == [2, 4, 6]


def test_each_feature_counts_by_its_own_size(monkeypatch):
    """A small column whose variance is doubled is not lost beside a large one."""
    real = live._engine

    def doubled(*arguments):
        found = real(*arguments)
        return replace(found, variance=found.variance * np.array([1.0, 2.0]))

    monkeypatch.setattr(live, "_engine", doubled)
    runs = live_runs([[0.0, 0.0], [2e4, 1e-3]], ["keras-3"], 0.0, updates=1)
    assert runs["keras-3"].difference.min() == pytest.approx(0.5)
