"""A study in parts brings, bit for bit, what one worker brings."""

import pytest

import bncore
from bncore.experiments.experiment import entries, joined
from bncore.experiments.placement import Study, Sweep
from bncore.keras import placement
from bncore.keras.placement import study, sweep
from tests.bncore.training.test_split import assert_same

pytestmark = pytest.mark.keras
DATA = bncore.datasets.two_classes(rows=65)
COMMON = {"replicas": 2, "epochs": 2, "units": 4, "depth": 1, "seed": 5}


def chunks(kind, part=(0, 1), **settings):
    run = {Study: study, Sweep: sweep}[kind]
    return list(run(kind(DATA.values, DATA.labels, **COMMON, part=part, **settings)))


def assert_parts_are_the_whole(kind, of, **settings):
    whole = chunks(kind, **settings)
    wanted = entries(joined(chunk.values for chunk in whole))
    parts = [chunks(kind, (number, of), **settings) for number in range(of)]
    in_turns = [list(turn) for turn in zip(*parts, strict=False)]
    in_turns.append([chunk for part in parts for chunk in part[len(in_turns) :]])
    stopped = wanted.pop("stopped")
    for order in (parts, parts[::-1], in_turns):
        found = entries(joined(chunk.values for part in order for chunk in part))
        assert found.pop("stopped") == stopped  # in the order in which it happened
        assert_same(found, wanted)
    total = whole[-1].total
    assert {chunk.total for part in parts for chunk in part} == {total}
    assert sum(part[-1].done for part in parts) == whole[-1].done == total
    return {**wanted, "stopped": stopped}


def test_variants_side_by_side():
    values = assert_parts_are_the_whole(Study, 2, variants=("none", "before", "orphan"))
    assert list(values["runs"]) == ["none", "before", "orphan"]
    assert values["orphans"]["orphan"].made == 1


def test_variants_of_which_one_diverges():
    settings = {"activation": "relu", "optimizer": "sgd", "learning_rate": 1e30}
    values = assert_parts_are_the_whole(Study, 2, variants=("none", "before"), **settings)
    assert "diverged" in values["stopped"]["none"]


def test_rates_of_one_variant_over_several_workers():
    settings = {"variants": ("none", "before"), "rates": (0.01, 0.1, 1.0)}
    values = assert_parts_are_the_whole(Sweep, 3, **settings)
    assert [list(rates) for rates in values["rates"].values()] == [["0.01", "0.1", "1"]] * 2


def test_a_long_epoch_can_be_stopped(monkeypatch):
    monkeypatch.setattr(placement, "PAUSE_SECONDS", 0.0)
    found = chunks(Study, variants=("none",), batch_size=1)
    between = [chunk for chunk in found if chunk.values is None and not chunk.message]
    assert len(between) > 4
    wanted = chunks(Study, variants=("none",), batch_size=1)
    assert_same(*(joined(chunk.values for chunk in each) for each in (found, wanted)))
