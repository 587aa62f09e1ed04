"""Switches in a piece of code, and what was measured with each setting: what changed, what stayed.

- `record`: what is drawn: the choices, and for each combination its code, its tiles, a sentence.
- `component`: `draw_switches`, which puts it on a page.
- `parts/`: the browser's side; switching needs no server.
"""

from ui.drawing.switches.component import draw_switches
from ui.drawing.switches.record import Case

__all__ = ["Case", "draw_switches"]
