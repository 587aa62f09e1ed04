"""Four norms beside each other: a cell lights its group in all of them, without the server."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.waiting import point_at, until
from ui.questions.axes.norms import norms
from ui.questions.axes.state import NormsState

STATE = NormsState()
SHAPE = STATE.data.shape


@pytest.fixture
def picture(server, visit):
    visitor = visit().goto(f"{server.url}/norms")
    expect(visitor.page.locator(".block")).to_have_count(4)
    return visitor


def cell(page, name, family="instance"):
    return page.locator(f'.block[data-block={family}] .cell[aria-label^="{name} = "]')


def lit(page, family):
    """The places of the cells that are lit in a block."""
    labels = page.locator(f".block[data-block={family}] .cell.lit").evaluate_all(
        "cells => cells.map(cell => cell.getAttribute('aria-label'))"
    )
    return {tuple(map(int, re.findall(r"\d+", label.split("]")[0]))) for label in labels}


def shown(page, place):
    """Whether the group of this cell is lit in all blocks, with the engine's numbers."""
    for family, p in norms(STATE).items():
        group = p.index[place]
        assert lit(page, family) == set(map(tuple, np.argwhere(p.index == group).tolist()))
        said = page.locator(f".block[data-block={family}] .reading").inner_text()
        numbers = [float(n.replace("−", "-")) for n in re.findall(r"−?\d[\d.]*", said)]
        mean, variance = p.moments.mean.ravel()[group], p.moments.variance.ravel()[group]
        x = STATE.data.array[place]
        expected = [p.split.count, mean, x, mean, variance, STATE.epsilon, p.x_hat[place]]
        np.testing.assert_allclose(numbers, expected, rtol=1e-4)


def test_a_cell_that_is_pointed_at_lights_its_group_in_all_four(picture):
    page = picture.page
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    page.on("websocket", lambda socket: sent.append(socket.url))
    for place in ((0, 0, 2, 2), (1, 1, 0, 3)):
        target = cell(page, f"x{list(place)}", "layer")
        point_at(target, lambda at=target: "itself" in at.get_attribute("class"))
        shown(page, place)
    expect(
        page.get_by_role("status").filter(has_text="its mean is taken over 12 cells in")
    ).to_be_visible()
    page.mouse.move(5, 5)
    expect(page.locator(".block .cell.lit")).to_have_count(0)
    # What is asked all the same is news of the check below, from a real layer.
    assert [url for url in sent if "/api/news" not in url] == []


def test_the_keys_go_from_cell_to_cell_and_across_the_tables(picture):
    page = picture.page
    cell(page, "x[0, 0, 0, 0]", "batch").focus()
    shown(page, (0, 0, 0, 0))
    for key, place in (
        ("ArrowRight", (0, 0, 1, 0)), ("ArrowRight", (0, 0, 2, 0)), ("ArrowRight", (0, 0, 0, 1)),
        ("ArrowDown", (0, 1, 0, 1)), ("ArrowDown", (1, 0, 0, 1)), ("ArrowLeft", (1, 0, 2, 0)),
        ("ArrowUp", (0, 1, 2, 0)),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(cell(page, f"x{list(place)}", "batch")).to_be_focused()
        shown(page, place)
    other = cell(page, "x[1, 1, 0, 3]", "layer")  # what is pointed at goes before
    point_at(other, lambda: "itself" in other.get_attribute("class"))
    shown(page, (1, 1, 0, 3))
    page.mouse.move(5, 5)
    until(page, lambda: "itself" not in other.get_attribute("class"))
    shown(page, (0, 1, 2, 0))
    page.keyboard.press("Escape")
    expect(page.locator(".block .cell.lit")).to_have_count(0)


def test_all_four_stand_on_one_screen(picture):
    for block in picture.page.locator(".block").all():
        expect(block).to_be_in_viewport(ratio=1)


def test_an_edited_cell_changes_all_four(picture):
    page = picture.page
    page.locator('section[data-panel=input] td[aria-label^="x[0, 0, 0, 0] ="]').dblclick()
    page.keyboard.press("Control+A")
    page.keyboard.type("100")
    page.keyboard.press("Enter")
    expect(cell(page, "x[0, 0, 0, 0]", "batch")).to_have_attribute(
        "aria-label", "x[0, 0, 0, 0] = 100, group A"
    )
