"""The means that the browser shows are NumPy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ui.drawing.means.record import record


@given(arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.floats(-9, 9)))
def test_both_ways_share_the_cells_out_to_their_means(matrix):
    told = record(matrix)
    assert [float(text) for text in told["values"]] == matrix.ravel().tolist()
    for axis, way in enumerate(told["ways"]):
        groups = np.reshape(way["groups"], matrix.shape)
        shown = [float(text) for text in way["means"]]
        assert shown == pytest.approx(matrix.mean(axis=axis), abs=1e-12)
        for number, mean in enumerate(shown):
            assert matrix[groups == number].mean() == pytest.approx(mean, abs=1e-12)
        assert way["said"].startswith(f"{len(shown)} mean{'s' * (len(shown) > 1)}, one per ")
        kept = 1 - axis
        also = " (here the same as -1)." if kept == matrix.ndim - 1 else "."
        assert way["said"].endswith(
            f"NumPy says axis={axis}, a BatchNormalization layer axis={kept}{also}"
        )
