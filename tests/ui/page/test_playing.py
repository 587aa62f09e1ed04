"""Runs that were kept: what is said of them, and what the player gets."""

import gzip

import numpy as np
import pytest

from bncore.experiments.moving import Moving
from bncore.training.jobs import Job
from ui.drawing.player import Curve, Quantity, Recording, shelf
from ui.drawing.player.kept import Kept, ends
from ui.drawing.player.recording import arrays_of, encoded
from ui.page.playing import differences, differing

DATA = np.arange(6.0).reshape(3, 2)


class Found:
    """A record that can be held weakly."""


def recording(steps=4, features=2, factor=1.0) -> Recording:
    values = factor * np.arange(steps * features, dtype=np.float32).reshape(steps, features)
    return Recording(
        "update",
        np.arange(steps),
        tuple(f"feature {n}" for n in range(features)),
        (Curve("a", "A"),),
        (
            Quantity("mean", "Mean", {"a": values}),
            Quantity("taken", "", {"a": values}, pictured=False),
        ),
    )


def test_settings_that_differ_are_named_with_what_they_were():
    kept = Job(Moving(DATA, keep=0.9, updates=5, variants=("keras-3", "unbiased")))
    now = Job(Moving(DATA + 1, keep=0.99, updates=5))
    assert differing(kept, now) == "other data, variants keras-3, unbiased, keep 0.9"
    assert differing(kept, kept) == ""


def test_results_are_told_where_they_differ_by_more_than_a_thousandth():
    then = {("Mean", "A"): np.array([1.0, 2.0]), ("Gone", "A"): np.array([0.0])}
    now = {("Mean", "A"): np.array([1.0009, 2.5]), ("New", "A"): np.array([0.0])}
    assert list(differences(then, now, 0)) == []
    assert list(differences(then, now, 1)) == ["Mean, A: 2.5 now, 2 then"]
    assert list(differences(then, now, 9)) == ["Mean, A: 2.5 now, 2 then"]  # the last there is
    none = {("Mean", "A"): np.array([np.nan])}
    assert list(differences(none, none, 0)) == []
    assert differences(then, none, 0) == ["Mean, A: nan now, 1 then"]


def test_a_kept_run_is_fetched_under_the_name_that_its_player_had():
    found = Found()
    name = shelf.put_once(found, "p", lambda: encoded(arrays_of(recording())))
    told = Kept.of(found, recording).told("keep 0.9", "p", "/records")
    assert told["src"] == f"/records/{name}"
    assert told["label"] == "keep 0.9"
    assert [curve["key"] for curve in told["curves"]] == ["a"]
    assert gzip.decompress(shelf.get(name)) == encoded(arrays_of(recording()))


def test_only_pictured_curves_have_an_end():
    assert {key: value.tolist() for key, value in ends(recording()).items()} == {
        ("Mean", "A"): [6.0, 7.0]
    }


@pytest.mark.parametrize(
    ("other", "why_not"),
    [
        (recording(steps=9), ""),
        (recording(steps=2), ""),
        (recording(features=3), "its data have a different number of features"),
    ],
)
def test_what_can_stand_in_one_picture(other, why_not):
    assert Kept.of(Found(), recording).why_not_beside(other) == why_not


def test_other_steps_cannot():
    sparse = Recording(
        "update", np.array([0, 5, 9]), ("a", "b"), (Curve("a", "A"),),
        (Quantity("mean", "Mean", {"a": np.zeros((3, 2))}),),
    )  # fmt: skip
    assert Kept.of(Found(), recording).why_not_beside(sparse) == "it has other steps"
