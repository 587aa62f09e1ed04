"""Conventions (Q11): which framework stores what?"""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from bncore.experiments.live import LiveFound
from bncore.porting import LAYOUTS, ROLES
from bncore.training.jobs import Job
from ui.drawing import palette
from ui.drawing.figures import trajectory
from ui.drawing.grid import GridEvent, Panel, apply_event, draw_grid
from ui.drawing.line import draw_line
from ui.page.data_box import data_box
from ui.page.experiment import heading, predict, revealed
from ui.questions.conventions import basis, carry, tables, words
from ui.questions.conventions import state as view
from ui.questions.conventions.line import line
from ui.questions.conventions.state import ConventionsState
from ui.state.page import open_page
from ui.training.check import checked_against
from ui.training.panel import training_panel

page = open_page("conventions", ConventionsState)


def changed(event: GridEvent) -> None:
    """An edited or pasted cell of the layer that is carried over."""
    page.commit(layer=apply_event(page.state.layer.array, event))


heading(
    page,
    "Nearly every framework normalises the training batch with its biased variance. What each one "
    "*keeps* for inference is another matter: run one batch through any of them at once.",
)
predict(page, "which variance does Keras 3 store today?", view.GUESSES)
page.pills("chosen", "Conventions", labels=view.TITLES)
with st.container(horizontal=True, vertical_alignment="bottom"):
    page.number("updates", "Updates", width=120)
    page.toggle("own", "Each with its own keep and epsilon")
    if not page.state.own:
        page.number("keep", "Keep", width=110, help="The weight of the old value. 0.99 or 0,99.")
        page.number("epsilon", "Epsilon ε", width=110)
    if page.state.data.shape[-1] > 1:
        page.slider("feature", "Feature", maximum=page.state.data.shape[-1] - 1, width=200)
data_box(page, ("question-2018", "images-nhwc", "axis-question"))

trouble = view.problem(page.state)
if trouble:
    st.warning(trouble, icon=":material/block:")
    st.stop()
found, feature = view.outcomes(page.state), view.drawn_feature(page.state)
runs = {name: outcome for name, outcome in found.items() if not outcome.refused}


def curves() -> None:
    """The moving statistics after every update, by convention."""
    longest = next(iter(runs.values())).updates
    for column, statistic in zip(st.columns(2), ("variance", "mean"), strict=True):
        drawn = {
            view.TITLES[name]: getattr(outcome, statistic)[:, feature]
            for name, outcome in runs.items()
        }
        figure = trajectory(
            longest, drawn, palette.current(),
            title=f"Moving {statistic} of feature {feature}, by the engine",
            total=page.state.updates, log=True,
        )  # fmt: skip
        column.plotly_chart(figure, key=f"conventions-{statistic}", config={"displaylogo": False})


def stored() -> None:
    """What every convention has stored at the end."""
    st.dataframe(
        view.results(page.state, runs),
        hide_index=True,
        height="content",
        key="conventions-results",
        column_config={
            "stores": st.column_config.TextColumn(width="medium"),
            "moving mean": st.column_config.NumberColumn(format="%.8f"),
            "moving variance": st.column_config.NumberColumn(format="%.8f"),
            "stored / biased": st.column_config.NumberColumn(format="%.6f"),
            "initial value left": st.column_config.NumberColumn(format="%.2g"),
        },
    )
    st.caption(
        "Curves and values: the engine, float64. “Stored” is without what is left of the initial "
        "variance 1, the moving variance with it. “Recorded” is a run of that very version; the "
        "last column is the largest difference of the engine from all its recorded updates, each "
        "feature relative to its own size."
    )


st.subheader("The answer")
told = revealed(page)
if told is not None:
    if runs:
        st.markdown(words.answer(told, runs))
    st.markdown(words.guess_words(told))
    drawn = line(told, runs)
    if drawn is not None and runs:
        st.markdown("**How far they are apart:** drag n.")
        draw_line(drawn, key="conventions-line")
for name, outcome in found.items():
    if outcome.refused:
        st.warning(f"{view.TITLES[name]}: {outcome.refused}", icon=":material/block:")
if told is not None and runs:
    curves()
    stored()

st.subheader("Run the installed ones live")


def live() -> tuple[Job[LiveFound] | None, str]:
    """What the present settings ask for, or why they cannot be run."""
    problem = view.live_problem(page.state)
    return None if problem else view.live_job(page.state), problem


result = training_panel("conventions", live, unit="updates")
if result is not None and result.finished and result.newest is not None:
    difference = st.column_config.NumberColumn(format="%.1e")
    for refusal in words.refusals(result.found):
        st.warning(refusal, icon=":material/block:")
    st.dataframe(
        view.live_table(result.found),
        hide_index=True,
        height="content",
        key="conventions-live",
        column_config={"largest relative difference from the engine": difference},
    )
    st.caption(
        "Real layers in float32, each feature relative to its own size: an average stalls up to "
        "about 1e-7 / (1 − keep) of its size away from its target."
    )


@page.part
def carry_over() -> None:
    """Two frameworks, and the four arrays of a layer on their way between them."""
    st.subheader("Carry a layer over to another framework")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        titles = {name: view.TITLES[name] for name in LAYOUTS}
        page.select("source", "From", labels=titles, width=320)
        page.select("target", "To", labels=titles, width=320)
        if page.state.own:  # otherwise they stand above, for everything
            page.number("keep", "Its keep", width=110)
            page.number("epsilon", "Its epsilon ε", width=120)
    width = page.state.layer.shape[1]
    for role in ("source", "target"):
        layout = LAYOUTS[getattr(page.state, role)]
        st.code(layout.written(page.state.keep, page.state.epsilon, width), language="python")
    st.dataframe(tables.names_table(page.state), hide_index=True, key="conventions-names")
    columns = np.broadcast_to(np.arange(width), page.state.layer.shape)
    title = "The trained layer (rows: " + ", ".join(ROLES) + ")"
    arrays = page.state.layer.array
    panel = Panel("layer", title, arrays, groups=columns, editable=True, axes=("array", "C"))
    draw_grid([panel], key="conventions-layer", on_event=changed)
    if not carry.possible(page.state):
        st.warning(
            f"Four rows are needed ({', '.join(ROLES)}), and no negative moving variance.",
            icon=":material/block:",
        )
    else:
        checked_against(
            "conventions-carry",
            partial(carry.asked, page.state),
            partial(carry.checked_words, page.state),
            "Real layers compute in float32, the engine in float64.",
        )


@page.part
def all_that_is_known() -> None:
    """The table of implementations, filtered."""
    st.subheader("All that is known")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.pills("families", "Framework")
        page.pills("known", "Known how", labels=view.STATUSES)
        page.segmented("rank", "Stored at rank")
        page.text("find", "Find (a version, a word, a file)", width=260)
    rows = tables.big_table(page.state)
    if len(rows):
        st.dataframe(rows, hide_index=True, key="conventions-table")
        st.caption(f"{len(rows)} implementations.")
    else:
        st.info("No implementation has all of these; widen the filters.")
    basis.show()


carry_over()
all_that_is_known()
