"""The parts of the page about where the layer goes, each its words and its figures.

- `state`: the page's record, its data, and the job of each part.
- `study`: variants side by side, with intervals for their differences.
- `answers`: what a study allows to say: its verdicts, words and tables.
- `distributions`: what happens to pre-activations and activations (the same run).
- `rates`: which variants still train at which learning rate.
- `bias`: what a bias before the layer does.
"""

from ui.questions.placement import bias, distributions, rates, study
from ui.questions.placement.state import PARTS, PlacementState

__all__ = ["PARTS", "PlacementState", "bias", "distributions", "rates", "study"]
