"""ONNX Runtime's BatchNormalization, opset 15: the moving statistics go in and come out."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime

from bncore.moments import Array

OPSET = 15


class OnnxLayer:
    """Two sessions, one per mode, and the statistics between their runs."""

    def __init__(self, features: int, rank: int, keep: float, epsilon: float) -> None:
        self._train, self._infer = (
            _session(rank, keep, epsilon, training) for training in (True, False)
        )
        self._mean = np.zeros(features, np.float32)
        self._variance = np.ones(features, np.float32)
        self._scale, self._bias = np.ones_like(self._variance), np.zeros_like(self._variance)

    def train(self, batch: Array) -> Array:
        """One update; the output in training mode."""
        output, self._mean, self._variance = self._run(self._train, batch)
        return np.moveaxis(output, 1, -1)

    def infer(self, batch: Array) -> Array:
        """The output in inference mode."""
        return np.moveaxis(self._run(self._infer, batch)[0], 1, -1)

    def moving(self) -> tuple[Array, Array]:
        """running_mean and running_var."""
        return self._mean.copy(), self._variance.copy()

    def load(self, gamma: Array, beta: Array, mean: Array, variance: Array) -> None:
        """Into the inputs scale, B, input_mean and input_var."""
        self._scale, self._bias, self._mean, self._variance = gamma, beta, mean, variance

    def _run(self, session: Any, batch: Array) -> list[Array]:
        channels_first = np.ascontiguousarray(np.moveaxis(batch, -1, 1))
        inputs = (channels_first, self._scale, self._bias, self._mean, self._variance)
        found: list[Array] = session.run(None, dict(zip(_INPUTS, inputs, strict=True)))
        return found


_INPUTS = ("x", "scale", "bias", "mean", "variance")


def make(features: int, rank: int, keep: float, epsilon: float) -> OnnxLayer:
    """The operator at this rank; its momentum is keep."""
    return OnnxLayer(features, rank, keep, epsilon)


def _session(rank: int, keep: float, epsilon: float, training: bool) -> Any:
    outputs = ("y", "running_mean", "running_var") if training else ("y",)
    node = onnx.helper.make_node(
        "BatchNormalization",
        _INPUTS,
        outputs,
        momentum=keep,
        epsilon=epsilon,
        training_mode=int(training),
    )

    def tensor(name: str) -> Any:
        shape = [None] * rank if name in ("x", "y") else [None]
        return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)

    graph = onnx.helper.make_graph(
        [node], "batch_norm", [tensor(name) for name in _INPUTS], [tensor(name) for name in outputs]
    )
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", OPSET)], ir_version=8
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
