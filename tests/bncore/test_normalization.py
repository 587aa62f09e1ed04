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


@pytest.mark.parametrize("training", [True, False])
def test_a_trace_holds_every_number_that_enters_the_formula(training):
    x = np.array([[1.0, 10.0], [3.0, 50.0]])
    start = bncore.MovingStatistics(np.array([1.0, 2.0]), np.array([4.0, 9.0]), 7)
    trace = bncore.batch_norm(x, start, KERAS, training, gamma=[2, 3], beta=[4, 5])
    mean, variance = ([[2, 30]], [[1, 400]]) if training else ([[1, 2]], [[4, 9]])
    assert trace.x is x
    assert trace.training is training
    assert trace.epsilon == KERAS.epsilon
    assert (trace.mean.tolist(), trace.variance.tolist()) == (mean, variance)
    assert (trace.gamma.tolist(), trace.beta.tolist()) == ([[2, 3]], [[4, 5]])
    assert trace.batch.mean.tolist() == [2, 30]
    np.testing.assert_array_equal(trace.centered, x - mean)
    np.testing.assert_allclose(trace.inv_std, 1 / np.sqrt(np.array(variance) + KERAS.epsilon))
    np.testing.assert_allclose(trace.output, trace.x_hat * [2, 3] + [4, 5])
    assert trace.moving.updates == (8 if training else 7)


def test_where_a_framework_hands_the_input_on_the_trace_says_so():
    """One element per statistic: Paddle subtracts 0 and divides by 1, and keeps its averages."""
    paddle = bncore.CONVENTIONS["paddle"]
    start = bncore.MovingStatistics.initial((2,))
    x = np.array([[7.0, 8.0]], np.float32)
    trace = bncore.batch_norm(x, start, paddle, gamma=[2, 3], beta=[4, 5], dtype=np.float32)
    assert (trace.training, trace.epsilon, trace.moving) == (True, paddle.epsilon, start)
    assert trace.split == bncore.split_axes((1, 2), -1)
    assert trace.batch.mean.tolist() == [7, 8]
    assert (trace.mean.tolist(), trace.variance.tolist()) == ([[0, 0]], [[1, 1]])
    assert trace.inv_std.tolist() == [[1, 1]]
    assert (trace.gamma.tolist(), trace.beta.tolist()) == ([[2, 3]], [[4, 5]])
    for same in (trace.x, trace.centered, trace.x_hat, trace.output):
        assert same.tolist() == [[7, 8]]
        assert same.dtype == np.float32
    wide = bncore.batch_norm(x, start, paddle)
    assert wide.output.dtype == np.float64


def test_what_is_computed_in_float32_stays_in_float32():
    trace = run([[0.1], [0.3]], dtype=np.float32)
    arrays = (trace.batch.mean, trace.batch.variance, trace.mean, trace.inv_std, trace.x_hat)
    gradients = bncore.batch_norm_gradients(trace, [[0.1], [0.2]])
    for array in (*arrays, gradients.x, gradients.gamma, gradients.beta):
        assert array.dtype == np.float32


def test_a_deviation_of_0_and_numbers_beyond_the_range_warn_of_nothing():
    exact = dataclasses.replace(KERAS, epsilon=0.0)
    start = bncore.MovingStatistics(np.array([2.0]), np.array([0.0]))
    x = np.array([[2.0], [3.0]])
    found = bncore.batch_norm(x, start, exact, training=False)
    np.testing.assert_array_equal(found.output, [[np.nan], [np.inf]])
    far = bncore.MovingStatistics(np.array([-1e308]), np.array([1.0]))
    assert bncore.batch_norm([[1e308]], far, exact, training=False).output == np.inf


def test_what_does_not_fit_is_named():
    x = np.ones((3, 4))
    wrong = bncore.MovingStatistics(np.zeros(4), np.ones(3))
    with pytest.raises(ValueError, match=r"the moving variance has shape \(3,\).*needs \(4,\)"):
        bncore.batch_norm(x, wrong, KERAS)
    with pytest.raises(TypeError, match=r"^the output gradient must be real numbers"):
        bncore.batch_norm_gradients(run(x), "one")
    with pytest.raises(ValueError, match=r"gradient has shape \(4, 3\), the output \(3, 4\)"):
        bncore.batch_norm_gradients(run(x), np.ones((4, 3)))
