"""Before or after (Q6): where does the layer go, and which differences are clear?"""

from __future__ import annotations

import streamlit as st

from bncore.experiments.placement import StudyFound
from ui.drawing import palette
from ui.drawing.player import Look
from ui.drawing.slots import draw_slots
from ui.page.experiment import answer, heading, predict, reveal, settled, versions
from ui.page.looking import takes
from ui.page.playing import player
from ui.questions.classifier.controls import controls, study
from ui.questions.classifier.state import Study
from ui.questions.classifier.study import problem, repeated, study_job
from ui.questions.placement import answers
from ui.questions.placement.figures import differences
from ui.questions.placement.recording import recording
from ui.questions.placement.slots import diagram
from ui.questions.placement.state import GUESSES, PlacementState
from ui.state.amounts import counted
from ui.state.page import open_page
from ui.training.runs import Result

page = open_page("placement", PlacementState, Study, pins=True)


def play(result: Result[StudyFound]) -> Look:
    """Every variant over the epochs."""
    return player(
        page,
        result,
        lambda state, result: recording(result.found, state.epochs),
        study_job,
        problem=problem,
        looking={"curve": page.state.placed},
    )


heading(
    page,
    "The classifier of the question, in up to five variants, each trained several times with real "
    "Keras, so that chance is not read as an effect.",
)
predict(
    page,
    "where does the layer stand in the model with the higher validation accuracy?",
    GUESSES,
)
controls(page)
result = study(page, play)

found = result.found
above, beside = st.container(), st.container()
look = play(result)
with beside:
    draw_slots(
        diagram(page.state, found, told=not result.opened or settled(page, result)),
        key="placement-slots",
        chosen=page.state.placed,
        on_look=takes(page, curve="placed"),
    )
with above:
    answer(answers.words(reveal(page, result, look.moved), found))
st.caption(
    f"Curves: the mean of {counted(page.state.replicas, 'repetition')}, in a band from the least "
    "to the largest; the vertical axes leave out epoch 0, before training. What diverged is left "
    "out of the curves."
)
st.caption(
    "Ioffe and Szegedy (2015) put it before the activation; practice varies. A dropout between "
    "two normalisations shifts the variance between both modes (Li et al. 2018)."
)
figure = differences(found, palette.current())
if figure is not None:
    st.plotly_chart(figure, key="placement-differences", config={"displaylogo": False})
    st.caption(answers.method(found))
table = answers.table(found)
st.dataframe(table, hide_index=True, height="content", key="placement-table")
versions(result, repeated(page.state, found.rows))
