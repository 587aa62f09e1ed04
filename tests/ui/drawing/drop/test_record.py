"""What the picture of a dropped number is given."""

import json

import numpy as np

from ui.drawing.drop.record import Drop, Dropped, record


def test_only_what_is_drawn_travels_and_json_holds_it():
    statistics = {
        "mean": np.array([1, np.nan, -np.inf], "f4"),
        "variance": np.array([0.5, np.inf, 2], "f4"),
    }
    drop = Drop(
        names={"nan": "NaN"}, features=(1, 2), at=Dropped("nan", 2, 7), total=9, first=2, last=8,
        keep=0.9, initial={"mean": 0.0, "variance": 1.0}, clean=statistics,
        spoilt={"nan": statistics}, held=statistics, told=True,
    )  # fmt: skip
    told = record(drop)
    drawn = {"mean": ["NaN", "-Infinity"], "variance": ["Infinity", 2.0]}
    assert told["clean"] == told["held"] == told["spoilt"]["nan"] == drawn
    assert (told["of"], told["features"], told["at"]["update"]) == (3, (1, 2), 7)
    json.dumps(told, allow_nan=False)
