"""Numbers for JSON, which has none for what is not finite."""

from __future__ import annotations

from typing import Any

import numpy as np

from bncore.moments import Array


def told_numbers(values: Array) -> Any:
    """Numbers in lists, what is not finite as the word by which JavaScript knows it.

    >>> told_numbers(np.array([[1.0, np.nan], [np.inf, -np.inf]]))
    [[1.0, 'NaN'], ['Infinity', '-Infinity']]
    """
    if values.ndim:
        return [told_numbers(each) for each in values]
    if np.isfinite(values):
        return float(values)
    return "NaN" if np.isnan(values) else "Infinity" if values > 0 else "-Infinity"
