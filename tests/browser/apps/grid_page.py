"""A page with two grids on it, for the browser tests of `ui.drawing.grid`."""

import time
from types import SimpleNamespace

import numpy as np
import streamlit as st

import bncore
from ui.drawing.grid import GridEvent, Panel, apply_event, draw_grid
from ui.drawing.pressed import draw_pressed

st.set_page_config(layout="wide")
query = st.query_params
if "taken" not in st.session_state:
    if query.get("shape"):
        shape = tuple(int(n) for n in query["shape"].split(","))
        start = np.random.default_rng(0).normal(size=shape)
    else:
        start = np.array([[1.0, 10, 100, 1000], [2, 20, 200, 2000], [3, 30, 300, 3000]])
    st.session_state.taken = SimpleNamespace(x=start, log=[])
    st.session_state.runs = 0
st.session_state.runs += 1  # counted here: the browser may not draw every state of a quick run


def changed(event: GridEvent) -> None:
    taken = st.session_state.taken  # the one touch: a waiting run may break off here, not later
    taken.log.append((event.kind, event.panel, event.index, event.text))
    taken.x = apply_event(taken.x, event)


time.sleep(float(query.get("busy", 0)))  # a page with much to do: edits overtake its runs
x = st.session_state.taken.x
names = {1: "C", 2: "NC", 3: "NTC", 4: "NHWC", 5: "NDHWC"}[x.ndim]
axis = int(query.get("keep", x.ndim - 1))
reduced = tuple(i for i in range(x.ndim) if i != axis)
mean, variance = x.mean(axis=reduced), x.var(axis=reduced)
groups = np.arange(x.shape[axis])
spread = groups.reshape([-1 if i == axis else 1 for i in range(x.ndim)])
x_hat = (x - mean.reshape(spread.shape)) / np.sqrt(variance.reshape(spread.shape) + 1e-3)
statistic = {"groups": groups, "role": "statistic", "axes": (names[axis],)}

st.markdown(f"# Runs: {len(st.session_state.taken.log)} events")
st.number_input("Other widget", value=1)
draw_grid(
    [
        Panel(
            "x",
            "Input",
            x,
            f"shape {x.shape}",
            spread + int(query.get("astray", 0)),
            editable=True,
            axes=names,
            bracket=axis if "bracket" in query else None,
        ),
        Panel("mean", "Mean", mean, f"shape {mean.shape}", formula="mean(x)", **statistic),
        Panel(
            "variance",
            "Variance",
            variance * float(query.get("wrong", 1)),
            f"shape {variance.shape}",
            formula="mean((x - mean)**2)",
            **statistic,
        ),
    ],
    key="first",
    on_event=changed,
)
draw_grid(
    [
        Panel(
            "x_hat",
            "Normalised",
            x_hat,
            "(x − mean) / √(variance + ε)",
            spread,
            axes=names,
            formula="(x - mean) / sqrt(variance + 0.001)",
        )
    ],
    key="second",
    on_event=lambda event: st.session_state.update(clicked=(event.panel, event.index)),
    clickable=True,
    selected=st.session_state.get("clicked"),
)
if "pressed" in query:
    split = bncore.split_axes(x.shape, axis)
    draw_pressed(x, split, mean * float(query.get("wrong", 1)), axes=names, key="pressed")
st.text(f"runs: {st.session_state.runs}")
st.text(f"log: {st.session_state.taken.log!r}")
st.text(f"x: {x.ravel()[:24].tolist()!r}")
st.text(f"clicked: {st.session_state.get('clicked')!r}")
