"""Moving statistics (Q5, Q2's data): what does a layer remember?"""

from __future__ import annotations

import streamlit as st

from bncore.moments import Array
from ui.drawing import palette
from ui.drawing.figures import walk
from ui.page.data_box import data_box
from ui.page.toolbar import toolbar
from ui.questions.moving import state as view
from ui.questions.moving.state import MovingState
from ui.state.page import open_page
from ui.training.panel import training_panel
from ui.training.runs import Result

page = open_page("moving", MovingState)


def figures(values: dict[str, Array], at: int | None, key: str) -> None:
    """Moving variance and moving mean of the chosen feature, with every target line."""
    state = page.state
    feature = min(state.feature, state.data.shape[1] - 1)
    lines = {
        "variance": {name: line[feature] for name, line in view.settled(state).items()},
        "mean": {"mean of the data": view.data_moments(state).mean[feature]},
    }
    for column, statistic in zip(st.columns(2), ("variance", "mean"), strict=True):
        curves = {
            view.VARIANT_TITLES[name]: recorded[f"moving_{statistic}"][:, feature]
            for name, recorded in values["variants"].items()
        }
        figure = walk(
            values["update"],
            curves,
            lines[statistic],
            palette.current(),
            title=f"Moving {statistic} of feature {feature}",
            total=state.updates,
            log=state.log,
            log_y=state.log and statistic == "variance" and min(lines["variance"].values()) > 0,
            at=at,
        )
        column.plotly_chart(figure, key=f"{key}-{statistic}", config={"displaylogo": False})


def growing(result: Result | None) -> None:
    """The curves while they grow; afterwards the page draws them with the slider."""
    if result is not None and not result.finished and "variants" in result.values:
        figures(result.values, None, "moving-live")


st.title("Moving statistics")
st.markdown(
    "In 2018 someone trained a batch normalisation layer for 10,000 epochs on 5 rows, and its "
    "`moving_variance` was **not** the variance of the data. Which line will each layer reach? "
    "Predict, then press **Train**: real Keras, every update recorded."
)
toolbar(page)

page.radio("guess", "Predict: which variance will stock Keras 3 store?", labels=view.GUESSES)
page.pills("variants", "Layers to train", labels=view.VARIANT_TITLES)
with st.container(horizontal=True):
    page.number("updates", "Updates", width=120)
    page.number("keep", "Keep", width=120, help="The weight of the old value. 0.99 or 0,99.")
    page.number("batch_size", "Batch size", width=120)
    page.number("epsilon", "Epsilon ε", width=120)
    page.number("seed", "Seed", width=120)
    page.select("optimizer", "Optimizer", labels=view.OPTIMIZER_TITLES, width=240)
    page.number("learning_rate", "Learning rate (blank: the default)", width=220)
st.caption(view.momentum_words(page.state.keep))

data_box(
    page,
    ("question-2018", "iris", "sixty-rows"),
    also=lambda x: {"batch_size": {5: 5, 60: 4}.get(len(x), min(len(x), 32))},
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    if page.state.data.shape[1] > 1:
        page.slider("feature", "Feature drawn", maximum=page.state.data.shape[1] - 1, width=300)
    page.toggle("log", "Logarithmic axes")

blocked = view.problem(page.state)
job = None if blocked else view.job(page.state)
result = training_panel("moving", job, growing, unit="updates", blocked=blocked)
if result is None or "variants" not in result.values or not result.finished:
    st.stop()


@st.fragment
def scrub() -> None:
    """Any recorded update: its place on the curves, its arithmetic, the asker's table."""
    updates, variants = result.values["update"], result.values["variants"]
    last = int(updates[-1])
    update = last
    if last > 1:
        update = st.slider("Update", 1, last, last, key=f"moving-at-{last}")
    for name, recorded in variants.items():
        st.markdown(view.verdict(page.state, name, recorded, update))
    figures(result.values, update, "moving-done")
    if not any(name in variants for name in ("unbiased", "keras-2", "tf_keras")):
        st.caption("Stock Keras 3 stores the biased variance at every rank.")
    names = list(variants)
    chosen = st.segmented_control(
        "One update with its numbers",
        names,
        default=names[0],
        format_func=view.VARIANT_TITLES.get,
        key=f"moving-chosen-{'-'.join(names)}",
        required=True,
    )
    for line in view.arithmetic(page.state, chosen, variants[chosen], update - 1):
        st.latex(line)
    frame = view.table(page.state, variants[chosen], update - 1)
    eight = st.column_config.NumberColumn(format="%.8f")
    st.dataframe(frame, key="moving-table", column_config=dict.fromkeys(frame, eight))


scrub()
variants = result.values["variants"]
if "keras-3" in variants:
    st.markdown(view.guess_words(page.state, variants["keras-3"]))
st.markdown(view.settling(page.state))
for name, recorded in variants.items():
    st.caption(view.engine_words(page.state, name, recorded))
st.caption(
    "Curves are drawn from about 400 of the recorded updates. A float32 average may stop short "
    "of its target, by up to about 1e-7 / (1 − keep) of its size, so a layer need not meet its "
    "line exactly. The layers here start at variance 1; the Keras of the 2018 question "
    "(2.1.4 to 2.2.5) also divided its average by 1 − keep^t, so one epoch would have been "
    "enough there."
)
st.download_button(
    "Save all recorded updates (CSV)",
    lambda: view.as_csv(result.values["update"], variants),
    "moving-statistics.csv",
    "text/csv",
    key="moving-csv",
)
