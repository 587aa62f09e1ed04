"""What a newcomer does with question 1: open it, change a cell, see the mean change."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.line import Line
from tests.browser.waiting import TRAINED, point_at, until

MEAN = "[data-panel=mean] td.cell"
INPUT = "[data-panel=input] td.cell"


def open_box(axes):
    """The box with other data, once the verdict above it has its height and nothing moves."""
    axes.page.get_by_text("Checked against Keras 3").wait_for(timeout=TRAINED)
    axes.page.get_by_text("Other data:").click()
    axes.settle()


def edit(page, cell, text):
    page.locator(INPUT).nth(cell).dblclick()
    page.locator("input.editor").fill(text)
    page.keyboard.press("Enter")


@pytest.fixture
def axes(server, visit):
    return visit().goto(f"{server.url}/axes")


def test_from_home_to_the_right_number(server, visit):
    visitor = visit().goto(server.url)
    page = visitor.page
    page.get_by_test_id("stMain").get_by_role("link", name="Axis explorer").first.click()
    page.locator(MEAN).first.wait_for()
    visitor.settle()
    expect(page.locator(MEAN).first).to_contain_text("2")
    edit(page, 0, "7")
    expect(page.locator(MEAN).first).to_contain_text("4")  # (7 + 2 + 3) / 3
    expect(page.get_by_text("[4, 20, 200, 2000]")).to_be_visible()


def test_a_decimal_comma_is_a_decimal_comma(axes):
    edit(axes.page, 0, "1,5")
    expect(axes.page.locator(INPUT).first).to_contain_text("1.5")
    expect(axes.page.locator(MEAN).first).to_contain_text("2.17")


def test_refused_text_stays_in_its_cell(axes):
    edit(axes.page, 0, "one")
    expect(axes.page.locator("[data-panel=input]")).to_contain_text("one")
    expect(axes.page.locator(MEAN).first).to_contain_text("2")


def test_hovering_lights_the_group_without_the_server(axes):
    lit = axes.page.locator("[data-panel=input] td.cell.lit, [data-panel=input] td.cell.on")
    point_at(axes.page.locator(MEAN).nth(1), lambda: lit.count() == 3)


def test_it_is_checked_against_real_keras(axes):
    verdict = axes.page.get_by_text("Checked against Keras 3")
    verdict.wait_for(timeout=TRAINED)
    found = re.search(r"([\d.e-]+) in float64, ([\d.e-]+) in float32", verdict.inner_text())
    assert float(found[1]) < 1e-12
    assert float(found[2]) < 1e-5


def at_rest(page, element):
    """Where an element is, once two looks at it are alike."""
    looks = [None]
    until(page, lambda: looks.append(element.bounding_box()) or looks[-1] == looks[-2])
    return looks[-1]


@pytest.mark.keras
@pytest.mark.parametrize("width", [390, 1440])
def test_a_verdict_that_arrives_moves_nothing_below_it(server, visit, width):
    visitor = visit(width)
    page = visitor.page
    visitor.expected = "ERR_FAILED"
    page.route("**/api/news*", lambda route: route.abort())  # nobody tells of the verdict yet
    visitor.goto(f"{server.url}/axes?epsilon=0.00{width}")  # that nobody has asked for
    box = page.get_by_text("Other data:")
    expect(
        page.get_by_text("Asking the real layer").or_(page.get_by_text("Waiting for Keras"))
    ).to_be_visible()
    page.locator(MEAN).first.wait_for()
    page.evaluate("() => document.fonts.ready")  # another font breaks the lines elsewhere
    visitor.settle()
    before = at_rest(page, box)
    page.unroute("**/api/news*")
    page.get_by_text("Checked against Keras 3").wait_for(timeout=TRAINED)
    visitor.settle()
    assert at_rest(page, box) == before


def test_a_copied_link_restores_everything(axes, visit):
    edit(axes.page, 0, "9")
    expect(axes.page.get_by_text("[4.666667, 20, 200, 2000]")).to_be_visible()
    axes.settle()
    other = visit().goto(axes.page.url)
    expect(other.page.locator(INPUT).first).to_contain_text("9")


def test_a_phone_needs_no_sideways_scrolling(server, visit):
    visitor = visit(width=390).goto(f"{server.url}/axes")
    visitor.page.locator(MEAN).first.wait_for()
    assert visitor.overflow() <= 0


def test_images_and_their_means_stand_on_one_screen(server, visit):
    visitor = visit().goto(f"{server.url}/images")
    page = visitor.page
    for panel in ("input", "mean", "variance"):
        expect(page.locator(f"section[data-panel={panel}]")).to_be_in_viewport(ratio=1)
    tables = page.locator("section[data-panel=input] table")
    tops = tables.evaluate_all("all => all.map(it => Math.round(it.getBoundingClientRect().top))")
    assert [tops.count(top) for top in dict.fromkeys(tops)] == [5, 5]  # a row for each image
    page.get_by_role("button", name="a list").click()
    code = page.get_by_text("tf_keras.layers.BatchNormalization(axis=[1, 2, 3])").first
    expect(code).to_be_in_viewport()


def test_undo_takes_an_edit_back(axes):
    edit(axes.page, 0, "7")
    expect(axes.page.locator(MEAN).first).to_contain_text("4")
    axes.settle()
    axes.page.get_by_role("button", name="Undo").click()
    expect(axes.page.locator(MEAN).first).to_contain_text("2")
    expect(axes.page.get_by_text("[2, 20, 200, 2000]")).to_be_visible()


@pytest.mark.keras
def test_presets_in_quick_succession_keep_their_own_axes(server, visit):
    """The axis buttons of a shape that is gone must not have the last word."""
    axes = visit()
    line, page = Line(axes.page), axes.page
    axes.goto(f"{server.url}/axes")
    open_box(axes)
    images = page.get_by_role("button", name="Two images, NHWC")
    question = page.get_by_role("button", name="The 2018 question")
    expect(question).to_be_visible()
    line.hold()  # the browser still shows the axes of the shape that is gone
    for button in (images, question) * 3:
        ended = line.runs
        button.click()
        line.wait_for_runs(ended + 1)
    line.release()
    expect(page.get_by_text("shape (5, 6)").first).to_be_visible()
    page.wait_for_url(lambda url: "kept=" not in url)
    expect(page.get_by_label("Shape", exact=True)).to_have_value("5 × 6")


def test_axes_that_do_not_fit_leave_the_data_box(server, visit):
    visitor = visit().goto(f"{server.url}/axes?kept=3")
    page = visitor.page
    expect(page.get_by_text("out of range")).to_be_visible()
    page.get_by_text("Other data:").click()
    visitor.settle()
    page.get_by_role("button", name="Two images, NHWC").click()
    expect(page.get_by_text("out of range")).to_have_count(0)
    expect(page.locator(INPUT).first).to_be_visible()


@pytest.mark.keras
def test_a_shape_beyond_every_bound_is_refused(axes):
    page = axes.page
    open_box(axes)
    page.get_by_label("Shape", exact=True).fill("999999999999999999999 x 2")
    page.get_by_role("button", name="Change the shape").click()
    expect(page.get_by_text("the page draws at most")).to_be_visible()
