"""One choice of axes, in the words of each library.

NumPy and ``tf.nn.moments`` name the axes they collapse, batch normalisation layers the one they
keep, PyTorch none at all: its channels are dimension 1, and the tensor has to be brought there.
"""

from __future__ import annotations

from dataclasses import dataclass

from bncore.axes import AxisSplit


@dataclass(frozen=True)
class Spelling:
    """How one library says it: a line of code, and what to know about it."""

    library: str
    code: str
    note: str

    @property
    def possible(self) -> bool:
        """Whether the library can say it at all."""
        return bool(self.code)


def spellings(split: AxisSplit) -> tuple[Spelling, ...]:
    """The same axes for NumPy, TensorFlow, Keras 3, tf_keras and PyTorch.

    >>> from bncore.axes import split_axes
    >>> for s in spellings(split_axes((3, 4), feature_axis=-1))[:3]:
    ...     print(s.code)
    x.mean(axis=0), x.var(axis=0)
    tf.nn.moments(x, axes=[0])
    keras.layers.BatchNormalization(axis=1)
    """
    kept, collapsed = split.feature_axes, split.reduction_axes
    one = _argument(collapsed)
    return (
        Spelling("NumPy", f"x.mean(axis={one}), x.var(axis={one})", "names the axes collapsed"),
        Spelling(
            "TensorFlow", f"tf.nn.moments(x, axes={list(collapsed)})", "names the axes collapsed"
        ),
        _keras_3(kept),
        _tf_keras(kept),
        _torch(split),
        Spelling(
            "Keras LayerNormalization",
            f"keras.layers.LayerNormalization(axis={list(collapsed)})" if collapsed else "",
            "in the same library, but names the axes collapsed"
            + ("; with axis 0 among them it needs a fixed batch size" if 0 in collapsed else ""),
        ),
    )


def _argument(axes: tuple[int, ...]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(axes)


def _keras_3(kept: tuple[int, ...]) -> Spelling:
    if len(kept) == 1:
        code = f"keras.layers.BatchNormalization(axis={kept[0]})"
        return Spelling("Keras 3", code, "names the axis kept")
    return Spelling(
        "Keras 3",
        "",
        f"takes one int: axis={list(kept)} raises TypeError: int() argument must be a string, "
        "a bytes-like object or a real number, not 'list'",
    )


def _tf_keras(kept: tuple[int, ...]) -> Spelling:
    if not kept:
        return Spelling("tf_keras (Keras 2)", "", "keeps one axis at least")
    code = f"tf_keras.layers.BatchNormalization(axis={kept[0] if len(kept) == 1 else list(kept)})"
    return Spelling("tf_keras (Keras 2)", code, "names the axes kept; a list is allowed")


def _torch(split: AxisSplit) -> Spelling:
    kept, rank = split.feature_axes, split.rank
    if len(kept) != 1 or kept == (0,) or not 2 <= rank <= 5:
        return Spelling("PyTorch", "", "keeps dimension 1 and no other")
    layer = f"torch.nn.BatchNorm{max(rank - 2, 1)}d({split.feature_shape[0]})"
    if kept == (1,):
        return Spelling("PyTorch", f"{layer}(x)", "always keeps dimension 1")
    order = [0, kept[0], *(axis for axis in range(1, rank) if axis != kept[0])]
    arguments = ", ".join(map(str, order))
    return Spelling(
        "PyTorch", f"{layer}(x.permute({arguments}))", "always keeps dimension 1: move it there"
    )
