"""What the page "before or after" holds: a study, what is looked at, and the prediction."""

from __future__ import annotations

from dataclasses import dataclass

from bncore.placement import PLACEMENTS
from ui.page.predictions import predictions
from ui.questions.classifier.state import Study
from ui.state import fields

GUESSES = predictions(
    before="before the activation",
    after="after the activation",
    same="no clear difference",
)

ALIKE = "alike"
"""No curve stands out."""


@dataclass(frozen=True)
class PlacementState(Study):
    """The study, the variant whose curve stands out, and the prediction."""

    placed: str = fields.choice(ALIKE, (ALIKE, *PLACEMENTS))
    guess: str = fields.prediction(GUESSES)
