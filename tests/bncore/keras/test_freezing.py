"""What freezes a layer in the Keras that is installed."""

import dataclasses
from itertools import islice

import pytest

import bncore
from bncore.experiments.experiment import joined
from bncore.experiments.freezing import FREEZING, Freezing
from bncore.keras.freezing import freeze

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def rows():
    data = bncore.DATASETS["question-2018"]().values
    found = joined(chunk.values for chunk in freeze(Freezing(data)))
    return {(row.model, row.training, row.frozen): row for row in found.rows.values()}


def first_rows(data):
    """What the first ways of all tell: a functional model, frozen at every moment."""
    return joined(chunk.values for chunk in islice(freeze(Freezing(data)), 6)).rows.values()


def moved(row):
    return row.gamma_moved, row.statistics_moved


def test_every_combination_is_tried(rows):
    assert len(rows) == 35


def test_a_written_training_false_does_not_freeze_a_functional_model(rows):
    row = rows["functional", "False", "never"]
    assert moved(row) == (True, True)
    assert row.fit == "batch"


def test_a_subclassed_model_keeps_a_written_training_false(rows):
    row = rows["subclassed", "False", "never"]
    assert moved(row) == (True, False)
    assert row.fit == "moving"


@pytest.mark.parametrize("training", ["not given", "True", "False"])
def test_trainable_false_freezes_once_the_model_is_compiled_with_it(rows, training):
    for model in ("functional", "subclassed"):
        assert moved(rows[model, training, FREEZING[1]]) == (False, False)
        assert moved(rows[model, training, FREEZING[3]]) == (False, False)
        assert rows[model, training, FREEZING[3]].fit == "moving"


def test_after_compile_it_is_in_time_until_the_first_fit(rows):
    """What fit does is fixed when it runs for the first time after compile, not by compile."""
    for (_, _, frozen), row in rows.items():
        assert (moved(row) == (False, False)) == (frozen in (FREEZING[1], *FREEZING[3:])), frozen


def test_a_batch_with_the_statistics_of_a_new_layer_tells_nothing_of_them():
    for row in first_rows([[1.0, -1.0], [-1.0, 1.0]]):
        assert row.statistics_moved is None
        assert {row.fit, row.predict, row.call} == {"cannot tell"}


def test_without_compiling_again_nothing_is_frozen(rows):
    assert moved(rows["functional", "not given", "after compile"]) == (True, True)


def test_a_call_that_does_not_pass_training_on_never_updates(rows):
    assert moved(rows["subclassed", "not given", "never"]) == (True, False)
    assert moved(rows["subclassed", "passed on", "never"]) == (True, True)


def test_who_normalises_when_the_model_is_asked(rows):
    row = rows["functional", "not given", "never"]
    assert (row.predict, row.call, row.call_training) == ("moving", "moving", "batch")


def test_many_rows_are_predicted_as_one_batch():
    for row in first_rows(bncore.DATASETS["sixty-rows"]().values):
        assert "cannot tell" not in dataclasses.astuple(row)


def test_columns_of_mean_zero_move_the_variance():
    found = {r.frozen: r for r in first_rows([[-1.0, 2.0], [1.0, -2.0]])}
    assert found["never"].statistics_moved
    assert not found[FREEZING[1]].statistics_moved


def test_what_is_not_finite_has_no_verdict():
    with pytest.raises(ValueError, match="nothing can be told about freezing"):
        next(freeze(Freezing([[1.0, 2.0], [1.0, 3.0]], epsilon=0.0)))


def test_one_row_is_refused():
    with pytest.raises(ValueError, match="2 rows or more"):
        Freezing([[1.0, 2.0]])
