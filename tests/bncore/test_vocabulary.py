import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bncore
from bncore.vocabulary import spellings


@given(st.integers(1, 5), st.data())
def test_the_line_for_numpy_gives_the_engines_means(rank, data):
    shape = tuple(range(2, 2 + rank))
    kept = data.draw(st.sets(st.integers(0, rank - 1)))
    split = bncore.split_axes(shape, kept)
    x = np.random.default_rng(0).normal(size=shape)
    mean, variance = eval(spellings(split)[0].code, {"x": x})
    moments = bncore.batch_moments(x, split)
    np.testing.assert_allclose(mean, moments.mean, atol=1e-12)
    np.testing.assert_allclose(variance, moments.variance, atol=1e-12)


@pytest.mark.keras
@pytest.mark.parametrize(("shape", "kept"), [((3, 4), (1,)), ((2, 3, 4, 5), (3,)), ((4, 3), (0,))])
def test_the_lines_for_tensorflow_and_keras_do_the_same(shape, kept):
    import keras
    import tensorflow as tf

    split = bncore.split_axes(shape, kept)
    said = {s.library: s.code for s in spellings(split)}
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    mean, _ = eval(said["TensorFlow"], {"tf": tf, "x": x})
    np.testing.assert_allclose(mean, bncore.batch_moments(x, split).mean, atol=1e-6)
    layer = eval(said["Keras 3"], {"keras": keras})
    layer.build(shape)
    assert layer.moving_mean.shape == split.feature_shape


@pytest.mark.keras
def test_what_keras_3_says_to_a_list_is_quoted_truly():
    import keras

    said = {s.library: s for s in spellings(bncore.split_axes((2, 3, 4, 5), (1, 2, 3)))}
    assert not said["Keras 3"].possible
    with pytest.raises(TypeError) as raised:
        keras.layers.BatchNormalization(axis=[1, 2, 3])
    assert str(raised.value) in said["Keras 3"].note


def test_pytorch_keeps_dimension_one_only():
    def torch(shape, kept):
        return {s.library: s for s in spellings(bncore.split_axes(shape, kept))}["PyTorch"]

    assert torch((2, 3, 4, 5), 3).code == "torch.nn.BatchNorm2d(5)(x.permute(0, 3, 1, 2))"
    assert torch((2, 5, 3, 4), 1).code == "torch.nn.BatchNorm2d(5)(x)"
    assert not torch((3, 4), 0).possible
    assert not torch((2, 3, 4), (1, 2)).possible
