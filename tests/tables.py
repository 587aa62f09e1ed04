"""Small tables to try claims on, from harmless to beyond float32, and their exact variance."""

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

CELLS = st.sampled_from([0.0, 1.0, -1.0, 2.5, -3.0, 0.1, 100.0, 1e-4, 1e20, -1e20])
TABLES = st.tuples(st.integers(1, 6), st.integers(1, 3)).flatmap(
    lambda shape: st.lists(
        st.lists(CELLS, min_size=shape[1], max_size=shape[1]), min_size=shape[0],
        max_size=shape[0],
    )
)  # fmt: skip


def exact_variance(part):
    """Biased; exact for fractions."""
    mean = sum(part) / len(part)
    return sum((value - mean) ** 2 for value in part) / len(part)


def beyond_float32(x):
    """Features whose squared deviations do not add up in float32, in exact arithmetic."""
    columns = [[Fraction(float(v)) for v in column] for column in np.asarray(x).T]
    most = Fraction(float(np.finfo(np.float32).max))
    return [f for f, column in enumerate(columns) if exact_variance(column) * len(column) > most]
