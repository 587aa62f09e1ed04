"""What the two strips are given."""

import numpy as np
import pytest

from ui.drawing.strips import Strips
from ui.drawing.strips.record import record


def made(**changes) -> Strips:
    whole = {
        "rows": np.arange(6.0).reshape(3, 2), "moving_mean": np.array([0.5, 1]),
        "moving_variance": np.ones(2), "epsilon": 0.001,
        "training": np.zeros((2, 2)), "inference": np.ones((2, 2)),
    }  # fmt: skip
    return Strips(**whole | changes)


def test_every_number_arrives_and_what_is_not_finite_is_a_word():
    training = np.array([[np.inf, 1], [2, np.nan]])
    told = record(made(training=training, moving_mean=np.array([0.5, -np.inf])))
    assert told["training"] == [["Infinity", 1], [2, "NaN"]]
    assert told["rows"] == [[0, 1], [2, 3], [4, 5]]
    assert (told["moving_mean"], told["epsilon"]) == ([0.5, "-Infinity"], 0.001)


@pytest.mark.parametrize(
    "changes",
    [
        {"training": np.zeros((3, 2))},
        {"training": np.zeros((4, 2)), "inference": np.zeros((4, 2))},
        {"training": np.zeros((0, 2)), "inference": np.zeros((0, 2))},
        {"moving_mean": np.ones(3)},
        {"training": np.zeros((2, 1)), "inference": np.zeros((2, 1))},
    ],
)
def test_what_does_not_fit_is_refused(changes):
    with pytest.raises(ValueError, match="do not fit to rows of shape"):
        made(**changes)
