"""What the asker of question 10 does: step through it, click a cell, play and pause."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import TRAINED
from tools.browser import wait_until


def step(page, number):
    return expect(page.get_by_text(f"Step {number} of 16")).to_be_visible()


@pytest.mark.keras
def test_from_home_through_the_steps_to_the_real_gradients(server, visit):
    visitor = visit().goto(server.url)
    page = visitor.page
    page.locator(".st-key-question-Q10 a:visible").first.click()
    step(page, 2)  # the first number that is computed
    for number in range(3, 7):
        page.locator(".st-key-steps-next button").click()
        step(page, number)
    expect(page.get_by_role("gridcell", name=re.compile(r"= -1\.0688")).first).to_be_visible()
    expect(page.get_by_text("TensorFlow's own gradients")).to_be_visible(timeout=TRAINED)
    assert visitor.overflow() <= 0


def test_a_click_on_a_cell_shows_its_arithmetic(server, visit):
    page = visit().goto(f"{server.url}/steps?step=5&panel=x_hat").page
    page.get_by_role("gridcell", name=re.compile(r"x_hat\[3, 0\]")).first.click()
    expect(page.get_by_text("x_hat[3, 0]", exact=True)).to_be_visible()
    expect(page.locator(".katex-html").get_by_text("1.6033").first).to_be_visible()


def test_play_goes_on_by_itself_until_it_is_paused(server, visit):
    """The server is asked for the next step by a clock of the browser, four times a step."""
    page = visit().goto(f"{server.url}/steps").page
    rings = "bnlabRuns.clocks(400)"
    assert page.evaluate(rings) == 0
    page.locator(".st-key-steps-play button").click()
    step(page, 3)
    assert page.evaluate(rings) == 1
    page.locator(".st-key-steps-pause button").click()
    expect(page.locator(".st-key-steps-play button")).to_be_visible()
    wait_until(page, f"() => {rings} === 0")


def test_a_link_brings_to_a_step(server, visit):
    page = visit().goto(f"{server.url}/steps?step=15&panel=through_variance&mode=inference").page
    step(page, 16)
    expect(page.get_by_text("through_variance[0, 0]", exact=True)).to_be_visible()


@pytest.mark.parametrize("address", ["steps", "steps?step=15"])
def test_a_phone_needs_no_sideways_scrolling(server, visit, address):
    assert visit(width=390).goto(f"{server.url}/{address}").overflow() <= 0
