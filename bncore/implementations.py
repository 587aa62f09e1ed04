"""Every implementation that is known here, one row each: the table of conventions as data.

A row with ``convention`` can be computed (``bncore.CONVENTIONS``); the others are told only.
``status`` says how it is known: "run" by running that version, "read" from its source or a thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_KEEP_99 = "keep 0.99"


@dataclass(frozen=True)
class Implementation:
    """What one implementation does; texts where there is more to say than a number.

    ``stores`` is the variance that goes into the moving variance; v is the biased variance of the
    batch, n the number of elements per statistic. ``axis``: which axes its argument names.
    """

    family: str
    name: str
    versions: str
    stores: str
    momentum: str
    epsilon: str
    axis: str
    several_axes: str
    one_element: str
    source: str
    status: Literal["run", "read"] = "run"
    normalises: str = "v"
    convention: str = ""


IMPLEMENTATIONS = (
    Implementation(
        "paper", "Ioffe & Szegedy", "2015", "m/(m-1) times the mean of v over many batches",
        "none: a plain average; a moving average is mentioned for tracking", "no value",
        "per activation, or per feature map", "–", "needs m > 1",
        "arXiv 1502.03167, Algorithms 1 and 2 (as quoted in keras #8982, #9028)", "read",
        convention="paper",
    ),
    Implementation(
        "Keras", "Keras", "0.3.3 to 1.0.5", "√(v+ε), averaged; divides by it + ε", "keep 0.9",
        "1e-6", "kept, -1", "no", "works", "keras/layers/normalization.py", normalises="v+ε",
    ),
    Implementation(
        "Keras", "Keras, TensorFlow", "1.0.6 to 2.1.2", "v", "keep 0.9; 0.99 from 1.0.7",
        "1e-6; 1e-5 from 1.0.8; 1e-3 from 1.2.0", "kept, -1", "no", "v = 0",
        "keras/layers/normalization.py", convention="keras-2.1.2",
    ),
    Implementation(
        "Keras", "Keras, TensorFlow", "2.1.3", "rank 2: v; rank 4: v·n/(n-1)",
        f"{_KEEP_99}, zero-debiased", "1e-3", "kept, -1", "no", "–",
        "keras #9003 (3ce4070), 018af47", convention="keras-2.1.3",
    ),
    Implementation(
        "Keras", "Keras, TensorFlow", "2.1.4 to 2.2.5",
        "v·n/(n-(1+ε)); rank 4 fused: v·n/(n-1)·n/(n-(1+ε))", f"{_KEEP_99}, zero-debiased", "1e-3",
        "kept, -1", "no: TypeError", "0 (0 · 1/-ε); ε = 0: NaN", "keras #9028 (f51a7ef)",
        convention="keras-2.2.4",
    ),
    Implementation(
        "Keras", "Keras, TensorFlow 1", "2.3.0 to 2.3.1",
        "v·n/(n-(1+ε)); rank 4 fused: v·n/(n-1)·n/(n-(1+ε))", _KEEP_99, "1e-3", "kept, -1", "no",
        "0", "c4d29cd", convention="keras-2.3.1",
    ),
    Implementation(
        "Keras", "Keras, TensorFlow 2", "2.3.0 to 2.3.1", "v·n/(n-(1+ε)) at every rank", _KEEP_99,
        "1e-3", "kept, -1", "no", "0", "c4d29cd", convention="keras-2.3.1-tf2",
    ),
    Implementation(
        "Keras", "Keras, Theano", "2.0 to 2.1.2", "v+ε", _KEEP_99, "1e-3", "kept", "no", "–",
        "keras/backend/theano_backend.py", convention="keras-2.1.2-theano",
    ),
    Implementation(
        "Keras", "Keras, Theano", "2.1.4 to 2.3.1", "(v+ε)·n/(n-(1+ε))", _KEEP_99, "1e-3", "kept",
        "no", "–", "keras/backend/theano_backend.py", convention="keras-2.2.4-theano",
    ),
    Implementation(
        "Keras", "Keras, CNTK", "2.1.4 to 2.3.1", "v (correction skipped)", "keep", "1e-3", "kept",
        "no", "–", "keras/backend/cntk_backend.py", "read",
    ),
    Implementation(
        "Keras", "Keras", "2.4", "redirects to tf.keras", "–", "–", "–", "–", "–", "b5cb82c",
        "read",
    ),
    Implementation(
        "TensorFlow", "tf.layers, tf.keras of TensorFlow 1", "1.4 to 1.15",
        "rank 4 fused (default): v·n/(n-1); else v", _KEEP_99, "1e-3", "kept, -1",
        "yes, from 1.12 at least", "n/max(n-1, 1) on a CPU",
        "tensorflow/python/keras/layers/normalization.py", convention="tf-1",
    ),
    Implementation(
        "TensorFlow", "tf.keras, Keras 2.6 to 2.15, tf_keras", "TF 2.0+, tf_keras 2.14 to 2.21",
        "ranks 2 and 3: v; ranks 4 and 5 fused: v·n/(n-1) (rank 5 from keras 2.6)", _KEEP_99,
        "1e-3", "kept, -1", "yes: [1, 2, 3] keeps all three, not fused, v",
        "0 on a CPU; cuDNN NaN (read)", "tf_keras normalization/batch_normalization.py",
        convention="tf_keras",
    ),
    Implementation(
        "TensorFlow", "the same, fused=False", "tf_keras 2.14 to 2.21", "v", _KEEP_99, "1e-3",
        "kept, -1", "yes", "0", "tf_keras normalization/batch_normalization.py",
        convention="tf_keras-unfused",
    ),
    Implementation(
        "TensorFlow", "the same with renorm, virtual_batch_size, synchronized, float64, or axis=2",
        "TF 2.0+", "v, also at rank 4: they switch the fused kernel off", _KEEP_99, "1e-3",
        "kept, -1", "yes", "0", "tf_keras normalization/batch_normalization.py",
    ),
    Implementation(
        "TensorFlow", "FusedBatchNormV3, tf.nn.fused_batch_norm", "CPU and XLA",
        "batch_variance: v·n/max(n-1, 1); reserve_space_2: v",
        "exponential_avg_factor = weight of the new value",
        "1e-3; floored at 1.001e-5 in TF 1.4 to 2.0", "NHWC or NCHW", "no", "n/max(n-1, 1)",
        "core/kernels/fused_batch_norm_op.cc, tf2xla/kernels/batch_norm_op.cc",
    ),
    Implementation(
        "TensorFlow", "FusedBatchNormV3", "GPU", "cuDNN's running variance (unbiased)",
        "exponential_avg_factor = weight of the new value", "1e-3", "NHWC or NCHW", "no", "NaN",
        "mxnet #21111, ngraph PR 893", "read",
    ),
    Implementation(
        "TensorFlow", "tf.nn.moments", "all", "nothing", "–", "–", "reduced", "yes", "0",
        "tensorflow/python/ops/nn_impl.py",
    ),
    Implementation(
        "Keras", "Keras 3, TensorFlow and JAX", "3.0 to 3.15.1", "v at every rank", _KEEP_99,
        "1e-3", "kept, -1", "no: int(axis), TypeError", "0",
        "keras/src/layers/normalization/batch_normalization.py, keras/src/backend/*/nn.py",
        convention="keras-3",
    ),
    Implementation(
        "Keras", "Keras 3, PyTorch backend", "3.0 to 3.15.1", "v", _KEEP_99, "1e-3", "kept, -1",
        "no", "0", "keras/src/backend/torch/nn.py",
        normalises="E[x²] - E[x]² unclamped: negative on data far from 0",
    ),
    Implementation(
        "Keras", "Keras 3, renorm=True", "3.14+", "max(0, (average of √(v+ε))² - ε)", "keep",
        "1e-3", "kept, -1", "no", "–", "keras/src/layers/normalization/batch_normalization.py",
        normalises="v, corrected by r and d",
    ),
    Implementation(
        "PyTorch", "torch.nn.BatchNorm1d, 2d, 3d", "2.13 (older: read)", "v·n/(n-1)",
        "0.1 = weight of the new value (keep 0.9)", "1e-5, > 0 in training", "none: dimension 1",
        "–", "ValueError", "ATen/native/Normalization.cpp", convention="torch",
    ),
    Implementation(
        "PyTorch", "the same, momentum=None", "2.13", "v·n/(n-1), averaged over all batches",
        "none: the plain average", "1e-5", "none: dimension 1", "–", "ValueError",
        "torch/nn/modules/batchnorm.py", convention="torch-cumulative",
    ),
    Implementation(
        "PyTorch", "torch.nn.SyncBatchNorm", "several processes", "v·N/(N-1), N over all processes",
        "0.1 = weight of the new value", "1e-5", "none: dimension 1", "–",
        "ValueError below 2 processes", "cuda/Normalization.cuh", "read",
        normalises="v over all processes",
    ),
    Implementation(
        "JAX", "Flax (linen, nnx)", "0.12.8", "v", _KEEP_99, "1e-5", "kept, -1", "linen: yes", "0",
        "flax/linen/normalization.py", convention="flax",
    ),
    Implementation(
        "JAX", "Haiku", "0.0.17", "v, zero-debiased", "keep, no default", "1e-5", "reduced", "yes",
        "0", "haiku/_src/batch_norm.py", normalises="E[x²] - E[x]², unclamped", convention="haiku",
    ),
    Implementation(
        "others", "Paddle BatchNorm1D, 2D", "3.3.1, CPU", "v", "keep 0.9", "1e-5", "data_format",
        "–", "the input as it came", "phi/kernels/cpu/batch_norm_kernel.cc", convention="paddle",
    ),
    Implementation(
        "others", "MXNet Gluon", "1.9.1, CPU", "v; updated in the backward pass", "keep 0.9",
        "1e-5 (raw operator 1e-3)", "kept, 1", "no", "0", "operator/nn/batch_norm.cc",
        convention="mxnet",
    ),
    Implementation(
        "others", "MindSpore BatchNorm1d, 2d", "2.10, CPU", "v·n/(n-1)",
        "keep 0.9 (mint.nn: new 0.1)", "1e-5", "dimension 1", "–", "output 0, moving variance NaN",
        "mindspore.nn.BatchNorm1d", convention="mindspore",
    ),
    Implementation(
        "others", "ONNX BatchNormalization", "opset 14, 15",
        "v: the specification says population variance, N and not N-1", "keep 0.9", "1e-5",
        "dimension 1", "–", "0", "ONNX docs/Operators.md, onnxruntime cpu/nn/batch_norm.h",
        convention="onnxruntime",
    ),
    Implementation(
        "others", "scikit-learn StandardScaler", "1.9.1", "v, exact over all data", "none", "none",
        "columns", "–", "variance 0, scale 1", "sklearn/preprocessing/_data.py", normalises="–",
    ),
    Implementation(
        "Keras", "keras.layers.Normalization", "3.15", "v of the data it was adapted to", "none",
        "–", "kept", "yes", "–", "keras/src/layers/preprocessing/normalization.py",
    ),
    Implementation(
        "Keras", "keras.layers.LayerNormalization", "3.15", "nothing", "none", "1e-3",
        "reduced (the opposite of BatchNormalization)", "yes", "–",
        "keras/src/layers/normalization/layer_normalization.py",
    ),
)  # fmt: skip
"""All rows. Neither Keras 3 nor tf_keras at rank 2 stores an unbiased variance."""

FAMILIES = tuple(dict.fromkeys(row.family for row in IMPLEMENTATIONS))
