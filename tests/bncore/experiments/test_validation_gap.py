"""What the experiment about the validation gap takes."""

import pytest

import bncore
from bncore.experiments.validation_gap import ValidationGap

DATA = bncore.DATASETS["breast-cancer"]()


def test_labels_must_fit_the_rows():
    with pytest.raises(ValueError, match="569 whole numbers"):
        ValidationGap(DATA.values, DATA.labels[:5])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"keeps": (0.9, 1.1)}, "keep is from 0 to 1; got 1.1"),
        ({"batch_size": 456}, "between 1 and the 455 training rows; got 456"),
        ({"epochs": 0}, "epochs is a whole number, 1 or more"),
        ({"validation": 0.0}, "validation leaves rows on both sides"),
        ({"learning_rate": -1}, "learning_rate is a finite number"),
    ],
)
def test_what_is_refused_says_what_is_allowed(settings, words):
    with pytest.raises(ValueError, match=words):
        ValidationGap(DATA.values, DATA.labels, **settings)
