"""The data behind the questions, exactly as they were asked.

Each data set is a frozen record: the values and what its axes mean. Nothing is downloaded:
Iris and the digits come with scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from bncore.moments import Array


@dataclass(frozen=True)
class Dataset:
    """Values, the meaning of their axes, and class labels where there are any."""

    title: str
    values: Array
    axes: tuple[str, ...]
    features: tuple[str, ...] = ()
    labels: Array | None = None

    def __post_init__(self) -> None:
        for array in (self.values, self.labels):
            if array is not None:
                array.setflags(write=False)  # it is made once and shared by all who ask


@cache
def axis_question() -> Dataset:
    """Q1: columns of 1, 10, 100 and 1000 times (1, 2, 3), shape (3, 4).

    >>> axis_question().values.mean(axis=0)
    array([   2.,   20.,  200., 2000.])
    """
    values = np.outer([1.0, 2.0, 3.0], [1.0, 10.0, 100.0, 1000.0])
    return Dataset("NumPy axis=0 or Keras axis=-1?", values, ("batch", "features"))


@cache
def question_2018() -> Dataset:
    """Q5: ``np.random.seed(3); np.random.rand(5, 6)``, the data of the 2018 question.

    >>> question_2018().values[0, :2].round(8)
    array([0.5507979 , 0.70814782])
    """
    values = np.random.RandomState(3).rand(5, 6)
    return Dataset("The 2018 question", values, ("batch", "features"))


@cache
def iris() -> Dataset:
    """Q2: Fisher's Iris, shape (150, 4), three classes (from scikit-learn, an optional extra).

    >>> iris().values.shape
    (150, 4)
    """
    from sklearn.datasets import load_iris

    return _labelled("Iris", load_iris())


@lru_cache(32)
def two_classes(
    rows: int = 1000, separation: float = 1.0, noise: float = 0.05, seed: int = 0
) -> Dataset:
    """Q6: the shape of the question's data, 14 features and two classes, generated.

    Eight features carry information (clusters on the corners of a hypercube with sides
    2 * separation), two are sums of them, four are noise; ``noise`` is the share of the labels
    that are drawn at random (scikit-learn's ``make_classification``, after Guyon 2003).

    >>> two_classes(rows=20).values.shape
    (20, 14)
    """
    from sklearn.datasets import make_classification

    values, labels = make_classification(
        rows,
        n_features=14,
        n_informative=8,
        n_redundant=2,
        class_sep=separation,
        flip_y=noise,
        random_state=seed,
    )
    return Dataset("14 features, 2 classes", values, ("batch", "features"), (), labels)


@cache
def digits() -> Dataset:
    """Q6: 1,797 handwritten digits of 8 by 8 pixels, shape (1797, 64), ten classes.

    >>> digits().values.shape
    (1797, 64)
    """
    from sklearn.datasets import load_digits

    return _labelled("Digits", load_digits())


@cache
def breast_cancer() -> Dataset:
    """Q9: Wisconsin breast cancer, shape (569, 30), two classes, features of very unlike sizes.

    >>> breast_cancer().values.shape
    (569, 30)
    """
    from sklearn.datasets import load_breast_cancer

    return _labelled("Breast cancer", load_breast_cancer())


@cache
def wine() -> Dataset:
    """Wine, shape (178, 13), three classes, features of very unlike sizes.

    >>> wine().values.shape
    (178, 13)
    """
    from sklearn.datasets import load_wine

    return _labelled("Wine", load_wine())


@cache
def images(layout: str = "NHWC") -> Dataset:
    """Q3: a small batch of images, (2, 3, 4, 5) in NHWC or (2, 5, 3, 4) in NCHW: 5 channels.

    Channel c is drawn around c with deviation 1 + c/2, so that the channels can be told apart, and
    every axis has a size of its own, so that a shape tells which axes it kept.

    >>> images("NCHW").values.shape
    (2, 5, 3, 4)
    """
    if layout not in ("NHWC", "NCHW"):
        raise ValueError(f"layout is 'NHWC' or 'NCHW'; got {layout!r}")
    channel = np.arange(5)
    noise = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    values = np.round(channel + (1 + channel / 2) * noise, 2)
    axes = {"N": "batch", "H": "height", "W": "width", "C": "channels"}
    return Dataset(
        f"Two images, {layout}",
        values if layout == "NHWC" else np.ascontiguousarray(values.transpose(0, 3, 1, 2)),
        tuple(axes[letter] for letter in layout),
    )


@cache
def sixty_rows() -> Dataset:
    """60 rows of 3 features, for mini-batches from a finite set, shape (60, 3).

    >>> sixty_rows().values.shape
    (60, 3)
    """
    values = np.random.default_rng(60).normal([0.0, 5.0, -2.0], [1.0, 3.0, 0.5], (60, 3))
    return Dataset("60 rows for mini-batches", np.round(values, 4), ("batch", "features"))


def _labelled(title: str, bunch: Any) -> Dataset:
    """A classification set as scikit-learn brings it."""
    features = tuple(str(name) for name in bunch.feature_names)
    return Dataset(title, bunch.data, ("batch", "features"), features, bunch.target)


DATASETS: MappingProxyType[str, Callable[[], Dataset]] = MappingProxyType(
    {
        "axis-question": axis_question,
        "question-2018": question_2018,
        "iris": iris,
        "breast-cancer": breast_cancer,
        "wine": wine,
        "digits": digits,
        "two-classes": two_classes,
        "images-nhwc": images,
        "images-nchw": lambda: images("NCHW"),
        "sixty-rows": sixty_rows,
    }
)
