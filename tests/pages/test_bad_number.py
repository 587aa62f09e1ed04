"""The page about one bad number: what it says is what its run returned."""

import dataclasses

import numpy as np
import pytest

from bncore.experiments.bad_number import BadNumberFound
from ui.questions.bad_number import answers
from ui.questions.bad_number.state import BadNumberState


def test_it_opens_ready_to_train(visit):
    assert not visit("bad-number").app.button(key="bad-number-train").disabled


@pytest.mark.keras
def test_a_nan_stays_in_its_feature_for_good(visit):
    page = visit("bad-number", guess="none", feature="1").train("bad-number")
    assert "moving mean **nan**" in page.words
    assert "**Not finite at the end: feature 1.** You predicted: nothing: it heals." in page.words


@pytest.mark.keras
def test_a_huge_number_leaves_a_mean_that_heals_and_a_variance_that_does_not(visit):
    text = visit("bad-number", bad="1e20").train("bad-number").words
    assert "moving variance **inf**" in text
    assert "comes out as **0" in text or "comes out as **-0" in text


def ones(updates):
    """A run in which every number is 1."""
    held = np.ones((updates, 2))
    return BadNumberFound({}, {}, np.arange(updates), held, held, np.ones((4, 2)))


def test_where_everything_is_finite_no_feature_is_named():
    quiet = answers.words(dataclasses.replace(BadNumberState(), before=1), ones(3))
    assert "Not finite at the end: no feature." in quiet[0]


def test_clean_updates_are_counted_after_the_bad_one():
    (text, *_) = answers.words(dataclasses.replace(BadNumberState(), before=1), ones(5))
    assert "After one NaN and 3 clean updates, feature 0 holds the moving mean **1**" in text
