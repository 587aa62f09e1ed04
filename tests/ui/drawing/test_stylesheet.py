"""What the theme leaves too pale can be read."""

from ui.drawing.palette import DARK, LIGHT, contrast
from ui.drawing.stylesheet import CODE, stylesheet


def test_code_can_be_read_in_both_themes():
    for light, dark in CODE.values():
        assert contrast(light, LIGHT.surface) >= 4.5
        assert contrast(dark, DARK.surface) >= 4.5
        assert f"light-dark({light}, {dark})" in stylesheet()


def test_words_on_the_primary_colour_can_be_read():
    for theme in (LIGHT, DARK):
        assert contrast(theme.background, theme.accent) >= 4.5
    assert f"light-dark({LIGHT.background}, {DARK.background})" in stylesheet()
