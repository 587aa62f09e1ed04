"""Which axes are kept, which are collapsed: the one question everything else hangs on.

NumPy and ``tf.nn.moments`` name the axes that are **collapsed** (reduction axes), batch
normalisation layers the ones that are **kept** (feature axes). The two are complements of
each other. Every spelling is turned into an :class:`AxisSplit` here, once, and nothing
further in knows any other.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass

Axes = int | Iterable[int]


@dataclass(frozen=True)
class AxisSplit:
    """A shape and the axes of it that keep a statistic of their own.

    ``feature_axes`` and ``reduction_axes`` partition ``range(rank)``. Build one with
    :func:`split_axes`, which accepts any spelling and checks it.

    >>> AxisSplit(shape=(8, 32, 32, 3), feature_axes=(3,)).reduction_axes
    (0, 1, 2)
    """

    shape: tuple[int, ...]
    feature_axes: tuple[int, ...]

    @property
    def rank(self) -> int:
        """Number of axes of the tensor."""
        return len(self.shape)

    @property
    def reduction_axes(self) -> tuple[int, ...]:
        """The axes collapsed by each statistic: what NumPy calls ``axis``."""
        return tuple(axis for axis in range(self.rank) if axis not in self.feature_axes)

    @property
    def feature_shape(self) -> tuple[int, ...]:
        """Shape of a statistic: the kept axes alone, as layers store them."""
        return tuple(self.shape[axis] for axis in self.feature_axes)

    @property
    def keepdims_shape(self) -> tuple[int, ...]:
        """Shape of a statistic that broadcasts against the tensor (collapsed axes are 1)."""
        return tuple(
            size if axis in self.feature_axes else 1 for axis, size in enumerate(self.shape)
        )

    @property
    def count(self) -> int:
        """n, the number of elements that share one mean and one variance."""
        return math.prod(self.shape[axis] for axis in self.reduction_axes)


def split_axes(
    shape: Iterable[int],
    feature_axis: Axes | None = None,
    *,
    reduction_axes: Axes | None = None,
) -> AxisSplit:
    """Say which axes are kept, in either vocabulary.

    Parameters
    ----------
    shape:
        the tensor's shape; rank 1 or more, sizes known.
    feature_axis:
        the axis or axes **kept** (what ``BatchNormalization(axis=...)`` means).
    reduction_axes:
        the axis or axes **collapsed** (what ``np.mean(axis=...)`` means).
        Give one of the two, not both. Negative numbers count from the end.

    Raises
    ------
    TypeError
        an axis is not an integer (``True``, ``'1'`` and ``3.0`` are not, although Keras 3
        lets them pass), or not exactly one of the two vocabularies was used.
    ValueError
        rank 0, an unknown or negative size, an axis out of range or named twice.

    >>> split_axes((3, 4), feature_axis=-1) == split_axes((3, 4), reduction_axes=0)
    True
    >>> split = split_axes((8, 32, 32, 3), reduction_axes=(0, 1, 2))
    >>> split.feature_axes, split.feature_shape, split.keepdims_shape, split.count
    ((3,), (3,), (1, 1, 1, 3), 8192)
    """
    sizes = _as_shape(shape)
    if feature_axis is not None and reduction_axes is None:
        return AxisSplit(sizes, _as_axes(feature_axis, sizes, "feature_axis"))
    if reduction_axes is not None and feature_axis is None:
        collapsed = AxisSplit(sizes, _as_axes(reduction_axes, sizes, "reduction_axes"))
        return AxisSplit(sizes, collapsed.reduction_axes)  # the complement, once more
    raise TypeError(
        "split_axes takes either feature_axis (the axes kept) or reduction_axes (the axes "
        f"collapsed), exactly one of them; got feature_axis={feature_axis!r}, "
        f"reduction_axes={reduction_axes!r}"
    )


def _as_shape(shape: Iterable[int]) -> tuple[int, ...]:
    try:
        sizes = tuple(operator.index(size) for size in shape)
    except TypeError:
        raise TypeError(
            f"a shape is a tuple of whole numbers such as (5, 6); got {shape!r}. "
            "A batch size that is not known yet (None) has to be chosen first."
        ) from None
    if not sizes:
        raise ValueError("a tensor of rank 0 has no axis to keep or collapse; give rank 1 or more")
    if min(sizes) < 0:
        raise ValueError(f"sizes are 0 or more; got shape {sizes}")
    return sizes


def _as_axes(axes: Axes, shape: tuple[int, ...], name: str) -> tuple[int, ...]:
    given = tuple(axes) if isinstance(axes, Iterable) and not isinstance(axes, str) else (axes,)
    rank = len(shape)
    canonical = []
    for axis in given:
        # bool has an __index__, so that axis=True would quietly mean axis 1.
        if isinstance(axis, bool) or not hasattr(axis, "__index__"):
            raise TypeError(
                f"{name} takes an int or several ints, for shape {shape} from {-rank} to "
                f"{rank - 1}; got {axis!r} ({type(axis).__name__})"
            )
        index = operator.index(axis)
        if not -rank <= index < rank:
            raise ValueError(
                f"{name}={index} is out of range: shape {shape} has rank {rank}, so axes run "
                f"from {-rank} to {rank - 1}"
            )
        canonical.append(index % rank)
    if len(set(canonical)) != len(canonical):
        raise ValueError(
            f"{name}={given} names an axis twice for shape {shape} (negative axes count from "
            f"the end); each axis may be named once, from {-rank} to {rank - 1}"
        )
    return tuple(sorted(canonical))
