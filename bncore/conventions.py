"""What each framework stores, as data.

One :class:`Convention` per implementation that behaves in a way of its own. A convention
says three things: which variance is stored (an estimator, another one where a fused kernel
takes over), how the moving statistics average over the updates, and what happens with a
single element per statistic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from bncore.axes import AxisSplit
from bncore.estimators import (
    BIASED,
    CORRECTED_TWICE,
    KERAS_2,
    THEANO,
    THEANO_KERAS_2,
    UNBIASED,
    UNBIASED_FLOORED,
    VarianceEstimator,
)

# (rank, feature axis) pairs: a tuple rather than a mapping, so that conventions hash and pickle.
FusedAt = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Convention:
    """How one implementation of batch normalisation averages and stores.

    ``keep`` is the weight of the old value in new = keep * old + (1 - keep) * batch
    (Keras calls it momentum; PyTorch's momentum is 1 - keep). ``keep=None`` is the plain
    average of all batches so far (PyTorch's ``momentum=None``, the paper's Algorithm 2).
    ``zero_debiased`` divides the average by 1 - keep^t, so that the initial value drops out.
    ``fused_at`` lists the (rank, feature axis) pairs for which a fused kernel takes over and
    ``fused_estimator`` decides what is stored. ``positive_epsilon``: it refuses to train with
    epsilon 0.

    Raises ``ValueError`` for keep outside 0..1 or a negative (or NaN) epsilon, which several
    frameworks accept and turn into negative variances or NaN.

    >>> from dataclasses import replace
    >>> replace(CONVENTIONS["keras-3"], keep=1.5)
    Traceback (most recent call last):
    ...
    ValueError: keep is the weight of the old value, from 0 to 1 (or None for the plain \
average); got 1.5. PyTorch's momentum is 1 - keep.
    """

    name: str
    title: str
    versions: str
    feature_axis: int
    keep: float | None
    epsilon: float
    estimator: VarianceEstimator
    fused_estimator: VarianceEstimator | None = None
    fused_at: FusedAt = ()
    zero_debiased: bool = False
    one_element: Literal["compute", "refuse", "identity"] = "compute"
    positive_epsilon: bool = False
    several_axes: bool = False
    source: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.keep is not None and not 0 <= self.keep <= 1:
            raise ValueError(
                "keep is the weight of the old value, from 0 to 1 (or None for the plain "
                f"average); got {self.keep!r}. PyTorch's momentum is 1 - keep."
            )
        if not 0 <= self.epsilon < float("inf"):
            raise ValueError(
                "epsilon is added to the variance before the square root and must be a finite "
                f"number, 0 or more; got {self.epsilon!r}"
            )

    def estimator_for(self, split: AxisSplit) -> VarianceEstimator:
        """The estimator that this rank and feature axis meet.

        >>> from bncore.axes import split_axes
        >>> tf_keras = CONVENTIONS["tf_keras"]
        >>> [tf_keras.estimator_for(split_axes(s, -1)).id for s in ((5, 6), (5, 1, 1, 6))]
        ['biased', 'n/max(n-1,1)']
        """
        fused = len(split.feature_axes) == 1 and (split.rank, *split.feature_axes) in self.fused_at
        return self.fused_estimator if fused and self.fused_estimator else self.estimator


_BOTH_LAYOUTS: FusedAt = ((4, 1), (4, 3), (5, 1), (5, 4))
_CHANNELS_LAST: FusedAt = ((4, 3),)  # NCHW was fused on a GPU only
_KERAS_2_SOURCE = "keras/layers/normalization.py"
_KERAS_3_SOURCE = "keras/src/layers/normalization/batch_normalization.py, keras/src/backend/*/nn.py"

_ALL = (
    Convention(
        "paper", "Ioffe & Szegedy", "2015", 1, None, 1e-3, UNBIASED,
        one_element="refuse", several_axes=True,
        source="arXiv 1502.03167, Algorithms 1 and 2",
        note="Averages m/(m-1)·v over many mini-batches; gives no value for epsilon "
        "(1e-3 here) and mentions a moving average only for tracking.",
    ),
    Convention(
        "keras-2.1.2", "Keras, TensorFlow backend", "1.2.0 to 2.1.2", -1, 0.99, 1e-3, BIASED,
        source=_KERAS_2_SOURCE,
    ),
    Convention(
        "keras-2.1.3", "Keras, TensorFlow backend", "2.1.3", -1, 0.99, 1e-3, BIASED,
        fused_estimator=UNBIASED_FLOORED, fused_at=_CHANNELS_LAST, zero_debiased=True,
        source=f"{_KERAS_2_SOURCE}, keras #9003 (3ce4070), 018af47",
    ),
    Convention(
        "keras-2.2.4", "Keras, TensorFlow backend", "2.1.4 to 2.2.5", -1, 0.99, 1e-3, KERAS_2,
        fused_estimator=CORRECTED_TWICE, fused_at=_CHANNELS_LAST, zero_debiased=True,
        source=f"{_KERAS_2_SOURCE}, keras #9028 (f51a7ef)",
        note="Rank 4 is corrected twice: n/(n-1) inside the fused kernel, then "
        "n/(n-(1+epsilon)).",
    ),
    Convention(
        "keras-2.3.1", "Keras, TensorFlow 1 backend", "2.3.0 to 2.3.1", -1, 0.99, 1e-3, KERAS_2,
        fused_estimator=CORRECTED_TWICE, fused_at=_CHANNELS_LAST,
        source=f"{_KERAS_2_SOURCE}, c4d29cd",
    ),
    Convention(
        "keras-2.3.1-tf2", "Keras, TensorFlow 2 backend", "2.3.0 to 2.3.1", -1, 0.99, 1e-3,
        KERAS_2, source=f"{_KERAS_2_SOURCE}, c4d29cd",
    ),
    Convention(
        "keras-2.1.2-theano", "Keras, Theano backend", "2.0 to 2.1.2", -1, 0.99, 1e-3, THEANO,
        source="keras/backend/theano_backend.py",
    ),
    Convention(
        "keras-2.2.4-theano", "Keras, Theano backend", "2.1.4 to 2.3.1", -1, 0.99, 1e-3,
        THEANO_KERAS_2, source="keras/backend/theano_backend.py",
    ),
    Convention(
        "tf-1", "tf.layers (TF 1), tf.keras", "TF 1.4 to 2.0", -1, 0.99, 1e-3, BIASED,
        fused_estimator=UNBIASED_FLOORED, fused_at=((4, 1), (4, 3)),
        several_axes=True, source="tensorflow/python/keras/layers/normalization.py",
        note="The fused kernel takes over at rank 4 alone; rank 5 stores the biased variance.",
    ),
    Convention(
        "tf_keras", "tf.keras (Keras 2), tf_keras", "TF 2.6 to 2.15, tf_keras 2.14 to 2.21", -1,
        0.99, 1e-3, BIASED, fused_estimator=UNBIASED_FLOORED, fused_at=_BOTH_LAYOUTS,
        several_axes=True,
        source="tf_keras/src/layers/normalization/batch_normalization.py, "
        "core/kernels/fused_batch_norm_op.cc",
        note="The fused kernel takes over at ranks 4 and 5 and stores the unbiased variance. From "
        "TF 2.16 on tf.keras is Keras 3.",
    ),
    Convention(
        "tf_keras-unfused", "tf_keras, fused=False", "tf_keras 2.14 to 2.21", -1, 0.99, 1e-3,
        BIASED, several_axes=True,
        source="tf_keras/src/layers/normalization/batch_normalization.py",
    ),
    Convention(
        "keras-3", "Keras 3", "3.0 to 3.15.1", -1, 0.99, 1e-3, BIASED, source=_KERAS_3_SOURCE,
        note="The biased variance at every rank, on every backend. From TF 2.16 on it is tf.keras.",
    ),
    Convention(
        "torch", "PyTorch", "2.13", 1, 0.9, 1e-5, UNBIASED, one_element="refuse",
        positive_epsilon=True, source="ATen/native/Normalization.cpp",
        note="Its momentum 0.1 is the weight of the new value: keep 0.9.",
    ),
    Convention(
        "torch-cumulative", "PyTorch, momentum=None", "2.13", 1, None, 1e-5, UNBIASED,
        one_element="refuse", positive_epsilon=True, source="torch/nn/modules/batchnorm.py",
    ),
    Convention(
        "flax", "Flax (linen, nnx)", "0.12.8", -1, 0.99, 1e-5, BIASED, several_axes=True,
        source="flax/linen/normalization.py",
        note="By default its variance is E[x²] - E[x]² in float32, which loses its digits on data "
        "far from 0; what is computed here is exact.",
    ),
    Convention(
        "haiku", "Haiku", "0.0.17", -1, 0.99, 1e-5, BIASED, zero_debiased=True,
        several_axes=True, source="haiku/_src/batch_norm.py, haiku/_src/moving_averages.py",
        note="decay_rate has no default (0.99 here); its axis argument names the reduction axes. "
        "Its averages start at 0, the variance's too; the first update replaces them. Its "
        "variance is E[x²] - E[x]² in float32, exact here.",
    ),
    Convention(
        "paddle", "Paddle", "3.3.1, CPU", 1, 0.9, 1e-5, BIASED, one_element="identity",
        source="phi/kernels/cpu/batch_norm_kernel.cc",
    ),
    Convention(
        "mxnet", "MXNet Gluon", "1.9.1, CPU", 1, 0.9, 1e-5, BIASED,
        source="operator/nn/batch_norm.cc",
        note="Updates its moving statistics in the backward pass.",
    ),
    Convention(
        "mindspore", "MindSpore", "2.10, CPU", 1, 0.9, 1e-5, UNBIASED,
        source="mindspore.nn.BatchNorm1d, BatchNorm2d",
        note="With one element per statistic the moving variance becomes NaN.",
    ),
    Convention(
        "onnxruntime", "ONNX Runtime", "1.31, opset 14 and 15", 1, 0.9, 1e-5, BIASED,
        source="ONNX docs/Operators.md, onnxruntime/core/providers/cpu/nn/batch_norm.h",
        note="The specification asks for the population variance (N, not N-1).",
    ),
)  # fmt: skip

CONVENTIONS: Mapping[str, Convention] = MappingProxyType(
    {convention.name: convention for convention in _ALL}
)
