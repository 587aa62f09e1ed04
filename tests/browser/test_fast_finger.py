"""Sliders under a fast finger: the page lives, and ends at the last value.

pytest tests/browser/test_fast_finger.py --rounds 10     # more patience, more presses
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.line import Line
from tools.browser import wait_until

PRESSES = 25
PAUSES = (40, 90)  # milliseconds: how fast the finger is, nothing is waited for
STEP = {"ArrowLeft": -1, "ArrowRight": 1}


@dataclass(frozen=True)
class Slider:
    """A slider, and what follows its value: a parameter of the address, a figure's title."""

    key: str
    parameter: str = ""
    figure: str = ""  # whose title names it

    def find(self, page: Page) -> Locator:
        return page.locator(f'[class*="st-key-{self.key}"] input[type="range"]')


# Figures beyond 10 kB, which Streamlit would let the browser keep.
CONVENTIONS = "conventions?updates=1000"
FEATURE = Slider("conventions-feature", "feature", "conventions-variance")
# Address, panel to train, sliders in an order in which none takes the next one's result away.
SLIDERS = [
    pytest.param("modes?updates=1000", "modes", [
        Slider("modes-batch_size", "batch_size"),
    ], id="modes"),
    pytest.param(CONVENTIONS, "", [FEATURE], id="conventions"),
    pytest.param("bad-number", "", [Slider("bad-number-feature", "feature")], id="bad number"),
]  # fmt: skip

# Plotly keeps what it drew beside the element.
FIGURE_SAYS = """([key, said]) => {
    const title = document.querySelector(`.st-key-${key} .js-plotly-plot`)?.layout?.title;
    return title && RegExp(` of feature ${said}[<,]`).test(title.text);
}"""
# A default is left out of the address.
ADDRESS_SAYS = """
    ([name, said]) => (new URLSearchParams(location.search).get(name) ?? said) === said
"""


def assert_there(visitor: Any, slider: Slider, step: int) -> None:
    """The slider, the address and the figure are at this step, and the page lives."""
    page, handle = visitor.page, slider.find(visitor.page)
    expect(handle).to_have_value(str(step))
    visitor.settle()
    said = handle.get_attribute("aria-valuetext")
    if slider.parameter:
        wait_until(page, ADDRESS_SAYS, [slider.parameter, said])
    if slider.figure:
        wait_until(page, FIGURE_SAYS, [slider.figure, said])
    expect(page.get_by_role("dialog")).to_have_count(0)


def show_the_figures(visitor: Any) -> None:
    """They wait for a prediction."""
    visitor.page.get_by_role("button", name="Show the answer").click()
    expect(visitor.page.locator(".js-plotly-plot")).to_have_count(2)
    visitor.settle()


@pytest.mark.keras
@pytest.mark.parametrize(("address", "panel", "sliders"), SLIDERS)
def test_the_page_lives_and_ends_at_the_last_value(address, panel, sliders, server, visit, request):
    visitor = visit().goto(f"{server.url}/{address}")
    page = visitor.page
    if address == CONVENTIONS:
        show_the_figures(visitor)
    if panel:
        visitor.train(panel)
    for slider in sliders:
        handle = slider.find(page)
        low, high, at = (int(handle.get_attribute(each)) for each in ("min", "max", "value"))
        for pause in PAUSES * request.config.getoption("--rounds"):
            key = "ArrowRight" if at == low else "ArrowLeft"
            handle.focus()
            for _ in range(PRESSES):
                page.keyboard.press(key)
                page.wait_for_timeout(pause)
            at = min(max(at + PRESSES * STEP[key], low), high)
            assert_there(visitor, slider, at)


@pytest.mark.keras
def test_answers_that_come_late_find_the_page_alive(server, visit):
    """The browser lets go of old figures when a run ends. Seven steps are asked for before it has
    heard of the first one's end, so a server that counts on those figures would name some that
    are gone ("Cached ForwardMsg MISS")."""
    visitor = visit()
    line = Line(visitor.page)
    visitor.goto(f"{server.url}/{CONVENTIONS}")
    show_the_figures(visitor)
    page = visitor.page
    FEATURE.find(page).press("ArrowRight")
    assert_there(visitor, FEATURE, 1)
    line.hold()
    for key in ["ArrowRight"] * 4 + ["ArrowLeft"] * 3:
        ended = line.runs
        page.keyboard.press(key)
        line.wait_for_runs(ended + 1)
    line.release()
    assert_there(visitor, FEATURE, 2)
