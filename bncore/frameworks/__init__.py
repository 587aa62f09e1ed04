"""Which conventions can be run live here: the frameworks that are installed.

Nothing is imported to find out. A convention that can be run has a function in one of the modules
named below, ``make(features, rank, keep, epsilon) -> LiveLayer``; the module imports its
framework, so it is imported where that may happen: in a training worker, or in a script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Protocol

from bncore.moments import Array


class LiveLayer(Protocol):
    """A real layer, new: gamma 1, beta 0. Batches are channels last, float32."""

    def train(self, batch: Array) -> Array:
        """One update; the output in training mode."""

    def infer(self, batch: Array) -> Array:
        """The output in inference mode; nothing changes."""

    def moving(self) -> tuple[Array, Array]:
        """The moving mean and the moving variance, (features,)."""

    def load(self, gamma: Array, beta: Array, mean: Array, variance: Array) -> None:
        """Take over the four arrays of another layer, (features,) each, float32."""


@dataclass(frozen=True)
class Framework:
    """Where a convention's real layer comes from: packages that must be there, and our module."""

    packages: tuple[str, ...]
    make: str


FRAMEWORKS: Mapping[str, Framework] = MappingProxyType(
    {
        "keras-3": Framework(("keras", "tensorflow"), "bncore.keras.live:keras_3"),
        "tf_keras": Framework(("tf_keras", "tensorflow"), "bncore.keras.live:stock_tf_keras"),
        "tf_keras-unfused": Framework(
            ("tf_keras", "tensorflow"), "bncore.keras.live:unfused_tf_keras"
        ),
        "torch": Framework(("torch",), "bncore.frameworks.torch:make"),
        "flax": Framework(("flax", "jax"), "bncore.frameworks.flax:make"),
        "onnxruntime": Framework(("onnxruntime", "onnx"), "bncore.frameworks.onnx:make"),
    }
)


@cache  # read from the packages' files, and asked for in every run of a page
def installed(name: str) -> str:
    """The versions of the packages that run this convention; empty where one is missing.

    >>> installed("mxnet")
    ''
    """
    try:
        packages = FRAMEWORKS[name].packages
        return ", ".join(f"{package} {version(package)}" for package in packages)
    except (KeyError, PackageNotFoundError):
        return ""


def live_layer(name: str, features: int, rank: int, keep: float, epsilon: float) -> LiveLayer:
    """A new real layer of this convention. Raises ValueError where it cannot be run here."""
    if not installed(name):
        runnable = [other for other in FRAMEWORKS if installed(other)]
        raise ValueError(f"{name!r} cannot be run live here; installed are {', '.join(runnable)}")
    module, function = FRAMEWORKS[name].make.split(":")
    layer: LiveLayer = getattr(import_module(module), function)(features, rank, keep, epsilon)
    return layer
