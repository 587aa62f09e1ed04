import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import bncore

KERAS = bncore.CONVENTIONS["keras-3"]
arrays = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4),
    elements=st.integers(-50, 50).map(float),
)


def run(x, axis=-1, convention=KERAS, **options):
    split = bncore.split_axes(np.shape(x), axis)
    start = bncore.MovingStatistics.initial(split.feature_shape)
    return bncore.batch_norm(x, start, convention, feature_axis=axis, **options)


@given(arrays, st.data())
def test_each_line_of_the_formula(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    trace = run(x, axis)
    reduced = trace.split.reduction_axes
    mean, variance = x.mean(reduced, keepdims=True), x.var(reduced, keepdims=True)
    expected = (x - mean) / np.sqrt(variance + KERAS.epsilon)
    np.testing.assert_allclose(trace.x_hat, expected, atol=1e-9)
    np.testing.assert_allclose(trace.output, trace.gamma * trace.x_hat + trace.beta)
    # D6: the variance of the output is v / (v + epsilon), not 1
    np.testing.assert_allclose(
        trace.output.var(reduced, keepdims=True), variance / (variance + KERAS.epsilon), atol=1e-9
    )


@given(arrays)
def test_moving_an_axis_moves_the_answer_along(x):
    there = run(x, 0)
    back = run(np.moveaxis(x, 0, -1), -1)
    np.testing.assert_allclose(np.moveaxis(there.output, 0, -1), back.output, atol=1e-9)


def test_training_updates_inference_does_not():
    x = np.arange(6.0).reshape(3, 2)
    trained = run(x)
    again = bncore.batch_norm(x, trained.moving, KERAS, training=False)
    assert again.moving is trained.moving
    np.testing.assert_allclose(
        again.output,
        (x - trained.moving.mean) / np.sqrt(trained.moving.variance + KERAS.epsilon),
    )


def test_the_biased_variance_normalises_even_where_another_is_stored():
    x = bncore.DATASETS["question-2018"]().values
    outputs = [
        run(x, convention=dataclasses.replace(c, epsilon=1e-3)).output
        for c in bncore.CONVENTIONS.values()
    ]
    for output in outputs:
        np.testing.assert_array_equal(output, outputs[0])


def test_inference_of_an_empty_batch_is_empty():
    start = bncore.MovingStatistics.initial((3,))
    trace = bncore.batch_norm(np.zeros((0, 3)), start, KERAS, training=False)
    assert trace.output.shape == (0, 3)
    assert trace.batch is None
    with pytest.raises(ValueError, match="nothing to average"):
        bncore.batch_norm(np.zeros((0, 3)), start, KERAS, training=True)


def test_one_element_per_statistic_outputs_beta():
    np.testing.assert_array_equal(run([[7.0, 8.0]], beta=[1, 2]).output, [[1.0, 2.0]])
    paddle = run([[7.0, 8.0]], convention=bncore.CONVENTIONS["paddle"])
    np.testing.assert_array_equal(paddle.output, [[7.0, 8.0]])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("shape", "axis"), [((5, 3), -1), ((2, 3, 2, 4), 1), ((4, 3), 0)])
def test_gradients_are_those_of_finite_differences(shape, axis, training):
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=(2, *shape))
    features = bncore.split_axes(shape, axis).feature_shape
    gamma, beta = rng.normal(size=(2, *features))
    start = bncore.MovingStatistics(rng.normal(size=features), rng.uniform(1, 2, features))

    def loss(x, gamma, beta):
        trace = bncore.batch_norm(x, start, KERAS, training, axis, gamma, beta)
        return (trace.output * g).sum()

    trace = bncore.batch_norm(x, start, KERAS, training, axis, gamma, beta)
    gradients = bncore.batch_norm_gradients(trace, g)
    for name, at in (("x", 0), ("gamma", 1), ("beta", 2)):
        arguments = [x, gamma, beta]
        numeric = np.zeros_like(arguments[at])
        for index in np.ndindex(numeric.shape):
            step = np.zeros_like(numeric)
            step[index] = 1e-5
            up, down = (
                loss(*[a + s * step if i == at else a for i, a in enumerate(arguments)])
                for s in (1, -1)
            )
            numeric[index] = (up - down) / 2e-5
        np.testing.assert_allclose(getattr(gradients, name), numeric, atol=1e-7)
    total = gradients.direct + gradients.through_mean + gradients.through_variance
    np.testing.assert_array_equal(total, gradients.x)
    assert np.any(gradients.through_mean) == training


def test_shapes_that_do_not_fit_say_so():
    x = np.ones((3, 4))
    with pytest.raises(ValueError, match=r"moving mean has shape \(3,\).*needs \(4,\)"):
        bncore.batch_norm(x, bncore.MovingStatistics.initial((3,)), KERAS)
    with pytest.raises(ValueError, match=r"gamma has shape \(3,\)"):
        run(x, gamma=np.ones(3))
    with pytest.raises(TypeError, match="beta must be real numbers"):
        run(x, beta="one")
    with pytest.raises(ValueError, match="output gradient"):
        bncore.batch_norm_gradients(run(x), np.ones((4, 3)))


def test_float32_when_asked():
    assert run(np.ones((3, 2)), dtype=np.float32).output.dtype == np.float32
    assert run(np.ones((3, 2), np.float32)).output.dtype == np.float64
