"""The page of `training_app.py`."""

import streamlit as st

from bncore.training.jobs import Job
from tests.experiments.simple import Count, CountUntil
from ui.training.panel import training_panel

st.session_state.runs = st.session_state.get("runs", 0) + 1
total = st.number_input("Total", value=60, key="total")
job = Job(Count(total=total, seconds=0.05))
if until := st.query_params.get("until"):
    job = Job(CountUntil(path=until))


def draw(result) -> None:
    counted = [] if result is None or result.newest is None else result.found["n"]
    st.text(f"counted: {len(counted)}")


result = training_panel("probe", lambda: (job, ""), draw, unit="numbers")
st.text(f"state: {result.state if result else None}")
st.text(f"whole runs: {st.session_state.runs}")
