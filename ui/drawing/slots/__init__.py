"""A block diagram with slots, and a tile that a visitor puts into one of them.

- `record`: the diagram, and what is said of each place; pure data.
- `component`: `draw_slots`, which puts it on a page.
- `parts/`: the browser's side. Players on the page hear of the choice at once, the server for the
  link.
"""

from ui.drawing.slots.component import draw_slots
from ui.drawing.slots.record import Diagram, Group, Place

__all__ = ["Diagram", "Group", "Place", "draw_slots"]
