"""Real layers: stock Keras 3, stock tf_keras, and one that changes only what is stored."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bncore.estimators import ESTIMATORS, VarianceEstimator
from bncore.experiments.weights import Weight
from bncore.keras.framework import keras, tf_keras
from bncore.variants import Variant, as_variant

# Rules made of + - * / alone, which hold for a tensor n as well (a batch size not known yet).
CORRECTIONS = (
    "biased",
    "n/(n-1)",
    "n/(n-(1+epsilon))",
    "biased + epsilon",
    "(v+epsilon) * n/(n-(1+epsilon))",
)


@keras.saving.register_keras_serializable(package="bncore")
class CorrectedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Keras 3's BatchNormalization with another variance stored, and nothing else changed.

    moving_variance <- keep * moving_variance + (1 - keep) * stored(v, n, epsilon)

    The batch is still normalised with the biased v, gradients are the stock layer's, and
    without training (or frozen) it *is* the stock layer. Any axis, any rank.

    Args:
        estimator: a VarianceEstimator or its id, one of ``CORRECTIONS``.
        **kwargs: those of keras.layers.BatchNormalization (``renorm`` excepted).

    One element per statistic: v is 0. "n/(n-1)" is 0 * 1/0 and raises a ValueError where the
    batch size is known; where it is not (None), NaN is stored, as the formula says.
    "n/(n-(1+epsilon))" stores 0 (0 * 1/-epsilon), as Keras 2 did.

    Raises ValueError for an unknown estimator, ``renorm=True``, or a mask while training: how
    many elements it leaves is a question the estimators were never asked.

    >>> import numpy as np
    >>> layer = CorrectedBatchNormalization("n/(n-1)", momentum=0.0)
    >>> _ = layer(np.array([[1.0], [3.0]], "float32"), training=True)
    >>> float(layer.moving_variance[0])
    2.0
    """

    def __init__(self, estimator: str | VarianceEstimator = "n/(n-1)", **kwargs: Any) -> None:
        id = estimator.id if isinstance(estimator, VarianceEstimator) else estimator
        if id not in CORRECTIONS:
            raise ValueError(f"estimator is one of {', '.join(CORRECTIONS)}; got {id!r}")
        super().__init__(**kwargs)
        if self.renorm:
            raise ValueError(
                "renorm=True keeps deviations, not variances: there is nothing to correct"
            )
        self.estimator = ESTIMATORS[id]

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """The stock layer's output; while training, the estimator's variance is stored."""
        if not (training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        if mask is not None:
            raise ValueError("a mask cannot be combined with a corrected variance; remove the mask")
        dtype = keras.backend.result_type(inputs.dtype, "float32")  # as the stock layer computes
        before = keras.ops.cast(keras.ops.copy(self.moving_variance), dtype)
        outputs = super().call(inputs, training=training)
        # Not taken back out of the moving variance the stock layer has just assigned: that
        # difference of nearly equal numbers would lose two of seven digits at keep = 0.99.
        _, variance = self._moments(keras.ops.cast(inputs, dtype), None)
        stored = self._stored(variance, keras.ops.shape(inputs))
        self.moving_variance.assign(before * self.momentum + stored * (1.0 - self.momentum))
        return outputs

    def _stored(self, variance: Any, shape: tuple[Any, ...]) -> Any:
        sizes = [shape[axis] for axis in self._reduction_axes]
        if not all(isinstance(size, int) for size in sizes):
            count = keras.ops.cast(keras.ops.prod(keras.ops.stack(sizes)), variance.dtype)
            return self.estimator.rule(variance, count, self.epsilon)
        n = math.prod(sizes)
        if n == 1 and self.estimator.id == "n/(n-1)":
            raise ValueError(
                f"one element per statistic in a batch of shape {tuple(shape)}: its unbiased "
                "variance is 0/0; use at least 2, or another estimator"
            )
        with np.errstate(divide="ignore"):  # epsilon = n - 1 divides by zero, as Keras 2 did
            return self.estimator.rule(variance, n, self.epsilon)

    def get_config(self) -> dict[str, Any]:
        """The stock layer's configuration and the estimator's id."""
        return {**super().get_config(), "estimator": self.estimator.id}


def batch_norm_layer(variant: str | Variant, *, keep: float = 0.99, epsilon: float = 1e-3) -> Any:
    """The layer of a variant, over the last axis, in float32.

    Raises ValueError for an unknown variant.

    >>> batch_norm_layer("tf_keras").momentum
    0.99
    """
    variant = as_variant(variant)
    options = {"momentum": keep, "epsilon": epsilon, "dtype": "float32"}
    if variant.package == "tf_keras":
        return tf_keras.layers.BatchNormalization(**options)
    if variant.layer.endswith("CorrectedBatchNormalization"):
        return CorrectedBatchNormalization(variant.estimator, **options)
    return keras.layers.BatchNormalization(**options)


def batch_norm_model(
    variant: str | Variant, sample_shape: tuple[int, ...], *, keep: float, epsilon: float
) -> tuple[Any, Any]:
    """A model that is one batch normalisation over the last axis, and that layer.

    For tf_keras the samples are reshaped to (positions, 1, features) and back: rank 4 is where
    its fused kernel takes over, and the statistics are over the same elements.

    >>> model, layer = batch_norm_model("tf_keras", (6,), keep=0.99, epsilon=1e-3)
    >>> model.output_shape, layer.fused
    ((None, 6), True)
    """
    variant = as_variant(variant)
    layer = batch_norm_layer(variant, keep=keep, epsilon=epsilon)
    if variant.package == "keras":
        return keras.Sequential([keras.Input(sample_shape), layer]), layer
    positions = math.prod(sample_shape[:-1])
    model = tf_keras.Sequential(
        [
            tf_keras.layers.Reshape((positions, 1, sample_shape[-1]), input_shape=sample_shape),
            layer,
            tf_keras.layers.Reshape(sample_shape),
        ]
    )
    return model, layer


def stateless_output(model: Any, x: Any, *, training: bool) -> Any:
    """What a layer or model returns, without the update that training mode brings with it."""
    output, _ = model.stateless_call(
        model.trainable_variables, model.non_trainable_variables, x, training=training
    )
    return output


def glorot(seed: int, number: int) -> Any:
    """Glorot's uniform start, Keras' default, for the kernel of this number in a seeded model.

    >>> bool((glorot(0, 1)((2, 3)) == glorot(1, 0)((2, 3))).numpy().all())
    True
    """
    return keras.initializers.GlorotUniform(seed=seed + number)


def weights_of(model: Any) -> tuple[Weight, ...]:
    """Every weight of a model, in order."""
    return tuple(
        Weight(type(layer).__name__, weight.name, tuple(weight.shape), bool(weight.trainable))
        for layer in model.layers
        for weight in layer.weights
    )
