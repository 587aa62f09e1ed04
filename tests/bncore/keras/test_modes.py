"""Both modes of one layer, held against the engine."""

from dataclasses import replace

import numpy as np
import pytest

import bncore
from bncore.experiments.experiment import joined
from bncore.experiments.modes import Modes
from bncore.keras.modes import compare
from bncore.keras.recorded import Minibatches

pytestmark = pytest.mark.keras
DATA = bncore.DATASETS["sixty-rows"]().values


def run(**arguments):
    return joined(chunk.values for chunk in compare(Modes(DATA, **arguments)))


@pytest.mark.parametrize("size", [1, 4, 7, 60])
def test_both_outputs_are_the_engines_at_every_update(size):
    updates, keep = 40, 0.9
    values = run(keeps=[keep], batch_size=size, updates=updates, seed=3)
    convention = replace(bncore.CONVENTIONS["keras-3"], keep=keep)
    batch, moving = DATA[:size], bncore.MovingStatistics.initial((3,))
    trace = bncore.batch_norm(batch, moving, convention, training=True)
    np.testing.assert_allclose(values.training, trace.output, atol=2e-5)
    for number, rows in enumerate(Minibatches(60, size, 3).take(updates)):
        seen = DATA[rows[rows >= 0]]
        moving = bncore.batch_norm(seen, moving, convention, training=True).moving
        output = bncore.batch_norm(batch, moving, convention, training=False).output
        np.testing.assert_allclose(
            values.layers["0.9"].inference[number], output, rtol=2e-4, atol=2e-5
        )


def test_asking_in_training_mode_is_no_update():
    values = run(keeps=[1.0], updates=5)
    np.testing.assert_array_equal(values.layers["1"].moving_mean, np.zeros((5, 3)))
    np.testing.assert_allclose(values.layers["1"].inference[-1], values.first, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"batch_size": 61}, "between 1 and the 60 rows"),
        ({"keeps": []}, "at least one"),
        ({"keeps": [1.5]}, "from 0 to 1"),
    ],
)
def test_bad_arguments_say_what_is_allowed(arguments, words):
    with pytest.raises(ValueError, match=words):
        Modes(DATA, **arguments)
