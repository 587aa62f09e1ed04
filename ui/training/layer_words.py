"""What a page says when its numbers are held against a real layer's own.

The layer runs twice: in float64, on exactly the numbers of the screen, where it has to agree to
the last digits, and in float32, as Keras computes by default, which not all data survive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bncore.agreement import Compared, Numbers, compare_all
from bncore.experiments.layer_check import LayerFound
from bncore.moments import Array
from bncore.rounding import PRECISIONS
from ui.state.numbers import format_number
from ui.training.check import AGREES, Said

NOTE = (
    "The numbers above are float64. The layer is run in float64 on exactly these, and in float32, "
    "as Keras computes by default. A batch normalisation with momentum 0 stores the statistics of "
    "its batch."
)
LOST = 1e-4  # of a deviation: data that float32 moves so far are named
NAMED = 3
FORWARD = ("mean", "variance", "x_hat", "output", "a")
GRADIENT = "gradient of "


@dataclass(frozen=True, eq=False)
class Given:
    """The data that the layer gets, by their symbol, and the deviation each is divided by."""

    symbol: str
    values: Array
    deviation: Array


def layer_words(
    found: LayerFound,
    shown: Mapping[str, Numbers],
    titles: Mapping[str, str],
    given: Given,
) -> Said:
    """Whether the layer's own numbers are those on the screen, and what float32 makes of them."""
    if not all(np.isfinite(numbers.values).all() for numbers in shown.values()):
        return Said(None, "Nothing to compare: some numbers above are not finite.")
    exact, single = (compare_all(shown, found.numbers[name], name) for name in PRECISIONS)
    who = f"Checked against {found.framework} {found.version}, `{found.layer}`"
    if any(titles[name].startswith(GRADIENT) for name in exact):
        who += " and TensorFlow's own gradients"
    own = f"own {_listed([titles[name] for name in exact])} are the numbers above"
    if "mean" in shown and "mean" not in exact:
        own += " (it stores no mean and no variance)"
    if wrong := unexplained(exact):
        return Said(
            False, f"**They disagree**: in float64 the layer's {instead(wrong, titles)}. {who}."
        )
    if largest(exact) > AGREES:
        return Said(
            False,
            "**No verdict**: these numbers need more than float64's 16 digits. The layer's "
            f"{instead(_far(exact), titles, rounding=False)}. {who}.",
        )
    agree = f"In float64 its {own} (largest difference {largest(exact):.2g}). {who}."
    if unexplained(single) or largest(single) > AGREES:
        return Said(False, f"{_in_float32(single, titles, given)}. {agree}")
    return Said(
        True,
        f"**They agree**: the layer's {own}. Largest difference, each feature relative to its own "
        f"size: **{largest(exact):.2g}** in float64, **{largest(single):.2g}** in float32. "
        f"{who}.",
    )


def asking(titles: Iterable[str]) -> str:
    """What is said while the layer is asked: as long as an agreement, within a few letters.

    >>> asking(["mean", "output"])[:60]
    'Are its own mean and output the numbers above? The largest d'
    """
    named = list(titles)
    gradients = any(name.startswith(GRADIENT) for name in named)
    own = ", and TensorFlow's own gradients are taken through it" if gradients else ""
    return (
        f"Are its own {_listed(named)} the numbers above? The largest difference, each feature "
        "relative to its own size, will stand here, in float64 and in float32. The layer runs on "
        f"exactly these data, with the same settings, in a training worker{own}."
    )


def _in_float32(single: Mapping[str, Compared], titles: Mapping[str, str], given: Given) -> str:
    """What comes out in float32, and whether that is float32's doing."""
    wrong = unexplained(single)
    if wrong and all(single[name].finite for name in wrong):
        return f"**In float32 they disagree**: there the layer's {instead(wrong, titles)}"
    there = instead(wrong or _far(single), titles, rounding=False)
    return (
        f"**float32 is too coarse for these numbers**: {_why(given, single)}. So in float32 the "
        f"layer's {there}"
    )


def largest(compared: Mapping[str, Compared]) -> float:
    return max((found.largest for found in compared.values()), default=0.0)


def unexplained(compared: Mapping[str, Compared]) -> dict[str, Compared]:
    return {name: found for name, found in compared.items() if not found.explained}


def _far(compared: Mapping[str, Compared]) -> dict[str, Compared]:
    return {name: found for name, found in compared.items() if not found.largest <= AGREES}


def _listed(names: Sequence[str]) -> str:
    """Names in a row; those of gradients behind one word.

    >>> _listed(["mean", "x̂", "gradient of y", "gradient of z"])
    'mean, x̂ and the gradients of y and z'
    """
    plain = [name for name in names if not name.startswith(GRADIENT)]
    gradients = [name.removeprefix(GRADIENT) for name in names if name.startswith(GRADIENT)]
    if gradients:
        plain.append(f"the gradients of {_listed(gradients)}")
    *first, last = plain
    return f"{', '.join(first)} and {last}" if first else last


def instead(
    compared: Mapping[str, Compared], titles: Mapping[str, str], rounding: bool = True
) -> str:
    """What the layer has instead of what is on the screen, where it is furthest off."""
    parts = []
    for name, found in list(compared.items())[:NAMED]:
        place = f" {list(found.place)}" if found.place else ""
        part = f"{titles[name]}{place} is **{found.found:.6g}** instead of {found.shown:.6g}"
        if rounding:
            part += f" (rounding explains {found.allowed:.2g})"
        parts.append(part)
    return "; ".join(parts)


def _why(given: Given, single: Mapping[str, Compared]) -> str:
    """Which number float32 does not hold, and what it makes of it."""
    float32 = PRECISIONS["float32"]
    held = float32.held(given.values)
    with np.errstate(over="ignore"):
        squares = given.values.size * given.deviation.max() ** 2
    if squares > float32.largest or not all(found.finite for found in single.values()):
        largest = float(np.abs(given.values).max())
        return f"it ends at 3.4e38, and {largest:.4g} or what is computed from it is beyond"
    with np.errstate(all="ignore"):
        lost = np.nan_to_num(np.abs(held - given.values) / given.deviation, posinf=np.inf)
    place = np.unravel_index(int(lost.argmax()), lost.shape)
    if lost[place] > LOST:
        where = ", ".join(str(int(axis)) for axis in place)
        return (
            f"it makes {format_number(float(held[place]))} of "
            f"{format_number(float(given.values[place]))} ({given.symbol}[{where}])"
        )
    worst = max(single.values(), key=lambda found: found.largest)
    if 0 < abs(worst.shown) < float32.smallest:
        return (
            f"it has no number as small as {worst.shown:.4g} (its smallest is "
            f"{float32.smallest:.2g})"
        )
    if all(found.largest <= AGREES for name, found in single.items() if name in FORWARD):
        return "where the activation is flat, its slope is a difference of nearly equal numbers"
    with np.errstate(all="ignore"):
        share = np.nan_to_num(np.abs(given.values) / given.deviation, posinf=0.0)
    place = np.unravel_index(int(share.argmax()), share.shape)
    return (
        f"it keeps 7 digits, too few for a deviation of {given.deviation[place]:.4g} next to "
        f"{given.values[place]:.6g}"
    )
