"""The pressed block: shape, kept axes and means as the browser gets them, and what is said."""

import json

import numpy as np
import pytest

import bncore
from ui.drawing.pressed.record import record, sentence

AXES = {2: "NC", 3: "NWC", 4: "NHWC"}


def made(shape, kept):
    x = np.random.default_rng(0).normal(size=shape)
    split = bncore.split_axes(shape, kept)
    return record(x, split, bncore.batch_moments(x, split).mean, AXES[len(shape)])


@pytest.mark.parametrize(
    ("shape", "kept", "sides", "at"),
    [
        ((2, 3), (1,), [2, 1, 1, 3], [3]),
        ((2, 3), (0,), [2, 1, 1, 3], [0]),
        ((2, 4, 3), (0, 1), [2, 1, 4, 3], [0, 2]),
        ((2, 3, 4, 5), (1, 2, 3), [2, 3, 4, 5], [1, 2, 3]),
        ((2, 3, 4, 5), (), [2, 3, 4, 5], []),
    ],
)
def test_every_mean_is_that_of_the_cells_at_its_place_along_the_axes_kept(shape, kept, sides, at):
    drawn = made(shape, kept)
    assert (drawn["shape"], drawn["kept"]) == (sides, at)
    whole = np.array(drawn["values"]).reshape(drawn["shape"])
    rest = tuple(axis for axis in range(4) if axis not in at)
    np.testing.assert_allclose(np.ravel(whole.mean(axis=rest)), drawn["means"], rtol=1e-13)
    assert len(drawn["labels"]) == len(drawn["shown"]) == len(drawn["means"])
    assert json.loads(json.dumps(drawn)) == drawn


def test_a_side_that_is_not_there_has_no_name():
    assert made((2, 4, 3), (2,))["axes"] == ["N", "", "W", "C"]


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ((3,), "24 numbers of each channel became one mean: 5 means."),
        ((0,), "60 numbers of each image became one mean: 2 means."),
        ((0, 3), "12 numbers of each place in N, C became one mean: 10 means."),
        ((), "All 120 numbers became one mean."),
        ((0, 1, 2, 3), "1 number of each place in N, H, W, C became one mean: 120 means."),
    ],
)
def test_one_sentence_says_what_was_pressed_into_what(kept, said):
    assert sentence(bncore.split_axes((2, 3, 4, 5), kept), "NHWC") == said
