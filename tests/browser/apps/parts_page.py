"""Components with numbers that a test knows: ?part=seats (with &wrong one that is another; other
words lead to states that are rare)."""

import itertools
from functools import partial

import numpy as np
import streamlit as st

import bncore
from ui.drawing.drop import Drop, Dropped, draw_drop
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


def near() -> SeatedLayer:
    """A layer whose seats are alike but for the fourth digit of a mean."""
    held = {name: np.ones((3, 1)) for name in ("gamma", "beta", "moving_mean", "moving_variance")}
    held["moving_mean"] += np.arange(3)[:, None] * 1e-4
    returned = (ROWS - held["moving_mean"][:, None]) / np.sqrt(1 + EPSILON) + 1
    return SeatedLayer("near", held, returned, 1.0 if "coarse" in st.query_params else 1e-9)


def seats() -> None:
    off = 1e-8 if "wrong" in st.query_params else 0.0
    layers = [layer("axis=0", (3, 1), off), layer("axis=-1", (1, 2))]
    layers = [near()] if "near" in st.query_params else layers
    draw_seats(ROWS, layers, epsilon=EPSILON, key="seats")


HELD = np.array([2.0, 30.0]), np.array([1.5, 200.0])


def both(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Outputs of the first rows in training and in inference mode."""
    batch = ROWS[:size]
    training = (batch - batch.mean(axis=0)) / np.sqrt(batch.var(axis=0) + EPSILON)
    return training, (batch - HELD[0]) / np.sqrt(HELD[1] + EPSILON)


def engine(rows: np.ndarray, held: bncore.Moments, epsilon: float, size: int) -> Strips:
    """What the engine makes of the first rows, whatever they are."""
    batch = rows[:size]
    split = bncore.split_axes(batch.shape, -1)
    own = bncore.batch_moments(batch, split)
    outputs = [bncore.normalize(batch, split, each, epsilon) for each in (own, held)]
    return Strips(rows, held.mean, held.variance, epsilon, *outputs)


def drawn(size: int) -> Strips:
    if "constant" in st.query_params:
        return engine(np.full_like(ROWS, 0.1), bncore.Moments(*HELD, 3), 0.0, size)
    if "overflow" in st.query_params:
        lost = bncore.Moments(np.array([np.inf, 30]), np.array([np.inf, np.inf]), 3)
        return engine(ROWS, lost, EPSILON, size)
    training, inference = both(size)
    training[0, 1] += 1e-11 * ("wrong" in st.query_params)
    return Strips(ROWS, *HELD, EPSILON, training, inference)


def strips() -> None:
    size = st.session_state.get("size", 3)
    st.markdown(f"The engine has {size}.")
    draw_strips(
        drawn(size),
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
    chosen = st.session_state.get("chosen", {})
    st.markdown(f"The server has {', '.join(chosen.values()) or 'nothing'}.")
    draw_switches(
        CHOICES,
        cases,
        key="switches",
        chosen=chosen,
        on_look=lambda told: st.session_state.update(chosen=told),
    )
    given = {"training": "False", "trainable": "after"}
    st.button("A link", on_click=partial(st.session_state.update, chosen=given))


CLEAN = {"mean": np.float32([2, 10]), "variance": np.float32([36, 1])}
BAD = {"nan": (np.nan, np.nan), "inf": (np.inf, np.nan), "1e20": (2e19, np.inf)}
KEEP, TOTAL = 0.4, 120


def held(bad: str, feature: int, update: int, total: int = TOTAL) -> dict[str, np.ndarray]:
    """What a layer holds after the last update, an update after the other."""
    moving = {"mean": np.zeros(2, "f4"), "variance": np.ones(2, "f4")}
    for each in range(1, total + 1):
        for which, name in enumerate(moving):
            batch = CLEAN[name].copy()
            if each == update:
                batch[feature] = BAD[bad][which]
            moving[name] = np.float32(KEEP) * moving[name] + np.float32(1 - KEEP) * batch
    return moving


def drop() -> None:
    at = {name: st.session_state.get(name, first) for name, first in DROPPED.items()}
    trained = held(**at)
    trained["mean"][1] += 0.01 * ("wrong" in st.query_params and at["feature"] == 0)
    st.markdown(f"The server has {at['bad']}, {at['feature']}, {at['update']}.")
    draw_drop(
        Drop(
            names={"nan": "NaN", "inf": "infinity", "1e20": "1e20"},
            features=(0, 1),
            at=Dropped(**at),
            total=TOTAL,
            first=2,
            last=int(st.query_params.get("last", 110)),
            keep=KEEP,
            initial={"mean": 0.0, "variance": 1.0},
            clean=CLEAN,
            spoilt={
                bad: {
                    name: np.full(2, value, "f4") for name, value in zip(CLEAN, both, strict=True)
                }
                for bad, both in BAD.items()
            },
            held=None if "untrained" in st.query_params else trained,
            told="secret" not in st.query_params,
        ),
        key="drop",
        on_look=st.session_state.update,
    )
    st.button("Undo", on_click=partial(st.session_state.update, DROPPED))


DROPPED = {"bad": "nan", "feature": 1, "update": 60}

if __name__ == "__main__":
    parts = {"drop": drop, "seats": seats, "strips": strips, "switches": switches}
    parts[st.query_params["part"]]()
