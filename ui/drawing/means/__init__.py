"""A matrix whose cells pour into their means, one for each column or one for each row.

- `record`: what the browser draws, computed by the engine; pure data.
- `component`: `draw_means`, the only part that talks to Streamlit.
- `parts/`: the browser's side. The switch and the movement need no server.
"""

from ui.drawing.means.component import draw_means

__all__ = ["draw_means"]
