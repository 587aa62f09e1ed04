"""Freezing (Q9): what freezes the layer, training=False or trainable=False?"""

from __future__ import annotations

import streamlit as st

from ui.drawing.switches import draw_switches
from ui.page.data_box import data_box
from ui.page.experiment import answer, experiment, heading, predict, reveal, versions
from ui.page.looking import takes
from ui.questions.freezing.answers import table, words
from ui.questions.freezing.state import GUESSES, MODELS, FreezingState, job
from ui.questions.freezing.switches import SWITCHES, cases, choices
from ui.questions.rows import PRESETS, RowsState
from ui.state.page import open_page

page = open_page("freezing", FreezingState, shared=RowsState)

heading(
    page,
    "You want a trained layer to stay as it is while the rest of the model is fine-tuned. Every "
    "way to write that is tried here on a real model: compiled, fitted for an epoch, frozen, "
    "fitted again. Then we check what changed.",
)
predict(
    page,
    "which of these lines freezes the layer in a functional model that has been compiled "
    "and trained before?",
    GUESSES,
)
data_box(page, PRESETS)

result = experiment(page, job, lambda found: found.rows, unit="ways")
told = reveal(page, result)
rows = list(result.found.rows.values())
if result.state == "done":
    answer(words(told, rows))

st.subheader("Switch it in the code")
page.segmented("model", "The model is", labels=MODELS)
own = [row for row in rows if row.model == page.state.model]
draw_switches(
    choices(own),
    cases(own),
    key="freezing-switches",
    chosen={name: getattr(page.state, field) for name, field in SWITCHES.items()},
    on_look=takes(page, **SWITCHES),
)
frame = table(own)
st.dataframe(frame, hide_index=True, height="content", key="freezing-table")
if page.state.model == "subclassed":
    st.caption(
        "“passed on” is a `call(self, inputs, training=None)` that gives its own `training` to "
        "the layer; in the other rows `call(self, inputs)` has no such argument."
    )
versions(
    result,
    "Elsewhere: tf_keras honours a `training=False` written in a functional model; Keras 3 up to "
    "3.15.1 does not (issue 20285, repaired on its main branch by pull request 23364). Before "
    "TensorFlow 2, `trainable=False` did not switch to inference: Keras 2.1.3 to 2.3.1 froze the "
    "statistics and still normalised with the batch, Keras 2.1.2 even went on updating them. In "
    "PyTorch `requires_grad=False` does not stop the statistics; `bn.eval()` does, until the next "
    "`model.train()`. On JAX, changing `trainable` without compiling again raises an error.",
)
