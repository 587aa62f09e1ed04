"""Numbers that a handle pushes, and what a batch normalisation makes of them in both modes.

- `record`: the numbers, how far they can be pushed, and what the engine made of them; pure.
- `component`: `draw_push`, which puts it on a page.
- `parts/`: the browser's side. It works the outputs out while the handle moves; the engine is asked
  when it is let go, and where it says something else, that is shown.
"""

from ui.drawing.push.component import draw_push
from ui.drawing.push.record import Push

__all__ = ["Push", "draw_push"]
