"""What the asker of question 11 does: read who stores what, run it live, carry a layer over."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.waiting import TRAINED


@pytest.mark.keras
def test_from_home_to_live_frameworks(server, visit):
    visitor = visit().goto(server.url)
    page = visitor.page
    page.locator(".st-key-question-Q11 a:visible").first.click()
    page.get_by_role("button", name="Show the answer").click()
    answer = page.get_by_role("listitem").filter(has_text="1.2503 times the biased variance")
    expect(answer).to_be_visible()  # the line below says it too
    expect(page.get_by_text("Keras 3 stores the biased one")).to_be_visible()
    visitor.train("conventions")
    expect(page.get_by_text("Done: 4,000 updates")).to_be_visible()
    expect(page.get_by_text("Both were asked for the same rows")).to_be_visible(timeout=TRAINED)
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    assert visitor.overflow() <= 0


def test_a_link_restores_case_and_filter(server, visit):
    page = visit().goto(f"{server.url}/conventions?updates=77&find=MXNet&chosen=paper").page
    expect(page.locator('[class*="st-key-conventions-updates"] input')).to_have_value("77")
    expect(page.locator('[class*="st-key-conventions-find"] input')).to_have_value("MXNet")
    expect(page.get_by_text("implementations.")).to_be_visible()


def dots(line):
    """The numbers at which the dots stand, read from the ticks below them."""
    ticks = line.locator(".tick line").evaluate_all("all => all.map(it => it.x1.baseVal.value)")
    numbers = map(float, line.locator(".tick text").all_text_contents()[: len(ticks)])
    places = line.locator("circle").evaluate_all("all => all.map(it => it.cx.baseVal.value)")
    return np.polyval(np.polyfit(ticks, list(numbers), 1), places)


def test_a_slider_moves_every_dot_to_its_number(server, visit):
    visitor = visit().goto(f"{server.url}/conventions?chosen=keras-3~torch")
    visitor.page.get_by_role("button", name="Show the answer").click()
    line = visitor.page.locator(".line")
    slider = line.get_by_role("slider")
    expect(line.locator("svg .number")).to_have_text(["1", "1.25"])
    slider.focus()
    for key, n, factor in (("ArrowRight", 6, "1.2"), ("End", 100, "1.0101"), ("Home", 2, "2")):
        visitor.page.keyboard.press(key)
        expect(line.locator("output")).to_have_text(str(n))
        expect(line.locator("svg .number")).to_have_text(["1", factor])
        expect(slider).to_have_attribute("aria-valuetext", re.compile(rf"^{n}: n = {n}: 2 diff"))
        expect(line.locator(".said")).to_have_text(re.compile(rf"^n = {n}: 2 diff"))
        assert dots(line) == pytest.approx([1, float(factor)], abs=1e-4)
    assert visitor.overflow() <= 0
