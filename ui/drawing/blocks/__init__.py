"""The same tensor several times, small, its cells grouped in another way each time.

- `block`: `Block`, one way to group the cells, with the numbers of each group; pure data.
- `component`: `draw_blocks`, the only part that talks to Streamlit.
- `parts/`: the browser's side. What is pointed at lights its group in every block at once, without
  the server; every number it shows was computed here.
"""

from ui.drawing.blocks.block import Block, Groups
from ui.drawing.blocks.component import draw_blocks

__all__ = ["Block", "Groups", "draw_blocks"]
