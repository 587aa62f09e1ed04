"""What the step-by-step page says: the arithmetic of a cell, and the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bncore.moments import Array
from ui.steps_view import GUESSES, Pass, StepsState, shifted_outputs

MOST_TERMS = 6


def arithmetic(whole: Pass, panel: str, index: tuple[int, ...]) -> str:
    """One cell with the real numbers in its formula, in LaTeX."""
    v, column = whole.values, index[-1]

    def cell(name: str) -> str:
        values = v[name]
        return number(values[index if values.ndim == 2 else (column,)])

    def over_rows(terms: Sequence[str]) -> str:
        if len(terms) > MOST_TERMS:
            terms = [*terms[: MOST_TERMS - 1], r"\dots", terms[-1]]
        return " + ".join(terms)

    n, eps = whole.count, number(whole.epsilon)
    result = cell(panel)
    plain = {
        "z": lambda: rf"z_{{{_place(index)}}}",
        "gamma": lambda: rf"\gamma_{{{column}}}",
        "beta": lambda: rf"\beta_{{{column}}}",
        "da": lambda: rf"\frac{{\partial L}}{{\partial a_{{{_place(index)}}}}}",
    }
    if panel in plain:
        return f"{plain[panel]()} = {result}"
    if panel in ("mean", "variance") and not whole.training:
        name = r"\text{moving mean}" if panel == "mean" else r"\text{moving variance}"
        return f"{name}_{{{column}}} = {result}"
    sums = {
        "mean": lambda: [number(z) for z in v["z"][:, column]],
        "variance": lambda: [f"({number(c)})^2" for c in v["centered"][:, column]],
        "dbeta": lambda: [bracketed(g) for g in v["dy"][:, column]],
        "dgamma": lambda: [
            rf"{bracketed(g)} \cdot {bracketed(h)}"
            for g, h in zip(v["dy"][:, column], v["x_hat"][:, column], strict=True)
        ],
    }
    if panel in sums:
        total = over_rows(sums[panel]())
        return (
            rf"\frac{{{total}}}{{{n}}} = {result}"
            if panel in ("mean", "variance")
            else f"{total} = {result}"
        )
    scale = rf"\frac{{{cell('gamma')}}}{{\sqrt{{{cell('variance')} + {eps}}}}}"
    products: Mapping[str, Any] = {
        "centered": lambda: f"{cell('z')} - {_bracket(cell('mean'))}",
        "inv_std": lambda: rf"\frac{{1}}{{\sqrt{{{cell('variance')} + {eps}}}}}",
        "x_hat": lambda: (
            rf"\frac{{{cell('z')} - {_bracket(cell('mean'))}}}"
            rf"{{\sqrt{{{cell('variance')} + {eps}}}}}"
        ),
        "output": lambda: (
            rf"{cell('gamma')} \cdot {_bracket(cell('x_hat'))} + "
            f"{_bracket(cell('beta'))}"
        ),
        "a": lambda: rf"\operatorname{{{whole.activation}}}({cell('output')})",
        "dy": lambda: (
            rf"{cell('da')} \cdot \operatorname{{{whole.activation}}}'"
            f"({cell('output')})"
        ),
        "direct": lambda: rf"{scale} \cdot {_bracket(cell('dy'))}",
        "through_mean": lambda: rf"-{scale} \cdot \frac{{{cell('dbeta')}}}{{{n}}}",
        "through_variance": lambda: (
            rf"-{scale} \cdot \frac{{{cell('x_hat')}}}{{{n}}} \cdot "
            f"{_bracket(cell('dgamma'))}"
        ),
        "dz": lambda: (
            f"{cell('direct')} + {_bracket(cell('through_mean'))} + "
            f"{_bracket(cell('through_variance'))}"
        ),
    }
    if panel in ("through_mean", "through_variance") and not whole.training:
        return r"0 \quad\text{(inference mode: the statistics are constants)}"
    return f"{products[panel]()} = {result}"


def number(value: Any) -> str:
    """A number for a formula: at most five digits, no exponent below a million.

    >>> number(2.0), number(-1.22384), number(1e-3), number(1.5e9)
    ('2', '-1.2238', '0.001', '1.5 \\\\cdot 10^{9}')
    """
    text = f"{float(value):.5g}"
    if "e" in text:
        digits, exponent = text.split("e")
        return rf"{digits} \cdot 10^{{{int(exponent)}}}"
    return "0" if text == "-0" else text


def bracketed(value: Any) -> str:
    """A number behind a sign or a factor.

    >>> bracketed(-2.0), bracketed(2.0)
    ('(-2)', '2')
    """
    return _bracket(number(value))


def _bracket(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def _place(index: tuple[int, ...]) -> str:
    return ",".join(map(str, index))


def facts(whole: Pass, step: str) -> list[str]:
    """What can be read off the numbers of this step, computed."""
    v = whole.values
    if step == "x_hat":
        means, variances = v["x_hat"].mean(axis=0), v["x_hat"].var(axis=0)
        return [
            f"Column means of x̂: {_row(means)}; column variances: {_row(variances)}, which is "
            f"σ²/(σ²+ε), not 1."
            if whole.training
            else f"Column means of x̂: {_row(means)}; column variances: {_row(variances)}: not 0 "
            "and 1, since the moving statistics are not those of this batch."
        ]
    if step == "dy":
        flat = int(((v["da"] != 0) & (v["dy"] == 0)).sum())
        return [f"{flat} of the {v['dy'].size} gradients end at a flat activation."] * bool(flat)
    if step in ("through_mean", "through_variance") and not whole.training:
        return ["Inference mode: the statistics are constants, so this term is 0."]
    if step == "dz":
        sums = np.abs(v["dz"].sum(axis=0)).max()
        along = np.abs((v["dz"] * v["x_hat"]).sum(axis=0)).max()
        found = (
            f"Largest column sum of the gradient of z: {sums:.1e}; largest sum of gradient · x̂: "
            f"{along:.1e}. "
        )
        if whole.training:
            found += (
                "Both (nearly) vanish: to shift a column of z, or to stretch it, changes nothing, "
                "so no gradient asks for it. (Stretching vanishes up to ε.)"
            )
        touched = int((np.abs(v["dz"]) > 1e-12).sum())
        alone = int((np.abs(v["direct"]) > 1e-12).sum())
        return [
            found,
            f"Numbers of z with a gradient: {alone} directly, {touched} with the statistics.",
        ]
    return []


def _row(values: Array) -> str:
    return ", ".join(f"{value:.4f}" for value in np.round(values, 4) + 0.0)


def guess_words(state: StepsState) -> str:
    """The prediction, tried: 100 added to every number of the first column."""
    before, after = shifted_outputs(state)
    change = (after - before)[:, 0]
    grown = 100 * state.gamma.array[0]
    if np.abs(change).max() < 1e-6:
        found = "same"
    elif np.abs(after[:, 0]).max() < np.abs(before[:, 0]).max():
        found = "small"
    else:
        found = "shifts"
    sentence = (
        f"Tried: with 100 added to every number of column 0, its outputs y change by at most "
        f"**{np.abs(change).max():.2g}**."
    )
    if found == "same":
        sentence += " The mean takes it away again, in training mode."
    elif state.mode == "inference":
        sentence += (
            " In inference mode the moving mean does not know about it: every output grows by "
            f"γ · 100 / √(moving variance + ε) = {change.mean():.4g} (γ · 100 = {grown:.4g})."
        )
    if state.guess == "unsure":
        return sentence
    if state.guess == found:
        return f"{sentence} You predicted it."
    return f"{sentence} You predicted: {GUESSES[state.guess]}."


def checked_words(values: Mapping[str, Any]) -> str:
    """How far output and gradients are from the real layer's."""
    names = {"a": "a", "z": "gradient of z", "gamma": "of gamma", "beta": "of beta"}
    listed = ", ".join(
        f"{title} **{values['difference'][name]:.1e}**" for name, title in names.items()
    )
    return (
        f"Checked against {values['framework']} {values['version']} (`{values['layer']}`) and "
        f"TensorFlow's own gradients. Largest differences: {listed}."
    )
