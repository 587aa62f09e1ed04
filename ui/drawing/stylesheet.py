"""What Streamlit's theme cannot say: a few colours, from the palette, and texts of steps.

`light-dark` lets the browser choose: in the first run of a visit the server may not know the theme.
"""

from __future__ import annotations

from ui.drawing.palette import DARK, LIGHT
from ui.drawing.stepper.component import stepped_style


def stylesheet() -> str:
    """CSS for words that Streamlit would write too pale: on what is primary, and in code.

    Streamlit writes white on the primary colour, which has to be pale in the dark theme; and of its
    colours for code, numbers reach a contrast of 2.5 and texts 2.8 with our light grey.

    >>> "stBaseButton-primary" in stylesheet()
    True
    """
    ground = _color(LIGHT.background, DARK.background)
    primary = f"[data-testid=stBaseButton-primary]:enabled {ground}"
    tokens = (_tokens(names, *colors) for names, colors in CODE.items())
    return "\n".join((primary, *tokens, stepped_style()))


# The parts of a program, as Prism names them, and their colours on a light and a dark surface.
CODE = {
    "comment punctuation prolog": (LIGHT.muted, DARK.muted),
    "keyword function class-name selector builtin": (LIGHT.accent, DARK.accent),
    "number string boolean constant": (LIGHT.color(1), DARK.color(4)),
    "operator": (LIGHT.text, DARK.text),
}


def _tokens(names: str, light: str, dark: str) -> str:
    chosen = ", ".join(f".{name}" for name in names.split())
    return f"[data-testid=stCode] code .token:is({chosen}) {_color(light, dark)}"


def _color(light: str, dark: str) -> str:
    return f"{{ color: light-dark({light}, {dark}) }}"
