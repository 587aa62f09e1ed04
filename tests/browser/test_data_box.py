"""One's own data on a page that trains: pasted, edited, refused with a reason."""

import pytest
from playwright.sync_api import expect

from ui.page.registry import entry_of

PAGES = ["moving", "batch-axis", "modes", "conventions"]


def opened(server, visit, name):
    visitor = visit().goto(f"{server.url}/{name}")
    page = visitor.page
    page.get_by_text("Other data").click()
    visitor.settle()
    return visitor, page.locator(f'[class*="st-key-{name}-paste"] textarea')


@pytest.mark.parametrize("name", PAGES)
def test_a_table_with_decimal_commas_is_pasted_and_a_cell_edited(server, visit, name):
    visitor, box = opened(server, visit, name)
    page = visitor.page
    box.fill("1,5\t2\n3,25\t4\n5\t6")
    box.press("Control+Enter")
    expect(page.get_by_text("The data: 3 rows, 2 features")).to_be_visible()
    cell = page.locator('td.cell[aria-label^="x[1, 0] ="]')
    expect(cell).to_contain_text("3.25")  # the grid of the pasted table, not the one before it
    visitor.settle()
    cell.press("Enter")  # by keyboard: what is drawn above may still move the cell
    page.locator("input.editor").fill("7,5")
    page.locator("input.editor").press("Enter")
    expect(cell).to_contain_text("7.5")
    visitor.settle()
    page.get_by_role("button", name="Undo").click()
    expect(cell).to_contain_text("3.25")


def test_a_text_that_is_no_table_stays_with_its_reason(server, visit):
    visitor, box = opened(server, visit, "moving")
    page = visitor.page
    box.fill("1 2\n3")
    box.press("Control+Enter")
    expect(page.locator(".st-key-moving-data").get_by_text("row").first).to_be_visible()
    expect(box).to_have_value("1 2\n3")
    expect(page.get_by_text("The data: 5 rows, 6 features")).to_be_visible()


def test_rows_follow_to_the_other_pages_that_feed_them_to_a_layer(server, visit):
    visitor, box = opened(server, visit, "modes")
    page = visitor.page
    box.fill("1 2\n3 4\n5 6")
    box.press("Control+Enter")
    expect(page.get_by_text("The data: 3 rows, 2 features")).to_be_visible()
    for entry in (entry_of("bad-number"), entry_of("freezing")):
        page.get_by_role("button", name=entry.group).click()
        page.get_by_role("menuitem", name=entry.title).click()
        expect(page.get_by_role("heading", name=entry.title)).to_be_visible()
        visitor.settle()
        visitor.unfold()
        expect(page.get_by_text("The data: 3 rows, 2 features")).to_be_visible()
