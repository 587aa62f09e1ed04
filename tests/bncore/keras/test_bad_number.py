"""One bad number in one batch, and what real Keras keeps of it."""

from dataclasses import replace

import numpy as np
import pytest

import bncore
from bncore.experiments.bad_number import BadNumber
from bncore.experiments.experiment import joined
from bncore.keras.bad_number import feed

pytestmark = pytest.mark.keras
DATA = bncore.DATASETS["sixty-rows"]().values


def run(data, **arguments):
    return joined(chunk.values for chunk in feed(BadNumber(data, **arguments)))


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_only_that_feature_is_lost_and_for_good(value):
    values = run(DATA, value=value, feature=1, before=10, after=2000)
    end = values.moving_mean[-1], values.moving_variance[-1]
    assert not np.isfinite(end[1][1])
    for healthy in (0, 2):
        np.testing.assert_allclose(end[0][healthy], DATA[:, healthy].mean(), atol=1e-4)
    assert np.isfinite(values.moving_mean[:10]).all()
    assert len(values.update) == 2011
    assert values.update[-1] == 2011


def test_a_huge_number_heals_in_the_mean_only():
    values = run(DATA, value="1e20", feature=0, before=0, after=3000)
    mean = np.abs(values.moving_mean[:, 0])
    assert mean[0] > 1e15
    assert mean[-1] < 1e5
    assert np.isinf(values.moving_variance[-1, 0])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"feature": 3}, "from 0 to 2"), ({"value": "seven"}, "nan, inf, 1e20")],
)
def test_bad_arguments_say_what_is_allowed(arguments, words):
    with pytest.raises(ValueError, match=words):
        BadNumber(DATA, **arguments)


def test_with_keep_0_keras_keeps_a_nan_and_so_does_the_engine():
    data = np.array([[1.0, 2.0], [3.0, 6.0]])
    values = run(data, before=1, after=3, keep=0.0)
    assert np.isnan(values.moving_mean[-1, 0])
    split = bncore.split_axes(data.shape, feature_axis=-1)
    bad = data.copy()
    bad[0, 0] = np.nan
    batches = [bncore.batch_moments(rows, split) for rows in (data, bad, data, data, data)]
    convention = replace(bncore.CONVENTIONS["keras-3"], keep=0.0)
    path = bncore.moving_trajectory(batches, convention, split)
    np.testing.assert_allclose(values.moving_mean, path.mean[1:], rtol=1e-6)
    np.testing.assert_allclose(values.moving_variance, path.variance[1:], rtol=1e-6)
