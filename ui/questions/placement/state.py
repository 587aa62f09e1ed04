"""What the page "before or after" holds: a study, and the prediction."""

from __future__ import annotations

from dataclasses import dataclass

from ui.page.predictions import predictions
from ui.questions.classifier.state import Study
from ui.state import fields

GUESSES = predictions(
    before="before the activation",
    after="after the activation",
    same="no clear difference",
)


@dataclass(frozen=True)
class PlacementState(Study):
    """The study, and the prediction."""

    guess: str = fields.prediction(GUESSES)
