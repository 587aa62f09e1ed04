"""Every repetition has weights, a split and an order of its own; every variant has the same."""

import numpy as np
import pytest

import bncore
from bncore.experiments.comparison import Architecture, Comparison
from bncore.experiments.experiment import joined
from bncore.experiments.placement import Study, Sweep
from bncore.keras import placement
from bncore.keras.placement import study, sweep
from bncore.keras.recorded import PAD
from bncore.keras.repetitions import Batches, repetitions
from bncore.keras.stacked import initial_kernels

pytestmark = pytest.mark.keras
DATA = bncore.datasets.two_classes(rows=65)
COMMON = {"replicas": 3, "epochs": 2, "units": 4, "batch_size": 16}


def rows(replicas=3, data=DATA.values, **settings):
    return repetitions(Comparison(data, DATA.labels, replicas=replicas, **settings))


def differ(each):
    """No two of them are equal."""
    return all(
        not np.array_equal(a, b) for i, a in enumerate(each) for b in each[i + 1 :]
    )  # fmt: skip


def test_each_repetition_splits_the_rows_anew_and_keeps_both_sides_apart():
    found = rows()
    assert found.training.shape == (3, 52)
    for training, validation in zip(found.training, found.validation, strict=True):
        assert sorted([*training, *validation]) == list(range(65))
    assert differ([np.sort(each) for each in found.validation])


def test_each_repetition_has_its_own_order_and_sees_all_its_training_rows_in_an_epoch():
    found = rows()
    batches = Batches(found, 16).take(8)  # two epochs of four, the last batch of each with 4 rows
    assert batches.shape == (8, 16, 3)
    for number in range(3):
        epochs = batches[..., number].reshape(2, -1)
        for epoch in epochs:
            assert sorted(epoch[epoch != PAD]) == sorted(found.training[number])
        assert differ(epochs)
    places = [  # in the split, which is another one for each
        [list(each).index(row) for row in batches[0, :, number]]
        for number, each in enumerate(found.training)
    ]
    assert differ(places)


def test_each_repetition_has_its_own_weights_however_many_there_are():
    architecture = Architecture((14,), 2, units=4, seed=3)
    for three, two in zip(*(initial_kernels(architecture, count) for count in (3, 2)), strict=True):
        assert differ(three)
        np.testing.assert_array_equal(three[:2], two)
    np.testing.assert_array_equal(rows(3).validation[:2], rows(2).validation)
    np.testing.assert_array_equal(
        Batches(rows(3), 16).take(8)[..., :2], Batches(rows(2), 16).take(8)
    )


def test_another_seed_gives_other_splits():
    assert differ([rows(seed=0).validation, rows(seed=1).validation])


@pytest.mark.parametrize(
    ("run", "kind", "rates"), [(study, Study, {}), (sweep, Sweep, {"rates": [0.1]})]
)
def test_every_variant_has_the_same_repetitions(monkeypatch, run, kind, rates):
    """What reaches the training: the weights, the splits and the batches of each variant."""
    seen = []

    class Watched(placement.Replicas):
        def compile(self, rate):
            super().compile(rate)
            weights = [kernel.kernel.numpy() for kernel in self._stacked.kernels]
            self._batches = Batches(self._data, self._size)
            seen.append([*weights, self._data.validation, self._batches.take(9)])
            self.begin(rate)

    monkeypatch.setattr(placement, "Replicas", Watched)
    list(run(kind(DATA.values, DATA.labels, variants=["none", "before"], **rates, **COMMON)))
    first, second = seen
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_scaling_uses_the_training_rows_alone():
    """Other validation rows, however far away, leave what is trained as it was."""
    found = rows(scaled=True)
    for number, training in enumerate(found.training):
        scaled = (found.x[training] - found.shift[number]) / found.scale[number]
        np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-6)
        np.testing.assert_allclose(scaled.std(axis=0), 1, rtol=1e-5)
    moved = DATA.values.copy()
    one = rows(1)
    moved[one.validation[0]] += 1000
    settings = {**COMMON, "replicas": 1, "variants": ["none"], "scaled": True}
    losses = [
        joined(chunk.values for chunk in study(Study(x, DATA.labels, **settings))).runs["none"]
        for x in (DATA.values, moved)
    ]
    np.testing.assert_array_equal(losses[0].loss, losses[1].loss)
    assert not np.array_equal(losses[0].validation_loss, losses[1].validation_loss)


def test_a_constant_column_is_only_shifted():
    x = np.column_stack([DATA.values, np.full(65, 7.0)])
    found = rows(2, x, scaled=True)
    assert (found.scale[:, -1] == 1).all()
    assert (found.shift[:, -1] == 7).all()
