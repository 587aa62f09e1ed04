"""The real layers and optimizers that can be trained, as data.

Knows their names and what they store, and needs neither Keras nor TensorFlow: pages list them
from here, ``bncore.keras`` builds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Literal

from bncore.estimators import BIASED, KERAS_2, UNBIASED, UNBIASED_FLOORED, VarianceEstimator


@dataclass(frozen=True)
class Variant:
    """One real layer: where it comes from and which variance it stores.

    ``package`` is the installed package that runs it, ``estimator`` the variance that its
    moving variance approaches on a repeated batch.

    >>> VARIANTS["keras-3"].estimator.id
    'biased'
    """

    id: str
    title: str
    package: Literal["keras", "tf_keras"]
    layer: str
    estimator: VarianceEstimator
    note: str

    @property
    def version(self) -> str | None:
        """The installed version of the package, None where it is not installed."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None


@dataclass(frozen=True)
class OptimizerChoice:
    """An optimizer of Keras by name, with the arguments beyond the learning rate."""

    id: str
    title: str
    class_name: str
    options: Mapping[str, float | bool] = field(default_factory=dict)
    learning_rate: float = 0.01


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        variant.id: variant
        for variant in (
            Variant(
                "keras-3", "Keras 3, stock layer", "keras", "keras.layers.BatchNormalization",
                BIASED, "Stores the biased variance at every rank.",
            ),
            Variant(
                "keras-2", "Keras 2.1.4-2.2.5 formula on a Keras 3 layer", "keras",
                "bncore.keras.layers.CorrectedBatchNormalization", KERAS_2,
                "The Keras 3 layer with only what is stored changed: v·n/(n−(1+ε)).",
            ),
            Variant(
                "unbiased", "Unbiased formula on a Keras 3 layer", "keras",
                "bncore.keras.layers.CorrectedBatchNormalization", UNBIASED,
                "The Keras 3 layer with only what is stored changed: v·n/(n−1), as in the paper "
                "and in PyTorch.",
            ),
            Variant(
                "tf_keras", "tf_keras, stock layer at rank 4 (fused)", "tf_keras",
                "tf_keras.layers.BatchNormalization", UNBIASED_FLOORED,
                "Data of another rank are reshaped to rank 4, where the fused kernel takes over "
                "and stores v·n/max(n−1, 1) by itself.",
            ),
        )
    }
)  # fmt: skip

OPTIMIZERS: Mapping[str, OptimizerChoice] = MappingProxyType(
    {
        choice.id: choice
        for choice in (
            OptimizerChoice("sgd", "SGD", "SGD"),
            OptimizerChoice("momentum", "SGD with momentum 0.9", "SGD", {"momentum": 0.9}),
            OptimizerChoice(
                "nesterov", "SGD with Nesterov momentum 0.9", "SGD",
                {"momentum": 0.9, "nesterov": True},
            ),
            OptimizerChoice("rmsprop", "RMSprop", "RMSprop", learning_rate=0.001),
            OptimizerChoice("adam", "Adam", "Adam", learning_rate=0.001),
        )
    }
)  # fmt: skip


def as_variant(variant: str | Variant) -> Variant:
    """The variant of that id; ValueError names the ids there are.

    >>> as_variant("keras-3").package
    'keras'
    """
    if isinstance(variant, Variant):
        return variant
    if variant not in VARIANTS:
        raise ValueError(f"variants are {', '.join(VARIANTS)}; got {variant!r}")
    return VARIANTS[variant]
