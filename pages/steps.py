"""Step by step (Q10): what exactly is computed, forward and back?"""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

import bncore
from bncore.activations import ACTIVATIONS
from ui.drawing.grid import GridEvent, apply_event, draw_grid
from ui.drawing.stepper import draw_stepper, stepped
from ui.page.experiment import heading
from ui.questions.steps import check, words
from ui.questions.steps import state as view
from ui.questions.steps.order import PANELS, STEPS, at_step
from ui.questions.steps.sentences import facts, guess_words
from ui.questions.steps.state import StepsState
from ui.state.number_fields import matrix_field
from ui.state.page import open_page
from ui.training.check import checked_against
from ui.training.layer_words import NOTE, asking

STEPPER = "steps-stepper"

page = open_page("steps", StepsState)


def changed(event: GridEvent) -> None:
    """A click shows a cell's arithmetic; an edit or a paste changes z, gamma, beta, ..."""
    if event.kind == "click":
        row, column = (0, *event.index)[-2:]
        place = {"row": row} if len(event.index) == 2 else {}
        page.look(panel=event.panel, column=column, **place)
        return
    numbers = apply_event(view.whole_pass(page.state).values[event.panel], event)
    if event.panel == "variance" and (numbers < 0).any():
        raise ValueError("a moving variance is 0 or more")
    page.commit(**{view.EDITABLE[event.panel]: numbers})


heading(
    page,
    "What is computed between z and a, and what comes back through it? Press **Next** or "
    "**Play**; point at any number to see where it comes from, and click to hold it; drag a number "
    "of z, gamma or beta up or down, or **a whole column of z by its head**.",
)
page.radio(
    "guess",
    "Predict: in training mode, 100 is added to every number of the first column of z. What "
    "happens to the outputs y of that column?",
    labels=view.GUESSES,
    horizontal=True,
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    page.segmented("mode", "Mode", labels=view.MODES)
    page.segmented("activation", "Activation", options=tuple(ACTIVATIONS))
    page.number("epsilon", "Epsilon ε", width=110)

trouble = view.problem(page.state)
if trouble:
    st.warning(trouble, icon=":material/block:")
    st.stop()
whole = view.whole_pass(page.state)
stages = view.stages(page.state, whole, STEPPER)
draw_stepper(
    [step.title for step in STEPS],
    key=STEPPER,
    at=page.state.step,
    jumps={"Backward pass": PANELS.index("da")},
    on_step=lambda step: page.look(**at_step(step)),
)
left, right = st.columns(2)
with left:
    stepped([words.step_words(whole, step) for step in STEPS], stepper=STEPPER, key="formula")
with right:
    cells = [words.cell_words(whole, *cell) for cell in stages.selected]
    stepped(cells, stepper=STEPPER, key="arithmetic")
draw_grid(
    view.panels(page.state, whole),
    key="steps-grid",
    on_event=changed,
    clickable=True,
    stages=stages,
)
seen = ["\n\n".join(facts(whole, step.panel)) for step in STEPS]
stepped(seen, stepper=STEPPER, key="facts")

if page.state.guess != "unsure" or page.state.step >= PANELS.index("output"):
    st.subheader("The answer")
    st.markdown(guess_words(page.state))
st.subheader("Checked against a real layer")
checked_against(
    "steps",
    partial(check.asked, page.state, whole),
    partial(check.checked_words, whole),
    NOTE,
    asking(check.TITLES.values()),
)

other = st.expander("Other numbers", key="steps-other", on_change="rerun")
if other.open:
    with other:
        question = bncore.DATASETS["axis-question"]()
        page.button(f"{question.title} {question.values.shape}", {"z": question.values})
        data = bncore.DATASETS["question-2018"]()
        page.button(f"{data.title} {data.values.shape}", {"z": data.values})
        shape = page.state.z.shape
        page.button("Loss: the sum of the last row", {"upstream": view.last_row(shape)})
        page.button("Loss: the sum of everything", {"upstream": np.ones(shape)})
        matrix_field(
            "Paste your own z: a row per sample, a column per feature",
            key="steps-paste",
            on_commit=lambda table: page.commit(z=table),
            check=page.specs["z"].check,
        )
st.caption(
    "Epsilon differs: 1e-3 in Keras, 1e-5 in PyTorch and Flax. Keras 0.3.3 to 1.0.5 averaged the "
    "deviation √(v+ε) instead of the variance; 1.0.5 divided by the deviation plus ε, in both "
    "modes (read in its source). Which variance is *stored* is another question: see Moving "
    "statistics."
)
