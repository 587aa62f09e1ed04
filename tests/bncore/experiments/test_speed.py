"""What the experiment about speed takes."""

import pytest

from bncore.experiments.speed import Speed


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (((50, 4), 1), {"dtype": "float16"}, ValueError, "float32 or float64; got 'float16'"),
        (((10_000, 10_000), 1), {}, ValueError, "160 MB at most"),
        (((1, 4), 1), {}, ValueError, "2 or more elements for each feature"),
        (((0, 4), 1), {}, ValueError, "shape is a whole number, 1 or more"),
        (((50, 4), 2), {}, ValueError, "out of range"),
        (((50, 4), 1), {"mean": -1}, ValueError, "mean is from 0"),
        (((50, 4), 1), {"rounds": 0}, ValueError, "rounds is a whole number"),
        (((50, 4), 1), {"seed": "x"}, TypeError, "seed is a whole number"),
    ],
)
def test_what_is_refused(arguments, options, error, message):
    with pytest.raises(error, match=message):
        Speed(*arguments, **options)
