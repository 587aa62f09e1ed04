"""“Checked against ...”: the numbers on the screen beside the layer's own.

Whatever of them is broken, on the screen or in the layer, the sentence changes.
"""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bncore
from ui.questions.axes import check as axes_check
from ui.questions.axes import state as axes
from ui.questions.axes.state import AxisState
from ui.questions.steps import check as steps_check
from ui.questions.steps import state as steps
from ui.questions.steps.state import StepsState
from ui.state.arrays import FrozenArray

pytestmark = pytest.mark.keras
layer_check = pytest.importorskip("bncore.keras.layer_check")
from bncore.backends import tensorflow  # noqa: E402
from bncore.keras import gradients  # noqa: E402
from bncore.keras.framework import keras  # noqa: E402

SMALL = FrozenArray([[1e4, 1e-3, 3.0], [3e4, 2e-3, 1.0], [2e4, 5e-3, 8.0]])


def axes_words(state, values=None, shown=None):
    picture = axes.picture(state) if shown is None else shown
    if values is None:
        values = next(layer_check.check(axes_check.asked(state, picture))).values
    return axes_check.checked_words(state, picture, values)


def steps_words(state, values=None, shown=None):
    whole = steps.whole_pass(state) if shown is None else shown
    if values is None:
        values = next(gradients.check(steps_check.asked(state, whole))).values
    return steps_check.checked_words(whole, values)


@pytest.fixture(scope="module")
def axes_values():
    state = AxisState(data=SMALL)
    return next(layer_check.check(axes_check.asked(state, axes.picture(state)))).values


@pytest.fixture(scope="module")
def steps_values():
    state = StepsState()
    return next(gradients.check(steps_check.asked(state, steps.whole_pass(state)))).values


def broken(values, precision, name, factor):
    """What the layer found, with the second feature of one array another."""
    array = np.array(values.numbers[precision][name])
    array[..., 1] *= factor
    return with_number(values, precision, name, array)


def with_number(found, precision, name, array):
    """What the layer found, with another array."""
    changed = {**found.numbers[precision], name: array}
    return dataclasses.replace(found, numbers={**found.numbers, precision: changed})


@pytest.mark.parametrize("name", list(axes_check.TITLES))
def test_each_of_the_layers_numbers_is_looked_at(axes_values, name):
    state = AxisState(data=SMALL)
    assert axes_words(state, axes_values).agrees is True
    for factor in (1 + 1e-9, 2):
        said = axes_words(state, broken(axes_values, "float64", name, factor))
        assert said.agrees is False
        assert f"**They disagree**: in float64 the layer's {axes_check.TITLES[name]} [" in said.text
    said = axes_words(state, broken(axes_values, "float32", name, 1.01))
    assert "In float32 they disagree" in said.text


@pytest.mark.parametrize("name", ["mean", "variance", "x_hat", "output"])
def test_each_number_on_the_screen_is_looked_at(axes_values, name):
    state = AxisState(data=SMALL)
    picture = axes.picture(state)
    if name in ("mean", "variance"):
        array = getattr(picture.moments, name) * [1, 1 + 1e-9, 1]
        moments = dataclasses.replace(picture.moments, **{name: array})
        wrong = dataclasses.replace(picture, moments=moments)
    else:
        wrong = dataclasses.replace(
            picture, **{name: getattr(picture, name) * np.array([1, 1 + 1e-9, 1])}
        )
    said = axes_words(state, axes_values, wrong)
    assert said.agrees is False
    assert "They disagree" in said.text


def test_an_engine_with_another_variance_is_noticed(axes_values, monkeypatch):
    def unbiased(x, split, moments, epsilon):
        wrong = bncore.Moments(moments.mean, moments.variance_with(ddof=1), moments.count)
        return bncore.families.normalize(x, split, wrong, epsilon)

    monkeypatch.setattr(bncore, "normalize", unbiased)
    assert "x̂" in axes_words(AxisState(data=SMALL), axes_values).text.split("They disagree")[1]


def test_a_layer_that_computes_otherwise_is_noticed(monkeypatch):
    real = keras.layers.BatchNormalization._moments

    def other(layer, *arguments):
        mean, variance = real(layer, *arguments)
        return mean, 1.5 * variance

    monkeypatch.setattr(keras.layers.BatchNormalization, "_moments", other)
    for said in (axes_words(AxisState(data=SMALL)), steps_words(StepsState())):
        assert said.agrees is False
        assert "They disagree**: in float64 the layer's variance [" in said.text


def test_a_layer_that_stores_something_else_than_it_uses_is_noticed(monkeypatch):
    real = keras.layers.BatchNormalization.call

    def other(layer, inputs, training=None, mask=None):  # Keras reads these names
        output = real(layer, inputs, training=training, mask=mask)
        layer.moving_variance.assign(layer.moving_variance * 1.25)
        return output

    monkeypatch.setattr(keras.layers.BatchNormalization, "call", other)
    for said in (axes_words(AxisState(data=SMALL)), steps_words(StepsState())):
        assert "They disagree**: in float64 the layer's variance [" in said.text
        assert "x̂ [" not in said.text


def elsewhere(values, **changes):
    """What the engine on TensorFlow found, changed."""
    beside = values.backend
    numbers = {name: array * changes.get(name, 1) for name, array in beside.numbers.items()}
    return dataclasses.replace(values, backend=dataclasses.replace(beside, numbers=numbers))


def test_the_engine_on_tensorflow_stands_beside_the_layer(axes_values):
    said = axes_words(AxisState(data=SMALL), axes_values)
    assert said.agrees is True
    assert "The engine on TensorFlow (/device:" in said.text
    own = said.text.split("on the same tensor: **")[1]
    assert 0 < float(own.split("**")[0]) < 1e-5


@pytest.mark.parametrize("name", ["mean", "variance", "x_hat"])
def test_each_number_of_the_engine_on_tensorflow_is_looked_at(axes_values, name):
    said = axes_words(AxisState(data=SMALL), elsewhere(axes_values, **{name: [1, 1.01, 1]}))
    assert said.agrees is False
    assert f"disagrees**: its {axes_check.TITLES[name]} [" in said.text
    assert "**They agree**: the layer's own mean" in said.text


def test_an_engine_on_tensorflow_with_another_variance_is_noticed(monkeypatch):
    real = tensorflow._moments

    def other(x, axes):
        mean, variance = real(x, axes)
        return mean, 1.5 * variance

    monkeypatch.setattr(tensorflow, "_moments", other)
    said = axes_words(AxisState(data=SMALL))
    assert "disagrees**: its variance [" in said.text
    assert "; x̂ [" in said.text


def test_what_float32_cannot_hold_is_no_fault_of_the_engine_on_tensorflow():
    for data in ([[16777216.0], [16777217.0]], [[1e39], [1.0]]):
        said = axes_words(AxisState(data=FrozenArray(data)))
        assert said.agrees is False
        assert "too coarse for it, too" in said.text
        assert "disagree" not in said.text


@pytest.mark.parametrize("family", list(bncore.FAMILIES))
def test_the_engine_on_tensorflow_goes_through_every_family(family):
    said = axes_words(
        AxisState(data=FrozenArray(np.arange(12.0).reshape(3, 4) ** 2), family=family, groups=2)
    )
    assert "The engine on TensorFlow (/device:" in said.text
    assert "disagrees" not in said.text
    assert said.agrees is True


@pytest.mark.parametrize("name", list(steps_check.TITLES))
def test_each_step_is_looked_at(steps_values, name):
    state = StepsState()
    assert steps_words(state, steps_values).agrees is True
    for precision, factor in (("float64", 1 + 1e-9), ("float32", 1.01)):
        array = np.array(steps_values.numbers[precision][name]) * factor
        values = with_number(steps_values, precision, name, array)
        said = steps_words(state, values)
        assert said.agrees is False
        assert f"the layer's {steps_check.TITLES[name]} [" in said.text
    whole = steps.whole_pass(state)
    wrong = dataclasses.replace(
        whole, values={**whole.values, name: whole.values[name] * (1 + 1e-9)}
    )
    assert "They disagree" in steps_words(state, steps_values, wrong).text


def test_float32_that_cannot_hold_the_data_is_told_with_its_number():
    """The screen shows x̂ ±0.998, the layer of every day gives 0."""
    data = FrozenArray([[16777216.0], [16777217.0]])
    said = axes_words(AxisState(data=data))
    assert said.agrees is False
    assert "it makes 16777216 of 16777217 (x[1, 0])" in said.text
    assert "x̂ [0, 0] is **0** instead of -0.998" in said.text
    z = FrozenArray(np.hstack([data.array, [[1.0], [2.0]]]))
    assert "it makes 16777216 of 16777217 (z[1, 0])" in steps_words(StepsState(z=z)).text


@pytest.mark.parametrize(
    ("data", "epsilon", "says"),
    [
        ([[1e39], [1.0]], 1e-3, "it ends at 3.4e38, and 1e+39"),
        ([[1e25], [1.0]], 1e-3, "it ends at 3.4e38, and 1e+25 or what is computed from it"),
        ([[1e-30], [0.0]], 1e-3, "no number as small as 2.5e-61"),
        ([[1e15], [1e15 + 1]], 1e-3, "No verdict**: these numbers need more than float64's 16"),
        ([[1.0], [1.0]], 0.0, "Nothing to compare: some numbers above are not finite"),
    ],
)
def test_why_there_is_no_agreement(data, epsilon, says):
    said = axes_words(AxisState(data=FrozenArray(data), epsilon=epsilon))
    assert says in said.text
    assert said.agrees is not True
    assert "disagree" not in said.text


def test_a_flat_activation_is_no_fault_of_the_data():
    state = StepsState(activation="sigmoid", mode="inference")
    assert "where the activation is flat" in steps_words(state).text


@pytest.mark.parametrize("mode", ["training", "inference"])
@pytest.mark.parametrize(("gamma", "size"), [(1e-30, 1e9), (1e-20, 1e18), (1e-39, 1e-7)])
def test_a_scale_that_float32_makes_0_of_is_no_disagreement(gamma, size, mode):
    """gamma over the deviation is below its smallest number, or gamma itself is."""
    state = StepsState(
        z=FrozenArray(np.array([[1.0], [2.0], [4.0]]) * size), mode=mode, activation="linear",
        gamma=FrozenArray([gamma]), beta=FrozenArray([0.0]), epsilon=1e-12,
        moving_mean=FrozenArray([0.0]), moving_variance=FrozenArray([size**2]),
        upstream=FrozenArray([[0.3], [1e10], [1.0]]),
    )  # fmt: skip
    assert "disagree" not in steps_words(state).text


def test_what_a_layer_does_not_store_is_not_said_to_be_compared():
    said = axes_words(AxisState(family="layer"))
    assert said.agrees is True
    assert "the layer's own x̂ and output are" in said.text
    assert "stores no mean and no variance" in said.text
    assert "TensorFlow's own gradients" not in said.text
    inference = steps_words(StepsState(mode="inference"))
    assert inference.text.endswith("and TensorFlow's own gradients.")
    assert "the layer's own x̂, y, a and the gradients of y, β, γ and z are" in inference.text


NUMBERS = st.one_of(
    st.floats(-1e3, 1e3),
    st.floats(-1e30, 1e30),
    st.sampled_from([0.0, 0.1, 1e7 + 1, 16777217.0, 1e-30, 1e20, -1e-42]),
)
MATRICES = st.lists(st.lists(NUMBERS, min_size=2, max_size=2), min_size=1, max_size=4)


@settings(max_examples=40)
@given(
    MATRICES,
    st.sampled_from([1e-12, 1e-3, 1.0]),
    st.sampled_from(list(bncore.FAMILIES)),
)
def test_rounding_is_never_called_a_disagreement(data, epsilon, family):
    """Any data, exact or lost in float32: engine and layer are the same computation."""
    state = AxisState(data=FrozenArray(data), epsilon=epsilon, family=family, kept=(1,))
    assert "disagree" not in axes_words(state).text


@settings(max_examples=40)
@given(
    MATRICES,
    st.sampled_from([1e-12, 1e-3, 1.0]),
    st.sampled_from(["relu", "tanh", "sigmoid", "linear"]),
    st.sampled_from(["training", "inference"]),
)
def test_rounding_of_gradients_is_never_called_a_disagreement(data, epsilon, activation, mode):
    state = StepsState(
        z=FrozenArray(data), epsilon=epsilon, activation=activation, mode=mode,
        gamma=FrozenArray([1.0, -2.0]), beta=FrozenArray([0.0, 1.0]),
        moving_mean=FrozenArray([0.0, 5.0]), moving_variance=FrozenArray([1.0, 1e-6]),
        upstream=FrozenArray(np.ones((len(data), 2)) * [1e-13, 0.3]),
    )  # fmt: skip
    with np.errstate(all="ignore"):
        whole = steps.whole_pass(state)
    if steps_check.asked(state, whole) is not None:
        assert "disagree" not in steps_words(state, shown=whole).text
