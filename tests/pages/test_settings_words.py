"""The line that says a page's settings: true of them, and one of a thing has no plural."""

import re
from dataclasses import replace

import numpy as np
import pytest

from ui.questions.bad_number import state as bad_number
from ui.questions.batch_axis import state as batch_axis
from ui.questions.bias import state as bias
from ui.questions.classifier.data import data, data_words
from ui.questions.classifier.state import SETS, Block
from ui.questions.iris import state as iris
from ui.questions.modes import state as modes
from ui.questions.moving import state as moving
from ui.questions.stuck import state as stuck
from ui.state.arrays import FrozenArray

ONE = FrozenArray(np.array([[1.0]]))
SMALLEST = {
    "bad-number": (bad_number, replace(bad_number.BadNumberState(), before=1, after=1)),
    "batch-axis": (batch_axis, batch_axis.BatchAxisState(data=ONE, new_rows=1, updates=1)),
    "bias": (bias, replace(bias.BiasState(), units=1, updates=1)),
    "iris": (iris, iris.IrisState(hidden=1, epochs=1)),
    "modes": (modes, modes.ModesState(data=ONE, updates=1)),
    "moving": (moving, moving.MovingState(data=ONE, updates=1, variants=("keras-3",))),
    "stuck": (stuck, stuck.StuckState(epochs=1)),
}


@pytest.mark.parametrize("page", SMALLEST)
def test_one_of_a_thing_has_no_plural(page):
    kind, state = SMALLEST[page]
    told = kind.summary(state)
    assert re.search(r"\b1 (clean |hidden |tanh )?[a-z]+", told)
    assert not re.search(r"\b1 (clean |hidden |tanh )?(row|feature|update|unit|epoch|layer)s", told)
    assert re.search(r"\d (clean |hidden |tanh )?(update|epoch)s\b", kind.summary(type(state)()))


@pytest.mark.parametrize("block", ["dense", "conv"])
@pytest.mark.parametrize("classes", SETS)
def test_the_data_are_told_as_they_are(classes, block):
    state = Block(classes=classes, block=block, rows=70)
    x, labels = data(state)
    told = data_words(state)
    assert f"{len(x):,}" in told
    assert f"{len(np.unique(labels))} classes" in told
    wide = "8 × 8 pixels" if block == "conv" else f"{x.shape[1]} "
    assert wide in told


def test_the_classifier_says_units_and_channels(visit):
    one = {"depth": "1", "units": "1", "epochs": "1", "replicas": "1", "rows": "60"}
    captions = visit("placement", **one).captions
    said = "Settings: 1 block of 1 unit; 60 generated rows, 14 features, 2 classes; 1 epoch, "
    assert said in captions
    assert "2 blocks of 8 channels; " in visit("rates", block="conv", depth="2", units="8").captions
