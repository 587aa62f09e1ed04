"""A layer is written as its framework spells it."""

import pytest

from bncore.porting import LAYOUTS


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("keras-3", "BatchNormalization(axis=-1, momentum=0.9, epsilon=0.001)"),
        ("flax", "flax.linen.BatchNorm(momentum=0.9, epsilon=0.001)"),
        ("torch", "torch.nn.BatchNorm1d(4, eps=0.001, momentum=0.1)"),
        ("onnxruntime", 'make_node("BatchNormalization", ..., momentum=0.9, epsilon=0.001)'),
    ],
)
def test_a_layer_is_written_with_its_own_momentum_and_mean_before_variance(name, line):
    layout = LAYOUTS[name]
    assert layout.written(0.9, 1e-3, 4) == line
    assert "mean" in layout.names[2]
    assert "var" in layout.names[3]
