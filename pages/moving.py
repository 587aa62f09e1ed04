"""Moving statistics (Q5): why is moving_variance not the variance of my data?"""

from __future__ import annotations

import streamlit as st

from bncore.experiments.moving import MovingFound
from ui.drawing.line import draw_line
from ui.drawing.player import Look
from ui.page.data_box import data_box
from ui.page.experiment import experiment, heading, predict, reveal, settings
from ui.page.looking import takes
from ui.page.playing import player
from ui.questions.moving import answers, state
from ui.questions.moving.line import line
from ui.questions.moving.recording import drawn_feature, recording
from ui.questions.moving.state import VARIANT_TITLES, MovingState
from ui.questions.moving.words import GUESSES
from ui.state.page import open_page
from ui.training.runs import Result

page = open_page("moving", MovingState, pins=True)
heading(
    page,
    "In 2018 someone trained a batch normalisation layer for 10,000 epochs on 5 rows, and its "
    "`moving_variance` was **not** the variance of the data. Which line will each layer reach? "
    "Predict, then press **Play**. **Train** runs it live: real Keras, every update recorded.",
)

predict(
    page,
    "which variance will stock Keras 3 store?",
    GUESSES,
)
box = settings(page, state.summary(page.state))
if box.open:
    with box:
        page.pills("variants", "Layers to train", labels=VARIANT_TITLES)
        with st.container(horizontal=True):
            page.number("updates", "Updates", width=120)
            page.number("keep", "Keep", width=120, help="The weight of the old value.")
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


def play(result: Result[MovingFound]) -> Look:
    """Every update; the one that the visitor asked about."""
    return player(
        page,
        result,
        lambda chosen, result: recording(chosen, result.found),
        state.job,
        problem=state.problem,
        looking={"feature": drawn_feature(page.state), "log": page.state.log},
        on_look=takes(page, feature="feature", log="log"),
        ask="Verdict at this update",
    )


result = experiment(
    page,
    state.job,
    lambda found: found.update,
    unit="updates",
    draw=lambda result, key: play(result),
    problem=state.problem,
)
found = result.found

answer = st.container()  # above the picture, and about the update that was asked about there
look = play(result)
with answer:
    told = reveal(page, result, look.moved)
update = int(found.update[-1]) if look.asked is None else look.asked
with answer:
    st.subheader("The answer")
    if update == 0:
        st.markdown("No update yet: every layer holds mean 0 and variance 1.")
for name, recorded in found.layers.items() if update else ():
    answer.markdown(answers.verdict(page.state, name, recorded, update))
if not any(name in found.layers for name in ("unbiased", "keras-2", "tf_keras")):
    answer.caption("Stock Keras 3 stores the biased variance at every rank.")
if "keras-3" in found.layers:
    answer.markdown(answers.guess_words(told, found.layers["keras-3"]))
st.markdown(answers.settling(page.state))
st.markdown("**How much the correction changes:** drag n.")
draw_line(line(page.state), key="moving-line")
for name, recorded in found.layers.items():
    st.caption(answers.engine_words(page.state, name, recorded))
st.caption(
    "Every recorded update can be reached; of several that share a pixel, the smallest and the "
    "largest number are drawn. A float32 average may stop short of its target, by up to about "
    "1e-7 / (1 − keep) of its size, so a layer need not meet its line exactly. The layers here "
    "start at variance 1; the Keras of the 2018 question (2.1.4 to 2.2.5) also divided its average "
    "by 1 − keep^t, so one epoch would have been enough there."
)
st.download_button(
    "Save all recorded updates (CSV)",
    lambda: answers.as_csv(found),
    "moving-statistics.csv",
    "text/csv",
    key="moving-csv",
)
