"""What the pages about axes claim of their picture. Pure; the sentences are in `words`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import bncore
from bncore.differences import relative_difference
from bncore.moments import Array
from ui.page.claims import Claim, claim
from ui.questions.axes.state import AxisState, Picture, channel_axis

ROUNDED = 1e-12  # of the largest number of a column: 512 roundings of float64


def claims(state: AxisState, p: Picture) -> list[Claim]:
    """The answer, from the numbers on the screen."""
    return [_means(p), *_kept(state, p), *_numbers(state, p)]


def _means(p: Picture) -> Claim:
    grouped = p.split.rank != p.x.ndim
    return claim(
        "means",
        means=_without_dust(p.moments.mean.ravel(), _largest(p)),
        n=p.split.count,
        kept=p.split.feature_axes,
        collapsed=p.split.reduction_axes,
        grouped=p.split.shape if grouped else None,
    )


def _largest(p: Picture) -> Array:
    """The largest absolute number of each group."""
    largest = np.zeros(p.moments.mean.size)
    np.maximum.at(largest, p.index, np.abs(p.x))
    return largest


def _without_dust(means: Array, largest: Array) -> Array:
    """Means that are nothing but rounding, beside the numbers they are of, are 0."""
    return np.where(np.abs(means) <= ROUNDED * largest, 0.0, means)


def _kept(state: AxisState, p: Picture) -> Iterator[Claim]:
    """What the layer holds, and what is to be said of the axes that it keeps."""
    count = p.moments.mean.size
    if state.family != "batch":
        title = bncore.FAMILIES[state.family].title
        yield claim("same in both modes", title=title, learned=2 * p.gamma.size)
        return
    if not p.split.feature_axes:
        yield claim("no layer")
        return
    yield claim("holds", learned=2 * count, moving=2 * count)
    if p.x.ndim < 2 or len(p.split.feature_axes) != 1:
        return
    if p.x.ndim == 2:
        yield from _numpy(p)
    kept, channel = p.split.feature_axes[0], channel_axis(state)
    if kept == 0:
        yield claim("batch kept")
    elif kept != channel:
        name = p.axis_names[kept]
        yield claim("not the channels", channel=channel, kept=kept, name=name, count=count)


def _numpy(p: Picture) -> Iterator[Claim]:
    """NumPy's means along both axes of a matrix; nothing where float64 cannot hold them."""
    kept, collapsed = p.split.feature_axes[0], p.split.reduction_axes[0]
    with np.errstate(all="ignore"):
        numpys, other = (p.x.mean(axis=axis) for axis in (collapsed, kept))
    if not all(np.isfinite(means).all() for means in (numpys, other, p.moments.mean)):
        return
    size = np.abs(p.x).max(axis=collapsed)
    same = bool((relative_difference(numpys, p.moments.mean, size) <= ROUNDED).all())
    other = _without_dust(other, np.abs(p.x).max(axis=kept))
    yield claim("numpy", collapsed=collapsed, kept=kept, count=numpys.size, same=same, other=other)


def _numbers(state: AxisState, p: Picture) -> Iterator[Claim]:
    """Where float64 ends, and groups that hold one number only."""
    count, mean = p.moments.mean.size, p.moments.mean.ravel()
    variance = p.moments.variance.ravel()
    lost = ~np.isfinite(mean) | np.isnan(variance)
    if lost.any():
        yield claim("not computed", lost=int(lost.sum()), count=count)
    beyond = ~lost & ~np.isfinite(variance)
    if beyond.any():
        yield claim("variance beyond", beyond=int(beyond.sum()), count=count)
    lowest, highest = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(lowest, p.index, p.x)
    np.maximum.at(highest, p.index, p.x)
    alike = lowest == highest
    still = alike & (variance == 0)
    if still.any():
        yield claim("constant" if state.epsilon else "division by 0")
    vanished = ~alike & (variance == 0)
    if vanished.any():
        yield claim("variance too small", groups=int(vanished.sum()), count=count)


def scaler(p: Picture) -> Claim | None:
    """scikit-learn's scaler beside x̂, for a matrix whose columns are kept."""
    if p.x.ndim != 2 or p.split.feature_axes != (1,):
        return None
    if not (np.isfinite(p.x_hat).all() and np.isfinite(p.moments.variance).all()):
        return None
    from sklearn.preprocessing import StandardScaler

    fitted = StandardScaler().fit(p.x)
    difference = float(np.abs(fitted.transform(p.x) - p.x_hat).max())
    deviation = np.sqrt(p.moments.variance)
    ones = int((np.abs(fitted.scale_ - deviation) > 1e-6 * deviation).sum())
    return claim("scaler", difference=difference, by_one=ones)
