"""What makes two jobs the same."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from bncore.experiments.experiment import Experiment
from bncore.training.fingerprint import fingerprint
from bncore.training.jobs import Job


@dataclass(frozen=True)
class Asked(Experiment):
    x: Any = ()


@dataclass(frozen=True)
class Other(Experiment):
    x: Any = ()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"x": 1}, {"x": 1.0}),
        ({"x": 1}, {"x": True}),
        ({"x": "1"}, {"x": 1}),
        ({"x": np.zeros(4)}, {"x": np.zeros((2, 2))}),
        ({"x": np.zeros(2, np.float32)}, {"x": np.zeros(1, np.float64)}),
        ({"x": ("ab", "c")}, {"x": ("a", "bc")}),
        ({"x": ("a", ("b",))}, {"x": ("a", "b")}),
        ({"x": None}, {}),
    ],
)
def test_different_contents_have_different_fingerprints(a, b):
    assert fingerprint(Job(Asked(**a))) != fingerprint(Job(Asked(**b)))


def test_another_experiment_with_the_same_fields_is_another_one():
    assert fingerprint(Job(Asked(1))) != fingerprint(Job(Other(1)))


def test_equal_contents_have_equal_fingerprints():
    x = np.arange(6.0).reshape(2, 3)
    assert fingerprint(Job(Asked(x))) == fingerprint(Job(Asked(x.T.copy().T), label="other"))
    assert fingerprint(Job(Asked([1, 2]))) == fingerprint(Job(Asked((1, 2))))
