"""Components with numbers that a test knows: ?part=seats (with &wrong one that is another)."""

import numpy as np
import streamlit as st

from ui.drawing.seats import SeatedLayer, draw_seats

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


if __name__ == "__main__":
    {"seats": seats}[st.query_params["part"]]()
