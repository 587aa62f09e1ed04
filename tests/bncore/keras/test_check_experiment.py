"""The check experiment: real layers over families, axes and ranks."""

import numpy as np
import pytest

pytestmark = pytest.mark.keras

experiment = pytest.importorskip("bncore.keras.check")
import bncore  # noqa: E402
from bncore.keras.framework import keras, tf_keras  # noqa: E402

X = np.random.default_rng(0).normal(3, 2, (4, 2, 3, 6))


def check(x, **options):
    (chunk,) = experiment.check(x, **options)
    assert (chunk.done, chunk.total) == (1, 1)
    return chunk.values


@pytest.mark.parametrize(
    ("options", "framework", "layer", "shape"),
    [
        ({}, "Keras", "BatchNormalization(axis=3, epsilon=0.001)", (6,)),
        ({"feature_axis": 1}, "Keras", "BatchNormalization(axis=1, epsilon=0.001)", (2,)),
        ({"feature_axis": 0}, "Keras", "BatchNormalization(axis=0, epsilon=0.001)", (4,)),
        (
            {"feature_axis": (1, 2, 3), "epsilon": 0.5},
            "tf_keras",
            "BatchNormalization(axis=[1, 2, 3], epsilon=0.5)",
            (2, 3, 6),
        ),
        ({"feature_axis": []}, "Keras", "LayerNormalization(axis=[0, 1, 2, 3], epsilon=0.001)", ()),
        (
            {"family": "layer"},
            "Keras",
            "LayerNormalization(axis=[1, 2, 3], epsilon=0.001)",
            (4,),
        ),
        (
            {"family": "instance"},
            "Keras",
            "GroupNormalization(groups=-1, axis=3, epsilon=0.001)",
            (4, 6),
        ),
        (
            {"family": "group", "groups": 3},
            "Keras",
            "GroupNormalization(groups=3, axis=3, epsilon=0.001)",
            (4, 3),
        ),
    ],
)
def test_engine_and_real_layer_agree(options, framework, layer, shape):
    values = check(X, **options)
    assert (values["framework"], values["layer"]) == (framework, layer)
    library = keras if framework == "Keras" else tf_keras
    assert values["version"] == library.__version__
    assert values["mean"].shape == values["variance"].shape == shape
    assert values["output"].shape == X.shape
    assert values["output"].dtype == np.float32
    assert max(values["difference"].values()) < 3e-6
    if layer.startswith("Batch"):
        np.testing.assert_allclose(values["stored_mean"], values["mean"], rtol=1e-6)
        np.testing.assert_allclose(values["stored_variance"], values["variance"], rtol=1e-6)
    else:
        assert values["stored_variance"] is None


@pytest.mark.parametrize("family", list(bncore.FAMILIES))
@pytest.mark.parametrize("axis", [1, -1])
def test_gamma_and_beta_belong_to_channels(family, axis):
    channels = X.shape[axis]
    gamma, beta = np.arange(1.0, channels + 1), -np.arange(0.0, channels)
    plain = check(X, family=family, feature_axis=axis, groups=2)["output"]
    values = check(X, family=family, feature_axis=axis, groups=2, gamma=gamma, beta=beta)
    shape = [channels if a == axis % 4 else 1 for a in range(4)]
    expected = plain * gamma.reshape(shape) + beta.reshape(shape)
    np.testing.assert_allclose(values["output"], expected, atol=1e-5)
    assert values["difference"]["output"] < 1e-5


@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 4), (2, 1, 2, 3, 2), (2, 2, 1, 2, 2, 3)])
def test_every_rank(shape):
    x = np.random.default_rng(1).random(shape)
    for axes in (-1, 0, range(len(shape)), []):
        assert check(x, feature_axis=axes)["difference"]["output"] < 2e-6


def test_a_wrong_engine_would_be_noticed(monkeypatch):
    def unbiased(x, split, moments, epsilon):
        wrong = bncore.Moments(moments.mean, moments.variance_with(ddof=1), moments.count)
        return bncore.normalize(x, split, wrong, epsilon)

    monkeypatch.setattr(experiment, "normalize", unbiased)
    assert check(X)["difference"]["output"] > 1e-2


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"x": [[np.inf, 1.0]]}, ValueError, "NaN or infinite"),
        ({"x": 3.0}, ValueError, "rank 0"),
        ({"feature_axis": 4}, ValueError, "out of range"),
        ({"family": "weight"}, ValueError, "family is one of batch"),
        ({"family": "group", "groups": 4}, ValueError, "4 groups do not divide 6 channels"),
        ({"family": "group", "groups": 0}, ValueError, "1 or more"),
        ({"family": "layer", "feature_axis": [1, 2]}, ValueError, "one channel axis"),
        ({"family": "instance", "feature_axis": 0}, ValueError, "axis 0 is the batch"),
        ({"gamma": [1.0, 2.0]}, ValueError, r"gamma has shape \(6,\) here"),
        ({"epsilon": -1}, ValueError, "0 or more"),
    ],
    ids=str,
)
def test_what_no_layer_takes_is_refused(options, error, message):
    arguments = {"x": X, **options}
    with pytest.raises(error, match=message):
        next(experiment.check(arguments.pop("x"), **arguments))
