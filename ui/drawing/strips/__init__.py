"""Two strips of dots, one layer's outputs in both modes, and a slider that chooses the batch size.

- `record`: what is drawn: rows, moving statistics, and the engine's outputs of one size.
- `component`: `draw_strips`, which puts it on a page and tells which size was chosen.
- `parts/`: the browser's side; it works both outputs out for every size, and says where the engine
  has others.
"""

from ui.drawing.strips.component import draw_strips
from ui.drawing.strips.record import Strips

__all__ = ["Strips", "draw_strips"]
