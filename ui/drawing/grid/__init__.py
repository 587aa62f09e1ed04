"""The tensor picture: several arrays in one component, their groups by colour and label.

- `panel`: `Panel`, one array as a person sees it; pure data, checked on the way in.
- `scene`: panels -> the compact record that the browser draws (bounded, formatted, labelled).
- `edits`: `GridEvent`, what a person did, and `apply_event`, an event -> a new array.
- `component`: `draw_grid`, the only part that talks to Streamlit.
- `parts/`: the browser's side, joined into one inline component, no build step.

A page draws its whole scene in one call, so that one message repaints every panel at once:

    def changed(event: GridEvent) -> None:
        page.update(data=apply_event(page.state.data, event))

    draw_grid([Panel("x", "Input", x, groups=groups, editable=True),
               Panel("mean", "Mean", mean, groups=ids, role="statistic")],
              key="axes", on_event=changed)
"""

from ui.drawing.grid.component import Cell, GridProblem, Stages, draw_grid
from ui.drawing.grid.edits import GridEvent, apply_event
from ui.drawing.grid.panel import Panel, cell_name, group_label

__all__ = [
    "Cell",
    "GridEvent",
    "GridProblem",
    "Panel",
    "Stages",
    "apply_event",
    "cell_name",
    "draw_grid",
    "group_label",
]
