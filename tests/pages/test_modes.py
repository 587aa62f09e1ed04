"""The page about training and inference mode: what it says is what its runs returned."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import bncore
from ui.questions.modes import ModesState, both, freezing, poison, state, stuck
from ui.state.arrays import FrozenArray


@pytest.mark.keras
def test_the_gap_shrinks_and_something_stays(visit):
    page = visit("modes", gap_guess="vanishes").train("modes-gap")
    assert "**it shrinks, but something stays**" in page.words
    assert "You predicted: it vanishes." in page.words
    assert "this batch of 4" in page.words
    page.app.slider(key="modes-at-1000").set_value(0).run()
    assert not page.app.exception


@pytest.mark.keras
def test_the_whole_data_as_a_batch_leaves_no_gap(visit):
    page = visit("modes", batch_size="60", keeps="0.9", updates="300", gap_guess="vanishes")
    text = page.train("modes-gap").words
    assert "smallest keep (0.9): **it vanishes**. You predicted it." in text
    assert "Keras 3 stores the biased variance" in text


@pytest.mark.keras
def test_a_batch_of_one_comes_out_as_beta(visit):
    text = visit("modes", batch_size="1", updates="50").train("modes-gap").words
    assert "beta, here 0 (largest recorded: 0)" in text


@pytest.mark.keras
def test_validation_is_stuck_and_cured_twice(visit):
    text = visit("modes", part="stuck", stuck_guess="lagging").train("modes-stuck").words
    assert "This is not overfitting, the moving statistics lag behind" in text
    assert "You predicted it." in text
    assert "Cure: let it forget sooner" in text
    assert "Cure without training again" in text


@pytest.mark.keras
def test_diverging_says_when_and_keeps_the_curves(visit):
    page = visit("modes", part="stuck", learning_rate="10", stuck_batch="1", epochs="1")
    page.train("modes-stuck")
    assert not page.app.exception  # Adam may survive it; what stops is tested with the experiment


@pytest.mark.keras
def test_what_freezes_is_read_off_what_moved(visit):
    page = visit("modes", part="freezing", freezing_guess="training").train("modes-freezing")
    text = page.words
    assert "`bn(x, training=False)`: gamma and the moving statistics moved" in text
    assert "Your prediction did not freeze it." in text
    assert "then compile again`: nothing moved" in text
    frame = page.app.dataframe[0].value
    assert "So it was in all 35 combinations run here." in text
    assert len(frame) == 15
    assert frame["frozen?"].tolist().count("yes") == 9


@pytest.mark.keras
def test_a_nan_poisons_its_feature_for_good(visit):
    page = visit("modes", part="poison", poison_guess="none", feature="1").train("modes-poison")
    assert "moving mean **nan**" in page.words
    assert "Not finite at the end: feature 1. You predicted: nothing: it heals." in page.words


@pytest.mark.keras
def test_a_huge_number_leaves_a_mean_that_heals_and_a_variance_that_does_not(visit):
    text = visit("modes", part="poison", bad="1e20").train("modes-poison").words
    assert "moving variance **inf**" in text
    assert "comes out as **0" in text or "comes out as **-0" in text


@pytest.mark.parametrize("part", list(state.PARTS))
def test_every_part_opens_with_a_train_button(visit, part):
    page = visit("modes", part=part)
    (button,) = [b for b in page.app.button if b.label == "Train"]
    assert not button.disabled


def test_too_much_is_refused_before_it_runs():
    page_state = dataclasses.replace(
        ModesState(), updates=20_000, batch_size=60, data=FrozenArray(np.ones((60, 8)))
    )
    assert "more than" in state.gap_problem(page_state)
    assert "Both keeps are 0.9" in state.stuck_problem(
        dataclasses.replace(ModesState(), stuck_keep=0.9)
    )


def test_the_floor_is_the_gap_of_the_settled_statistics():
    x = bncore.DATASETS["sixty-rows"]().values
    page_state = dataclasses.replace(ModesState(), batch_size=60)
    training = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-3)
    assert both.floor(page_state, {"training": training}) < 1e-12


def test_a_gap_that_is_not_finite_has_no_verdict():
    x = np.ones((1, 3))
    state = dataclasses.replace(ModesState(), batch_size=1, epsilon=0.0, gap_guess="grows")
    values = {"first": x, "training": x * np.nan, "inference": {"0.9": x[None]}, "update": [1]}
    (text,) = both.words(state, values)
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
        values = {
            "first": out(batch, mean, variance),
            "training": out(batch, batch.mean(axis=0), batch.var(axis=0)),
            "update": np.arange(1, updates + 1),
        }
        path = []
        while len(path) < updates:
            order = rng.permutation(len(x))
            for begin in range(0, len(x), size):
                rows = x[order[begin : begin + size]]
                keep = np.float32(keeps[0])
                mean = keep * mean + (1 - keep) * rows.mean(axis=0)
                variance = keep * variance + (1 - keep) * rows.var(axis=0)
                path.append(out(batch, mean, variance))
        values["inference"] = {keeps[0]: np.array(path[:updates])}
    return state, values


def test_numbers_beyond_float32_have_no_expected_gap():
    state, values = gap_of([[1e20, 1.0], [-1e20, 2.0], [1e20, 3.0], [-1e20, 5.0]], 4)
    assert both.floor(state, values) is None
    text = "\n".join(both.words(state, values))
    assert "float32" in text
    assert "Expected final gap" not in text


def test_equal_rows_leave_no_gap_and_nothing_is_said_against_waiting():
    state, values = gap_of([[2.0, 3.0]] * 6, 2)
    text = "\n".join(both.words(state, values))
    assert "Expected final gap: 0." in text
    assert "More updates" not in text


def test_a_larger_batch_is_no_promise():
    """59 of 60 rows leave more than 30 of 60: the last batch of one row halves the variance."""
    x = bncore.DATASETS["sixty-rows"]().values
    (many, first), (half, second) = (gap_of(x, size) for size in (59, 30))
    assert both.floor(many, first) > both.floor(half, second)
    text = "\n".join(both.words(many, first))
    assert "larger batches" not in text
    assert "has 1 row only" in text
    assert "e-" in text.split("all 60 rows, ")[1] or ", 0 would be left" in text


@pytest.mark.parametrize(
    ("data", "epsilon", "because"),
    [([[1.0, 2.0], [1.0, 3.0]], 0.0, "√(0 + ε)"), ([[3e38, 1.0], [-3e38, 2.0]], 1e-3, "3.4e38")],
)
def test_what_is_not_finite_has_its_own_reason(data, epsilon, because):
    state, values = gap_of(data, 2, epsilon)
    values["inference"]["0.9"] = values["inference"]["0.9"] * np.nan
    (text,) = both.words(state, values)
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
    page_state = dataclasses.replace(
        ModesState(), data=FrozenArray(x), batch_size=size, epsilon=0.1
    )
    found = both.floor(page_state, {"training": training})
    assert found == pytest.approx(np.abs(settled - training).mean(), abs=0.15)


def stuck_run(training, inference, validation, made=100):
    ends = {"training_mode": training, "inference_mode": inference, "validation": validation}
    return {name: np.full(made, value) for name, value in ends.items()} | {"loss": np.ones(made)}


def test_what_is_called_a_lag_and_a_cure_is_one():
    state = dataclasses.replace(ModesState(), stuck_keep=0.5, cured_keep=0.99, stuck_batch=2)
    values = {
        "runs": {"0.5": stuck_run(0.9, 0.4, 0.4), "0.99": stuck_run(0.9, 0.9, 0.9)},
        "most_common": 0.5,
        "estimated": {"0.5": {"inference_mode": 0.3, "validation": 0.3}},
    }
    text = "\n".join(stuck.words(dataclasses.replace(state, stuck_guess="lagging"), values))
    assert "lag behind" not in text  # 0.5^100 is left of the initial values
    assert "predicted" not in text
    assert "remember about 2 batches of 2" in text
    assert "Cure: let it remember longer" in text
    assert "Averaging after training did not help" in text
    values["runs"]["0.99"] = stuck_run(0.9, 0.3, 0.3)
    assert "Changing keep did not help" in "\n".join(stuck.words(state, values))


def test_below_the_most_common_class_nothing_is_a_cure():
    """38.6 % instead of 37 %, where the most common class alone is 66.7 %."""
    values = {
        "runs": {"0.999": stuck_run(0.95, 0.36, 0.37), "0.9": stuck_run(0.95, 0.38, 0.386)},
        "most_common": 0.667,
        "estimated": {"0.999": {"inference_mode": 0.4, "validation": 0.6}},
    }
    text = "\n".join(stuck.words(ModesState(), values))
    assert "Cure" not in text
    assert text.count("**no cure**") == 2


@given(*[st.floats(0, 1)] * 6)
def test_a_cure_is_better_than_both_what_was_and_the_most_common_class(t, i, v, i2, v2, common):
    before = {"training_mode": t, "inference_mode": i, "validation": v}
    after = {"training_mode": t, "inference_mode": i2, "validation": v2}
    found = stuck.effect(before, after, common)
    if found == "cures":
        assert v2 > max(v, common)
        assert t - i2 <= max(0.05, (t - i) / 2)
    assert (found == "none") == (v2 <= v)


@given(*[st.floats(0, 1)] * 7)
def test_no_accuracies_make_it_say_what_they_do_not_show(t, i, v, t2, i2, v2, common):
    values = {
        "runs": {"0.999": stuck_run(t, i, v), "0.9": stuck_run(t2, i2, v2)},
        "most_common": common,
    }
    text = "\n".join(stuck.words(ModesState(), values))
    if "overfitting" in text:
        assert t - v > 0.05
        assert t - i > (t - v) / 2
    if "Validation is not stuck" in text:
        assert t - v <= 0.05
        assert t > common
    if "Nothing was learned" in text:
        assert t <= common
    assert ("2 rows or more" in text) == ("overfitting" in text)  # nothing was estimated


def test_nothing_is_claimed_before_a_run(visit):
    words = visit("modes", part="stuck", learning_rate="0").words
    assert "climbs" not in words
    assert "does not move" not in words


def test_words_follow_what_was_recorded():
    run = {name: np.array([0.9]) for name in stuck.CURVES} | {"loss": np.array([1.0])}
    values = {
        "runs": {"0.999": run, "0.9": run},
        "most_common": 0.5,
        "estimated": {"0.999": {"inference_mode": 0.9, "validation": 0.9}},
    }
    assert "Validation is not stuck" in "\n".join(stuck.words(ModesState(), values))
    row = {"gamma_moved": False, "statistics_moved": True}
    assert freezing.is_frozen(row) is False
    ends = {"moving_mean": np.ones((3, 2)), "moving_variance": np.ones((3, 2))}
    values = ends | {"update": np.arange(3), "output": np.ones((4, 2))}
    quiet = poison.words(dataclasses.replace(ModesState(), before=1), values)
    assert "Not finite at the end: no feature." in quiet[0]


def freezing_rows(frozen=lambda when: when in freezing.IN_TIME, **changed):
    """Rows as the experiment returns them; `frozen` says in which of them nothing moved."""
    whens = ("never", "before compile", "after compile", freezing.AGAIN, freezing.BEFORE_FIT)
    ways = [("functional", t) for t in ("not given", "True", "False")]
    ways += [("subclassed", t) for t in ("not given", "True", "False", "passed on")]
    return [
        {
            "model": model,
            "training": training,
            "frozen": when,
            "gamma_moved": not frozen(when),
            "statistics_moved": not frozen(when),
            "fit": "moving" if frozen(when) else "batch",
        }
        | changed
        for model, training in ways
        for when in whens
    ]


def test_the_rule_is_said_only_where_every_result_agrees():
    def rule(rows):
        return freezing.words(ModesState(), rows)[0]

    assert "So it was in all 35 combinations" in rule(freezing_rows())
    late = rule(freezing_rows(lambda when: when != "never"))
    assert "no simple rule" in late
    assert "wrong in 7 of all 35" in late
    assert "no simple rule" in rule(freezing_rows(lambda when: False))
    some = freezing_rows()
    some[1]["statistics_moved"] = None
    assert "None of the 34 of 35 combinations" in rule(some)
    assert "No verdict" in rule(freezing_rows(statistics_moved=None, gamma_moved=False))


def test_what_cannot_be_told_about_freezing_is_not_told():
    """A batch of mean 0 and variance 1 moves nothing that starts there."""
    rows = freezing_rows(gamma_moved=False, statistics_moved=None, fit="cannot tell")
    state = dataclasses.replace(ModesState(), freezing_guess="compiled")
    text = "\n".join(freezing.words(state, rows))
    assert "**Frozen.**" not in text
    assert "predicted it" not in text
    assert "normalised with the statistics" not in text
    assert "reverse trap" not in text
    assert "these data cannot tell" in text
    assert "would not have moved in any case" in text


def test_freezing_table_says_what_moved():
    row = {
        "training": "False",
        "frozen": "never",
        "gamma_moved": True,
        "statistics_moved": False,
        "fit": "batch",
        "predict": "moving",
        "call": "moving",
        "call_training": "batch",
    }
    frame = freezing.table([row])
    assert (frame["gamma"][0], frame["moving statistics"][0]) == ("moved", "stayed")


def test_the_quickest_layer_is_the_one_that_is_judged():
    state = dataclasses.replace(ModesState(), batch_size=2, gap_guess="vanishes")
    t = np.array([[-1.0] * 3, [1.0] * 3])
    values = {
        "first": t + 1,
        "training": t,
        "update": [1],
        "inference": {"0.999": t[None] + 0.9, "0.5": t[None] + 0.001},
    }
    text = both.words(state, values)[0]
    assert "smallest keep (0.5)" in text
    assert "it vanishes" in text


def test_clean_updates_are_counted_after_the_bad_one():
    ends = {"moving_mean": np.ones((5, 2)), "moving_variance": np.ones((5, 2))}
    values = ends | {"update": np.arange(5), "output": np.ones((4, 2))}
    assert poison.words(dataclasses.replace(ModesState(), before=1), values)[0].startswith(
        "3 clean"
    )
