"""The blocks' style sheet."""

import pytest

from ui.drawing.blocks.component import MODULE
from ui.drawing.palette import DARK, LIGHT, Palette, contrast, rgb


def mixed(color: str, share: float, background: str) -> str:
    pairs = zip(rgb(color), rgb(background), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("share", [0.24, 0.36])
def test_letters_can_be_read_on_every_colour(colors: Palette, share: float):
    assert f"var(--c) {share:.0%}" in MODULE.text
    for color in colors.series:
        assert contrast(colors.text, mixed(color, share, colors.background)) >= 4.5


def test_both_themes_have_their_own_colours():
    for light, dark in zip(LIGHT.series, DARK.series, strict=True):
        assert f"light-dark({light}, {dark})" in MODULE.text
