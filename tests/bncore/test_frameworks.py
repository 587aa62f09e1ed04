"""Live frameworks make the recorded runs again; which ones, depends on what is installed."""

import numpy as np
import pytest

from bncore.frameworks import FRAMEWORKS, installed, live_layer
from bncore.records import recorded

LIVE = [
    pytest.param(
        record,
        id=f"{record.convention}-{record.case.name}",
        marks=pytest.mark.skipif(
            not installed(record.convention), reason=f"{record.convention} is not installed"
        ),
    )
    for record in recorded()
    if record.convention in FRAMEWORKS
]
pytestmark = pytest.mark.keras


@pytest.mark.parametrize("record", LIVE)
def test_a_live_layer_repeats_its_recorded_run(record):
    case = record.case
    shape = case.batches[0].shape
    layer = live_layer(record.convention, shape[-1], len(shape), case.keep, case.epsilon)
    held = {}
    for number, batch in enumerate(case.fed(), start=1):
        output = layer.train(batch)
        if number in record.updates:
            held[number] = layer.moving()
    mean, variance = (np.stack(column) for column in zip(*held.values(), strict=True))
    np.testing.assert_allclose(mean, record.mean, rtol=2e-5, atol=2e-7)
    np.testing.assert_allclose(variance, record.variance, rtol=2e-5, atol=2e-7)
    np.testing.assert_allclose(output, record.train_output, atol=2e-4)
    np.testing.assert_allclose(layer.infer(batch), record.inference_output, atol=2e-4)


def test_every_framework_that_can_be_live_was_recorded_too():
    assert {record.convention for record in recorded()} >= set(FRAMEWORKS)


def test_what_is_not_installed_says_what_is():
    with pytest.raises(ValueError, match="cannot be run live here; installed are"):
        live_layer("mxnet", 2, 2, 0.9, 1e-3)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=pytest.mark.skipif(not installed(name), reason=f"{name} is not installed")
        )
        for name in FRAMEWORKS
    ],
)
def test_arrays_that_are_loaded_make_the_output(name):
    generator = np.random.default_rng(1)
    x, (gamma, beta, mean) = generator.normal(size=(5, 3)), generator.normal(size=(3, 3))
    arrays = [a.astype(np.float32) for a in (gamma, beta, mean, np.array([0.5, 1, 2]))]
    layer = live_layer(name, 3, 2, 0.9, 0.1)
    layer.load(*arrays)
    expected = (x - mean) / np.sqrt(np.array([0.5, 1, 2]) + 0.1) * gamma + beta
    np.testing.assert_allclose(layer.infer(x.astype(np.float32)), expected, atol=1e-5)
