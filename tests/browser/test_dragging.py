"""A number is dragged up and down: what follows is worked out in the browser, then confirmed."""

import pytest
from playwright.sync_api import expect

from tests.browser.line import Line
from tests.browser.test_arithmetic import COUNT_MESSAGES, grid, marked
from tests.browser.test_grid import cell, written
from tests.browser.waiting import until

__all__ = ["grid"]  # the server


@pytest.fixture
def visitor(grid, visit):
    visitor = visit().goto(grid)
    expect(cell(visitor.page, "x_hat[2, 3]")).to_be_visible()
    visitor.settle()
    return visitor


def drag(page, what, up: int) -> None:
    """Press on something and move so many pixels up; the button stays down."""
    what.scroll_into_view_if_needed()
    box = what.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - up / 2)
    page.mouse.move(x, y - up)


def said(page):
    """The sentence below the grid that was changed."""
    return page.get_by_role("status").filter(has_text="moved by")


def test_what_follows_is_painted_before_the_server_is_asked(visitor):
    page = visitor.page
    page.evaluate(COUNT_MESSAGES)
    drag(page, cell(page, "x[2, 1]"), 120)  # 30 steps of 1
    expect(cell(page, "x[2, 1]")).to_have_text("60")
    expect(cell(page, "mean[1]")).to_have_text("30")
    expect(cell(page, "variance[1]")).to_have_text("466.67")
    assert {"x[2, 1]", "mean[1]", "variance[1]"} <= marked(page, "moved")
    visitor.idle()
    assert page.evaluate("window.sent") == 0
    page.mouse.up()
    expect(said(page)).to_have_text("x[2, 1] moved by 30. mean, variance follow.")
    until(page, lambda: marked(page, "moved") == set())  # the engine's own numbers
    visitor.settle()
    assert written(page, "log") == [("edit", "x", (2, 1), "60")]
    expect(cell(page, "mean[1]")).to_have_text("30")
    expect(cell(page, "x_hat[2, 1]")).to_have_text("1.3887")
    expect(page.locator("input.editor")).to_have_count(0)  # it was no click


def test_a_plain_number_that_is_typed_is_worked_out_at_once_and_others_wait(grid, visit):
    visitor = visit()
    line, page = Line(visitor.page), visitor.page
    visitor.goto(grid)
    line.hold()  # the server answers nothing
    for name, text in (("x[2, 1]", "60"), ("x[0, 1]", "1,5")):
        cell(page, name).dblclick()
        page.locator("input.editor").fill(text)
        page.keyboard.press("Enter")
    expect(cell(page, "mean[1]")).to_have_text("30")  # of 10, 20 and 60
    expect(page.locator("td.pending")).to_have_count(2)
    line.release()
    expect(cell(page, "mean[1]")).to_have_text("27.17")
    expect(page.locator("td.pending")).to_have_count(0)
    assert [event[3] for event in written(page, "log")] == ["60", "1,5"]


def test_a_column_is_dragged_by_its_head_and_the_variance_stands_still(visitor):
    page = visitor.page
    head = page.locator("[data-panel=x] thead th").nth(2)
    drag(page, head, -40)
    expect(cell(page, "mean[2]")).to_have_text("100")
    page.mouse.up()
    expect(said(page)).to_have_text("x[:, 2] moved by −100. mean follows; variance stands still.")
    visitor.settle()
    assert written(page, "log") == [("paste", "x", (0, 2), "0\n100\n200")]
    expect(cell(page, "x_hat[0, 2]")).to_have_text("−1.2247")


def test_escape_while_dragging_leaves_everything_as_it_was(visitor):
    page = visitor.page
    drag(page, cell(page, "x[0, 0]"), 80)
    expect(cell(page, "x[0, 0]")).to_have_text("21")
    page.keyboard.press("Escape")
    expect(cell(page, "x[0, 0]")).to_have_text("1")
    expect(cell(page, "mean[0]")).to_have_text("2")
    page.mouse.up()
    visitor.settle()
    assert written(page, "log") == []
    assert marked(page, "moved") == set()


def test_keys_move_a_number_and_its_column(visitor):
    page = visitor.page
    cell(page, "x[1, 0]").focus()
    for _ in range(3):
        page.keyboard.press("Alt+ArrowUp")
    expect(cell(page, "mean[0]")).to_have_text("3")
    page.keyboard.press("Alt+Shift+ArrowDown")
    expect(said(page)).to_have_text("x[:, 0] moved by −1. mean follows; variance stands still.")
    until(page, lambda: len(written(page, "log")) == 4)
    visitor.settle()
    assert written(page, "x")[::4] == [0, 4, 2]
    expect(cell(page, "x[1, 0]")).to_be_focused()


def test_a_finger_drags_by_the_head_of_a_row(grid, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(grid)
    head = page.locator("[data-panel=x] tbody th").nth(1)
    expect(cell(page, "x_hat[2, 3]")).to_be_attached()
    head.scroll_into_view_if_needed()
    box = head.bounding_box()
    x, y = box["x"] + 5, box["y"] + 10
    touch = page.context.new_cdp_session(page)
    for kind, up in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40), ("touchEnd", None)):
        points = [] if up is None else [{"x": x, "y": y - up}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(said(page)).to_contain_text("x[1, :] moved by 1000. mean, variance follow")
    expect(cell(page, "x[1, 0]")).to_have_text("1002")
    context.close()
