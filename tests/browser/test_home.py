"""Home's switch: the cells of a matrix pour into four means, or three, without the server."""

import numpy as np
import pytest
from playwright.sync_api import expect

from bncore import datasets
from tests.browser.waiting import until

MATRIX = datasets.axis_question().values
MOVING = "it => it.getAnimations({ subtree: true }).length"
SLOW = """it => {
    for (const motion of it.getAnimations({ subtree: true })) motion.playbackRate = 0.001;
}"""


@pytest.fixture
def home(server, visit):
    def open_home(motion="no-preference", **options):
        visitor = visit(**options)
        visitor.page.emulate_media(reduced_motion=motion)
        visitor.goto(server.url)
        expect(visitor.page.locator(".means .cell")).to_have_count(MATRIX.size)
        return visitor.page

    return open_home


def means(page):
    return [float(text) for text in page.locator(".means .mean:visible").all_inner_texts()]


def places(page):
    """The middle of every cell, and of every mean."""
    middles = """all => all.map(it => it.getBoundingClientRect())
        .map(({ x, y, width, height }) => [x + width / 2, y + height / 2])"""
    cells, tiles = (
        np.array(page.locator(f".means {which}").evaluate_all(middles))
        for which in (".cell:not(.drop)", ".mean:visible")
    )
    return cells.reshape(*MATRIX.shape, 2), tiles


def test_the_keys_switch_between_the_engines_means(home):
    page = home()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    np.testing.assert_allclose(means(page), MATRIX.mean(axis=0))
    cells, tiles = places(page)
    np.testing.assert_allclose(tiles[:, 0], cells[0, :, 0], atol=1)  # each below its column
    assert (tiles[:, 1] > cells[-1, 0, 1]).all()
    page.get_by_role("radio", name="per column").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="per row")).to_be_checked()
    np.testing.assert_allclose(means(page), MATRIX.mean(axis=1))
    cells, tiles = places(page)
    np.testing.assert_allclose(tiles[:, 1], cells[:, 0, 1], atol=1)  # each beside its row
    assert (tiles[:, 0] > cells[0, -1, 0]).all()
    expect(page.locator(".means .said")).to_contain_text("3 means, one per row: 277.75, 555.5")
    for i, cell in enumerate(page.locator(".means .cell:not(.drop)").all()):
        expect(cell).to_have_class(f"cell g{i // MATRIX.shape[1]}")
    picture = page.get_by_role("img", name="277.75, 555.5, 833.25")
    expect(picture).to_be_visible()
    assert asked == []


def test_every_cell_pours_into_its_mean_and_who_is_in_a_hurry_skips_it(home):
    page = home()
    body = page.locator(".means .body")
    page.get_by_role("radio", name="per row").check()
    until(page, lambda: body.evaluate(MOVING) == 0)  # it ends by itself
    expect(page.locator(".means .drop")).to_have_count(0)
    page.get_by_role("radio", name="per column").check()
    body.evaluate(SLOW)
    assert body.evaluate(MOVING) == MATRIX.size + MATRIX.shape[1]
    page.keyboard.press("Escape")
    assert body.evaluate(MOVING) == 0
    expect(page.locator(".means .drop")).to_have_count(0)
    np.testing.assert_allclose(means(page), MATRIX.mean(axis=0))


def test_nothing_moves_for_who_wants_less_motion(home):
    page = home("reduce", width=390)
    page.get_by_role("radio", name="per row").check()
    assert page.locator(".means .body").evaluate(MOVING) == 0
    np.testing.assert_allclose(means(page), MATRIX.mean(axis=1))
