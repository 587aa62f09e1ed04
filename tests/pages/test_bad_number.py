"""The page about one bad number: what it says is what its run returned."""

import dataclasses

import numpy as np
import pytest

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


def test_where_everything_is_finite_no_feature_is_named():
    ends = {"moving_mean": np.ones((3, 2)), "moving_variance": np.ones((3, 2))}
    values = ends | {"update": np.arange(3), "output": np.ones((4, 2))}
    quiet = answers.words(dataclasses.replace(BadNumberState(), before=1), values)
    assert "Not finite at the end: no feature." in quiet[0]


def test_clean_updates_are_counted_after_the_bad_one():
    ends = {"moving_mean": np.ones((5, 2)), "moving_variance": np.ones((5, 2))}
    values = ends | {"update": np.arange(5), "output": np.ones((4, 2))}
    (text, *_) = answers.words(dataclasses.replace(BadNumberState(), before=1), values)
    assert "After one NaN and 3 clean updates, feature 0 holds the moving mean **1**" in text
