"""Pictures of a step that are no curves: what a browser gets of them."""

import json

import numpy as np

from ui.drawing.player import Balls, Curve, Ended, Plane, Quantity, Recording, Rows
from ui.drawing.player.recording import arrays_of, described
from ui.drawing.player.scenes import together

ROWS = Rows(
    "rows",
    "Rows",
    "of all",
    np.arange(6.0).reshape(3, 2),
    np.array([[-1, -1], [2, 0]]),
    (np.array([0, 1, 1]), ("a", "b")),
    curve="layer",
    batch="taken",
    moving="mean",
)


def plane(key, mean=0.0, spread=1.0, far=2.0):
    points = np.array([[[far, -far], [0.0, 0.0]]], np.float32)
    held = np.full((3, 2), mean), np.full((3, 2), spread**2)
    return Plane(key, key.upper(), "", ("x", "y"), "rows", np.array([1]), points, [[1, 0]], *held)


BALLS = Balls("balls", "B", "", {"layer": Ended([[0.5]], [[True]], [[-1]])}, chance=0.75)


def recording(*scenes):
    mean = Quantity("mean", "Mean", {"layer": np.zeros((2, 2))})
    return Recording(
        "update", np.arange(2), ("f", "g"), (Curve("layer", "A"),), (mean,), scenes=scenes
    )


def test_the_numbers_of_scenes_travel_beside_those_of_the_curves():
    arrays = arrays_of(recording(ROWS, plane("first"), BALLS))
    kinds = {name: each.dtype.name for name, each in arrays.items()}
    assert kinds["rows/taken"] == kinds["first/at"] == "int32"
    assert (kinds["first/points"], kinds["first/wrong"]) == ("float32", "uint8")
    ball = [kinds[f"balls/layer/{name}"] for name in ("error", "learned", "lost")]
    assert ball == ["float64", "uint8", "int32"]
    assert arrays["rows/taken"].tolist() == [[-1, -1], [2, 0]]
    assert "mean/layer" in arrays


def test_their_words_are_told_in_order():
    told = json.loads(json.dumps(described(recording(ROWS, plane("first"), BALLS))))
    assert [scene["kind"] for scene in told["scenes"]] == ["rows", "plane", "balls"]
    assert told["scenes"][2]["chance"] == 0.75
    assert told["scenes"][0]["groups"] == ["a", "b"]
    assert told["quantities"][0]["kind"] == "curves"


def test_planes_have_one_scale_that_holds_every_point_and_every_mean_with_its_box():
    near, far = together({"a": plane("a", far=9.0), "b": plane("b", mean=-20.0, spread=3.0)})
    for each in (near, far):
        low, high = each.span
        assert (low.tolist(), high.tolist()) == ([-23.0, -23.0], [9.0, 1.0])


def test_numbers_that_are_none_leave_the_scale_alone():
    (lost,) = together({"a": plane("a", mean=np.nan)})
    assert [ends.tolist() for ends in lost.span] == [[0.0, -2.0], [2.0, 0.0]]
    (nothing,) = together({"a": plane("a", mean=np.nan, far=np.inf)})
    assert np.isfinite(nothing.span).all()
    assert together({}) == ()
