"""What the page about speed holds, and the job that follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bncore.experiments.speed import DTYPES, Speed, SpeedFound
from bncore.training.jobs import Job
from bncore.training.turns import RUN, STUDY
from ui.page.predictions import predictions
from ui.state import fields

CHANNELS, SIDE = 64, 112
ROUNDS = 5
LIMIT_SECONDS = 300.0
LAYOUTS = {
    "nhwc": "Images, channels last",
    "nchw": "Images, channels first",
    "rows": "A table, a feature a column",
    "columns": "A table, a feature a row",
}
IMAGES = {"13": 4, "51": 16, "154": 48}  # of float32: a megabyte is a million bytes
SIZES = {size: f"{size} MB" for size in IMAGES}
WAYS = {
    "naive": "NumPy, as written",
    "short": "NumPy, E[x²] − E[x]²",
    "engine": "The engine",
    "tensorflow": "The engine on TensorFlow",
    "layer": "The Keras layer",
}
GUESSES = predictions(**{name: title[0].lower() + title[1:] for name, title in WAYS.items()}) | {
    "naive": "NumPy, as written", "short": "NumPy, E[x²] − E[x]²"
}  # fmt: skip


@dataclass(frozen=True)
class SpeedState:
    """The tensor, and the prediction."""

    layout: str = fields.choice("nhwc", tuple(LAYOUTS))
    size: str = fields.choice("13", tuple(SIZES))
    dtype: str = fields.choice("float32", tuple(DTYPES))
    mean: float = fields.number(1000, 0, 1e6)
    seed: int = fields.integer(0, 0, 2**31 - 1)
    guess: str = fields.prediction(GUESSES)


def tensor(state: SpeedState) -> tuple[tuple[int, ...], int]:
    """The shape, and the axis that is kept: 64 features in every layout.

    >>> tensor(SpeedState(layout="rows", size="154"))
    ((602112, 64), 1)
    """
    images = IMAGES[state.size] * DTYPES["float32"] // DTYPES[state.dtype]
    pixels = images * SIDE * SIDE
    return {
        "nhwc": ((images, SIDE, SIDE, CHANNELS), 3),
        "nchw": ((images, CHANNELS, SIDE, SIDE), 1),
        "rows": ((pixels, CHANNELS), 1),
        "columns": ((CHANNELS, pixels), 0),
    }[state.layout]


def megabytes(state: SpeedState) -> float:
    """The size of the tensor.

    >>> megabytes(SpeedState()), megabytes(SpeedState(dtype="float64"))
    (12.845056, 12.845056)
    """
    return math.prod(tensor(state)[0]) * DTYPES[state.dtype] / 1e6


def code(state: SpeedState) -> str:
    """What is measured, as one would write it."""
    shape, axis = tensor(state)
    axes = tuple(each for each in range(len(shape)) if each != axis)
    return (
        f"x = rng.standard_normal({shape}, dtype=np.{state.dtype}) + {state.mean:g}\n"
        f"mean, variance = x.mean({axes}, keepdims=True), x.var({axes}, keepdims=True)\n"
        "x_hat = (x - mean) / np.sqrt(variance + 1e-3)    # NumPy, as written"
    )


def job(state: SpeedState) -> Job[SpeedFound]:
    """The same tensor through every way."""
    asked = Speed(*tensor(state), state.dtype, state.mean, state.seed, ROUNDS)
    lane = STUDY if state.size == "154" else RUN
    return Job(asked, "Speed", LIMIT_SECONDS, lane)
