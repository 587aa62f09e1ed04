"""A block of numbers, in three dimensions, pressed flat along the collapsed axes into its means.

- `record`: what the browser draws, with the engine's means; pure data.
- `component`: `draw_pressed`, the only part that talks to Streamlit.
- `parts/`: the browser's side. It takes the means once more and says where they are others.
"""

from ui.drawing.pressed.component import draw_pressed

__all__ = ["draw_pressed"]
