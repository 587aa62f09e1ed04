"""Dots on a line that a slider moves: one row for each of several things, at every step a number.

- `record`: what is drawn: names, numbers and sentences of all steps, computed before.
- `component`: `draw_line`, which puts it on a page.
- `parts/`: the browser's side; moving the slider needs no server.
"""

from ui.drawing.line.component import draw_line
from ui.drawing.line.record import Line

__all__ = ["Line", "draw_line"]
