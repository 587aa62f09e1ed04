"""Trained models: labels that are noise show no difference, deep networks show the true one."""

import dataclasses

import numpy as np
import pytest

from benchmarks import noise
from bncore.experiments.experiment import joined
from bncore.keras.placement import study
from bncore.placement import contrasts
from ui.questions.classifier.state import presets
from ui.questions.classifier.study import study_job
from ui.questions.placement import answers
from ui.questions.placement.state import PlacementState

pytestmark = pytest.mark.keras


def test_labels_of_pure_noise_show_a_difference_on_one_page_in_twenty_at_most():
    """Forty data sets, eight repetitions each; the figure `noise-pages` has the page's own size."""
    variants = ("none", "before", "after")
    pages = list(noise.pages(range(40), variants, epochs=3, rows=100, units=4))
    assert len(pages) == 40
    for first, second in contrasts(variants):
        differences = np.stack([page[first] - page[second] for page in pages])
        assert abs(differences.mean()) < 0.02  # none of them is better
        assert (differences.std(axis=1) > 0.01).all()  # and no two repetitions are the same
    assert noise.shown(pages, variants, training=80, validation=20) <= 5


def test_a_page_of_noise_is_trained_on_its_own_data():
    """Of the pages that train together, each with its data set, split as a study splits it."""
    found = noise._together([3, 7], 2, 50)
    alone = noise._together([7], 2, 50)
    np.testing.assert_array_equal(found.x[found.training[2:]], alone.x[alone.training])
    np.testing.assert_array_equal(found.y[found.validation[2:]], alone.y[alone.validation])
    np.testing.assert_array_equal(found.shift[2:], alone.shift)


@pytest.mark.parametrize("preset", ["Six relu blocks", "Six sigmoid blocks"])
def test_the_true_effect_on_six_blocks_is_found(preset):
    chosen = dataclasses.replace(
        PlacementState(),
        **presets(PlacementState)[preset] | {"variants": ("none", "before", "after")},
    )
    whole = joined(chunk.values for chunk in study(study_job(chosen).asked))
    found = answers.verdicts(whole)
    for name in ("before", "after"):
        assert found[name, "none"].clear
        assert found[name, "none"].difference > 0.1
    assert not found["before", "after"].clear
    text = "".join(answers.words(chosen, whole))
    assert "Before the activation, against none: **+" in text
