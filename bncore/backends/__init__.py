"""The same statistics on NumPy, or on TensorFlow and its GPU, behind one small interface.

``get("numpy")`` is always there and computes in float64; ``get("tensorflow")`` computes in
float32 on the device TensorFlow chooses and says clearly what is missing where it cannot.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol

from bncore.axes import AxisSplit
from bncore.moments import Array, Moments

MODULES = {"numpy": "bncore.backends.numpy", "tensorflow": "bncore.backends.tensorflow"}


class Backend(Protocol):
    """What a backend computes; arrays in, NumPy arrays out."""

    name: str

    @property
    def device(self) -> str:
        """Where it computes, for people: 'CPU', or TensorFlow's device with a GPU's name."""

    def batch_moments(self, x: Any, split: AxisSplit) -> Moments:
        """As :func:`bncore.batch_moments`."""

    def normalize(self, x: Any, split: AxisSplit, moments: Moments, epsilon: float) -> Array:
        """x_hat = (x - mean) / sqrt(variance + epsilon)."""


class BackendUnavailableError(RuntimeError):
    """The backend's library is not installed; the message says how to get it."""


def get(name: str = "numpy") -> Backend:
    """The backend of that name.

    Raises ``ValueError`` for an unknown name, :class:`BackendUnavailableError` where the library
    is not installed.

    >>> get("numpy").device
    'CPU'
    """
    if name not in MODULES:
        raise ValueError(f"backends are {sorted(MODULES)}; got {name!r}")
    try:
        module = import_module(MODULES[name])
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.split(".")[0] == "bncore":
            raise
        raise BackendUnavailableError(
            f"the {name} backend needs the package {missing.name!r}, which is not installed: "
            f"run 'pip install -r requirements.txt' (or 'pip install {missing.name}'). "
            "The NumPy backend works without it."
        ) from missing
    backend: Backend = module.backend()
    return backend
