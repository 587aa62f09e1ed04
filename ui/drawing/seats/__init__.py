"""Rows that are dragged to other seats of a batch, beside what trained layers return for them.

- `record`: what is drawn: the rows, each layer's weights by seat, and what it really returned for
  every row in every seat.
- `component`: `draw_seats`, which puts it on a page.
- `parts/`: the browser's side; it works the outputs out, and says where a layer returned others.
"""

from ui.drawing.seats.component import draw_seats
from ui.drawing.seats.record import SeatedLayer

__all__ = ["SeatedLayer", "draw_seats"]
