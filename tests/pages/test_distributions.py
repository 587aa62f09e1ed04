"""The page about distributions: it reads the study that “before or after” trains."""

import dataclasses
import json

import numpy as np
import pytest

from bncore.experiments.arguments import Rows
from bncore.experiments.placement import StudyFound, VariantRun
from bncore.placement import BLOCK_ACTIVATIONS, SATURATED
from ui.drawing.player.recording import arrays_of, described, encoded
from ui.questions.distributions import answers, words
from ui.questions.distributions.recording import recording
from ui.questions.distributions.state import DistributionsState

SMALL = {"rows": "120", "units": "6", "epochs": "3", "replicas": "3"}


@pytest.mark.keras
def test_histograms_and_shares_at_every_look(visit):
    page = visit("distributions", variants="before~after", **SMALL).train("distributions")
    assert "Smallest share over all blocks: **" in page.words
    assert "Block 1, saturated (|tanh| > 0.95): before" in page.words
    assert "Block 2, saturated (|tanh| > 0.95): before" in page.words
    assert "Repeated 3 times" in page.captions
    assert words.hills("tanh") in page.captions
    assert not page.app.exception


def test_what_is_red_is_told_apart_from_what_is_dead():
    """A share stands beside the name of every hill, and relu's red is not that share."""
    for activation in BLOCK_ACTIVATIONS:
        told = words.hills(activation)
        assert "outermost bins" in told
        assert ("Dead: a unit that is 0 for every validation row." in told) == (
            activation not in SATURATED
        )


def looked(looks, **more):
    """A run of two blocks whose counts tell at which look, and in which block, they were made."""
    counts = np.arange(2 * looks * 60).reshape(looks, 2, 60)
    updates = 2 ** np.arange(looks)
    seen = {"update": updates, "pre": counts, "act": counts, "flat": np.zeros((looks, 2, 3))}
    return VariantRun(**seen | more)


def found_of(rows=None, **runs):
    return StudyFound(rows=rows or Rows(800, 200), most_common=(0.5,) * 3, runs=runs)


def played(found, activation="tanh"):
    """The player's recording, and its quantities by key."""
    made = recording(found, activation, 100)
    return made, {quantity.key: quantity for quantity in made.quantities}


def test_every_look_is_played_as_it_was_recorded_and_the_orphan_is_left_out():
    flat = np.random.default_rng(0).uniform(0, 1, (3, 2, 4))
    flat[2, 1, 0] = np.nan  # one repetition has diverged
    looks = looked(3, flat=flat)
    made, quantities = played(found_of(none=looked(3), after=looks, orphan=looked(3)))
    assert [curve.key for curve in made.curves] == ["none", "after"]
    assert made.steps.tolist() == [1, 2, 4]
    assert made.features == ("block 1", "block 2")
    for key in ("pre", "act"):
        np.testing.assert_array_equal(quantities[key].values["after"], getattr(looks, key))
        assert quantities[key].bins.beside == "flat"
    np.testing.assert_allclose(quantities["flat"].values["after"], np.nanmean(flat, axis=-1))
    low, high = quantities["flat"].bands["after"]
    np.testing.assert_array_equal((low, high), (np.nanmin(flat, -1), np.nanmax(flat, -1)))


def test_a_variant_that_has_stopped_or_not_begun_is_behind():
    found = found_of(none=looked(2), before=looked(3), after=VariantRun())
    made, quantities = played(found)
    assert made.steps.tolist() == [1, 2, 4]
    assert {name: len(each) for name, each in quantities["pre"].values.items()} == {
        "none": 2, "before": 3,
    }  # fmt: skip
    json.dumps(described(made), allow_nan=False)
    encoded(arrays_of(made))


SLOPES = {
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda x: 1 / (2 + np.exp(x) + np.exp(-x))),
    "relu": (lambda x: np.maximum(x, 0), lambda x: (x > 0).astype(float)),
}


@pytest.mark.parametrize("activation", SLOPES)
def test_what_is_marked_as_flat_has_less_than_a_tenth_of_the_largest_slope(activation):
    _, quantities = played(found_of(none=looked(1)), activation)
    x, (value, slope) = np.linspace(-5.995, 5.995, 1200), SLOPES[activation]
    steep = slope(x) / slope(x).max()
    for key, places in (("pre", x), ("act", value(x))):
        ends = quantities[key].bins.flat
        marked = np.any([(places >= low) & (places <= high) for low, high in ends], axis=0)
        assert not ends or (steep[marked].max() < 0.1 and steep[~marked].min() > 0.09)


def flat_values(**shares):
    """Shares of two blocks in four repetitions, each a little different from the others."""
    wobble = np.array([0.01, -0.01, 0.005, -0.005])
    return found_of(**{name: flat(share + wobble) for name, share in shares.items()})


def flat(share, repetitions=4):
    """A run that had this share in its two blocks at the only look."""
    return VariantRun(loss=np.zeros((1, repetitions)), flat=np.full((1, 2, repetitions), share))


def test_words_name_what_is_flat():
    found = found_of(none=flat(0.25, 3))
    text = answers.words(dataclasses.replace(DistributionsState(), activation="relu"), found)
    assert "Block 1, dead units (zero for every validation row): none" in text[0]
    assert "none 25% (25% to 25%)" in text[0]


def test_the_least_flat_variant_is_clearly_below_every_other_one():
    guessed = dataclasses.replace(DistributionsState(), guess="before")
    found = flat_values(none=0.5, before=0.1, orphan=0.0)
    first, *_ = answers.words(guessed, found)
    assert "**“before the activation”**, clearly below the others" in first
    assert "You predicted it." in first
    runs = found.runs
    runs["after"] = flat(runs["before"].flat + 0.02 * np.array([1, -1, 1, -1]))
    first, *_ = answers.words(guessed, found)
    assert "**no clear answer**" in first
    assert "Not told apart: “before the activation”, “after the activation”." in first
    assert "predicted" not in first
    runs["before"] = flat(np.nan)
    assert answers.least_flat(guessed, found) == ("after",)


def test_all_blocks_count_for_the_smallest_share():
    found = flat_values(none=0.3, before=0.1)
    found.runs["before"].flat[:, 1] += 0.8
    assert answers.least_flat(DistributionsState(), found) == ("none",)


def test_shares_that_differ_by_rounding_alone_are_not_called_smallest():
    """Two units of twelve dead, or one, in every repetition: that may be the same share."""
    small = dataclasses.replace(DistributionsState(), activation="relu", units=2, depth=2)
    found = found_of(Rows(80, 20), a=flat(0.25, 3), b=flat(0.0, 3))
    assert answers.least_flat(small, found) == ("a", "b")
    wide = dataclasses.replace(small, units=256, depth=6)
    assert answers.least_flat(wide, found) == ("b",)
