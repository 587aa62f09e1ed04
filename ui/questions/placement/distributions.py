"""What happens to pre-activations and activations while a variant trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from bncore.comparisons import lowest
from bncore.moments import Array
from bncore.placement import RANGES, SATURATED
from ui.drawing import palette
from ui.drawing.figures import bands, histograms
from ui.page.claims import Claim, Words, claim, worded
from ui.page.predictions import told
from ui.questions.placement import state as settings
from ui.questions.placement.answers import ends, overlap
from ui.questions.placement.state import TITLES, PlacementState
from ui.questions.placement.study import controls, padded, trained
from ui.state.page import Page
from ui.training.runs import Result


def show(page: Page[PlacementState]) -> None:
    """The part from top to bottom."""
    st.markdown(
        "What arrives at the activation of every block (the pre-activation), and what leaves it, "
        "on the validation rows in inference mode. Train, then move through the updates."
    )
    page.radio(
        "flat_guess",
        "Predict: in which variant is the share of flat (saturated or dead) activations smallest "
        "at the end?",
        labels=settings.FLAT_GUESSES,
    )
    controls(page)
    result = trained(page, lambda result: None)
    if result is None:
        return
    st.subheader("The answer")
    for sentence in words(page.state, result.values):
        st.markdown(sentence)
    _scrub(page.state, result)
    st.caption(
        "Histograms: the first repetition, on its validation rows; values beyond the range count "
        "in the last bin. Shares: the mean of all repetitions, in a band from the least to the "
        "largest. "
        "That a layer's inputs keep changing their distribution, “internal covariate shift”, is "
        "the reason that Ioffe and Szegedy (2015, section 1) give for the method. Whether it is "
        "why the method helps is disputed (Santurkar et al. 2018, “How does batch normalization "
        "help optimization?”). These pictures show distributions, not causes."
    )


def _scrub(state: PlacementState, result: Result) -> None:
    values = result.values
    updates = max((run["update"] for run in values["runs"].values()), key=len).tolist()

    @st.fragment
    def scrub() -> None:
        update = st.select_slider(
            "Update (0: before training)", updates, updates[-1], key=f"placement-at-{updates[-1]}"
        )
        look = updates.index(update)
        for block in range(state.depth):
            st.markdown(f"**Block {block + 1}**")
            columns = st.columns(3)
            for column, name in zip(columns, ("pre", "act"), strict=False):
                limits = RANGES["pre"] if name == "pre" else RANGES[state.activation]
                counts = {
                    TITLES[variant]: run[name][min(look, len(run[name]) - 1), block]
                    for variant, run in values["runs"].items()
                }
                figure = histograms(
                    counts, limits, palette.current(),
                    title="Pre-activations" if name == "pre" else f"After {state.activation}",
                    axis="value", top=_top(values, name, block),
                )  # fmt: skip
                column.plotly_chart(
                    figure, key=f"placement-{name}-{block}", config={"displaylogo": False}
                )
            _shares(columns[2], state, values, block, updates, look)

    scrub()


def _shares(
    column: Any,
    state: PlacementState,
    values: Mapping[str, Any],
    block: int,
    updates: list[int],
    look: int,
) -> None:
    shares = {TITLES[name]: run["flat"][:, block] for name, run in values["runs"].items()}
    whole = {name: padded(curve, len(updates)) for name, curve in shares.items()}
    figure = bands(
        np.array(updates), whole, palette.current(), title=flat_name(state.activation),
        axis="update", at=updates[look],
    )  # fmt: skip
    figure.update_yaxes(range=[0, 1.03], tickformat=".0%")
    column.plotly_chart(figure, key=f"placement-flat-{block}", config={"displaylogo": False})


def _top(values: Mapping[str, Any], name: str, block: int) -> float:
    """One height for all updates, so that the scrubbed figure does not jump."""
    found = [
        (run[name][:, block] / np.maximum(run[name][:, block].sum(axis=-1, keepdims=True), 1)).max()
        for run in values["runs"].values()
    ]
    return 1.05 * float(max(found))


def flat_name(activation: str) -> str:
    """What the share of flat activations is called.

    >>> flat_name("relu"), flat_name("tanh")
    ('Dead units', 'Saturated (|tanh| > 0.95)')
    """
    if activation == "relu":
        return "Dead units"
    low, high = SATURATED[activation]
    if low == -high:
        return f"Saturated (|{activation}| > {high:g})"
    return f"Saturated ({activation} < {low:g} or > {high:g})"


def words(state: PlacementState, values: Mapping[str, Any]) -> list[str]:
    """Which share is clearly the smallest, then the shares at the end, block by block."""
    return worded(claims(state, values), WORDS)


def claims(state: PlacementState, values: Mapping[str, Any]) -> list[Claim]:
    """Which variant has the smallest share, if any clearly has, and every share."""
    shares = {name: flat for name, flat in ends(values, "flat").items() if name != "orphan"}
    blocks = [
        claim(
            "block", block=block, activation=state.activation,
            shares={name: flat[block] for name, flat in shares.items()},
        )
        for block in range(state.depth)
    ]  # fmt: skip
    if len(shares) < 2:
        return blocks
    lost = {name: int((~np.isfinite(flat).all(axis=0)).sum()) for name, flat in shares.items()}
    count = next(iter(shares.values())).shape[1]
    known = [name for name in shares if lost[name] < count]
    partly = {name: lost[name] for name in known if lost[name]}
    if len(known) < 2:
        return [claim("one left", known=known), *blocks]
    found = least_flat(state, values)
    kind = "smallest" if len(found) == 1 else "not told apart"
    guess = {"guess": state.flat_guess} if kind == "smallest" else {}
    return [claim(kind, found=found, lost=partly, count=count, **guess), *blocks]


def least_flat(state: PlacementState, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The variants whose share, averaged over the blocks, no other one is clearly below.

    An orphan is none, and what diverged in every repetition has no share.
    """
    shares = {
        name: flat.mean(axis=0)
        for name, flat in ends(values, "flat").items()
        if name != "orphan" and np.isfinite(flat).all(axis=0).any()
    }
    counted = 1 if state.activation == "relu" else values["rows"]["validation"]
    step = 1 / (counted * state.units * state.depth)
    return lowest(shares, step=step, overlap=overlap(values))


def _range(shares: Array) -> str:
    found = shares[np.isfinite(shares)]
    if not found.size:
        return "diverged"
    return f"{found.mean():.0%} ({found.min():.0%} to {found.max():.0%})"


def _smallest(found: Sequence[str], lost: Mapping[str, int], count: int, guess: str) -> str:
    return (
        f"Smallest share over all blocks: **{TITLES[found[0]]}**, clearly below the others "
        f"(95 % for all pairs together).{_left_out(lost, count)}"
        + told(guess, found[0], settings.FLAT_GUESSES)
    )


def _not_told_apart(found: Sequence[str], lost: Mapping[str, int], count: int) -> str:
    named = ", ".join(f"“{TITLES[name]}”" for name in found)
    return (
        "Smallest share over all blocks: **no clear answer** (95 % for all pairs together). "
        f"Not told apart: {named}.{_left_out(lost, count)}"
    )


def _left_out(lost: Mapping[str, int], count: int) -> str:
    if not lost:
        return ""
    each = ", ".join(f"“{TITLES[name]}” {n} of {count}" for name, n in lost.items())
    return f" What diverged has no share and is left out: {each}."


def _one_left(known: Sequence[str]) -> str:
    but = f" but “{TITLES[known[0]]}”" if known else ""
    return f"Smallest share over all blocks: **no verdict**, all{but} have diverged."


def _block(block: int, activation: str, shares: Mapping[str, Array]) -> str:
    what = flat_name(activation).lower()
    what += " (zero for every validation row)" * (activation == "relu")
    each = ", ".join(f"{TITLES[name]} {_range(flat)}" for name, flat in shares.items())
    return f"Block {block + 1}, {what}: {each}."


WORDS: Words = {
    "smallest": _smallest,
    "not told apart": _not_told_apart,
    "one left": _one_left,
    "block": _block,
}
