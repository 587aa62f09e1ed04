"""The two modes, and the pages that were parts of that page once."""

import re

import pytest
from playwright.sync_api import expect

PARTS = {  # of the page as it was: today's address
    "both": "modes",
    "stuck": "stuck",
    "freezing": "freezing",
    "poison": "bad-number",
}


@pytest.mark.keras
def test_the_gap_can_be_scrubbed_to_the_new_layer(server, visit):
    visitor = visit().goto(f"{server.url}/modes?updates=50")
    page = visitor.page
    visitor.train("modes")
    slider = page.locator(".player .slider")
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    page.get_by_role("button", name="Outputs at this update").click()
    expect(page.get_by_role("heading", name="Both outputs after update 0")).to_be_visible()
    expect(page.get_by_role("heading", name="Inference mode", exact=True)).to_be_visible()
    page.locator(".strips").get_by_role("slider").press("Home")
    page.wait_for_url(re.compile("tried=1"))
    expect(page.locator(".strips .checked")).to_contain_text(
        "The engine computes the same (largest diff"
    )
    expect(page.locator(".strips .said")).to_contain_text("every training output is beta = 0")


@pytest.mark.keras
def test_a_layer_that_is_pointed_at_is_marked_among_the_outputs(server, visit):
    visitor = visit().goto(f"{server.url}/modes?updates=20&keeps=0.9~0.99&looked_at=0.9")
    page = visitor.page
    visitor.train("modes")
    curves, panels = page.locator(".player td[data-curve]"), page.locator(".grid .panel")
    looked = page.locator(".grid .panel.looked")
    expect(panels).to_have_count(8)
    curves.and_(page.locator("[data-curve='0.9']")).first.hover()
    expect(looked).to_have_count(4)
    curves.and_(page.locator("[data-curve='0.99']")).first.hover()
    expect(looked).to_have_count(0)  # the outputs are of another layer
    lit = page.locator(".player td.lit")
    page.locator("[data-panel=inference] .cell").first.hover()
    expect(lit).to_have_count(1)
    expect(lit).to_have_attribute("data-curve", "0.9")
    page.locator("[data-panel=x] .cell").first.hover()
    expect(lit).to_have_count(0)  # the batch is no layer's


@pytest.mark.parametrize("part", list(PARTS))
def test_a_part_s_address_opens_its_page_which_a_phone_shows_whole(server, visit, part):
    visitor = visit(width=390).goto(f"{server.url}/modes?part={part}")
    expect(visitor.page).to_have_url(re.compile(rf"/{PARTS[part]}(\?feature=0)?$"))
    expect(visitor.page.locator(f".st-key-{PARTS[part]}-train")).to_be_visible()
    assert visitor.overflow() <= 0
