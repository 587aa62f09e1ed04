"""A bad number that is dropped on an update of a feature, and what the layer holds from there on.

- `record`: what is drawn: the batches' own statistics, and what the trained layer came to.
- `component`: `draw_drop`, which puts it on a page, and hears where the number was dropped.
- `parts/`: the browser's side; it works out what is held after each update.
"""

from ui.drawing.drop.component import draw_drop
from ui.drawing.drop.record import Drop, Dropped

__all__ = ["Drop", "Dropped", "draw_drop"]
