"""Moving statistics (Q5): why is moving_variance not the variance of my data?"""

from __future__ import annotations

import streamlit as st

from ui.page.data_box import data_box
from ui.page.experiment import experiment, heading
from ui.questions.moving import answers, state
from ui.questions.moving.figures import figures
from ui.questions.moving.state import VARIANT_TITLES, MovingState
from ui.questions.moving.words import GUESSES
from ui.state.page import open_page

page = open_page("moving", MovingState)
heading(
    page,
    "In 2018 someone trained a batch normalisation layer for 10,000 epochs on 5 rows, and its "
    "`moving_variance` was **not** the variance of the data. Which line will each layer reach? "
    "Predict, then press **Train**: real Keras, every update recorded.",
)

page.radio("guess", "Predict: which variance will stock Keras 3 store?", labels=GUESSES)
page.pills("variants", "Layers to train", labels=VARIANT_TITLES)
with st.container(horizontal=True):
    page.number("updates", "Updates", width=120)
    page.number("keep", "Keep", width=120, help="The weight of the old value. 0.99 or 0,99.")
    page.number("batch_size", "Batch size", width=120)
    page.number("epsilon", "Epsilon ε", width=120)
    page.number("seed", "Seed", width=120)
    page.select("optimizer", "Optimizer", labels=state.OPTIMIZER_TITLES, width=240)
    page.number("learning_rate", "Learning rate (blank: the default)", width=220)
st.caption(answers.momentum_words(page.state.keep))

data_box(
    page,
    ("question-2018", "iris", "sixty-rows"),
    also=lambda x: {"batch_size": {5: 5, 60: 4}.get(len(x), min(len(x), 32))},
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    if page.state.data.shape[1] > 1:
        page.slider("feature", "Feature drawn", maximum=page.state.data.shape[1] - 1, width=300)
    page.toggle("log", "Logarithmic axes")

result = experiment(
    page,
    state.job,
    lambda found: found.update,
    unit="updates",
    draw=lambda result, key: figures(page.state, result.found, key),
    blocked=state.problem(page.state),
)
found = result.found


@st.fragment
def scrub() -> None:
    """Any recorded update: its place on the curves, its arithmetic, the asker's table."""
    last = int(found.update[-1])
    update = last
    if last > 1:
        update = st.slider("Update", 1, last, last, key=f"moving-at-{last}")
    for name, recorded in found.layers.items():
        st.markdown(answers.verdict(page.state, name, recorded, update))
    figures(page.state, found, "moving-done", at=update)
    if not any(name in found.layers for name in ("unbiased", "keras-2", "tf_keras")):
        st.caption("Stock Keras 3 stores the biased variance at every rank.")
    names = list(found.layers)
    chosen = st.segmented_control(
        "One update with its numbers",
        names,
        default=names[0],
        format_func=VARIANT_TITLES.__getitem__,
        key=f"moving-chosen-{'-'.join(names)}",
        required=True,
    )
    chosen = chosen or names[0]
    for line in answers.arithmetic(page.state, chosen, found.layers[chosen], update - 1):
        st.latex(line)
    frame = answers.table(page.state, found.layers[chosen], update - 1)
    eight = st.column_config.NumberColumn(format="%.8f")
    st.dataframe(frame, key="moving-table", column_config=dict.fromkeys(frame, eight))


scrub()
if "keras-3" in found.layers:
    st.markdown(answers.guess_words(page.state, found.layers["keras-3"]))
st.markdown(answers.settling(page.state))
for name, recorded in found.layers.items():
    st.caption(answers.engine_words(page.state, name, recorded))
st.caption(
    "Curves are drawn from about 400 of the recorded updates. A float32 average may stop short "
    "of its target, by up to about 1e-7 / (1 − keep) of its size, so a layer need not meet its "
    "line exactly. The layers here start at variance 1; the Keras of the 2018 question "
    "(2.1.4 to 2.2.5) also divided its average by 1 − keep^t, so one epoch would have been "
    "enough there."
)
st.download_button(
    "Save all recorded updates (CSV)",
    lambda: answers.as_csv(found),
    "moving-statistics.csv",
    "text/csv",
    key="moving-csv",
)
