"""Every implementation that is known here, one row each: the table of conventions as data.

A row with ``convention`` can be computed (``bncore.CONVENTIONS``); the others are told only.
``ran`` names the versions that were really run; all else was read in its source or in a thread.
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
    ``ran``: the versions among ``versions`` that were run; empty where none was.
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
    ran: str = ""
    normalises: str = "v"
    convention: str = ""

    @property
    def status(self) -> Literal["run", "read"]:
        """Whether any of the versions was run."""
        return "run" if self.ran else "read"

    @property
    def known(self) -> str:
        """How this is known, in words: "has been run" holds for the versions that ran.

        >>> row = next(row for row in IMPLEMENTATIONS if row.convention == "keras-2.2.4")
        >>> row.known
        'has been run: 2.1.4, 2.1.6, 2.2.4 on TF 1.15.5; the rest read in its source'
        """
        if not self.ran:
            return "read in its source only"
        rest = "; the rest read in its source" if " to " in self.versions else ""
        return f"has been run: {self.ran}{rest}"


IMPLEMENTATIONS = (
    Implementation(
        "paper", "Ioffe & Szegedy", "2015", "m/(m-1) times the mean of v over many batches",
        "none: a plain average; a moving average is mentioned for tracking", "no value",
        "per activation, or per feature map", "–", "needs m > 1",
        "arXiv 1502.03167, Algorithms 1 and 2 (as quoted in keras #8982, #9028)",
        convention="paper",
    ),
    Implementation(
        "Keras", "Keras", "0.3.3 to 1.0.5", "√(v+ε), the deviation, averaged", "keep 0.9",
        "1e-6", "kept, -1", "no", "works", "keras/layers/normalization.py",
        ran="1.0.0 on TensorFlow and on Theano",
        normalises="the deviation √(v+ε), and ε added again, in both modes (1.0.5)",
    ),
    Implementation(
        "Keras", "Keras, TensorFlow backend", "1.0.6 to 1.1.2", "v",
        "keep 0.9; 0.99 from 1.0.7", "1e-6; 1e-5 from 1.0.8", "kept, -1", "no", "v = 0",
        "keras/layers/normalization.py",
    ),
    Implementation(
        "Keras", "Keras, TensorFlow backend", "1.2.0 to 2.1.2", "v", _KEEP_99, "1e-3", "kept, -1",
        "no", "v = 0", "keras/layers/normalization.py", ran="1.2.2, 2.0.0, 2.1.2 on TF 1.15.5",
        convention="keras-2.1.2",
    ),
    Implementation(
        "Keras", "Keras, TensorFlow backend", "2.1.3", "rank 2: v; rank 4: v·n/(n-1)",
        f"{_KEEP_99}, zero-debiased", "1e-3", "kept, -1", "no", "–",
        "keras #9003 (3ce4070), 018af47", ran="2.1.3", convention="keras-2.1.3",
    ),
    Implementation(
        "Keras", "Keras, TensorFlow backend", "2.1.4 to 2.2.5",
        "v·n/(n-(1+ε)); rank 4 fused: v·n/(n-1)·n/(n-(1+ε))", f"{_KEEP_99}, zero-debiased", "1e-3",
        "kept, -1", "no: TypeError", "0 (0 · 1/-ε); ε = 0: NaN", "keras #9028 (f51a7ef)",
        ran="2.1.4, 2.1.6, 2.2.4 on TF 1.15.5", convention="keras-2.2.4",
    ),
    Implementation(
        "Keras", "Keras, TensorFlow 1 backend", "2.3.0 to 2.3.1",
        "v·n/(n-(1+ε)); rank 4 fused: v·n/(n-1)·n/(n-(1+ε))", _KEEP_99, "1e-3", "kept, -1", "no",
        "0", "c4d29cd", ran="2.3.1 on TF 1.15.5", convention="keras-2.3.1",
    ),
    Implementation(
        "Keras", "Keras, TensorFlow 2 backend", "2.3.0 to 2.3.1",
        "v·n/(n-(1+ε)) at every rank", _KEEP_99, "1e-3", "kept, -1", "no", "0", "c4d29cd",
        ran="2.3.1 on TF 2.0.0", convention="keras-2.3.1-tf2",
    ),
    Implementation(
        "Keras", "Keras, Theano backend", "2.0 to 2.1.2", "v+ε", _KEEP_99, "1e-3", "kept", "no",
        "–", "keras/backend/theano_backend.py", ran="2.1.2 on Theano 1.0.5",
        convention="keras-2.1.2-theano",
    ),
    Implementation(
        "Keras", "Keras, Theano backend", "2.1.4 to 2.3.1", "(v+ε)·n/(n-(1+ε))", _KEEP_99, "1e-3",
        "kept", "no", "–", "keras/backend/theano_backend.py",
        ran="2.2.4, 2.3.1 on Theano 1.0.5", convention="keras-2.2.4-theano",
    ),
    Implementation(
        "Keras", "Keras, CNTK backend", "2.1.4 to 2.3.1", "v (correction skipped)", "keep", "1e-3",
        "kept", "no", "–", "keras/backend/cntk_backend.py",
    ),
    Implementation(
        "Keras", "Keras", "2.4", "redirects to tf.keras", "–", "–", "–", "–", "–", "b5cb82c",
    ),
    Implementation(
        "TensorFlow", "tf.layers (TF 1), tf.keras", "TF 1.4 to 2.0",
        "rank 4 fused (default): v·n/(n-1); else v, at rank 5 too", _KEEP_99, "1e-3", "kept, -1",
        "yes, from 1.12 at least", "n/max(n-1, 1) on a CPU",
        "tensorflow/python/keras/layers/normalization.py", ran="TF 1.15.5, TF 2.0.0",
        convention="tf-1",
    ),
    Implementation(
        "TensorFlow", "tf.keras", "TF 2.1 to 2.5",
        "ranks 2 and 3: v; rank 4 fused: v·n/(n-1); rank 5: not established, fused or v",
        _KEEP_99, "1e-3", "kept, -1", "yes", "0 on a CPU",
        "tensorflow/python/keras/layers/normalization.py",
    ),
    Implementation(
        "TensorFlow", "tf.keras (Keras 2), tf_keras", "TF 2.6 to 2.15, tf_keras 2.14 to 2.21",
        "ranks 2 and 3: v; ranks 4 and 5 fused: v·n/(n-1). From TF 2.16 on tf.keras is Keras 3",
        _KEEP_99, "1e-3", "kept, -1", "yes: [1, 2, 3] keeps all three, not fused, v",
        "0 on a CPU; cuDNN NaN (read)", "tf_keras normalization/batch_normalization.py",
        ran="tf_keras 2.21", convention="tf_keras",
    ),
    Implementation(
        "TensorFlow", "tf_keras, fused=False", "tf_keras 2.14 to 2.21", "v", _KEEP_99, "1e-3",
        "kept, -1", "yes", "0", "tf_keras normalization/batch_normalization.py",
        ran="tf_keras 2.21", convention="tf_keras-unfused",
    ),
    Implementation(
        "TensorFlow",
        "tf.keras (Keras 2), tf_keras with renorm, virtual_batch_size, synchronized, float64, "
        "or axis=2",
        "TF 2.0 to 2.15, tf_keras 2.14 to 2.21",
        "v, also at rank 4: they switch the fused kernel off", _KEEP_99,
        "1e-3", "kept, -1", "yes", "0", "tf_keras normalization/batch_normalization.py",
        ran="tf_keras 2.21",
    ),
    Implementation(
        "TensorFlow", "FusedBatchNormV3, tf.nn.fused_batch_norm", "TF 2.21, CPU and XLA",
        "batch_variance: v·n/max(n-1, 1); reserve_space_2: v",
        "exponential_avg_factor = weight of the new value",
        "1e-3; floored at 1.001e-5 in TF 1.4 to 2.0", "NHWC or NCHW", "no", "n/max(n-1, 1)",
        "core/kernels/fused_batch_norm_op.cc, tf2xla/kernels/batch_norm_op.cc",
        ran="TF 2.21, CPU and XLA",
    ),
    Implementation(
        "TensorFlow", "FusedBatchNormV3", "GPU", "cuDNN's running variance (unbiased)",
        "exponential_avg_factor = weight of the new value", "1e-3", "NHWC or NCHW", "no", "NaN",
        "mxnet #21111, ngraph PR 893",
    ),
    Implementation(
        "TensorFlow", "tf.nn.moments", "TF 2.21", "nothing", "–", "–", "reduced", "yes", "0",
        "tensorflow/python/ops/nn_impl.py", ran="TF 2.21",
    ),
    Implementation(
        "Keras", "Keras 3 on TensorFlow or JAX (tf.keras from TF 2.16)", "3.0 to 3.15.1",
        "v at every rank", _KEEP_99, "1e-3", "kept, -1", "no: int(axis), TypeError", "0",
        "keras/src/layers/normalization/batch_normalization.py, keras/src/backend/*/nn.py",
        ran="3.15.0; parts of it 3.0.5, 3.3.3, 3.8.0, 3.15.1", convention="keras-3",
    ),
    Implementation(
        "Keras", "Keras 3 on PyTorch", "3.0 to 3.15.1", "v", _KEEP_99, "1e-3", "kept, -1",
        "no", "0", "keras/src/backend/torch/nn.py",
        ran="3.15.0; parts of it 3.0.5, 3.3.3, 3.8.0, 3.15.1",
        normalises="E[x²] - E[x]² unclamped: negative on data far from 0",
    ),
    Implementation(
        "Keras", "Keras 3, renorm=True", "3.14 to 3.15.1", "max(0, (average of √(v+ε))² - ε)",
        "keep", "1e-3", "kept, -1", "no", "–",
        "keras/src/layers/normalization/batch_normalization.py", ran="3.15.0",
        normalises="v, corrected by r and d",
    ),
    Implementation(
        "PyTorch", "torch.nn.BatchNorm1d, 2d, 3d", "2.13", "v·n/(n-1)",
        "0.1 = weight of the new value (keep 0.9)", "1e-5, > 0 in training", "none: dimension 1",
        "–", "ValueError", "ATen/native/Normalization.cpp", ran="2.13", convention="torch",
    ),
    Implementation(
        "PyTorch", "torch.nn.BatchNorm1d, 2d, 3d, momentum=None", "2.13",
        "v·n/(n-1), averaged over all batches", "none: the plain average", "1e-5",
        "none: dimension 1", "–", "ValueError", "torch/nn/modules/batchnorm.py", ran="2.13",
        convention="torch-cumulative",
    ),
    Implementation(
        "PyTorch", "torch.nn.SyncBatchNorm", "several processes", "v·N/(N-1), N over all processes",
        "0.1 = weight of the new value", "1e-5", "none: dimension 1", "–",
        "ValueError below 2 processes", "cuda/Normalization.cuh",
        normalises="v over all processes",
    ),
    Implementation(
        "JAX", "Flax (linen, nnx)", "0.12.8", "v", _KEEP_99, "1e-5", "kept, -1", "linen: yes", "0",
        "flax/linen/normalization.py", ran="0.12.8",
        normalises="v as E[x²] - E[x]², at least 0 (use_fast_variance, the default): wrong on data "
        "far from 0 in float32",
        convention="flax",
    ),
    Implementation(
        "JAX", "Haiku", "0.0.17", "v, zero-debiased (the average starts at 0, not at 1)",
        "keep, no default", "1e-5", "reduced", "yes",
        "0", "haiku/_src/batch_norm.py, haiku/_src/moving_averages.py", ran="0.0.17",
        normalises="v as E[x²] - E[x]², unclamped: wrong on data far from 0 in float32",
        convention="haiku",
    ),
    Implementation(
        "others", "Paddle BatchNorm1D, 2D", "3.3.1, CPU", "v", "keep 0.9", "1e-5", "data_format",
        "–", "the input as it came", "phi/kernels/cpu/batch_norm_kernel.cc", ran="3.3.1, CPU",
        convention="paddle",
    ),
    Implementation(
        "others", "MXNet Gluon", "1.9.1, CPU", "v; updated in the backward pass", "keep 0.9",
        "1e-5 (raw operator 1e-3)", "kept, 1", "no", "0", "operator/nn/batch_norm.cc",
        ran="1.9.1, CPU", convention="mxnet",
    ),
    Implementation(
        "others", "MindSpore BatchNorm1d, 2d", "2.10, CPU", "v·n/(n-1)",
        "keep 0.9 (mint.nn: new 0.1)", "1e-5", "dimension 1", "–", "output 0, moving variance NaN",
        "mindspore.nn.BatchNorm1d", ran="2.10, CPU", convention="mindspore",
    ),
    Implementation(
        "others", "ONNX BatchNormalization (ONNX Runtime)", "1.31, opset 14 and 15",
        "v: the specification says population variance, N and not N-1", "keep 0.9", "1e-5",
        "dimension 1", "–", "0", "ONNX docs/Operators.md, onnxruntime cpu/nn/batch_norm.h",
        ran="ONNX Runtime 1.31.1, onnx.reference 1.23.2", convention="onnxruntime",
    ),
    Implementation(
        "others", "scikit-learn StandardScaler", "1.9.1", "v, exact over all data", "none", "none",
        "columns", "–", "variance 0, scale 1", "sklearn/preprocessing/_data.py", ran="1.9.1",
        normalises="–",
    ),
    Implementation(
        "Keras", "keras.layers.Normalization", "3.15", "v of the data it was adapted to", "none",
        "–", "kept", "yes", "–", "keras/src/layers/preprocessing/normalization.py", ran="3.15",
    ),
    Implementation(
        "Keras", "keras.layers.LayerNormalization", "3.15", "nothing", "none", "1e-3",
        "reduced (the opposite of BatchNormalization)", "yes", "–",
        "keras/src/layers/normalization/layer_normalization.py", ran="3.15",
    ),
)  # fmt: skip
"""All rows. Neither Keras 3 nor tf_keras at rank 2 stores an unbiased variance."""

LIBRARIES = tuple(dict.fromkeys(row.family for row in IMPLEMENTATIONS))
