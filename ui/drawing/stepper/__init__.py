"""Steps that are gone through in the browser: buttons and a slider that move texts and a grid.

- `component`: `draw_stepper`, which puts them on a page, and `stepped`, a text for each step.
- `parts/`: the browser's side. A grid that names the same stepper shows what belongs to its step.
"""

from ui.drawing.stepper.component import draw_stepper, stepped

__all__ = ["draw_stepper", "stepped"]
