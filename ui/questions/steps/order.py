"""The sixteen steps of the step-by-step page, forward and back, and what stands beside each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step: the panel that it brings, its formula, and what it does in a sentence.

    ``constant`` is the pair (formula, sentence) where the statistics are constants, that is in
    inference mode; None where both modes do the same.
    """

    panel: str
    title: str
    formula: str
    words: str
    backward: bool = False
    constant: tuple[str, str] | None = None

    def said(self, training: bool) -> tuple[str, str]:
        """Formula and sentence in this mode."""
        if training or self.constant is None:
            return self.formula, self.words
        return self.constant


_ZERO = ("0", "The statistics are constants, no z can move them: this term is 0.")
STEPS = (
    Step(
        "z", "z: what arrives", "z",
        "The output of a dense layer: a row per sample, a column per feature.",
    ),
    Step(
        "mean", "Mean", r"\mu_j = \frac{1}{n}\sum_i z_{ij}",
        "One mean per feature, over the rows of the batch.",
        constant=(r"\mu_j = \text{moving mean}_j", "What the layer remembers."),
    ),
    Step(
        "centered", "Centre", r"z_{ij} - \mu_j", "Every column now has mean 0.",
        constant=(r"z_{ij} - \mu_j", "The columns have mean 0 only if the moving mean is theirs."),
    ),
    Step(
        "variance", "Variance", r"\sigma^2_j = \frac{1}{n}\sum_i (z_{ij} - \mu_j)^2",
        "The biased variance, divided by n: today's frameworks normalise with it in training.",
        constant=(r"\sigma^2_j = \text{moving variance}_j", "Remembered as well."),
    ),
    Step(
        "inv_std", "One over the deviation", r"\frac{1}{\sqrt{\sigma^2_j + \varepsilon}}",
        "Epsilon stands inside the root, so that a constant feature does not divide by zero.",
    ),
    Step(
        "x_hat", "Normalise",
        r"\hat{x}_{ij} = \frac{z_{ij} - \mu_j}{\sqrt{\sigma^2_j + \varepsilon}}",
        "Mean 0 and variance σ²/(σ²+ε).",
        constant=(
            r"\hat{x}_{ij} = \frac{z_{ij} - \mu_j}{\sqrt{\sigma^2_j + \varepsilon}}",
            "The same formula with remembered statistics: mean and variance need not be 0 and 1.",
        ),
    ),
    Step(
        "output", "Scale and shift", r"y_{ij} = \gamma_j\,\hat{x}_{ij} + \beta_j",
        "Two learned numbers per feature give back any mean and any deviation.",
    ),
    Step("a", "Activation", r"a_{ij} = f(y_{ij})", "What the next layer gets."),
    Step(
        "da", "Back: what comes from the loss", r"\frac{\partial L}{\partial a_{ij}}",
        "The gradient that arrives from the layers behind. Change it: it is yours to choose.", True,
    ),
    Step(
        "dy", "Back through the activation",
        r"\frac{\partial L}{\partial y_{ij}} = \frac{\partial L}{\partial a_{ij}}\, f'(y_{ij})",
        "Where the activation is flat, nothing gets through.", True,
    ),
    Step(
        "dbeta", "Gradient of beta",
        r"\frac{\partial L}{\partial \beta_j} = \sum_i \frac{\partial L}{\partial y_{ij}}",
        "Beta is added to every row, so its gradient is their sum.", True,
    ),
    Step(
        "dgamma", "Gradient of gamma",
        r"\frac{\partial L}{\partial \gamma_j} = "
        r"\sum_i \frac{\partial L}{\partial y_{ij}}\,\hat{x}_{ij}",
        "Gamma meets x̂ in every row.", True,
    ),
    Step(
        "direct", "To z, directly",
        r"\gamma_j\,\frac{1}{\sqrt{\sigma^2_j + \varepsilon}}\,"
        r"\frac{\partial L}{\partial y_{ij}}",
        "What would be all of it if the statistics were constants, as they are in inference mode.",
        True,
    ),
    Step(
        "through_mean", "Through the mean",
        r"-\frac{\gamma_j}{\sqrt{\sigma^2_j + \varepsilon}}\,"
        r"\frac{1}{n}\sum_k \frac{\partial L}{\partial y_{kj}}",
        "Every z moves the mean, and with it all rows of its column.", True, _ZERO,
    ),
    Step(
        "through_variance", "Through the variance",
        r"-\frac{\gamma_j}{\sqrt{\sigma^2_j + \varepsilon}}\,"
        r"\frac{\hat{x}_{ij}}{n}\sum_k \frac{\partial L}{\partial y_{kj}}\,\hat{x}_{kj}",
        "And every z moves the variance.", True, _ZERO,
    ),
    Step(
        "dz", "Gradient of z",
        r"\frac{\partial L}{\partial z_{ij}} = \text{directly} + \text{through the mean} + "
        r"\text{through the variance}",
        "The sum of the three.", True,
    ),
)  # fmt: skip
PANELS = tuple(step.panel for step in STEPS)
_SCALE = PANELS.index("output")
ALL = (*PANELS[:_SCALE], "gamma", "beta", *PANELS[_SCALE:])
"""Every panel, in the order in which they stand."""


def shown(step: int) -> tuple[str, ...]:
    """The panels of a step, the newest last.

    >>> shown(2), shown(8)[-1], "gamma" in shown(6)
    (('z', 'mean', 'centered'), 'da', True)
    """
    if not STEPS[step].backward:
        return ALL[: ALL.index(PANELS[step]) + 1]
    first = PANELS.index("da")
    return ("inv_std", "x_hat", "gamma", "output", *PANELS[first : step + 1])


def at_step(step: int) -> dict[str, object]:
    """What changes when another step is shown."""
    return {"step": step, "panel": PANELS[step]}
