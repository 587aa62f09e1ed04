"""The sentences of the axis explorer's answer, by the kind of claim."""

from __future__ import annotations

from bncore.moments import Array
from ui.page.claims import Words
from ui.state.numbers import format_number


def _means(
    means: Array,
    n: int,
    kept: tuple[int, ...],
    collapsed: tuple[int, ...],
    grouped: tuple[int, ...] | None,
) -> str:
    many = "one mean" if means.size == 1 else f"{means.size} means"
    return (
        f"**{many}, each over n = {n} cells**: {listed(means)}. The axes kept are {kept}, the axes "
        f"collapsed {collapsed}" + (f" of the grouped shape {grouped}." if grouped else ".")
    )


def listed(means: Array) -> str:
    """The first of them, with six digits behind the point or, below 1, six digits.

    >>> import numpy as np
    >>> listed(np.array([277.75, 1 / 3, 2e-9, 0.0]))
    '[277.75, 0.333333, 2e-09, 0]'
    """
    first = (round(m, 6) if abs(m) >= 1 else float(f"{m:.6g}") for m in map(float, means[:6]))
    return f"[{', '.join(map(format_number, first))}{', …' if means.size > 6 else ''}]"


def _numpy(collapsed: int, kept: int, count: int, same: bool, other: Array) -> str:
    both = f"**the same {count} means**" if same else "**other means, though**"
    return (
        f"NumPy's `axis={collapsed}` is the axis that disappears, Keras' `axis={kept}` (or "
        f"`axis={kept - 2}`) the one that stays: {both}. NumPy's `axis={kept}` would give "
        f"{listed(other)}."
    )


def _scaler(difference: float, by_one: int) -> str:
    words = (
        "scikit-learn's `StandardScaler` on the same matrix: largest difference from x̂ "
        f"**{difference:.2g}**. It divides by √variance, the layer by √(variance + ε)."
    )
    if by_one:
        words += f" It takes {by_one} of the columns for constant and divides by 1 there."
    return words


WORDS: Words = {
    "means": _means,
    "no layer": lambda: (
        "Every batch normalisation layer keeps an axis at least: this is for illustration only."
    ),
    "holds": lambda learned, moving: (
        f"The layer holds {learned + moving} numbers: gamma and beta ({learned}, learned), "
        f"moving mean and moving variance ({moving}, not learned)."
    ),
    "same in both modes": lambda title, learned: (
        f"{title} learns gamma and beta ({learned} numbers, a pair per channel) and keeps no "
        "moving statistics: it computes the same in training and in inference."
    ),
    "numpy": _numpy,
    "batch kept": lambda: (
        ":orange[:material/warning: Axis 0 is the batch: keeping it gives every *position* in "
        "the batch a mean of its own. A real layer needs a fixed batch size for that; with an "
        "unknown one Keras raises an error.]"
    ),
    "not the channels": lambda channel, kept, name, count: (
        f":orange[:material/warning: In this layout the channels are axis {channel}; axis {kept} "
        f"is {name}. These are {count} statistics of {name}, and no framework warns about it.]"
    ),
    "not computed": lambda lost, count: (
        f":red[{lost} of {count} statistics cannot be computed: a number on the way is beyond "
        "float64 (1.8e308), and x̂ is NaN there.]"
    ),
    "variance beyond": lambda beyond, count: (
        f":red[{beyond} of {count} variances are beyond float64 (1.8e308), and x̂ is 0 there.]"
    ),
    "constant": lambda: "Where the variance is 0, x̂ is 0/√ε = 0: the output is beta.",
    "division by 0": lambda: ":red[Variance 0 and ε = 0: x̂ is 0/0, NaN.]",
    "variance too small": lambda groups, count: (
        f":orange[{groups} of {count} variances are too small for float64 and come out as 0: x̂ "
        "is (x − mean)/√ε there.]"
    ),
    "scaler": _scaler,
}
"""The sentence of each kind of claim."""
