"""What makes two jobs the same."""

import numpy as np
import pytest

from bncore.training.fingerprint import fingerprint
from bncore.training.jobs import Job


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
    assert fingerprint(Job("f", a)) != fingerprint(Job("f", b))


def test_equal_contents_have_equal_fingerprints():
    x = np.arange(6.0).reshape(2, 3)
    assert fingerprint(Job("f", {"x": x})) == fingerprint(Job("f", {"x": x.T.copy().T}))
    assert fingerprint(Job("f", {"x": [1, 2]})) == fingerprint(Job("f", {"x": (1, 2)}))
