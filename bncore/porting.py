"""Carrying a trained layer from one framework to another: names, order, and spellings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ROLES = ("gamma", "beta", "moving mean", "moving variance")


@dataclass(frozen=True)
class Layout:
    """How a framework names the four arrays (in the order of ``ROLES``), momentum and axis.

    Keras, PyTorch and ONNX keep them in this order; Flax keeps them by name, in two collections.
    ``layer``, with {keep}, {new} and {epsilon}, is the layer as one writes it for rows of
    features ({features} of them), as they are carried over here.
    """

    names: tuple[str, str, str, str]
    layer: str

    def written(self, keep: float, epsilon: float, features: int) -> str:
        """The layer with these numbers.

        >>> LAYOUTS["torch"].written(0.99, 1e-3, 4)
        'torch.nn.BatchNorm1d(4, eps=0.001, momentum=0.01)'
        """
        new = f"{1 - keep:.12g}"  # 1 - 0.99 is 0.010000000000000009
        return self.layer.format(
            keep=repr(float(keep)), new=new, epsilon=repr(float(epsilon)), features=features
        )


_KERAS = Layout(
    ("gamma", "beta", "moving_mean", "moving_variance"),
    "BatchNormalization(axis=-1, momentum={keep}, epsilon={epsilon})",
)
LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "keras-3": _KERAS,
        "tf_keras": _KERAS,
        "keras-2.2.4": _KERAS,
        "torch": Layout(
            ("weight", "bias", "running_mean", "running_var"),
            "torch.nn.BatchNorm1d({features}, eps={epsilon}, momentum={new})",
        ),
        "flax": Layout(
            ("params/scale", "params/bias", "batch_stats/mean", "batch_stats/var"),
            "flax.linen.BatchNorm(momentum={keep}, epsilon={epsilon})",
        ),
        "onnxruntime": Layout(
            ("scale", "B", "input_mean", "input_var"),
            'make_node("BatchNormalization", ..., momentum={keep}, epsilon={epsilon})',
        ),
    }
)
