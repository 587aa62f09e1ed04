"""What the step-by-step page says: the arithmetic of a cell, and the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bncore.moments import Array
from ui.guesses import told
from ui.views.steps import GUESSES, Pass, StepsState, shifted_outputs

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
        "mean": lambda: [
            number(z) if row == 0 else bracketed(z) for row, z in enumerate(v["z"][:, column])
        ],
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
    """A number for a formula: at most five digits; from 100,000 on with an exponent.

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
        sentence = f"Column means of x̂: {_row(means)}; column variances: {_row(variances)}"
        if not whole.training:
            return [f"{sentence}."]
        short = ", not 1" if np.abs(variances - 1).max() > 1e-9 else ""
        return [f"{sentence}, which is σ²/(σ²+ε){short}."]
    if step == "dy":
        flat = int(((v["da"] != 0) & (v["dy"] == 0)).sum())
        return [f"{flat} of the {v['dy'].size} gradients end at a flat activation."] * bool(flat)
    return _gradient_facts(whole) if step == "dz" else []


def _gradient_facts(whole: Pass) -> list[str]:
    """What the gradient of z sums to, and how far it reaches."""
    v = whole.values
    sums = np.abs(v["dz"].sum(axis=0)).max()
    along = np.abs((v["dz"] * v["x_hat"]).sum(axis=0)).max()
    direct, touched = (int((np.abs(v[name]) > 1e-12).sum()) for name in ("direct", "dz"))
    sentences = [
        f"Numbers of z with a gradient: {direct} directly, {touched} in the end. Largest column "
        f"sum of the gradient: {sums:.1e}; largest sum of gradient · x̂: {along:.1e}."
    ]
    if not whole.training:
        return sentences
    share = float((whole.epsilon / (v["variance"] + whole.epsilon)).max()) if whole.epsilon else 0.0
    sentences.append(
        "The first vanishes, since to shift a column of z changes nothing. The second, to "
        "stretch it, would vanish for ε = 0: what is left is the share ε/(σ²+ε), here at most "
        f"{share:.2g}."
    )
    if v["dy"].any() and np.ptp(v["dy"], axis=0).max() == 0:
        sentences.append(
            "The same gradient arrives in every row: that asks for a shift of the column and "
            f"nothing else, so the gradient of z is at most {np.abs(v['dz']).max():.1e}."
        )
    return sentences


def _row(values: Array) -> str:
    return ", ".join(f"{value:.4f}" for value in np.round(values, 4) + 0.0)


def guess_words(state: StepsState) -> str:
    """The prediction, tried in training mode; and what inference mode does."""
    before, after = shifted_outputs(state, "training")
    change = float(np.abs(after - before).max())
    found = "same"
    if change > 1e-6:
        found = "small" if np.abs(after).max() < np.abs(before).max() else "shifts"
    sentence = (
        "Tried in training mode: with 100 added to every number of column 0 of z, its outputs y "
        f"change by at most **{change:.2g}**."
    )
    if found == "same":
        sentence += " The mean takes it away again."
    sentence += told(state.guess, found, GUESSES)
    before, after = shifted_outputs(state, "inference")
    return (
        f"{sentence} In inference mode, where the moving mean does not know about it, they change "
        f"by **{(after - before).mean():.4g}** (γ · 100 / √(moving variance + ε))."
    )


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
