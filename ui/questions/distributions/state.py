"""What the page about distributions holds: a study, and the prediction."""

from __future__ import annotations

from dataclasses import dataclass

from ui.page.predictions import predictions
from ui.questions.classifier.state import Study
from ui.state import fields

GUESSES = predictions(
    none="none",
    before="before the activation",
    after="after the activation",
    output="before it, and on the output",
)


@dataclass(frozen=True)
class DistributionsState(Study):
    """The study, and the prediction."""

    guess: str = fields.prediction(GUESSES)
