"""The parts of the page about training and inference mode, each its words and its figures.

- `state`: the page's record, and the job of each part.
- `both`: one batch in both modes, and the gap over the updates.
- `stuck`: training is fine, validation is stuck.
- `freezing`: what really freezes a layer.
- `poison`: one bad number.
"""

from ui.questions.modes import both, freezing, poison, stuck
from ui.questions.modes.state import PARTS, ModesState

__all__ = ["PARTS", "ModesState", "both", "freezing", "poison", "stuck"]
