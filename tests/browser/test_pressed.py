"""Images: the block is pressed flat along the collapsed axes, and turned with the layout."""

from collections import Counter

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.test_grid import grid
from tests.browser.waiting import until
from ui.drawing.grid import group_label
from ui.questions.axes.state import ImagesState, picture

__all__ = ["grid"]  # the server

PRESSING = "it => it.classList.contains('pressing')"
CLICKED = "it => { it.click(); return it.closest('.pressed').classList.contains('pressing'); }"
WATCH = """svg => {
    window.moves = [];
    new MutationObserver(all => all.forEach(({ target }) => {
        window.moves.push(target.getAttribute("transform"));
    })).observe(svg, { subtree: true, attributeFilter: ["transform"] });
}"""


@pytest.fixture
def open_images(server, visit):
    def visited(motion="no-preference", query="", **options):
        visitor = visit(**options)
        visitor.page.emulate_media(reduced_motion=motion)
        visitor.goto(f"{server.url}/images{query}")
        expect(said(visitor.page)).to_be_visible()
        return visitor

    return visited


def said(page):
    return page.locator(".pressed .said")


def letters(page, which):
    """How often each letter stands on the faces of the first block, or of the first means."""
    block = page.locator(f".pressed .block{which}:not(.copy)").first
    return Counter(block.locator("text:not(.name)").all_text_contents())


def seen(index):
    """The same of groups, of the three faces at the nearest corner."""
    faces = (index[:, :, 0], index[:, 0, :], index[0, :, :])
    return Counter(group_label(group) for face in faces for group in face.ravel())


def shown(page, kept):
    """Whether the block and its means have the engine's groups on their faces."""
    p = picture(ImagesState(kept=kept))
    sizes = [size if axis in p.split.feature_axes else 1 for axis, size in enumerate(p.x.shape)]
    statistics = np.arange(p.moments.mean.size).reshape(sizes)
    assert letters(page, ":not(.result)") == seen(p.index[0])
    assert letters(page, ".result") == seen(statistics[0])


def test_other_axes_press_it_otherwise(open_images):
    visitor = open_images()
    page = visitor.page
    expect(said(page)).to_have_text("24 numbers of each channel became one mean: 5 means.")
    shown(page, (3,))
    page.get_by_role("button", name="a list").click()
    expect(said(page)).to_have_text("2 numbers of each place in H, W, C became one mean: 60 means.")
    visitor.settle()
    until(page, lambda: not page.locator(".pressed").evaluate(PRESSING))
    shown(page, (1, 2, 3))
    expect(page.locator(".pressed .copy")).to_have_count(0)
    expect(
        page.get_by_role("img", name="Blocks of numbers and their means. 2 numbers")
    ).to_be_visible()


def test_an_edited_cell_is_in_the_means_beside_it(open_images):
    page = open_images().page
    page.locator('section[data-panel=input] td[aria-label^="x[0, 0, 0, 0] ="]').dblclick()
    page.keyboard.press("Control+A")
    page.keyboard.type("48.13")  # 48 more than it was, of 24 cells
    page.keyboard.press("Enter")
    expect(page.locator(".pressed .chips span").first).to_have_text("A 1.796")
    expect(said(page)).to_have_text("24 numbers of each channel became one mean: 5 means.")


def test_the_other_layout_turns_it(open_images):
    visitor = open_images()
    page = visitor.page
    page.locator(".pressed svg").evaluate(WATCH)
    page.get_by_role("button", name="NCHW, axis 1").click()
    expect(page.locator(".pressed .name").first).to_have_text("C")
    visitor.settle()
    until(page, lambda: not page.locator(".pressed").evaluate(PRESSING))
    moves = page.evaluate("window.moves")
    assert moves[0].startswith("rotate(120 ")
    assert moves[-1].startswith("rotate(0 ")
    page.evaluate("window.moves.length = 0")
    page.get_by_role("radio", name="channels last").click()  # no number moves
    expect(page.locator(".pressed .name").first).to_have_text("H")
    visitor.settle()
    until(page, lambda: not page.locator(".pressed").evaluate(PRESSING))
    assert not any(move.startswith("rotate(120 ") for move in page.evaluate("window.moves"))


def test_keys_press_it_again_and_skip_it(open_images):
    page = open_images().page
    again = page.get_by_role("button", name="Press it again")
    again.press("Enter")
    page.keyboard.press("Escape")
    assert not page.locator(".pressed").evaluate(PRESSING)
    assert again.evaluate(CLICKED)
    until(page, lambda: not page.locator(".pressed").evaluate(PRESSING))  # it ends by itself
    expect(page.locator(".pressed .copy")).to_have_count(0)


def test_nothing_is_pressed_for_who_wants_less_motion(open_images):
    visitor = open_images("reduce", width=390)
    page = visitor.page
    expect(page.get_by_role("button", name="Press it again")).to_have_count(0)
    assert not page.locator(".pressed button").evaluate(CLICKED)
    page.get_by_role("button", name="a list").click()
    expect(said(page)).to_contain_text("60 means")
    shown(page, (1, 2, 3))
    assert visitor.overflow() <= 0


def test_means_that_are_others_are_told(grid, visit):
    page = visit().goto(f"{grid}?pressed=1").page
    expect(said(page)).to_have_text("3 numbers of each channel became one mean: 4 means.")
    page.goto(f"{grid}?pressed=1&wrong=1.0000000000001")
    wrong = "the cells of A have the mean 2, the engine says 2.0000000000002"
    expect(said(page)).to_contain_text(wrong)


def test_more_blocks_than_are_drawn_are_told(grid, visit):
    page = visit().goto(f"{grid}?pressed=1&shape=6,2,3,2").page
    expect(said(page)).to_have_text(
        "36 numbers of each channel became one mean: 2 means. The first 4 of 6 along N are drawn."
    )
    expect(page.locator(".pressed .block:not(.result)")).to_have_count(4)
