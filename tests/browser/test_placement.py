"""What the askers of questions 6 to 8 do: open it, press Train, read the verdicts."""

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import until


@pytest.mark.keras
def test_from_home_to_a_verdict_about_the_askers_model(server, visit):
    visitor = visit().goto(server.url)
    page = visitor.page
    page.locator(".st-key-question-Q6 a:visible").first.click()
    visitor.train("placement")
    expect(page.get_by_text("Done: 100 epochs")).to_be_visible()
    expect(page.get_by_text("Before or after the activation:")).to_be_visible()
    expect(page.get_by_text("0 of them are in model.layers")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(1)  # the differences
    expect(page.locator(".player .slider")).to_have_attribute("aria-valuenow", "20")
    assert visitor.overflow() <= 0
    page.locator("[data-testid=stTopNavSection]").filter(has_text="Where does it go?").click()
    page.locator("[data-testid=stTopNavDropdownLink]").filter(has_text="Distributions").click()
    expect(page.get_by_text("Block 2", exact=True)).to_be_visible()  # without training again
    expect(page.locator(".js-plotly-plot")).to_have_count(6)


@pytest.mark.keras
def test_the_bias_learns_nothing_in_training_mode(server, visit):
    visitor = visit().goto(f"{server.url}/bias?updates=50")
    page = visitor.page
    visitor.train("bias")
    expect(page.get_by_text("the gradient of the bias has the norm")).to_be_visible()
    expect(page.get_by_text("saves 64 of 1,346 parameters")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    figure = page.locator(".st-key-bias-figure .js-plotly-plot")
    until(page, lambda: figure.bounding_box()["width"] < 390)
    title, frame = figure.locator(".gtitle").bounding_box(), figure.bounding_box()
    assert title["x"] + title["width"] <= frame["x"] + frame["width"]


@pytest.mark.parametrize("name", ["placement", "distributions", "rates", "bias"])
def test_a_phone_needs_no_sideways_scrolling(server, visit, name):
    assert visit(width=390).goto(f"{server.url}/{name}").overflow() <= 0
