"""The one palette: Okabe and Ito's colours, tuned to stand out on both backgrounds.

Okabe and Ito chose eight colours that people with any colour vision tell apart. Their yellow and
sky blue are too pale on white and their black and deep blue too dark on black, so each theme has
its own shades of the same hues, in the same order: the third is green in both. The shades were
searched for: contrast with the background at least 3, and the smallest difference between two of
them, for usual, protanopic and deuteranopic vision, as large as it gets (tests/ui/test_palette.py
measures it). Colour never carries a meaning alone: labels, dashes or positions repeat it.

Pure data and pure functions, except `is_dark`, which asks Streamlit.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Palette:
    """The colours of one theme. `series` in order: blue, vermilion, green, purple, orange, ..."""

    background: str
    surface: str
    text: str
    muted: str
    grid: str
    accent: str
    alarm: str
    series: tuple[str, ...]

    def color(self, index: int) -> str:
        """The colour of series or group `index`; they repeat after the last."""
        return self.series[index % len(self.series)]

    def tint(self, index: int, alpha: float = 0.18) -> str:
        """The same colour as a background, for cells that carry text."""
        red, green, blue = rgb(self.color(index))
        return f"rgba({red}, {green}, {blue}, {alpha:g})"


LIGHT = Palette(
    background="#ffffff",
    surface="#f4f6f8",
    text="#0e1720",
    muted="#586673",
    grid="#d9e0e6",
    accent="#0068a3",
    alarm="#c1121f",
    series=(
        "#0076b8",  # blue
        "#8a3000",  # vermilion
        "#00996f",  # bluish green
        "#cb76a5",  # reddish purple
        "#b87f00",  # orange
        "#1a9bcb",  # sky blue
        "#495460",  # slate, for black
        "#806d0a",  # yellow
    ),
)
DARK = Palette(
    background="#11171d",
    surface="#1a222a",
    text="#e8edf1",
    muted="#9fadb9",
    grid="#33404c",
    accent="#58b0e3",
    alarm="#ff6b6b",
    series=(
        "#1583c1",  # blue
        "#d65f00",  # vermilion
        "#00996f",  # bluish green
        "#d38cba",  # reddish purple
        "#f5a900",  # orange
        "#58b5e9",  # sky blue
        "#747d90",  # slate, for black
        "#f0e442",  # yellow
    ),
)


def palette(dark: bool) -> Palette:
    """The palette of a theme."""
    return DARK if dark else LIGHT


def variables() -> str:
    """CSS variables of both themes, of which the browser takes its own: --g0 to --g7, --muted.

    >>> variables().split("; ")[:2]
    ['--g0: light-dark(#0076b8, #1583c1)', '--g1: light-dark(#8a3000, #d65f00)']
    """
    series = enumerate(zip(LIGHT.series, DARK.series, strict=True))
    pairs = {f"g{i}": pair for i, pair in series} | {"muted": (LIGHT.muted, DARK.muted)}
    return "".join(f"--{name}: light-dark({', '.join(pair)}); " for name, pair in pairs.items())


def is_dark() -> bool:
    """Whether the visitor's page is dark (from the browser; light until it has said so)."""
    return st.context.theme.type == "dark"


def current() -> Palette:
    """The palette of the visitor's theme."""
    return palette(is_dark())


def rgb(color: str) -> tuple[int, int, int]:
    """The channels of '#rrggbb'.

    >>> rgb("#0072b2")
    (0, 114, 178)
    """
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours by WCAG 2.2 (1 to 21).

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    bright, dim = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(color: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in rgb(color))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
