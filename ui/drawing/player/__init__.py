"""The player: recorded runs that move in the browser, without the server.

- `recording`: what is played, in names and numbers: a frozen record, made by a page; `scenes`: its
  pictures that are no curves.
- `shelf`: recordings as bytes under unguessable names, where a route of the server finds them.
- `component`: `draw_player`, which puts a player on a page.
- `parts/`: the browser's side, plain modules that a route serves; no build step.
"""

from ui.drawing.player.component import Look, draw_player
from ui.drawing.player.recording import (
    Bins,
    Curve,
    Event,
    Formula,
    Later,
    Level,
    Quantity,
    Recording,
)
from ui.drawing.player.scenes import Balls, Ended, Plane, Rows

__all__ = [
    "Balls",
    "Bins",
    "Curve",
    "Ended",
    "Event",
    "Formula",
    "Later",
    "Level",
    "Look",
    "Plane",
    "Quantity",
    "Recording",
    "Rows",
    "draw_player",
]
