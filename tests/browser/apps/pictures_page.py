"""A player for every kind of picture, of numbers that a test knows: ?of=curves, rows, and so on."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui.drawing.player import (
    Balls,
    Bins,
    Curve,
    Ended,
    Event,
    Formula,
    Level,
    Plane,
    Quantity,
    Recording,
    Rows,
    draw_player,
)
from ui.drawing.player.pinned import Pinned

LAYER = (Curve("layer", "the layer"),)


@dataclass(frozen=True, eq=False)
class Found:
    """A record that can be held weakly."""


LONG = 4000  # more steps than pixels
FLAT, RISING = np.ones(LONG), np.linspace(5, 20, LONG)
FLAT[1501], FLAT[2502] = 100, 0.01


def curves() -> Recording:
    """A flat curve with two spikes, and one that rises in a band, on logarithmic axes."""
    loss = {"flat": FLAT[:, None], "rising": RISING[:, None]}
    return Recording(
        unit="update",
        steps=np.arange(LONG),
        features=("loss",),
        curves=(Curve("flat", "Flat"), Curve("rising", "Rising", 1, "dash")),
        quantities=(
            Quantity(
                "loss",
                "Loss",
                loss,
                (Level("goal", np.array([2.0])), Level("answer", np.array([50.0]), late=True)),
                bands={"rising": (loss["rising"] / 2, loss["rising"] * 2)},
                log=True,
            ),
            Quantity("taken", "", {"flat": 3 * loss["flat"]}, pictured=False),
            Quantity("raw", "", {"flat": 1.5 * loss["flat"]}, pictured=False),
        ),
        formulas=(Formula("moving", "loss", "taken", 0.9), Formula("stored", "taken", "raw")),
        events=(Event(999, "a NaN"),),
        scale="log",
    )


def few(steps: int = 3, over: float = 4.0) -> Recording:
    """A line at 8, divided by its own number."""
    return Recording(
        unit="epoch",
        steps=10 * np.arange(steps),
        features=("mean",),
        curves=LAYER,
        quantities=(
            Quantity(
                "mean",
                "Mean",
                {"layer": np.full((steps, 1), 8.0)},
                over=Level("over the data", np.array([over])),
            ),
        ),
    )


DATA = np.array([[1.0, 40.0], [4.0, 10.0], [2.0, 30.0], [3.0, 20.0]])
TAKEN = np.array([[-1, -1], [3, 0], [2, -1]])  # the second batch is smaller
MOVING = np.array([[0.0, 0.0], [0.5, 6.0], [0.75, 12.0]])


def rows() -> Recording:
    """Two batches of four rows."""
    batch = np.stack([[np.nan, np.nan], DATA[[3, 0]].mean(axis=0), DATA[2]])
    return Recording(
        unit="update",
        steps=np.arange(3),
        features=("length", "width"),
        curves=LAYER,
        quantities=(
            Quantity("mean", "Moving mean", {"layer": MOVING}),
            Quantity("taken_mean", "", {"layer": batch}, pictured=False),
        ),
        scenes=(
            Rows(
                "rows", "The rows", "of all", DATA, TAKEN, (np.array([0, 1, 1, 1]), ("a", "b")),
                curve="layer", batch="taken_mean", moving="mean",
            ),
        ),
    )  # fmt: skip


POINTS = np.array([[[0.0, 10.0], [1, 20], [5, 60]], [[2, 30], [3, 40], [4, 80]]])
WRONG = np.array([[1, 0, 0], [0, 1, 1]])
CENTRE = np.array([[0.0, 0.0], [1.0, 10.0], [2.0, 20.0], [3.5, 40.0]])
VARIANCE = np.array([[1.0, 1.0], [1.0, 1.0], [2.0, 25.0], [4.0, 100.0]])


def plane() -> Recording:
    """Three points that are known at two of four steps."""
    span = (np.array([-1.0, -1.0]), np.array([6.0, 80.0]))
    return Recording(
        unit="update",
        steps=np.arange(4),
        features=("accuracy",),
        curves=LAYER,
        quantities=(Quantity("accuracy", "Accuracy", {"layer": np.full((4, 1), 0.5)}),),
        scenes=(
            Plane(
                "plane", "Points", "all", ("unit 0", "unit 1"), "rows", np.array([0, 2]),
                POINTS, WRONG, CENTRE, VARIANCE, span,
            ),
        ),
    )  # fmt: skip


ENDED = Ended(
    error=np.array([[0.1, 0.2, 0.75, 0.7], [0.3, np.nan, np.nan, 0.6]]),
    learned=np.array([[True, True, False, False], [True, False, False, False]]),
    lost=np.array([[-1, -1, -1, -1], [-1, 70, 1200, -1]]),
)


def balls() -> Recording:
    """Four repetitions at two rates."""
    return Recording(
        unit="rate",
        steps=np.array([0.1, 1.0]),
        features=("mean of 4 repetitions",),
        curves=LAYER,
        quantities=(Quantity("learned", "Learned", {"layer": ENDED.learned.mean(1)[:, None]}),),
        scenes=(Balls("balls", "Balls", "all", {"layer": ENDED}, 0.75),),
        scale="each",
    )


COUNTS = np.array(
    [  # steps, features, bins
        [[0, 4, 4, 0], [2, 2, 2, 2]],
        [[0, 8, 0, 0], [0, 1, 3, 4]],
    ]
)


def hills() -> Recording:
    """A hill for each of two curves; what is above 0.5 is flat."""
    counts = {"one": COUNTS.astype(np.int32), "other": COUNTS[:, :, ::-1].astype(np.int32)}
    bins = Bins(-2, 2, ((0.5, 2.0),), "flat", "dead")
    flat = {name: each[:, :, 3] / each.sum(axis=2) for name, each in counts.items()}
    return Recording(
        unit="update",
        steps=np.arange(2),
        features=("block 1", "block 2"),
        curves=(Curve("one", "One"), Curve("other", "Other", 1)),
        quantities=(
            Quantity("hill", "Values", counts, bins=bins),
            Quantity("flat", "Dead", flat),
        ),
    )


def main() -> None:
    """The player of one of them."""
    kind = st.query_params["of"]
    recording = {each.__name__: each for each in (curves, few, rows, plane, balls, hills)}[kind]
    found = st.session_state.setdefault("found", Found())
    beside = []
    if kind == "few":
        other = st.session_state.setdefault("other", Found())
        beside = [("keep 0.5", Pinned.of(other, lambda: few(5, 2.0)))]
    looking = st.session_state.setdefault("looking", {"feature": 0})
    draw_player(
        recording(),
        found,
        key=kind,
        looking=looking,
        on_look=looking.update,
        plays=False,
        secret="secret" in st.query_params,
        pinned=beside,
    )


if __name__ == "__main__":
    main()
