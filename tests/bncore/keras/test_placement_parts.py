"""A study in parts brings, bit for bit, what one worker brings."""

import pytest

import bncore
from bncore.experiments.experiment import joined
from bncore.keras import placement, replicas
from bncore.keras.placement import study, sweep
from bncore.keras.repetitions import repetitions
from tests.bncore.training.test_split import assert_same

pytestmark = pytest.mark.keras
DATA = bncore.datasets.two_classes(rows=65)
COMMON = {"replicas": 2, "epochs": 2, "units": 4, "depth": 1, "seed": 5}


def chunks(experiment, number=0, of=1, **arguments):
    part = {"part": (number, of)} if of > 1 else {}
    return list(experiment(DATA.values, DATA.labels, **COMMON, **part, **arguments))


def assert_parts_are_the_whole(experiment, of, **arguments):
    whole = chunks(experiment, **arguments)
    wanted = joined([chunk.values for chunk in whole])
    parts = [chunks(experiment, number, of, **arguments) for number in range(of)]
    in_turns = [list(turn) for turn in zip(*parts, strict=False)]
    in_turns.append([chunk for part in parts for chunk in part[len(in_turns) :]])
    stopped = wanted.pop("stopped", {})
    for order in (parts, parts[::-1], in_turns):
        found = joined([chunk.values for part in order for chunk in part])
        assert found.pop("stopped", {}) == stopped  # in the order in which it happened
        assert_same(found, wanted)
    total = whole[-1].total
    assert {chunk.total for part in parts for chunk in part} == {total}
    assert sum(part[-1].done for part in parts) == whole[-1].done == total
    return {**wanted, "stopped": stopped}


def test_variants_side_by_side():
    values = assert_parts_are_the_whole(study, 2, variants=("none", "before", "orphan"))
    assert list(values["runs"]) == ["none", "before", "orphan"]
    assert values["orphans"]["orphan"]["made"] == 1


def test_variants_of_which_one_diverges():
    arguments = {"activation": "relu", "optimizer": "sgd", "learning_rate": 1e30}
    values = assert_parts_are_the_whole(study, 2, variants=("none", "before"), **arguments)
    assert "diverged" in values["stopped"]["none"]


def test_rates_of_one_variant_over_several_workers():
    arguments = {"variants": ("none", "before"), "rates": (0.01, 0.1, 1.0)}
    values = assert_parts_are_the_whole(sweep, 3, **arguments)
    assert [list(rates) for rates in values["rates"].values()] == [["0.01", "0.1", "1"]] * 2


def test_before_its_first_epoch_a_variant_has_none():
    first, *_ = chunks(study, variants=("before",))
    program = replicas.Replicas(
        "before", placement.Architecture((14,), 2, units=4, depth=1), _rows(), 16, "sgd"
    )
    program.compile(0.1)
    nothing, found = first.values["runs"]["before"], program.before()
    assert list(nothing) == list(found)
    for name, entries in nothing.items():
        assert (entries.dtype, len(entries)) == (found[name].dtype, 0)
        assert entries.shape[1:] == found[name].shape[1:]


def _rows():
    return repetitions(DATA.values, DATA.labels, count=2, validation=0.2, seed=5)


def test_a_long_epoch_can_be_stopped(monkeypatch):
    monkeypatch.setattr(placement, "PAUSE_SECONDS", 0.0)
    found = chunks(study, variants=("none",), batch_size=1)
    between = [chunk for chunk in found if not chunk.values and not chunk.message]
    assert len(between) > 4
    wanted = chunks(study, variants=("none",), batch_size=1)
    assert_same(*(joined([chunk.values for chunk in each]) for each in (found, wanted)))


@pytest.mark.parametrize("part", [(2, 2), (0, 3), (-1, 2), (0, 0)])
def test_a_part_that_there_is_not(part):
    with pytest.raises(ValueError, match="part"):
        next(study(DATA.values, DATA.labels, variants=("none", "before"), part=part))
