"""Optimizers of Keras 3 and of tf_keras by the names of ``bncore.variants.OPTIMIZERS``."""

from __future__ import annotations

from typing import Any

from bncore.experiments.arguments import one_of
from bncore.keras.framework import tf_keras
from bncore.variants import OPTIMIZERS


def make_optimizer(library: Any, name: str, learning_rate: float) -> Any:
    """An optimizer of ``library`` (keras or tf_keras).

    Raises ValueError for an unknown name.

    >>> from bncore.keras.framework import keras
    >>> make_optimizer(keras, "nesterov", 0.1).nesterov
    True
    """
    choice = OPTIMIZERS[one_of("optimizer", name, OPTIMIZERS)]
    options = dict(choice.options)
    if library is tf_keras:
        options["jit_compile"] = False  # the loop around it is compiled as a whole
    return getattr(library.optimizers, choice.class_name)(learning_rate, **options)
