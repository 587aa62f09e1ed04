"""The tensor picture in a real browser: light, keys, typing, pasting, quick edits, a phone."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.waiting import point_at, until

ROWS = [1.0, 10, 100, 1000, 2, 20, 200, 2000, 3, 30, 300, 3000]


@pytest.fixture(scope="module")
def grid(start_module_server: Callable[..., Any]) -> str:
    command = "-m streamlit run tests/browser/apps/grid_app.py --server.port {port}"
    return start_module_server([*command.split(), "--server.address", "127.0.0.1"]).url


def cell(page: Page, name: str) -> Locator:
    """The cell called `name`, such as x[1, 2]."""
    return page.locator(f'td.cell[aria-label^="{name} ="]')


def lit(page: Page, start: str = "") -> list[str]:
    """Names of the cells that are lit, in every grid, and begin like this."""
    labels = page.locator("td.cell.lit").evaluate_all("all => all.map(e => e.ariaLabel)")
    return sorted(label.split(" =")[0] for label in labels if label.startswith(start))


def written(page: Page, name: str) -> Any:
    """A literal that the test page prints: runs, log, x or clicked."""
    line = page.locator("[data-testid=stText]", has_text=f"{name}:").inner_text()
    return ast.literal_eval(line.removeprefix(f"{name}:").strip())


def paste(target: Locator, text: str) -> None:
    """A paste event as the browser makes it from Ctrl+V."""
    target.evaluate(
        """(node, text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            node.dispatchEvent(new ClipboardEvent("paste",
                { clipboardData: data, bubbles: true, cancelable: true, composed: true }));
        }""",
        text,
    )


GROUP_C = ["mean[2]", "variance[2]", "x[0, 2]", "x[1, 2]", "x[2, 2]"] + [
    f"x_hat[{n}, 2]" for n in range(3)
]


def test_hovering_lights_the_group_in_every_grid_without_the_server(grid, visit):
    visitor = visit().goto(grid)
    page = visitor.page
    runs = written(page, "runs")
    point_at(cell(page, "mean[2]"), lambda: lit(page) == GROUP_C)
    tip = page.locator(".tip:popover-open")
    expect(tip).to_have_count(1)
    expect(tip).to_contain_text("mean[2] = 200")
    expect(tip).to_contain_text("group C: of 3 cells")
    column = ["x[0, 0]", "x[1, 0]", "x[2, 0]"]
    point_at(cell(page, "x_hat[1, 0]"), lambda: lit(page, "x[") == column)
    page.mouse.move(5, 5)
    until(page, lambda: lit(page) == [])
    expect(tip).to_have_count(0)
    visitor.settle()
    assert written(page, "runs") == runs


def test_groups_have_a_colour_and_a_label(grid, visit):
    page = visit().goto(grid).page
    look = "e => [e.dataset.g, getComputedStyle(e).backgroundColor]"
    first, same, other = (
        cell(page, name).evaluate(look) for name in ("x[0, 1]", "mean[1]", "x[0, 2]")
    )
    assert first == same
    assert first[0] == "B"
    assert other[0] == "C"
    assert first[1] != other[1]


def test_an_edit_repaints_every_panel_in_one_run(grid, visit):
    visitor = visit().goto(grid)
    page = visitor.page
    runs = written(page, "runs")
    cell(page, "x[0, 0]").dblclick()
    page.keyboard.type("2,5")
    page.keyboard.press("Enter")
    expect(cell(page, "mean[0]")).to_have_text("2.5")
    expect(cell(page, "x[0, 0]")).to_have_text("2.5")
    expect(cell(page, "variance[0]")).to_have_text("0.17")
    assert cell(page, "x[1, 0]").evaluate("e => e.getRootNode().activeElement === e")
    visitor.settle()
    assert written(page, "log") == [("edit", "x", (0, 0), "2,5")]
    assert written(page, "runs") == runs + 1


def test_quick_edits_all_arrive_once_and_in_order(grid, visit):
    visitor = visit().goto(f"{grid}?busy=0.4")
    page = visitor.page
    cell(page, "x[0, 0]").click()
    typed = [str(number) for number in range(51, 63)]
    for text in typed:
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(cell(page, "x[2, 3]")).to_have_text("62")
    expect(page.get_by_role("heading", name="Runs: 12 events")).to_be_visible()
    visitor.settle()
    assert [event[3] for event in written(page, "log")] == typed
    assert written(page, "x") == [float(text) for text in typed]
    expect(page.locator("td.pending")).to_have_count(0)


def test_typing_goes_on_while_the_server_repaints(grid, visit):
    visitor = visit().goto(f"{grid}?busy=0.3")
    page = visitor.page
    cell(page, "x[0, 0]").click()
    page.keyboard.type("7")
    page.keyboard.press("Tab")
    page.keyboard.type("12")
    expect(cell(page, "mean[0]")).to_have_text("4")  # the answer to the first edit is drawn
    page.keyboard.type("34")
    expect(page.locator("input.editor")).to_have_value("1234")
    page.keyboard.press("Enter")
    visitor.settle()
    expect(cell(page, "x[0, 1]")).to_have_text("1234")


def test_refused_text_stays_marked_with_the_reason(grid, visit):
    visitor = visit().goto(grid)
    page = visitor.page
    cell(page, "x[0, 2]").click()
    page.keyboard.type("1,234")
    page.keyboard.press("Enter")
    target = page.locator('td.cell[aria-label^="x[0, 2]"]')
    expect(target).to_have_attribute("aria-invalid", "true")
    expect(target).to_contain_text("1,234")
    expect(page.get_by_role("alert").filter(has_text="1.234 or as 1234")).to_be_visible()
    visitor.settle()
    assert written(page, "x") == ROWS
    # Another run of the page keeps it; editing starts from it; a good number ends it.
    page.get_by_test_id("stNumberInputStepUp").click()
    visitor.settle()
    expect(target).to_have_attribute("aria-invalid", "true")
    target.focus()
    page.keyboard.press("Enter")
    expect(page.locator("input.editor")).to_have_value("1,234")
    page.locator("input.editor").fill("1234")
    page.keyboard.press("Enter")
    expect(cell(page, "x[0, 2]")).to_have_text("1234")
    expect(page.locator(".problem")).to_have_count(0)


def test_escape_takes_a_refused_text_back(grid, visit):
    page = visit().goto(grid).page
    cell(page, "x[2, 1]").click()
    page.keyboard.type("abc")
    page.keyboard.press("Enter")
    target = page.locator('td.cell[aria-label^="x[2, 1]"]')
    expect(target).to_have_attribute("aria-invalid", "true")
    target.focus()
    page.keyboard.press("Escape")
    expect(cell(page, "x[2, 1]")).to_have_text("30")
    expect(page.locator(".problem")).to_have_count(0)


def test_delete_empties_the_editor_and_never_the_value(grid, visit):
    visitor = visit().goto(grid)
    page = visitor.page
    cell(page, "x[0, 0]").click()
    page.keyboard.press("Delete")
    expect(page.locator("input.editor")).to_have_value("")
    page.keyboard.press("Escape")
    expect(cell(page, "x[0, 0]")).to_have_text("1")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(page.locator(".problem")).to_contain_text("There is no number here")
    visitor.settle()
    assert written(page, "x") == ROWS


def test_a_pasted_table_goes_to_its_anchor(grid, visit):
    visitor = visit().goto(grid)
    page = visitor.page
    cell(page, "x[1, 2]").click()
    paste(cell(page, "x[1, 2]"), "1,5\t2,5\r\n3,5\t4,5\r\n")
    expect(cell(page, "x[2, 3]")).to_have_text("4.5")
    visitor.settle()
    assert written(page, "log") == [("paste", "x", (1, 2), "1,5\t2,5\r\n3,5\t4,5\r\n")]
    assert written(page, "x") == [1, 10, 100, 1000, 2, 20, 1.5, 2.5, 3, 30, 3.5, 4.5]


def test_a_refused_paste_stays_until_it_is_put_right(grid, visit):
    page = visit().goto(grid).page
    cell(page, "x[2, 3]").click()
    paste(cell(page, "x[2, 3]"), "1\t2")
    expect(page.locator(".problem")).to_contain_text("only 1 of 2 fit along axis 1")
    page.get_by_label("Pasted at x[2, 3]").fill("8,5")
    page.get_by_role("button", name="Paste again").click()
    expect(page.locator(".problem")).to_contain_text("can be read as")
    page.get_by_label("Pasted at x[2, 3]").fill("8.5")
    page.get_by_role("button", name="Paste again").click()
    expect(cell(page, "x[2, 3]")).to_have_text("8.5")
    expect(page.locator(".problem")).to_have_count(0)


def test_the_keyboard_reaches_every_cell_and_streamlits_keys_stay_out(grid, visit):
    visitor = visit().goto(grid)
    page = visitor.page
    cell(page, "x[0, 0]").focus()
    for key, name in [
        ("ArrowRight", "x[0, 1]"),
        ("ArrowDown", "x[1, 1]"),
        ("End", "x[1, 3]"),
        ("ArrowRight", "x[1, 3]"),
        ("Home", "x[1, 0]"),
        ("Control+End", "x[2, 3]"),
        ("Control+Home", "x[0, 0]"),
    ]:
        page.keyboard.press(key)
        focused = page.locator("td.cell:focus")
        expect(focused).to_have_attribute("aria-label", cell_label(name))
    until(page, lambda: lit(page, "mean") == ["mean[0]"])
    page.keyboard.press("Tab")
    expect(page.locator("td.cell:focus")).to_have_attribute("aria-label", re.compile(r"^mean\[0\]"))
    cell(page, "x[0, 0]").focus()
    page.keyboard.type("crc")  # c would open "clear caches", r would run the page again
    expect(page.locator("input.editor")).to_have_value("crc")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Escape")
    visitor.settle()
    assert written(page, "log") == []


def cell_label(name: str) -> Any:
    return re.compile(rf"^{re.escape(name)} = .*, group [A-D]$")


def test_a_click_selects_where_the_page_asks_for_it(grid, visit):
    visitor = visit().goto(grid)
    page = visitor.page
    cell(page, "x_hat[2, 1]").click()
    expect(cell(page, "x_hat[2, 1]")).to_have_class(re.compile("selected"))
    visitor.settle()
    assert written(page, "clicked") == ("x_hat", (2, 1))


@pytest.mark.parametrize("shape", ["6", "12,30", "2,3,4", "2,4,5,3", "2,2,2,3,2"])
def test_every_rank_fits_a_phone(grid, visit, shape):
    visitor = visit(width=390, height=844).goto(f"{grid}?shape={shape}")
    expect(visitor.page.locator("[data-panel=x] td.cell").first).to_be_visible()
    assert visitor.overflow() <= 0
    cut = visitor.page.locator("td.cell").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert cut == 0


def test_images_are_tables_of_height_and_width(grid, visit):
    page = visit().goto(f"{grid}?shape=2,4,5,3").page
    captions = page.locator("[data-panel=x] caption")
    expect(captions).to_have_count(6)  # waits: a scene of this size takes a moment to draw
    assert captions.all_inner_texts()[:2] == ["x[0, :, :, 0]", "x[0, :, :, 1]"]
    point_at(cell(page, "x[1, 3, 4, 2]"), lambda: len(lit(page, "x[")) == 2 * 4 * 5)
    expect(page.locator(".tip:popover-open")).to_contain_text("group C: 40 cells")
    cell(page, "x[0, 1, 2, 0]").focus()
    for key, channel in (("PageDown", 1), ("PageDown", 2), ("PageUp", 1)):
        page.keyboard.press(key)
        expect(cell(page, f"x[0, 1, 2, {channel}]")).to_be_focused()


def test_a_tap_lights_a_group_and_a_second_one_edits(grid, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(grid)
    cell(page, "x[1, 2]").tap()
    expect(page.locator(".tip:popover-open")).to_contain_text("x[1, 2] = 200")
    until(page, lambda: lit(page) == GROUP_C)
    cell(page, "x[1, 2]").tap()
    page.locator("input.editor").fill("500")
    cell(page, "x[0, 0]").tap()
    expect(cell(page, "mean[2]")).to_have_text("300")
    context.close()


def test_a_large_tensor_is_bounded_and_says_so(grid, visit):
    page = visit().goto(f"{grid}?shape=500,8").page
    expect(page.locator("[data-panel=x] .note")).to_contain_text("of 500 along N")
    assert page.locator("td.cell").count() < 5000
    expect(cell(page, "mean[7]")).to_be_visible()


def test_a_repaint_keeps_the_cells(grid, visit):
    page = visit().goto(grid).page
    expect(cell(page, "x_hat[2, 3]")).to_be_visible()
    page.locator("td.cell").evaluate_all("all => all.forEach(td => (td.stamp = 1))")
    cell(page, "x[0, 0]").dblclick()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(cell(page, "x_hat[0, 0]")).to_have_text("1.3359")
    assert page.locator("td.cell").evaluate_all("all => all.every(td => td.stamp === 1)")


def test_typed_text_is_never_markup(grid, visit):
    page = visit().goto(grid).page
    cell(page, "x[0, 0]").click()
    page.keyboard.type("<img src=x onerror=document.title='caught'>")
    page.keyboard.press("Enter")
    expect(page.locator(".problem")).to_contain_text("<img src=x")
    assert page.locator("td.cell img, .problem img").count() == 0
    assert page.title() != "caught"


def test_dark_theme_has_its_own_colours(grid, visit):
    look = "e => getComputedStyle(e).backgroundColor"
    light = cell(visit().goto(grid).page, "x[0, 0]").evaluate(look)
    dark = cell(visit(scheme="dark").goto(grid).page, "x[0, 0]").evaluate(look)
    assert light != dark
