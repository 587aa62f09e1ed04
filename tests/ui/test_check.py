"""When a comparison with a real layer is an agreement, and what it says."""

import numpy as np

from ui.check import agree, output_words


def test_one_difference_that_is_far_is_no_agreement():
    values = {
        "difference": {"output": 0.0, "mean": 1.0, "variance": 0.0},
        "output": np.ones(1),
        "mean": np.full(1, 2.0),
        "variance": np.ones(1),
        "framework": "K",
        "version": "3",
        "layer": "L",
    }
    assert agree(values) is False
    assert "variance **0.5** of their size" in output_words(values)
