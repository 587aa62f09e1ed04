"""Both modes of one layer, held against the engine, and a bad number that stays."""

from dataclasses import replace

import numpy as np
import pytest

import bncore
from bncore.experiments.experiment import joined
from bncore.keras.modes import gap, poison
from bncore.keras.recorded import Minibatches

pytestmark = pytest.mark.keras
DATA = bncore.DATASETS["sixty-rows"]().values


def run(experiment, **arguments):
    return joined([chunk.values for chunk in experiment(DATA, **arguments)])


@pytest.mark.parametrize("size", [1, 4, 7, 60])
def test_both_outputs_are_the_engines_at_every_update(size):
    updates, keep = 40, 0.9
    values = run(gap, keeps=[keep], batch_size=size, updates=updates, seed=3)
    convention = replace(bncore.CONVENTIONS["keras-3"], keep=keep)
    batch, moving = DATA[:size], bncore.MovingStatistics.initial((3,))
    trace = bncore.batch_norm(batch, moving, convention, training=True)
    np.testing.assert_allclose(values["training"], trace.output, atol=2e-5)
    for number, rows in enumerate(Minibatches(60, size, 3).take(updates)):
        seen = DATA[rows[rows >= 0]]
        moving = bncore.batch_norm(seen, moving, convention, training=True).moving
        output = bncore.batch_norm(batch, moving, convention, training=False).output
        np.testing.assert_allclose(values["inference"]["0.9"][number], output, rtol=2e-4, atol=2e-5)


def test_asking_in_training_mode_is_no_update():
    values = run(gap, keeps=[1.0], updates=5)
    np.testing.assert_array_equal(values["moving_mean"]["1"], np.zeros((5, 3)))
    np.testing.assert_allclose(values["inference"]["1"][-1], values["first"], rtol=1e-6)


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_only_the_poisoned_feature_is_lost_and_for_good(value):
    values = run(poison, value=value, feature=1, before=10, after=2000)
    end = values["moving_mean"][-1], values["moving_variance"][-1]
    assert not np.isfinite(end[1][1])
    for healthy in (0, 2):
        np.testing.assert_allclose(end[0][healthy], DATA[:, healthy].mean(), atol=1e-4)
    assert np.isfinite(values["moving_mean"][:10]).all()
    assert len(values["update"]) == 2011
    assert values["update"][-1] == 2011


def test_a_huge_number_heals_in_the_mean_only():
    values = run(poison, value="1e20", feature=0, before=0, after=3000)
    mean = np.abs(values["moving_mean"][:, 0])
    assert mean[0] > 1e15
    assert mean[-1] < 1e5
    assert np.isinf(values["moving_variance"][-1, 0])


@pytest.mark.parametrize(
    ("experiment", "arguments", "words"),
    [
        (gap, {"batch_size": 61}, "between 1 and the 60 rows"),
        (gap, {"keeps": []}, "at least one"),
        (gap, {"keeps": [1.5]}, "from 0 to 1"),
        (poison, {"feature": 3}, "from 0 to 2"),
        (poison, {"value": "seven"}, "nan, inf, 1e20"),
    ],
)
def test_bad_arguments_say_what_is_allowed(experiment, arguments, words):
    with pytest.raises(ValueError, match=words):
        next(experiment(DATA, **arguments))


def test_with_keep_0_keras_keeps_a_nan_and_so_does_the_engine():
    data = np.array([[1.0, 2.0], [3.0, 6.0]])
    values = joined([chunk.values for chunk in poison(data, before=1, after=3, keep=0.0)])
    assert np.isnan(values["moving_mean"][-1, 0])
    split = bncore.split_axes(data.shape, feature_axis=-1)
    bad = data.copy()
    bad[0, 0] = np.nan
    batches = [bncore.batch_moments(rows, split) for rows in (data, bad, data, data, data)]
    convention = replace(bncore.CONVENTIONS["keras-3"], keep=0.0)
    path = bncore.moving_trajectory(batches, convention, split)
    np.testing.assert_allclose(values["moving_mean"], path.mean[1:], rtol=1e-6)
    np.testing.assert_allclose(values["moving_variance"], path.variance[1:], rtol=1e-6)
