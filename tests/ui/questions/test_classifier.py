"""What the pages about the classifier share: its data, its limits, its jobs."""

import dataclasses

import numpy as np
import pytest

from bncore import datasets
from bncore.experiments.arguments import Rows
from bncore.experiments.placement import StudyFound, VariantRun
from bncore.training.fingerprint import fingerprint
from ui.questions.bias import state as bias
from ui.questions.classifier import study
from ui.questions.classifier.data import data, scaled
from ui.questions.classifier.state import Block, Classifier, presets
from ui.questions.classifier.study import common_epoch, problem, products, study_job
from ui.questions.distributions.state import DistributionsState
from ui.questions.placement.state import PlacementState
from ui.questions.rates import state as rates
from ui.state import fields


def test_too_much_is_refused_before_it_runs():
    assert problem(PlacementState()) == ""
    assert "at most 40,000" in problem(dataclasses.replace(PlacementState(), epochs=200))
    wide = dataclasses.replace(PlacementState(), rows=50, batch_size=64)
    with pytest.raises(ValueError, match="between 1 and the 40 training rows; got 64"):
        study_job(wide)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"units": 8, "replicas": 8, "epochs": 5}, ""),
        ({"units": 64, "replicas": 8, "epochs": 1}, ""),
        ({"units": 256, "depth": 6, "batch_size": 512, "replicas": 1}, "at most 10 are made"),
        ({"units": 256, "depth": 2, "batch_size": 4, "replicas": 1, "epochs": 1}, "14 thousand"),
        ({"units": 64, "replicas": 8, "epochs": 9, "batch_size": 32}, "at most 1,000 are made"),
    ],
)
def test_convolutions_are_refused_by_what_they_cost(changes, words):
    found = problem(dataclasses.replace(PlacementState(), block="conv", **changes))
    assert (words in found) if words else not found


WIDE = {"classes": "digits", "units": 256, "depth": 6, "replicas": 16, "batch_size": 512}
MOST = "Choose fewer units, blocks, repetitions, epochs or variants."


@pytest.mark.parametrize(("changes", "words"), [
    ({"rows": 50, "batch_size": 40}, ""),
    ({"epochs": 160}, ""),  # 5 variants of 50 updates an epoch: 40,000
    ({"epochs": 161}, "5 variants of 8,050 updates are 40,250; at most 40,000 are trained here. "
     "Choose fewer epochs, larger batches or fewer variants."),
    ({"block": "conv", "units": 1, "epochs": 11}, ""),  # 1438 of 1797 rows: 90 updates an epoch
    ({"block": "conv", "units": 1, "epochs": 12}, "5 variants of 1,080 updates are 5,400; at most "
     "5,000 are trained here. Choose fewer epochs, larger batches or fewer variants."),
    ({"block": "conv", "units": 64, "replicas": 16, "epochs": 1}, "One update, or one look at the "
     "validation rows, of all 16 repetitions takes 14 thousand million products; at most 10 are "
     "made here, or Stop would be heard late. Choose fewer units, fewer blocks, fewer repetitions "
     "or smaller batches."),
    (WIDE | {"variants": ("none",), "epochs": 42}, ""),
    (WIDE | {"variants": ("none",), "epochs": 43}, "This takes about 1,021 thousand million "
     f"products; at most 1,000 are made here, or it would not end within 300 s. {MOST}"),
    (WIDE | {"variants": ("none", "after"), "epochs": 21}, ""),
])  # fmt: skip
def test_the_limits_are_where_they_are_said_to_be(changes, words):
    assert problem(dataclasses.replace(PlacementState(), **changes)) == words


@pytest.mark.parametrize(("changes", "expected"), [
    ({"units": 5, "depth": 1}, 14 * 5), ({"units": 5, "depth": 3}, 14 * 5 + 2 * 5 * 5),
    ({"units": 5, "depth": 2, "block": "conv"}, 64 * 9 * (1 * 5 + 5 * 5)),
])  # fmt: skip
def test_products_are_counted_layer_by_layer(changes, expected):
    assert products(dataclasses.replace(PlacementState(), **changes)) == expected


def test_every_preset_can_be_trained():
    for changes in presets(PlacementState).values():
        assert not problem(dataclasses.replace(PlacementState(), **changes))


def test_scaling_gives_every_feature_mean_0_and_variance_1():
    x, _ = data(Block(classes="wine"))
    np.testing.assert_allclose(scaled(x).mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled(x).var(axis=0), 1)


@pytest.mark.parametrize(
    ("job", "kind"), [(study_job, PlacementState), (rates.job, rates.RatesState)]
)
def test_rows_are_scaled_where_they_are_split_and_not_before(job, kind):
    """With all rows, the validation rows would have a say in what is trained on."""
    chosen = dataclasses.replace(kind(), classes="wine")
    asked = job(chosen).asked
    rows = datasets.DATASETS["wine"]().values.astype(np.float32)  # as they are trained on
    np.testing.assert_array_equal(asked.data, rows)
    assert asked.scaled
    assert not job(dataclasses.replace(chosen, scaled=False)).asked.scaled
    assert not job(dataclasses.replace(chosen, block="conv")).asked.scaled


@pytest.mark.parametrize("changes", [{}, {"block": "conv", "keep": 0.5, "seed": 7, "units": 3}])
def test_what_is_chosen_is_what_is_asked(changes):
    chosen = dataclasses.replace(PlacementState(), **changes)
    asked = study_job(chosen).asked
    named = {field.name for field in dataclasses.fields(asked)} - {"data", "labels", "scaled"}
    kept = named & {field.name for field in dataclasses.fields(chosen)}
    assert named - kept == {"validation", "part"}
    assert all(getattr(asked, name) == getattr(chosen, name) for name in kept)


def test_what_holds_no_rows_back_is_scaled_by_all():
    chosen = bias.BiasState(classes="wine")
    held = bias.job(chosen).asked.data.astype(float)  # of float32 numbers
    np.testing.assert_allclose(held.std(axis=0), 1, rtol=1e-6)


def begun(entries):
    return VariantRun(loss=np.zeros((entries, 2)))


def found_of(**runs):
    return StudyFound(rows=Rows(80, 20), most_common=(0.5, 0.5), runs=runs)


def test_a_variant_that_no_worker_has_begun_leaves_nothing_to_compare():
    assert common_epoch(found_of(none=begun(3), before=begun(0))) < 1
    assert common_epoch(found_of(none=begun(3), before=begun(2))) == 1


@pytest.mark.parametrize(("entries", "any_epoch"), [((1, 1), False), ((1, 2), True)])
def test_a_study_has_begun_with_the_first_epoch_of_any_variant(entries, any_epoch):
    none, before = map(begun, entries)
    assert study.begun(found_of(none=none, before=before)) is any_epoch


@pytest.mark.parametrize(("changes", "own"), [
    ({}, "8 times, each with its own initial weights, dropout masks, split into 1,600 training "
     "and 400 validation rows (scaled by its own training rows)"),
    ({"replicas": 1, "dropout": 0.0}, "1 time, each with its own initial weights, split into "
     "1,600 training and 400 validation rows (scaled by its own training rows)"),
    ({"block": "conv", "replicas": 2}, "2 times, each with its own initial weights, split into "
     "1,600 training and 400 validation rows"),
    ({"scaled": False}, "8 times, each with its own initial weights, dropout masks, split into "
     "1,600 training and 400 validation rows"),
])  # fmt: skip
def test_what_is_repeated_and_what_is_not(changes, own):
    chosen = dataclasses.replace(PlacementState(), **changes)
    assert study.repeated(chosen, Rows(1600, 400)) == (
        f"Repeated {own}, and order of the batches. Every variant gets the same ones. Not "
        "repeated: the 2,000 rows with their labels, and the settings."
    )


@pytest.mark.parametrize("changes", [{}, {"epochs": 3, "depth": 1, "guess": "after"}])
def test_two_pages_ask_for_the_same_study(changes):
    first = dataclasses.replace(PlacementState(), **changes)
    second = dataclasses.replace(DistributionsState(), **changes)
    assert fingerprint(study_job(first)) == fingerprint(study_job(second))


@pytest.mark.parametrize("kind", [PlacementState, DistributionsState, rates.RatesState])
def test_a_preset_sets_everything_but_the_prediction(kind):
    for changes in presets(kind).values():
        assert changes.keys() == fields.specs(kind).keys() - {"guess"}
        fields.replace(kind(), changes)  # and all of it is allowed
    own = dataclasses.replace(kind(), **presets(kind)["The question's classifier"])
    asked = {name: getattr(Classifier(), name) for name in fields.specs(Classifier)}
    assert {name: getattr(own, name) for name in asked} == asked


def test_the_data_are_made_once(monkeypatch):
    from sklearn import datasets as sklearn

    made, real = [], sklearn.make_classification
    monkeypatch.setattr(
        sklearn, "make_classification", lambda *a, **k: made.append(1) or real(*a, **k)
    )
    datasets.two_classes.cache_clear()
    chosen = PlacementState(rows=77, seed=12345)
    for _ in range(3):
        problem(chosen)
        study_job(chosen)
        rates.job(rates.RatesState(rows=77, seed=12345))
    assert len(made) == 1
    images, _ = data(Block(block="conv"))
    assert data(Block(block="conv"))[0] is images
