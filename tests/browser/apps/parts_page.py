"""Components with numbers that a test knows: ?part=seats (with &wrong one that is another)."""

import itertools
from functools import partial

import numpy as np
import streamlit as st

from ui.drawing.seats import SeatedLayer, draw_seats
from ui.drawing.strips import Strips, draw_strips
from ui.drawing.switches import Case, draw_switches

ROWS = np.array([[1.0, 20.0], [2.0, 50.0], [4.0, 10.0]])
EPSILON = 0.5


def layer(name: str, kept: tuple[int, int], off: float = 0.0) -> SeatedLayer:
    """A layer with random weights for each seat, or for each feature."""
    rng = np.random.default_rng(len(name))
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    held = {each: rng.uniform(1, 3, size=kept) for each in names}
    every = {each: np.broadcast_to(values, ROWS.shape)[:, None] for each, values in held.items()}
    spread = np.sqrt(every["moving_variance"] + EPSILON)
    returned = (ROWS - every["moving_mean"]) / spread * every["gamma"] + every["beta"]
    returned[0, 2, 1] += off
    return SeatedLayer(name, held, returned, 1e-9)


def seats() -> None:
    off = 0.001 if "wrong" in st.query_params else 0.0
    layers = [layer("axis=0", (3, 1), off), layer("axis=-1", (1, 2))]
    draw_seats(ROWS, layers, epsilon=EPSILON, key="seats")


HELD = np.array([2.0, 30.0]), np.array([1.5, 200.0])


def both(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Outputs of the first rows in training and in inference mode."""
    batch = ROWS[:size]
    training = (batch - batch.mean(axis=0)) / np.sqrt(batch.var(axis=0) + EPSILON)
    return training, (batch - HELD[0]) / np.sqrt(HELD[1] + EPSILON)


def strips() -> None:
    size = st.session_state.get("size", 3)
    training, inference = both(size)
    training[0, 1] += 1e-9 * ("wrong" in st.query_params)
    st.markdown(f"The engine has {size}.")
    draw_strips(
        Strips(ROWS, *HELD, EPSILON, training, inference),
        key="strips",
        on_look=st.session_state.update,
    )
    st.button("Undo", on_click=partial(st.session_state.update, size=3))


CHOICES = {"training": ("not given", "False"), "trainable": ("never", "before", "after")}
STATES = {"changed": True, "unchanged": False, "cannot tell": None}


def states(combination: tuple[str, ...]) -> list[str]:
    """What both tiles say of a combination; no two of them say the same."""
    n = list(itertools.product(*CHOICES.values())).index(combination)
    return [list(STATES)[n % 3], list(STATES)[n // 3 % 3]]


def switches() -> None:
    cases = {
        each: Case(
            [("bn = BatchNormalization()", False), (f"bn(x)  # {' '.join(each)}", True)],
            dict(zip(("gamma", "statistics"), map(STATES.get, states(each)), strict=True)),
            f"Tried: {' '.join(each)}.",
        )
        for each in itertools.product(*CHOICES.values())
    }
    draw_switches(CHOICES, cases, key="switches")


if __name__ == "__main__":
    {"seats": seats, "strips": strips, "switches": switches}[st.query_params["part"]]()
