"""Axis explorer: the bracket is moved from the top edge to the side; the engine follows."""

import pytest
from playwright.sync_api import expect

from tests.browser.line import Line
from tests.browser.test_axes import at_rest
from tests.browser.test_grid import cell, grid, lit, written
from tests.browser.waiting import point_at, until
from tools.browser import SETTLED

__all__ = ["grid"]  # the server

SWINGING = "it => it.classList.contains('turning')"
PRESSED = """(it, key) => {
    it.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    return it.closest(".panel").classList.contains("turning");
}"""


@pytest.fixture
def open_axes(server, visit):
    def visited(motion="no-preference", address="axes"):
        visitor = visit()
        visitor.page.emulate_media(reduced_motion=motion)
        visitor.goto(f"{server.url}/{address}")
        expect(bracket(visitor.page)).to_be_visible()
        return visitor

    return visited


def bracket(page):
    return page.get_by_role("slider", name="Bracket: which cells share one mean")


def letters(page):
    """The group of each cell of the input, as it is written on it."""
    cells = page.locator("[data-panel=input] td.cell")
    return "".join(cells.evaluate_all("all => all.map(e => e.dataset.g)"))


def middle(place):
    box = place.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def grip(page):
    """Press on the bracket; the button stays down."""
    page.mouse.move(*middle(page.locator(".bracket .grip")))
    page.mouse.down()


def kept(page):
    """The axes that are chosen in the first row of buttons."""
    row = page.get_by_role("toolbar", name="Axes kept")
    return row.get_by_role("button", pressed=True).all_inner_texts()


def test_dragged_from_the_top_to_the_side_everything_is_spelled_anew(open_axes):
    visitor = open_axes()
    page = visitor.page
    assert letters(page) == "ABCD" * 3
    before = cell(page, "x[0, 3]").evaluate("e => getComputedStyle(e).backgroundColor")
    grip(page)
    page.mouse.move(*middle(cell(page, "x[1, 2]")))
    between = cell(page, "x[0, 3]").evaluate("e => getComputedStyle(e).backgroundColor")
    assert before != between
    page.mouse.move(*middle(cell(page, "x[2, 0]")))
    assert letters(page) == "AAAABBBBCCCC"
    visitor.settle()
    assert "kept" not in page.url  # nobody is asked yet
    page.mouse.up()
    said = page.get_by_role("status").filter(has_text="Now each row")
    expect(said).to_have_text("Now each row has one mean: axis=0 is kept, 3 means.")
    expect(cell(page, "mean[2]")).to_have_text("833.25")
    expect(page.locator("[data-panel=mean] td.cell")).to_have_count(3)
    expect(page.get_by_text("keras.layers.BatchNormalization(axis=0)").first).to_be_visible()
    expect(page.get_by_text("x.mean(axis=1)").first).to_be_visible()
    visitor.settle()
    assert letters(page) == "AAAABBBBCCCC"
    assert kept(page) == ["0 (N, 3)"]
    assert page.url.endswith("?kept=0")
    point_at(cell(page, "mean[1]"), lambda: lit(page, "x[") == [f"x[1, {c}]" for c in range(4)])
    page.get_by_role("button", name="Undo").click()  # one step
    expect(cell(page, "mean[3]")).to_have_text("2000")
    until(page, lambda: letters(page) == "ABCD" * 3)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_keys_move_it_and_it_says_where_it_stands(open_axes):
    visitor = open_axes()
    page = visitor.page
    bracket(page).focus()
    expect(bracket(page)).to_have_attribute(
        "aria-valuetext", "top edge: each column has one mean, axis 1 is kept"
    )
    for key, edge, count in (
        ("ArrowLeft", "left", 3),
        ("Enter", "top", 4),
        ("ArrowDown", "left", 3),
    ):
        page.keyboard.press(key)
        expect(page.locator("[data-panel=mean] td.cell")).to_have_count(count)
        assert bracket(page).get_attribute("aria-valuetext").startswith(f"{edge} edge: ")
        expect(bracket(page)).to_be_focused()
    visitor.settle()
    page.keyboard.press("ArrowDown")  # it is there already
    visitor.settle()
    assert page.url.endswith("?kept=0")


def test_the_new_groups_are_counted_before_the_engine_answers(server, visit):
    visitor = visit()
    line, page = Line(visitor.page), visitor.page
    page.emulate_media(reduced_motion="reduce")
    visitor.goto(f"{server.url}/axes")
    line.hold()
    bracket(page).press("ArrowLeft")
    tip = page.locator(".tip:popover-open", has_text="group A: 4 cells share one mean")
    point_at(cell(page, "x[0, 3]"), lambda: tip.count() == 1)
    line.release()


def test_a_click_moves_it_and_escape_takes_a_drag_back(open_axes):
    visitor = open_axes(address="axes?kept=0")
    page = visitor.page
    grip(page)
    page.mouse.move(*middle(cell(page, "x[0, 3]")))
    assert letters(page) == "ABCD" * 3
    page.keyboard.press("Escape")
    assert letters(page) == "AAAABBBBCCCC"
    page.mouse.up()
    visitor.settle()
    assert page.url.endswith("?kept=0")
    page.locator(".bracket .grip").click()
    expect(cell(page, "mean[3]")).to_have_text("2000")
    assert letters(page) == "ABCD" * 3


def test_it_swings_and_is_skipped(open_axes):
    page = open_axes().page
    panel = page.locator("[data-panel=input]")
    assert bracket(page).evaluate(PRESSED, "Enter")
    until(page, lambda: not panel.evaluate(SWINGING))  # it ends by itself
    assert bracket(page).evaluate(PRESSED, "Enter")
    assert not bracket(page).evaluate(PRESSED, "Escape")


def test_it_does_not_swing_for_who_wants_less_motion(open_axes):
    page = open_axes("reduce").page
    assert not bracket(page).evaluate(PRESSED, "Enter")
    assert letters(page) == "AAAABBBBCCCC"
    expect(cell(page, "mean[2]")).to_have_text("833.25")


def test_a_finger_drags_it(server, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{server.url}/axes")
    page.wait_for_selector(SETTLED, state="attached")
    page.evaluate("() => document.fonts.ready.then(() => null)")
    handle = page.locator(".bracket .grip")
    cell(page, "x[2, 0]").scroll_into_view_if_needed()
    at_rest(page, handle)
    (x, y), (to_x, to_y) = middle(handle), middle(cell(page, "x[2, 0]"))
    touch = context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [(x, y)]),
        ("touchMove", [(x - 10, y + 30)]),
        ("touchMove", [(to_x, to_y)]),
        ("touchEnd", []),
    ):
        points = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(cell(page, "mean[2]")).to_have_text("833.25")
    context.close()


def test_there_is_none_where_no_single_edge_is_kept(open_axes, server):
    visitor = open_axes()
    for query in ("?kept=~", "?kept=0~1"):
        visitor.goto(f"{server.url}/axes{query}")
        expect(cell(visitor.page, "x[0, 0]")).to_be_visible()
        expect(bracket(visitor.page)).to_have_count(0)


def test_an_engine_that_groups_otherwise_is_told(grid, visit):
    page = visit().goto(f"{grid}?bracket=1").page
    said = page.get_by_role("status").filter(has_text="This picture is wrong")
    expect(bracket(page)).to_be_visible()
    expect(said).to_have_count(0)
    page.goto(f"{grid}?bracket=1&astray=1")
    expect(said).to_have_text(
        "This picture is wrong: the engine has x[0, 0] in another group. Reload the page."
    )


def test_a_page_that_takes_no_event_keeps_its_groups(grid, visit):
    visitor = visit().goto(f"{grid}?bracket=1")
    bracket(visitor.page).press("Enter")
    until(visitor.page, lambda: written(visitor.page, "log") == [("bracket", "x", (0,), "")])
    expect(bracket(visitor.page)).to_have_attribute("aria-valuenow", "1")  # it came back
