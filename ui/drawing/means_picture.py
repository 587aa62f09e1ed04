"""A small still picture of a matrix and its means, for places that need no interaction.

Solid cells with white figures read the same on a light and on a dark page, so the picture does
not depend on the theme, which the server learns only after the first paint.
"""

from __future__ import annotations

import numpy as np

import bncore
from ui.drawing.palette import BOTH
from ui.state.numbers import format_number

_WIDTH, _HEIGHT, _GAP = 62, 36, 4
_LABEL = "#7b8894"  # readable on both backgrounds


def means_picture(matrix: np.ndarray, feature_axis: int, caption: str) -> str:
    """SVG of a matrix whose cells are coloured by the mean they share, with the means beside it.

    `feature_axis` is the axis that is kept: 1 keeps columns apart, 0 keeps rows apart.

    >>> svg = means_picture(np.array([[1.0, 10.0], [3.0, 30.0]]), 1, "one mean per column")
    >>> ">2<" in svg and ">20<" in svg
    True
    """
    split = bncore.split_axes(matrix.shape, feature_axis=feature_axis)
    means = bncore.batch_moments(matrix, split).mean
    rows, columns = matrix.shape
    by_column = split.feature_axes == (1,)
    cells = [
        _cell(i, j, matrix[i, j], j if by_column else i)
        for i in range(rows)
        for j in range(columns)
    ]
    for k, mean in enumerate(means):
        row, column = (rows + 0.35, k) if by_column else (k, columns + 0.35)
        cells.append(_cell(row, column, mean, k, outlined=True))
    width = (columns + (0 if by_column else 1.35)) * (_WIDTH + _GAP)
    height = (rows + (1.35 if by_column else 0)) * (_HEIGHT + _GAP) + 26
    words = (
        f'<text x="0" y="{height - 6:g}" font-size="15" fill="{_LABEL}" '
        f'font-family="sans-serif">{caption}</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}">{"".join(cells)}{words}</svg>'
    )


def _cell(row: float, column: float, value: float, group: int, outlined: bool = False) -> str:
    x, y = column * (_WIDTH + _GAP), row * (_HEIGHT + _GAP)
    color = BOTH[group % len(BOTH)]
    box = f'fill="none" stroke="{color}" stroke-width="2.5"' if outlined else f'fill="{color}"'
    ink = _LABEL if outlined else "#ffffff"
    return (
        f'<rect x="{x + 1.5:g}" y="{y + 1.5:g}" width="{_WIDTH - 3}" height="{_HEIGHT - 3}" '
        f'rx="6" {box}/><text x="{x + _WIDTH / 2:g}" y="{y + _HEIGHT / 2 + 5.5:g}" '
        f'text-anchor="middle" font-size="14" font-weight="600" font-family="sans-serif" '
        f'fill="{ink}">{format_number(value)}</text>'
    )
