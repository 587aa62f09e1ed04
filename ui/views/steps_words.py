"""What the step-by-step page says: the arithmetic of a cell, and the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bncore.moments import Array
from ui.guesses import told
from ui.views.steps import GUESSES, Pass, StepsState, shifted_outputs

MOST_TERMS = 6
NOT_FINITE = (
    "Some numbers here are **not finite**: a column of variance 0 is divided by √(0 + ε), which "
    "needs an ε above 0."
)


def arithmetic(whole: Pass, panel: str, index: tuple[int, ...]) -> str:
    """One cell with the real numbers in its formula, in LaTeX: "formula = result"."""
    formulas = FORMULAS if whole.training else {**FORMULAS, **REMEMBERED}
    cell = Marked(whole, index)
    return f"{formulas[panel](cell)} = {cell[panel]}"


@dataclass(frozen=True)
class Marked:
    """The marked cell and what stands with it in row and column, written for a formula."""

    whole: Pass
    index: tuple[int, ...]

    def __getitem__(self, panel: str) -> str:
        """The number of this cell, or of its column, in a panel."""
        values = self.whole.values[panel]
        return number(values[self.index if values.ndim == 2 else self.index[-1:]])

    def inner(self, panel: str) -> str:
        """The same behind a sign or a factor."""
        return bracketed(self[panel])

    def column(self, panel: str) -> list[str]:
        """The numbers of the column, from top to bottom."""
        return [number(value) for value in self.whole.values[panel][:, self.index[-1]]]

    def named(self, symbol: str) -> str:
        """The symbol with the place as its index."""
        return f"{symbol}_{{{','.join(map(str, self.index))}}}"

    @property
    def root(self) -> str:
        """The deviation that is divided by."""
        return rf"\sqrt{{{self['variance']} + {number(self.whole.epsilon)}}}"

    @property
    def scale(self) -> str:
        """What stands before every term of the gradient of z."""
        return rf"\frac{{{self['gamma']}}}{{{self.root}}}"

    def over_n(self, text: str) -> str:
        """A fraction with the number of rows below."""
        return rf"\frac{{{text}}}{{{self.whole.count}}}"


FORMULAS: Mapping[str, Callable[[Marked], str]] = {
    "z": lambda c: c.named("z"),
    "gamma": lambda c: c.named(r"\gamma"),
    "beta": lambda c: c.named(r"\beta"),
    "mean": lambda c: c.over_n(total(c.column("z"))),
    "centered": lambda c: f"{c['z']} - {c.inner('mean')}",
    "variance": lambda c: c.over_n(total(f"({text})^2" for text in c.column("centered"))),
    "inv_std": lambda c: rf"\frac{{1}}{{{c.root}}}",
    "x_hat": lambda c: rf"\frac{{{c['z']} - {c.inner('mean')}}}{{{c.root}}}",
    "output": lambda c: rf"{c['gamma']} \cdot {c.inner('x_hat')} + {c.inner('beta')}",
    "a": lambda c: rf"\operatorname{{{c.whole.activation}}}({c['output']})",
    "da": lambda c: rf"\frac{{\partial L}}{{\partial {c.named('a')}}}",
    "dy": lambda c: rf"{c['da']} \cdot \operatorname{{{c.whole.activation}}}'({c['output']})",
    "dbeta": lambda c: total(c.column("dy")),
    "dgamma": lambda c: total(
        rf"{bracketed(dy)} \cdot {bracketed(x_hat)}"
        for dy, x_hat in zip(c.column("dy"), c.column("x_hat"), strict=True)
    ),
    "direct": lambda c: rf"{c.scale} \cdot {c.inner('dy')}",
    "through_mean": lambda c: rf"-{c.scale} \cdot {c.over_n(c['dbeta'])}",
    "through_variance": lambda c: (
        rf"-{c.scale} \cdot {c.over_n(c['x_hat'])} \cdot {c.inner('dgamma')}"
    ),
    "dz": lambda c: f"{c['direct']} + {c.inner('through_mean')} + {c.inner('through_variance')}",
}
"""How each panel's number comes about, in training mode."""

_CONSTANT = r"\text{(inference mode: the statistics are constants)}"
REMEMBERED: Mapping[str, Callable[[Marked], str]] = {
    "mean": lambda c: c.named(r"\text{moving mean}"),
    "variance": lambda c: c.named(r"\text{moving variance}"),
    "through_mean": lambda c: _CONSTANT,
    "through_variance": lambda c: _CONSTANT,
}
"""What is different in inference mode."""


def total(terms: Iterable[str]) -> str:
    """A sum; of a long one its first terms and the last.

    >>> total(["2", "-1"]), total("abcdefgh")
    ('2 + (-1)', 'a + b + c + d + e + \\\\dots + h')
    """
    first, *others = terms
    if len(others) >= MOST_TERMS:
        others[MOST_TERMS - 2 : -1] = [r"\dots"]
    return " + ".join([first, *map(bracketed, others)])


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


def bracketed(text: str) -> str:
    """A number behind a sign or a factor.

    >>> bracketed("-2"), bracketed("2")
    ('(-2)', '2')
    """
    return f"({text})" if text.startswith("-") else text


def facts(whole: Pass, step: str) -> list[str]:
    """What can be read off the numbers of this step, computed."""
    v = whole.values
    if not np.isfinite(v["dz" if step == "dz" else "output"]).all():
        return [NOT_FINITE] * (step in ("x_hat", "dz"))
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
        f"sum of the gradient: {sums:.2g}; largest sum of gradient · x̂: {along:.2g}."
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
            f"nothing else, so the gradient of z is at most {np.abs(v['dz']).max():.2g}."
        )
    return sentences


def _row(values: Array) -> str:
    return ", ".join(f"{value:.4f}" for value in np.round(values, 4) + 0.0)


def guess_words(state: StepsState) -> str:
    """The prediction, tried in training mode; and what inference mode does."""
    before, after = shifted_outputs(state, "training")
    change = float(np.abs(after - before).max())
    if not np.isfinite(change):
        return NOT_FINITE
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
        f"{title} **{values['difference'][name]:.2g}**" for name, title in names.items()
    )
    return (
        f"Checked against {values['framework']} {values['version']} (`{values['layer']}`) and "
        f"TensorFlow's own gradients. Largest differences: {listed}."
    )
