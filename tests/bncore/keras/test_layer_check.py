"""The check experiment: real layers over families, axes and ranks."""

import numpy as np
import pytest

pytestmark = pytest.mark.keras

experiment = pytest.importorskip("bncore.keras.layer_check")
import bncore  # noqa: E402
from bncore.experiments.layer_check import LayerCheck  # noqa: E402
from bncore.keras.framework import keras, tf_keras  # noqa: E402

X = np.random.default_rng(0).normal(3, 2, (4, 2, 3, 6))


def check(x, **options):
    (chunk,) = experiment.check(LayerCheck(x, **options))
    assert (chunk.done, chunk.total) == (1, 1)
    return chunk.values


@pytest.mark.parametrize(
    ("options", "framework", "layer", "shape"),
    [
        ({}, "Keras", "BatchNormalization(axis=3, epsilon=0.001, momentum=0.0)", (6,)),
        (
            {"feature_axis": 1},
            "Keras",
            "BatchNormalization(axis=1, epsilon=0.001, momentum=0.0)",
            (2,),
        ),
        (
            {"feature_axis": 0},
            "Keras",
            "BatchNormalization(axis=0, epsilon=0.001, momentum=0.0)",
            (4,),
        ),
        (
            {"feature_axis": (1, 2, 3), "epsilon": 0.5},
            "tf_keras",
            "BatchNormalization(axis=[1, 2, 3], epsilon=0.5, momentum=0.0)",
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
            "GroupNormalization(groups=6, axis=3, epsilon=0.001)",
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
    assert (values.framework, values.layer) == (framework, layer)
    library = keras if framework == "Keras" else tf_keras
    assert values.version == library.__version__
    axes = tuple(a for a in range(4) if a not in np.atleast_1d(options.get("feature_axis", 3)))
    for precision, tolerance in (("float64", 1e-12), ("float32", 1e-5)):
        found = values.numbers[precision]
        assert found["output"].shape == found["x_hat"].shape == X.shape
        assert found["output"].dtype == precision
        if layer.startswith("Batch"):
            assert found["mean"].shape == found["variance"].shape == shape
            np.testing.assert_allclose(found["mean"], X.mean(axis=axes), rtol=tolerance)
            np.testing.assert_allclose(found["variance"], X.var(axis=axes), rtol=tolerance)
        else:
            assert found["mean"] is found["variance"] is None


@pytest.mark.parametrize("family", list(bncore.FAMILIES))
@pytest.mark.parametrize("axis", [1, -1])
def test_gamma_and_beta_belong_to_channels(family, axis):
    channels = X.shape[axis]
    gamma, beta = np.arange(1.0, channels + 1), -np.arange(0.0, channels)
    options = {"family": family, "feature_axis": axis, "groups": 2}
    plain = check(X, **options).numbers["float64"]
    np.testing.assert_array_equal(plain["output"], plain["x_hat"])
    found = check(X, **options, gamma=gamma, beta=beta).numbers["float64"]
    shape = [channels if a == axis % 4 else 1 for a in range(4)]
    expected = plain["output"] * gamma.reshape(shape) + beta.reshape(shape)
    np.testing.assert_allclose(found["output"], expected, atol=1e-12)
    np.testing.assert_array_equal(found["x_hat"], plain["x_hat"])


@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 4), (2, 1, 2, 3, 2), (2, 2, 1, 2, 2, 3)])
def test_every_rank(shape):
    x = np.random.default_rng(1).random(shape)
    for axes in (-1, 0, range(len(shape)), []):
        found = check(x, feature_axis=axes).numbers["float64"]
        split = bncore.split_axes(shape, axes)
        expected = bncore.normalize(x, split, bncore.batch_moments(x, split), 1e-3)
        np.testing.assert_allclose(found["output"], expected, atol=1e-12)


def test_a_small_variance_keeps_its_digits_in_what_is_stored():
    """tf_keras takes old - (old - new): from the initial 1 nothing of 1e-20 would be left."""
    x = 1e-10 * np.arange(8.0).reshape(2, 2, 2)
    found = check(x, feature_axis=(1, 2)).numbers["float64"]
    np.testing.assert_allclose(found["variance"], x.var(axis=0), rtol=1e-12)


def test_what_float32_makes_of_the_data_is_in_its_own_result():
    found = check([[16777216.0], [16777217.0]]).numbers
    assert found["float64"]["output"].ravel().round(3).tolist() == [-0.998, 0.998]
    assert found["float32"]["output"].ravel().tolist() == [0, 0]
    assert not np.isfinite(check([[1e39], [1.0]]).numbers["float32"]["output"]).all()


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
        LayerCheck(**arguments)
