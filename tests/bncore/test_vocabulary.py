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


NAMES = ["NumPy", "TensorFlow", "Keras 3", "tf_keras (Keras 2)", "PyTorch"]
NAMES += ["Keras LayerNormalization"]
A_LIST = "raises TypeError: int() argument must be a string, a bytes-like object or a real number"


@pytest.mark.parametrize(
    ("shape", "kept", "codes"),
    [
        (
            (3, 4),
            1,
            [
                "x.mean(axis=0), x.var(axis=0)",
                "tf.nn.moments(x, axes=[0])",
                "keras.layers.BatchNormalization(axis=1)",
                "tf_keras.layers.BatchNormalization(axis=1)",
                "torch.nn.BatchNorm1d(4)(x)",
                "keras.layers.LayerNormalization(axis=[0])",
            ],
        ),
        (
            (2, 3, 4, 5),
            (1, 3),
            [
                "x.mean(axis=(0, 2)), x.var(axis=(0, 2))",
                "tf.nn.moments(x, axes=[0, 2])",
                "",
                "tf_keras.layers.BatchNormalization(axis=[1, 3])",
                "",
                "keras.layers.LayerNormalization(axis=[0, 2])",
            ],
        ),
        (
            (2, 3, 4),
            (0, 1, 2),
            [
                "x.mean(axis=()), x.var(axis=())",
                "tf.nn.moments(x, axes=[])",
                "",
                "tf_keras.layers.BatchNormalization(axis=[0, 1, 2])",
                "",
                "",
            ],
        ),
        (
            (2, 3, 4),
            (),
            [
                "x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))",
                "tf.nn.moments(x, axes=[0, 1, 2])",
                "",
                "",
                "",
                "keras.layers.LayerNormalization(axis=[0, 1, 2])",
            ],
        ),
        (
            (2, 3, 4),
            (0, 2),
            [
                "x.mean(axis=1), x.var(axis=1)",
                "tf.nn.moments(x, axes=[1])",
                "",
                "tf_keras.layers.BatchNormalization(axis=[0, 2])",
                "",
                "keras.layers.LayerNormalization(axis=[1])",
            ],
        ),
    ],
)
def test_the_line_of_every_library(shape, kept, codes):
    said = spellings(bncore.split_axes(shape, kept))
    assert [spelling.library for spelling in said] == NAMES
    assert [spelling.code for spelling in said] == codes
    assert [spelling.possible for spelling in said] == [bool(code) for code in codes]


def test_which_axes_each_library_names():
    def notes(shape, kept):
        return [spelling.note for spelling in spellings(bncore.split_axes(shape, kept))]

    collapsed, fixed = "names the axes collapsed", "; with axis 0 among them it needs a fixed batch"
    numpy, tensorflow, keras, tf_keras, torch, layer = notes((3, 4), 1)
    assert numpy == tensorflow == collapsed
    assert (keras, torch) == ("names the axis kept", "always keeps dimension 1")
    assert tf_keras == "names the axes kept; a list is allowed"
    assert layer == f"in the same library, but {collapsed}{fixed} size"
    *_, keras, tf_keras, torch, layer = notes((2, 3, 4), (0, 2))
    assert keras == f"takes one int: axis=[0, 2] {A_LIST}, not 'list'"
    assert tf_keras == "names the axes kept; a list is allowed"
    assert torch == "keeps dimension 1 and no other"
    assert layer == f"in the same library, but {collapsed}"
    *_, tf_keras, _, _ = notes((2, 3, 4), ())
    assert tf_keras == "keeps one axis at least"
    assert notes((2, 3, 4), 2)[4] == "always keeps dimension 1: move it there"


@pytest.mark.parametrize("rank", range(1, 7))
def test_pytorch_has_a_layer_for_two_to_five_dimensions(rank):
    shape = (7, 2, 3, 4, 5, 6)[:rank]
    torch = {s.library: s for s in spellings(bncore.split_axes(shape, -1))}["PyTorch"]
    layers = {2: "BatchNorm1d(2)", 3: "BatchNorm1d(3)", 4: "BatchNorm2d(4)", 5: "BatchNorm3d(5)"}
    assert torch.possible == (rank in layers)
    assert torch.code.startswith(f"torch.nn.{layers[rank]}(" if rank in layers else "")
