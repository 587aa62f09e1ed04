"""The page about the two modes: what it says is what its run returned."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import bncore
from bncore.experiments.modes import LayerPath, ModesFound
from ui.drawing.grid.scene import scene
from ui.questions.modes import answers, figures
from ui.questions.modes.recording import recording
from ui.questions.modes.state import ModesState, problem
from ui.questions.modes.strips import strips
from ui.state.arrays import FrozenArray


def test_it_opens_ready_to_train(visit):
    assert not visit("modes").app.button(key="modes-train").disabled


@pytest.mark.keras
def test_the_gap_shrinks_and_something_stays(visit):
    page = visit("modes", guess="vanishes").train("modes")
    assert "**it shrinks, but something stays**" in page.words
    assert "You predicted: it vanishes." in page.words
    assert "this batch of 4" in page.words
    assert [each.value for each in page.app.subheader][-1] == "Both outputs after update 1,000"
    address = next(each["src"] for each in page.told if "src" in each)
    page.app.session_state["modes-player"] = {"asked": {"of": address, "step": 0}}
    page.app.run()
    assert [each.value for each in page.app.subheader][-1] == "Both outputs after update 0"
    assert not page.app.exception


def test_the_player_gets_the_gap_after_every_update_and_of_a_new_layer():
    state, found = gap_of(bncore.DATASETS["sixty-rows"]().values, 4, updates=50)
    made = recording(state, found)
    assert made.steps.tolist() == list(range(51))
    (gap,) = made.quantities
    inference = np.concatenate([found.first[None], found.layers["0.9"].inference])
    expected = [np.abs(each - found.training).mean() for each in inference]
    np.testing.assert_allclose(gap.values["0.9"][:, 0], expected, rtol=1e-6)
    (level,) = gap.levels
    assert level.values == [answers.final_gap(state, found)]
    assert level.label == "expected final gap"
    beyond, nothing = gap_of([[1e20, 1.0], [-1e20, 2.0]], 2, updates=2)
    assert recording(beyond, nothing).quantities[0].levels == ()


@pytest.mark.keras
def test_the_whole_data_as_a_batch_leaves_no_gap(visit):
    page = visit("modes", batch_size="60", keeps="0.9", updates="300", guess="vanishes")
    text = page.train("modes").words
    assert "smallest keep (0.9): **it vanishes**. You predicted it." in text
    assert "Keras 3 stores the biased variance" in text


@pytest.mark.keras
def test_a_batch_of_one_comes_out_as_beta(visit):
    text = visit("modes", batch_size="1", updates="50").train("modes").words
    assert "beta, here 0 (largest recorded: 0)" in text


@pytest.mark.parametrize("update", [0, 7])
@pytest.mark.parametrize("tried", [1, 5, 200])
def test_the_strips_get_both_outputs_of_the_first_rows_with_what_the_layer_holds(update, tried):
    state = dataclasses.replace(ModesState(), tried=tried, looked_at="0.9")
    mean, variance = np.random.default_rng(0).uniform(1, 2, (2, 9, 3)).astype("f4")
    layer = LayerPath(moving_mean=mean, moving_variance=variance)
    made = strips(state, ModesFound(layers={"0.9": layer}), update)
    x = state.data.array[:tried]
    mean, variance = (
        (layer.moving_mean[6], layer.moving_variance[6]) if update else (np.zeros(3), np.ones(3))
    )
    assert len(made.rows) == 60
    np.testing.assert_array_equal((made.moving_mean, made.moving_variance), (mean, variance))
    np.testing.assert_allclose(made.inference, (x - mean) / np.sqrt(variance + state.epsilon))
    expected = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + state.epsilon)
    np.testing.assert_allclose(made.training, expected, atol=1e-12)
    if tried == 1:
        assert (made.training == 0).all()


@pytest.mark.keras
def test_another_batch_size_for_the_strips_stands_in_the_link_and_keeps_the_run(visit):
    page = visit("modes", updates="50", tried="1").train("modes")
    assert "Both outputs after update 50" in [each.value for each in page.app.subheader]
    assert page.query["tried"] == "1"
    assert not page.app.exception


def test_too_much_is_refused_before_it_runs():
    state = dataclasses.replace(
        ModesState(), updates=20_000, batch_size=60, data=FrozenArray(np.ones((60, 8)))
    )
    assert "more than" in problem(state)
    assert problem(ModesState()) == ""


def test_the_final_gap_is_the_gap_of_the_settled_statistics():
    x = bncore.DATASETS["sixty-rows"]().values
    state = dataclasses.replace(ModesState(), batch_size=60)
    training = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-3)
    assert answers.final_gap(state, ModesFound(training=training)) < 1e-12


def test_a_gap_that_is_not_finite_has_no_verdict():
    x = np.ones((1, 3))
    state = dataclasses.replace(ModesState(), batch_size=1, epsilon=0.0, guess="grows")
    values = ModesFound(
        first=x, training=x * np.nan, update=np.array([1]), layers={"0.9": LayerPath(x[None])}
    )
    (text,) = answers.words(state, values)
    assert "**not finite**" in text
    assert "predicted" not in text


def gap_of(data, size, epsilon=1e-3, keeps=("0.9",), updates=400, **changes):
    """What Keras records, computed here in float32, as it computes: no run is needed."""
    x = np.asarray(data, np.float32)
    state = dataclasses.replace(
        ModesState(),
        data=FrozenArray(data),
        batch_size=size,
        epsilon=epsilon,
        keeps=keeps,
        **changes,
    )
    out = lambda rows, mean, variance: (rows - mean) / np.sqrt(variance + np.float32(epsilon))  # noqa: E731
    rng, batch = np.random.default_rng(0), x[:size]
    with np.errstate(all="ignore"):
        mean, variance = np.zeros(x.shape[1], np.float32), np.ones(x.shape[1], np.float32)
        first = out(batch, mean, variance)
        training = out(batch, batch.mean(axis=0), batch.var(axis=0))
        path = []
        while len(path) < updates:
            order = rng.permutation(len(x))
            for begin in range(0, len(x), size):
                rows = x[order[begin : begin + size]]
                keep = np.float32(keeps[0])
                mean = keep * mean + (1 - keep) * rows.mean(axis=0)
                variance = keep * variance + (1 - keep) * rows.var(axis=0)
                path.append(out(batch, mean, variance))
    layers = {keeps[0]: LayerPath(np.array(path[:updates]))}
    return state, ModesFound(
        training=training, first=first, update=np.arange(1, updates + 1), layers=layers
    )


def test_numbers_beyond_float32_have_no_expected_gap():
    state, values = gap_of([[1e20, 1.0], [-1e20, 2.0], [1e20, 3.0], [-1e20, 5.0]], 4)
    assert answers.final_gap(state, values) is None
    text = "\n".join(answers.words(state, values))
    assert "float32" in text
    assert "Expected final gap" not in text


def test_equal_rows_leave_no_gap_and_nothing_is_said_against_waiting():
    state, values = gap_of([[2.0, 3.0]] * 6, 2)
    text = "\n".join(answers.words(state, values))
    assert "Expected final gap: 0." in text
    assert "More updates" not in text


def test_a_larger_batch_is_no_promise():
    """59 of 60 rows leave more than 30 of 60: the last batch of one row halves the variance."""
    x = bncore.DATASETS["sixty-rows"]().values
    (many, first), (half, second) = (gap_of(x, size) for size in (59, 30))
    assert answers.final_gap(many, first) > answers.final_gap(half, second)
    text = "\n".join(answers.words(many, first))
    assert "larger batches" not in text
    assert "has 1 row only" in text
    assert "e-" in text.split("all 60 rows, ")[1] or ", 0 would be left" in text


@pytest.mark.parametrize(
    ("data", "epsilon", "because"),
    [([[1.0, 2.0], [1.0, 3.0]], 0.0, "√(0 + ε)"), ([[3e38, 1.0], [-3e38, 2.0]], 1e-3, "3.4e38")],
)
def test_what_is_not_finite_has_its_own_reason(data, epsilon, because):
    state, values = gap_of(data, 2, epsilon)
    broken = {"0.9": LayerPath(values.layers["0.9"].inference * np.nan)}
    values = dataclasses.replace(values, layers=broken)
    (text,) = answers.words(state, values)
    assert because in text


@settings(deadline=None, max_examples=40)
@given(
    arrays(np.float64, (6, 2), elements=st.floats(-10, 10, width=16)),
    st.integers(1, 6),
    st.sampled_from([0.0, 100.0]),
)
def test_the_expected_gap_is_where_an_average_over_many_epochs_arrives(x, size, offset):
    """An independent check: the plain average of the statistics of all batches of 300 epochs."""
    x = x + offset
    rng = np.random.default_rng(1)
    parts = [
        rows
        for _ in range(300)
        for rows in np.array_split(rng.permutation(x), range(size, 6, size))
    ]
    mean = np.mean([rows.mean(axis=0) for rows in parts], axis=0)
    variance = np.mean([rows.var(axis=0) for rows in parts], axis=0)
    batch = x[:size]
    training = (batch - batch.mean(axis=0)) / np.sqrt(batch.var(axis=0) + 0.1)
    settled = (batch - mean) / np.sqrt(variance + 0.1)
    state = dataclasses.replace(ModesState(), data=FrozenArray(x), batch_size=size, epsilon=0.1)
    found = answers.final_gap(state, ModesFound(training=training))
    assert found == pytest.approx(np.abs(settled - training).mean(), abs=0.15)


def test_the_quickest_layer_is_the_one_that_is_judged():
    state = dataclasses.replace(ModesState(), batch_size=2, guess="vanishes")
    t = np.array([[-1.0] * 3, [1.0] * 3])
    values = ModesFound(
        training=t,
        first=t + 1,
        update=np.array([1]),
        layers={"0.999": LayerPath(t[None] + 0.9), "0.5": LayerPath(t[None] + 0.001)},
    )
    text = answers.words(state, values)[0]
    assert "smallest keep (0.5)" in text
    assert "it vanishes" in text


@pytest.mark.parametrize("update", [0, 2])
@pytest.mark.parametrize("size", [4, 20])
def test_the_grids_show_the_statistics_that_each_mode_takes(update, size):
    state = dataclasses.replace(ModesState(), batch_size=size, keeps=("0.9",), looked_at="0.9")
    x = state.data.array[:size]
    random = np.random.default_rng(0)
    layer = LayerPath(*(random.normal(size=(3, *shape)) for shape in (x.shape, (3,), (3,))))
    found = ModesFound(
        training=random.normal(size=x.shape), first=x, update=np.arange(1, 4), layers={"0.9": layer}
    )
    panels = {panel.id: panel for panel in figures.outputs(state, found, update)}
    np.testing.assert_allclose(panels["mean"].values, x.mean(axis=0))
    np.testing.assert_allclose(panels["variance"].values, x.var(axis=0))
    expected = (layer.moving_mean[1], layer.moving_variance[1]) if update else (0, 1)
    for name, values in zip(("moving_mean", "moving_variance"), expected, strict=True):
        np.testing.assert_array_equal(panels[name].values, np.broadcast_to(values, (3,)))
    inference = layer.inference[1] if update else x
    np.testing.assert_array_equal(panels["inference"].values, inference)
    record = scene(list(panels.values()), 1600, figures.DRAWN_ROWS)
    assert record["groups"][""]["0"] == ["A", size]  # a cell shares its mean with all, drawn or not
    drawn = {panel["id"]: panel for panel in record["panels"]}
    assert drawn["x"]["box"] == [min(size, figures.DRAWN_ROWS), 3]
    assert ("first 12 of 20" in drawn["x"]["note"]) == (size == 20)
    assert panels["mean"].formula == "mean(x)"
    assert panels["training"].formula == "(x - mean) / sqrt(variance + 0.001)"
    assert panels["inference"].formula == "(x - moving_mean) / sqrt(moving_variance + 0.001)"
