"""The palette stands out on both backgrounds, for any colour vision, and in the config."""

import itertools
import tomllib

import numpy as np
import pytest

from ui.drawing.palette import DARK, LIGHT, Palette, contrast, rgb
from ui.page.registry import ROOT

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
VISION = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}


def lab(color: str, vision: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of a colour as seen with `vision`."""
    srgb = np.array(rgb(color)) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(vision @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ linear / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_and_text_stand_out(palette: Palette):
    assert min(contrast(color, palette.background) for color in palette.series) >= 3
    for ground in (palette.background, palette.surface):
        assert contrast(palette.text, ground) >= 7
        assert contrast(palette.muted, ground) >= 4.5
        assert contrast(palette.accent, ground) >= 4.5
        assert contrast(palette.alarm, ground) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_what_streamlit_writes_paler_can_be_read(palette: Palette):
    """Captions and labels have the text's colour at 60 %."""
    for ground in (palette.background, palette.surface):
        pairs = zip(rgb(palette.text), rgb(ground), strict=True)
        paler = "#" + "".join(f"{round(0.6 * ink + 0.4 * under):02x}" for ink, under in pairs)
        assert contrast(paler, ground) >= 4.5


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_differ_for_any_colour_vision(palette: Palette, vision: str):
    colors = [lab(color, VISION[vision]) for color in palette.series]

    def closest(some: list[np.ndarray]) -> float:
        return min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(some, 2))

    assert closest(colors[:5]) >= 18
    assert closest(colors) >= 12


def test_the_measure_can_fail():
    red_green = [lab(color, VISION["deuteranopia"]) for color in ("#b87a00", "#d55e00")]
    assert np.linalg.norm(red_green[0] - red_green[1]) < 18


def test_both_themes_order_the_hues_alike():
    assert len(LIGHT.series) == len(DARK.series)
    assert LIGHT.color(len(LIGHT.series)) == LIGHT.color(0)


def test_the_config_says_the_same():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    for name, palette in (("light", LIGHT), ("dark", DARK)):
        assert theme[name]["chartCategoricalColors"] == list(palette.series)
        assert theme[name]["backgroundColor"] == palette.background
        assert theme[name]["secondaryBackgroundColor"] == palette.surface
        assert theme[name]["textColor"] == palette.text
        assert theme[name]["primaryColor"] == palette.accent
