"""What the askers of question 9 do: read why validation is stuck, freeze a layer, drop a NaN."""

import pytest
from playwright.sync_api import expect


@pytest.mark.keras
def test_from_home_to_a_stuck_validation_and_its_cures(server, visit):
    visitor = visit().goto(server.url)
    page = visitor.page
    page.locator(".st-key-question-Q9 a:visible").first.click()
    visitor.train("modes-stuck")
    expect(page.get_by_text("This is not overfitting")).to_be_visible()
    expect(page.get_by_text("Cure without training again")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    assert visitor.overflow() <= 0


@pytest.mark.keras
def test_the_gap_can_be_scrubbed_to_the_new_layer(server, visit):
    visitor = visit().goto(f"{server.url}/modes?updates=50")
    page = visitor.page
    visitor.train("modes-gap")
    slider = page.locator('[class*="st-key-modes-at-50"] input[type="range"]')
    slider.press("Home")
    expect(slider).to_have_value("0")
    expect(page.get_by_text("Inference mode", exact=True)).to_be_visible()


@pytest.mark.parametrize("part", ["both", "stuck", "freezing", "poison"])
def test_a_phone_needs_no_sideways_scrolling(server, visit, part):
    assert visit(width=390).goto(f"{server.url}/modes?part={part}").overflow() <= 0
