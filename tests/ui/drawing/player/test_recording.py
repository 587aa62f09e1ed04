"""What a player is told, and how its numbers travel."""

import dataclasses
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.drawing.player import Curve, Event, Formula, Level, Quantity, Recording
from ui.drawing.player.component import _step
from ui.drawing.player.recording import arrays_of, described, encoded

SIZES = {"f4": 4, "f8": 8, "i4": 4}
TYPES = {"f4": "<f4", "f8": "<f8", "i4": "<i4"}


def recording(**values) -> Recording:
    (first, *_) = values.values()
    return Recording(
        unit="update",
        steps=np.arange(len(first)),
        features=("feature 0",),
        curves=tuple(Curve(key, key.upper(), number) for number, key in enumerate(values)),
        quantities=(
            Quantity("mean", "Mean", values, (Level("data", np.array([np.nan, 2.0])),)),
            Quantity("taken", "", values, pictured=False),
        ),
        formulas=(Formula("moving mean", "mean", "taken", 0.99),),
    )


def decoded(data: bytes) -> dict[str, np.ndarray]:
    """As the browser reads it, in other words."""
    (length,) = struct.unpack_from("<I", data)
    header = json.loads(data[4 : 4 + length])
    offset, found = (4 + length + 7) // 8 * 8, {}
    for each in header:
        count = int(np.prod(each["shape"]))
        array = np.frombuffer(data, TYPES[each["type"]], count, offset)
        found[each["name"]] = array.reshape(each["shape"])
        offset += (count * SIZES[each["type"]] + 7) // 8 * 8
    assert offset == len(data)
    return found


@given(
    st.integers(1, 6),
    st.integers(1, 4),
    st.sampled_from(["float32", "float64", "float16", "int64", ">f4"]),
)
def test_every_number_arrives_as_it_is(steps, columns, kind):
    array = np.random.default_rng(steps).normal(0, 100, (steps, columns)).astype(kind)
    found = decoded(encoded(arrays_of(recording(a=array, b=array.T.copy().T[::-1]))))
    assert found["steps"].tolist() == list(range(steps))
    np.testing.assert_array_equal(found["mean/a"], array)
    np.testing.assert_array_equal(found["mean/b"], array[::-1])


def test_not_a_number_arrives_too():
    array = np.array([[np.nan], [np.inf], [-0.0]], np.float32)
    np.testing.assert_array_equal(decoded(encoded(arrays_of(recording(a=array))))["mean/a"], array)


def test_what_is_told_is_json_and_names_every_array_that_is_drawn():
    told = json.loads(json.dumps(described(recording(a=np.zeros((2, 1)))), allow_nan=False))
    assert [each["key"] for each in told["quantities"]] == ["mean"]
    assert told["quantities"][0]["levels"][0]["values"] == [None, 2.0]
    assert told["curves"][0] == {
        "key": "a",
        "label": "A",
        "color": 0,
        "dash": "solid",
        "late": False,
    }
    assert told["formulas"] == [
        {"name": "moving mean", "of": "mean", "from": "taken", "keep": 0.99}
    ]


def test_events_and_the_ends_of_an_axis_are_told():
    plain = recording(a=np.zeros((2, 1)))
    told = described(
        dataclasses.replace(
            plain,
            events=(Event(1, "a NaN"),),
            together=True,
            quantities=(
                dataclasses.replace(plain.quantities[0], span=(np.zeros(2), np.array([1, np.inf]))),
            ),
        )
    )
    assert json.loads(json.dumps(told["events"])) == [{"step": 1, "label": "a NaN"}]
    assert told["together"]
    assert told["quantities"][0]["span"] == [[0.0, 0.0], [1.0, None]]
    assert described(plain)["quantities"][0]["span"] is None


@pytest.mark.parametrize(("opens", "steps", "told"), [(0, 3, 0), (2, 3, 2), (3, 3, 2), (1, 0, 0)])
def test_it_opens_at_a_step_that_is_there(opens, steps, told):
    opened = dataclasses.replace(recording(a=np.zeros((steps, 1))), opens=opens)
    assert described(opened)["opens"] == told


@pytest.mark.parametrize(
    ("asked", "step"),
    [
        ({"of": "/a", "step": 2}, 2),
        ({"of": "/b", "step": 2}, None),
        ({"of": "/a", "step": 99}, None),
        ({"of": "/a", "step": "2"}, None),
        ({"of": "/a", "step": 1.5}, None),
        ("2", None),
        (None, None),
    ],
)
def test_only_a_step_of_this_recording_is_asked_about(asked, step):
    assert _step(asked, "/a", recording(a=np.zeros((4, 1)))) == step
