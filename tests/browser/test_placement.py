"""What the askers of questions 6 to 8 do: open it, press Train, read the verdicts."""

import re

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
    row = page.locator(".player table.now tr", has=page.get_by_text("before", exact=True))
    accuracy = float(row.locator("td").nth(1).get_attribute("title"))
    page.locator(".slot[data-place=before]").click()
    expect(page.locator(".slots .said")).to_contain_text(f"accuracy {accuracy:.3f} after epoch 20")
    expect(row.locator("td.lit")).to_have_count(5)
    expect(page).to_have_url(re.compile("placed=before"))
    assert visitor.overflow() <= 0
    page.locator("[data-testid=stTopNavSection]").filter(has_text="Where does it go?").click()
    page.locator("[data-testid=stTopNavDropdownLink]").filter(has_text="Distributions").click()
    captions = page.locator(".player figcaption")
    expect(captions.first).to_have_text("Pre-activations of block 1")  # without training again
    page.get_by_label("Shown").select_option("block 2")
    expect(captions.first).to_have_text("Pre-activations of block 2")
    slider = page.locator(".player .slider")
    slider.focus()
    for key, update in (("Home", 0), ("End", 1000)):
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuenow", str(update))
        with page.expect_download() as coming:
            page.get_by_role("button", name="Pre-activations (SVG)").click()
        told = dict(re.findall(r">([a-z +]+): (\d+) % saturated<", coming.value.path().read_text()))
        for name in ("none", "before", "after", "before + output"):
            row = page.locator(".player table.now tr").filter(
                has=page.locator("th", has_text=re.compile(f"^{re.escape(name)}$"))
            )
            share = float(row.locator("td").nth(1).get_attribute("title"))
            assert int(told[name]) == pytest.approx(100 * share, abs=0.5001)
        slider.focus()


@pytest.mark.keras
def test_the_bias_learns_nothing_in_training_mode(server, visit):
    visitor = visit().goto(f"{server.url}/bias?updates=50")
    page = visitor.page
    visitor.train("bias")
    expect(page.get_by_text("the gradient of the bias has the norm")).to_be_visible()
    expect(page.get_by_text("saves 64 of 1,346 parameters")).to_be_visible()
    page.locator(".push input[type=range]").press("End")
    expect(page.locator(".push .said")).to_contain_text("every output by 0 (training mode)")
    expect(page.locator(".push .check")).to_contain_text("The engine computes the same outputs")
    expect(page).to_have_url(re.compile("push="))
    page.set_viewport_size({"width": 390, "height": 844})
    figure = page.locator(".player canvas").first
    until(page, lambda: figure.bounding_box()["width"] < 390)
    assert visitor.overflow() <= 0


@pytest.mark.parametrize("name", ["placement", "distributions", "rates", "bias"])
def test_a_phone_needs_no_sideways_scrolling(server, visit, name):
    assert visit(width=390).goto(f"{server.url}/{name}").overflow() <= 0
