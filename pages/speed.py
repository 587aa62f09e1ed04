"""How fast is it (Q13): the same tensor five ways, with time, memory and error."""

from __future__ import annotations

import streamlit as st

from bncore.experiments.speed import DTYPES, SpeedFound
from ui.drawing import palette
from ui.page.experiment import answer, experiment, heading, predict, reveal, versions
from ui.questions.speed import figures, state
from ui.questions.speed.answers import table, words
from ui.questions.speed.state import SpeedState
from ui.questions.speed.words import METHOD
from ui.state.page import open_page
from ui.training.runs import Result

page = open_page("speed", SpeedState)
heading(
    page,
    "The same tensor through NumPy, the engine, TensorFlow and the Keras layer. The numbers are "
    "random with deviation 1; their mean may be far from 0, where a variance is hard to compute.",
)
predict(
    page,
    "which way to x̂ is the fastest?",
    state.GUESSES,
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    page.select("layout", "Layout", labels=state.LAYOUTS, width=260)
    page.segmented("size", "Size", labels=state.SIZES)
    page.segmented("dtype", "Type", labels={name: name for name in DTYPES})
    page.number("mean", "Mean of the numbers", width=170)
    page.number("seed", "Seed", width=110)
shape, axis = state.tensor(page.state)
st.code(state.code(page.state), language="python", wrap_lines=True)
st.caption(
    f"{state.megabytes(page.state):.1f} MB; {shape[axis]} features, each with mean and variance."
)


def measured(result: Result[SpeedFound], key: str) -> None:
    """Time, memory and error side by side."""
    st.dataframe(table(result.found), hide_index=True, key=f"{key}-table")
    figure = figures.times(result.found.ways, palette.current())
    st.plotly_chart(figure, key=f"{key}-times", config={"displaylogo": False})


result = experiment(
    page, state.job, lambda found: found.ways, unit="calls", verb="Measure", draw=measured
)
answer(words(reveal(page, result), result.found))
measured(result, "speed-done")
with st.expander("How this is measured"):
    st.markdown(METHOD)
versions(result, f"NumPy {result.found.versions['numpy']}. The numbers come from the seed.")
