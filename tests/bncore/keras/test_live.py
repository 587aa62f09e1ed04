"""Live layers beside the engine, and arrays carried from one to the other."""

from dataclasses import replace

import numpy as np
import pytest

import bncore
from bncore.frameworks import FRAMEWORKS, installed
from bncore.keras import live
from bncore.keras.live import carry, compare
from ui.training.runs import joined

pytestmark = pytest.mark.keras
NAMES = [name for name in FRAMEWORKS if installed(name)]


@pytest.mark.parametrize("data", ["question-2018", "images-nhwc"])
def test_the_engine_follows_every_installed_framework(data):
    batch = bncore.DATASETS[data]().values
    settings = {"keeps": [0.9] * len(NAMES), "epsilons": [1e-3] * len(NAMES)}
    values = joined([c.values for c in compare(batch, names=NAMES, updates=70, **settings)])
    for name in NAMES:
        found = values["live"][name]
        assert found["difference"].shape == (70,)
        assert found["difference"].max() < 2e-5
        assert found["version"] == installed(name)


def test_a_wrong_convention_would_be_noticed():
    batch = bncore.DATASETS["images-nhwc"]().values
    arguments = {"updates": 50, "keeps": [0.5], "epsilons": [1e-3]}
    fused = joined([c.values for c in compare(batch, names=["tf_keras"], **arguments)])
    plain = joined([c.values for c in compare(batch, names=["tf_keras-unfused"], **arguments)])
    last = [values["live"][name]["variance"][-1] for values, name in
            ((fused, "tf_keras"), (plain, "tf_keras-unfused"))]  # fmt: skip
    np.testing.assert_allclose(last[0] / last[1], 24 / 23, rtol=1e-5)


@pytest.mark.parametrize("target", ["tf_keras", "torch", "onnxruntime", "keras-2.2.4"])
def test_carried_arrays_give_the_same_output(target):
    arrays = [[1.5, 1], [0, 1], [2, 0], [0.001, 1]]
    (chunk,) = carry(arrays, [[2.0, 1.0], [2.1, -1.0]], source="keras-3", target=target)
    outputs, who = chunk.values["outputs"], chunk.values["who"]
    np.testing.assert_allclose(outputs["target"], outputs["source"], atol=1e-5)
    assert "a real layer (keras 3" in who["source"]
    assert chunk.values["real"] == {"source": True, "target": bool(installed(target))}
    assert ("the engine" in who["target"]) == (not installed(target))
    if bncore.CONVENTIONS[target].epsilon != 1e-3:
        assert np.abs(outputs["forgotten"] - outputs["source"]).max() > 0.1


@pytest.mark.parametrize(
    ("arrays", "words"),
    [([[1.0], [0.0], [0.0]], "4, features"), ([[1.0], [0.0], [0.0], [-1.0]], "0 or more")],
)
def test_bad_arrays_say_what_is_allowed(arrays, words):
    with pytest.raises(ValueError, match=words):
        next(carry(arrays, [[1.0]], source="keras-3", target="torch"))


def test_either_statistic_can_disagree(monkeypatch):
    real = live._engine

    def doubled(*arguments):
        found = real(*arguments)
        return replace(found, variance=2 * found.variance)

    monkeypatch.setattr(live, "_engine", doubled)
    settings = {"names": ["keras-3"], "updates": 2, "keeps": [0.5], "epsilons": [1e-3]}
    values = joined([chunk.values for chunk in live.compare([[1.0], [3.0]], **settings)])
    assert values["live"]["keras-3"]["difference"].min() > 0.4


def test_one_refusal_takes_no_other_run_with_it(monkeypatch):
    real = live.live_layer

    def refusing(name, *arguments):
        if name == "tf_keras":
            raise ValueError("batch_norm eps must be positive during training, but got 0.0")
        return real(name, *arguments)

    monkeypatch.setattr(live, "live_layer", refusing)
    names = ["keras-3", "tf_keras", "tf_keras-unfused"]
    chunks = list(compare([[1.0], [3.0]], names=names, updates=2, keeps=[0.5] * 3,
                          epsilons=[0.0] * 3))  # fmt: skip
    found = joined([chunk.values for chunk in chunks])["live"]
    assert "eps must be positive" in found["tf_keras"]["refused"]
    assert found["keras-3"]["difference"].shape == found["tf_keras-unfused"]["difference"].shape
    assert [chunk.done for chunk in chunks] == [2, 4, 6]


def test_each_feature_counts_by_its_own_size(monkeypatch):
    """A small column whose variance is doubled is not lost beside a large one."""
    real = live._engine

    def doubled(*arguments):
        found = real(*arguments)
        return replace(found, variance=found.variance * np.array([1.0, 2.0]))

    monkeypatch.setattr(live, "_engine", doubled)
    data = [[0.0, 0.0], [2e4, 1e-3]]
    settings = {"names": ["keras-3"], "updates": 1, "keeps": [0.0], "epsilons": [1e-3]}
    values = joined([chunk.values for chunk in live.compare(data, **settings)])
    assert values["live"]["keras-3"]["difference"].min() == pytest.approx(0.5)
