"""k models as one: replicas of an architecture, each with weights and with inputs of its own.

A replica is one slice of every weight: a dense layer is an EinsumDense over (batch, replica,
unit), a convolution has a group of channels for each replica, and a batch normalisation over
replicas x units *is* one batch normalisation per replica. Layers, gradients and optimizers are
Keras' own; each of the k models comes out as if it had been trained alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from bncore.experiments.comparison import Architecture
from bncore.keras.framework import keras
from bncore.keras.repetitions import stream
from bncore.moments import Array
from bncore.placement import Placement

layers = keras.layers


@dataclass(frozen=True)
class Stacked:
    """k replicas in one model. ``probed`` also returns "pre" and "act" of every block.

    ``kernels`` are the layers with initial weights, in order; ``orphans`` the layers that were
    made and never added.
    """

    model: Any
    probed: Any
    kernels: Sequence[Any]
    orphans: Sequence[Any] = field(default_factory=tuple)


def stacked_model(architecture: Architecture, placement: Placement, replicas: int) -> Stacked:
    """The k models of one placement, with their initial weights.

    Inputs have the shape (batch, replicas, features), or (batch, height, width, replicas x
    channels); logits (batch, replicas, classes). Kernels are drawn per replica by Glorot's
    uniform rule, Keras' default, from the architecture's seed: equal for every placement.

    >>> from bncore.placement import PLACEMENTS
    >>> stacked = stacked_model(Architecture((14,), 2), PLACEMENTS["before"], 3)
    >>> stacked.model.output_shape
    (None, 3, 2)
    """
    *image, features = architecture.inputs
    inputs = keras.Input((*image, replicas * features) if image else (replicas, features))
    tensor, kernels, found = inputs, [], dict[str, Any]()
    for number in range(architecture.depth):
        kernels.append(_weighted(architecture, replicas))
        tensor = kernels[-1](tensor)
        if placement.before:
            tensor = _normalised(tensor, architecture)
        found[f"pre{number}"] = tensor
        tensor = layers.Activation(architecture.activation)(tensor)
        found[f"act{number}"] = tensor
        if placement.after:
            tensor = _normalised(tensor, architecture)
        if architecture.block == "dense" and architecture.dropout:
            tensor = layers.Dropout(architecture.dropout, seed=architecture.seed + number)(tensor)
    if architecture.block == "conv":
        tensor = layers.GlobalAveragePooling2D()(tensor)
        tensor = layers.Reshape((replicas, architecture.units))(tensor)
    kernels.append(
        layers.EinsumDense("bkf,kfg->bkg", (replicas, architecture.classes), bias_axes="kg")
    )
    logits = kernels[-1](tensor)
    if placement.output:
        logits = _normalised(logits, architecture)
    model = keras.Model(inputs, logits)
    for kernel, drawn in zip(kernels, initial_kernels(architecture, replicas), strict=True):
        kernel.kernel.assign(_stacked_kernel(drawn, kernel.kernel.shape))
    return Stacked(
        model,
        keras.Model(inputs, {**found, "logits": logits}),
        kernels,
        _orphans(architecture, placement),
    )


def plain_model(architecture: Architecture, placement: Placement) -> tuple[Any, list[Any]]:
    """One model as one writes it, and its orphans: for parameter tables and comparisons.

    >>> from bncore.placement import PLACEMENTS
    >>> model, _ = plain_model(Architecture((14,), 2), PLACEMENTS["none"])
    >>> model.count_params()
    5250
    """
    parts: list[Any] = [keras.Input(architecture.inputs)]
    for number in range(architecture.depth):
        if architecture.block == "conv":
            parts.append(
                layers.Conv2D(architecture.units, 3, padding="same", use_bias=architecture.use_bias)
            )
        else:
            parts.append(layers.Dense(architecture.units, use_bias=architecture.use_bias))
        parts += [_norm(architecture)] if placement.before else []
        parts.append(layers.Activation(architecture.activation))
        parts += [_norm(architecture)] if placement.after else []
        if architecture.block == "dense" and architecture.dropout:
            parts.append(layers.Dropout(architecture.dropout, seed=architecture.seed + number))
    parts += [layers.GlobalAveragePooling2D()] if architecture.block == "conv" else []
    parts.append(layers.Dense(architecture.classes))
    parts += [_norm(architecture)] if placement.output else []
    return keras.Sequential(parts), _orphans(architecture, placement)


def initial_kernels(architecture: Architecture, replicas: int) -> list[Array]:
    """Kernels of every weighted layer for every replica, (replicas, ..., in, out), float32.

    uniform within sqrt(6 / (fan_in + fan_out)), Glorot and Bengio 2010
    """
    streams = [stream(architecture.seed, number, "weights") for number in range(replicas)]
    sizes = [
        architecture.inputs[-1],
        *[architecture.units] * architecture.depth,
        architecture.classes,
    ]
    drawn = []
    for number, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        window = (3, 3) if architecture.block == "conv" and number < architecture.depth else ()
        limit = np.sqrt(6 / ((fan_in + fan_out) * int(np.prod(window))))
        size = (*window, fan_in, fan_out)
        each = [generator.uniform(-limit, limit, size) for generator in streams]
        drawn.append(np.stack(each).astype(np.float32))
    return drawn


class _GroupedConv2D(layers.Conv2D):  # type: ignore[misc, name-defined]
    """Keras' 3 x 3 convolution in groups, written as one matrix product for each group.

    In a compiled loop on a CPU, XLA's own takes 2 (8 units) to 40 times (64 units) as long.
    """

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        ops, groups = keras.ops, self.groups
        _, height, width, channels = inputs.shape
        size = channels // groups
        split = ops.reshape(inputs, (-1, height, width, groups, size))
        padded = ops.pad(split, ((0, 0), (1, 1), (1, 1), (0, 0), (0, 0)))
        windows = ops.concatenate(
            [padded[:, i : i + height, j : j + width] for i in range(3) for j in range(3)], -1
        )
        matrices = ops.reshape(kernel, (9 * size, groups, -1))
        found = ops.einsum("bhwkp,pkf->bhwkf", windows, matrices)
        return ops.reshape(found, (-1, height, width, self.filters))


def _weighted(architecture: Architecture, replicas: int) -> Any:
    """The convolution or dense layer of a block, for all replicas."""
    if architecture.block == "conv":
        return _GroupedConv2D(
            replicas * architecture.units,
            3,
            padding="same",
            use_bias=architecture.use_bias,
            groups=replicas,
        )
    return layers.EinsumDense(
        "bkf,kfg->bkg",
        (replicas, architecture.units),
        bias_axes="kg" if architecture.use_bias else None,
    )


def _normalised(tensor: Any, architecture: Architecture) -> Any:
    """One batch normalisation per replica: its features are replicas x units."""
    norm = _norm(architecture)
    if len(tensor.shape) == 4:
        return norm(tensor)
    size = tensor.shape[1:]
    return layers.Reshape(size)(norm(layers.Reshape((int(np.prod(size)),))(tensor)))


def _norm(architecture: Architecture) -> Any:
    return layers.BatchNormalization(momentum=architecture.keep, epsilon=architecture.epsilon)


def _stacked_kernel(drawn: Array, size: Sequence[int]) -> Array:
    """(replicas, ..., in, out) -> as the stacked layer holds it: convolutions have groups."""
    if drawn.ndim == 3:
        return drawn
    return np.moveaxis(drawn, 0, -2).reshape(size)


def _orphans(architecture: Architecture, placement: Placement) -> list[Any]:
    """Layers that are made beside the model: built, so that they have weights, and never called."""
    made = []
    for _ in range(architecture.depth if placement.orphan else 0):
        layer = _norm(architecture)
        layer.build((None, architecture.units))
        made.append(layer)
    return made
