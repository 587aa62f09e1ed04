"""The arithmetic of a cell on the step-by-step page, with its real numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ui.questions.steps.order import Step
from ui.questions.steps.state import Pass

MOST_TERMS = 6


def arithmetic(whole: Pass, panel: str, index: tuple[int, ...]) -> str:
    """One cell with the real numbers in its formula, in LaTeX: "formula = result"."""
    formulas = FORMULAS if whole.training else {**FORMULAS, **REMEMBERED}
    cell = Marked(whole, index)
    return f"{formulas[panel](cell)} = {cell[panel]}"


def step_words(whole: Pass, step: Step) -> str:
    """The formula of a step, and what it does."""
    formula, sentence = step.said(whole.training)
    return rf"$\displaystyle {formula}$" + f"\n\n{sentence}"


def cell_words(whole: Pass, panel: str, index: tuple[int, ...]) -> str:
    """A cell's name, and its arithmetic."""
    place = ", ".join(map(str, index))
    return rf"$\displaystyle {arithmetic(whole, panel, index)}$" + (
        f"\n\nThe cell that is marked: **{panel}[{place}]**."
    )


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
