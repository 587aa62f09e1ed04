"""What the asker of question 10 does: step through it, click a cell, play and pause."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.test_arithmetic import COUNT_MESSAGES
from tests.browser.waiting import TRAINED


def step(page, number):
    return expect(page.get_by_text(f"Step {number} of 16")).to_be_visible()


@pytest.mark.keras
def test_from_home_through_the_steps_to_the_real_gradients(server, visit):
    visitor = visit().goto(server.url)
    page = visitor.page
    page.locator(".st-key-question-Q10 a:visible").first.click()
    step(page, 2)  # the first number that is computed
    for number in range(3, 7):
        page.get_by_role("button", name="Next").click()
        step(page, number)
    expect(page.get_by_role("gridcell", name=re.compile(r"= -1\.0688")).first).to_be_visible()
    expect(page.get_by_text("TensorFlow's own gradients")).to_be_visible(timeout=TRAINED)
    assert visitor.overflow() <= 0


def test_a_click_on_a_cell_shows_its_arithmetic(server, visit):
    page = visit().goto(f"{server.url}/steps?step=5&panel=x_hat").page
    page.get_by_role("gridcell", name=re.compile(r"x_hat\[3, 0\]")).first.click()
    expect(page.get_by_text("x_hat[3, 0]", exact=True)).to_be_visible()
    expect(page.locator(".katex-html").get_by_text("1.6033").first).to_be_visible()


def panels(page):
    """The panels that can be seen."""
    return page.locator("section.panel:visible").evaluate_all(
        "all => all.map(e => e.dataset.panel)"
    )


def test_stepping_needs_no_server_until_it_rests(server, visit):
    visitor = visit().goto(f"{server.url}/steps")
    page = visitor.page
    assert panels(page) == ["z", "mean"]
    page.evaluate(COUNT_MESSAGES)
    page.clock.install()
    page.clock.pause_at(datetime.now() + timedelta(days=1))  # it does not rest before it may
    slider = page.get_by_role("slider", name="Step")
    slider.focus()
    for key in ("End", "Home", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    step(page, 3)
    expect(slider).to_have_attribute("aria-valuetext", "Step 3 of 16: Centre")
    assert panels(page) == ["z", "mean", "centered"]
    expect(page.get_by_text("Every column now has mean 0.")).to_be_visible()
    expect(page.get_by_text("One mean per feature")).to_be_hidden()
    page.get_by_role("button", name="Backward pass").click()
    assert panels(page) == ["inv_std", "x_hat", "gamma", "output", "da"]
    assert page.evaluate("window.sent") == 0
    page.clock.resume()
    page.wait_for_url("**/steps?step=8&panel=da")


def test_play_goes_on_by_itself_until_it_is_paused(server, visit):
    page = visit().goto(f"{server.url}/steps").page
    page.get_by_role("button", name="Play").click()
    step(page, 3)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.wait_for_url("**/steps?step=*")


BEGUN = """it => {
    it.click();
    return it.closest(".stepper").querySelector(".where").textContent;
}"""


def test_play_ends_at_the_last_step_and_begins_anew(server, visit):
    page = visit().goto(f"{server.url}/steps?step=14").page
    step(page, 15)
    page.get_by_role("button", name="Play").click()
    step(page, 16)
    play = page.get_by_role("button", name="Play")
    expect(play).to_be_visible()
    assert play.evaluate(BEGUN).startswith("Step 1 of 16: ")


def test_a_page_that_leads_elsewhere_is_followed(server, visit):
    visitor = visit().goto(f"{server.url}/steps?step=5&panel=x_hat")
    page = visitor.page
    step(page, 6)
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**step=6**")
    visitor.settle()
    page.get_by_role("button", name="Reset").click()
    step(page, 2)
    assert panels(page) == ["z", "mean"]


def test_a_link_brings_to_a_step(server, visit):
    page = visit().goto(f"{server.url}/steps?step=15&panel=through_variance&mode=inference").page
    step(page, 16)
    chosen = page.get_by_text("through_variance[0, 0]", exact=True)
    expect(chosen.locator("visible=true")).to_have_count(1)


@pytest.mark.parametrize("address", ["steps", "steps?step=15"])
def test_a_phone_needs_no_sideways_scrolling(server, visit, address):
    assert visit(width=390).goto(f"{server.url}/{address}").overflow() <= 0
