import builtins
import sys

import numpy as np
import pytest

import bncore
from bncore import backends


@pytest.mark.keras
@pytest.mark.parametrize(
    ("shape", "axis"), [((5, 6), -1), ((4, 2, 3, 5), 3), ((4, 5, 2, 3), 1), ((3, 2, 2), (0, 2))]
)
def test_tensorflow_equals_numpy_within_float32(shape, axis):
    x = np.random.default_rng(0).normal(3, 2, shape)
    split = bncore.split_axes(shape, axis)
    numpy, tensorflow = backends.get("numpy"), backends.get("tensorflow")
    expected, got = (b.batch_moments(x, split) for b in (numpy, tensorflow))
    assert got.count == expected.count
    np.testing.assert_allclose(got.mean, expected.mean, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(got.variance, expected.variance, rtol=1e-5)
    np.testing.assert_allclose(
        tensorflow.normalize(x, split, got, 1e-3),
        numpy.normalize(x, split, expected, 1e-3),
        atol=1e-5,
    )
    assert tensorflow.device.startswith(("/device:CPU:0", "/device:GPU:0, "))


@pytest.mark.keras
def test_tensorflow_refuses_what_numpy_refuses():
    tensorflow = backends.get("tensorflow")
    split = bncore.split_axes((5, 6), -1)
    with pytest.raises(ValueError, match=r"\(5, 6\)"):
        tensorflow.batch_moments(np.ones((6, 5)), split)
    with pytest.raises(TypeError, match="real numbers"):
        tensorflow.batch_moments([["a"]], split)


def test_without_tensorflow_the_message_says_how_to_get_it(monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name.split(".")[0] == "tensorflow":
            raise ModuleNotFoundError("No module named 'tensorflow'", name="tensorflow")
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "bncore.backends.tensorflow", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(backends.BackendUnavailableError, match=r"pip install -r requirements.txt"):
        backends.get("tensorflow")
    assert backends.get().name == "numpy"


def test_unknown_backend():
    with pytest.raises(ValueError, match=r"\['numpy', 'tensorflow'\]"):
        backends.get("cupy")
