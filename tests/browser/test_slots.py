"""A tile that is dragged into slots: its curve stands out at once, and the server hears of it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.line import Line
from tests.browser.test_axe import serious
from tests.browser.waiting import until

MOVING = "it => it.getAnimations({ subtree: true }).length"
COUNT = """() => {
    window.moved = 0;
    const animate = Element.prototype.animate;
    Element.prototype.animate = function (...told) {
        window.moved += 1;
        return animate.apply(this, told);
    };
}"""


@pytest.fixture(scope="module")
def slots(start_module_server):
    command = "-m streamlit run tests/browser/apps/slots_app.py --server.port {port}"
    return start_module_server([*command.split(), "--server.address", "127.0.0.1"]).url


@pytest.fixture
def opened(slots, visit):
    def open_page(motion="no-preference", query="", **options):
        visitor = visit(**options)
        visitor.page.emulate_media(reduced_motion=motion)
        visitor.goto(f"{slots}/{query}")
        expect(visitor.page.locator(".slots .tile")).to_be_visible()
        expect(visitor.page.locator(".player .slider")).to_be_visible()
        visitor.settle()
        visitor.page.evaluate(COUNT)
        return visitor

    return open_page


def tile_in(page, name):
    return page.locator(f".slot[data-place={name}] .tile")


def drag(page, name, drop=True):
    """With the mouse, from where the tile is to a slot."""
    start, end = (
        page.locator(place).bounding_box() for place in (".slots .tile", f"[data-place={name}]")
    )
    page.mouse.move(start["x"] + 20, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 20, steps=3)
    page.mouse.move(end["x"] + 30, end["y"] + 10, steps=3)
    if drop:
        page.mouse.up()


def strengths(page):
    """How strongly the curves are drawn, from the picture's file."""
    page.locator(".player .slider").press("End")  # what is secret is not taken away
    with page.expect_download() as coming:
        page.get_by_role("button", name="Loss (SVG)").click()
    lines = re.findall(
        r'stroke-opacity="([\d.]+)" stroke-width="2"', coming.value.path().read_text()
    )
    return sorted(map(float, lines))


def test_the_tile_goes_where_it_is_dropped_and_its_curve_stands_out(opened):
    visitor = opened()
    page = visitor.page
    expect(page.locator(".slots .said")).to_have_text("Drag it.")
    expect(page.locator(".player td.lit")).to_have_count(0)
    drag(page, "after")
    expect(tile_in(page, "after")).to_be_visible()
    expect(page.locator(".slots .said")).to_have_text("It is after.")
    expect(page.locator(".player td.lit")).to_have_attribute("data-curve", "after")
    expect(page.get_by_text("The server knows: after")).to_be_visible()
    expect(page.get_by_role("radio", name="after")).to_be_checked()
    assert page.evaluate("window.moved") == 1
    until(page, lambda: page.locator(".slots").evaluate(MOVING) == 0)
    assert strengths(page) == [0.25, 0.25, 1]
    page.get_by_role("button", name="Show all curves alike").click()
    expect(page.get_by_text("The server knows: nowhere")).to_be_visible()
    assert strengths(page) == [1, 1, 1]


def test_what_is_let_go_elsewhere_or_given_up_stays_where_it_was(opened):
    visitor = opened()
    page = visitor.page
    drag(page, "after", drop=False)
    expect(page.locator(".slot.over")).to_have_attribute("data-place", "after")
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(tile_in(page, "none")).to_be_visible()
    drag(page, "after", drop=False)
    page.mouse.move(5, 5)
    page.mouse.up()
    expect(tile_in(page, "none")).to_be_visible()
    visitor.settle()
    expect(page.get_by_text("The server knows: nowhere")).to_be_visible()


def test_the_arrow_keys_go_from_slot_to_slot(opened):
    visitor = opened("reduce")
    page = visitor.page
    page.get_by_role("radio", name="none").focus()
    for name in ("before", "after", "both"):
        page.keyboard.press("ArrowRight")
        expect(tile_in(page, name)).to_be_visible()
        expect(page.locator(".slots .said")).to_have_text(f"It is {name}.")
        expect(page.get_by_role("radio", name=name)).to_be_focused()
    expect(page.locator("[data-place=before] .copy")).to_have_text("Layer")  # it is there, too
    expect(page.locator(".slots summary")).to_have_text("Code: code of both")
    expect(page.locator(".slots pre")).to_have_text("all code of both")
    expect(page.get_by_text("The server knows: both")).to_be_visible()
    visitor.settle()
    expect(page.get_by_role("radio", name="both")).to_be_focused()
    assert page.evaluate("window.moved") == 0  # for who wants less motion
    assert visitor.overflow() <= 0


def test_an_answer_that_comes_late_does_not_take_the_tile_back(slots, visit):
    visitor = visit()
    line = Line(visitor.page)
    page = visitor.goto(slots).page
    line.hold()
    ended = line.runs
    for name in ("before", "after"):
        page.locator(f"[data-place={name}]").click()
        ended += 1
        line.wait_for_runs(ended)
    line.release_run()
    expect(page.get_by_text("The server knows: before")).to_be_visible()
    visitor.idle()
    assert tile_in(page, "after").is_visible()
    line.release()
    expect(page.get_by_text("The server knows: after")).to_be_visible()
    expect(tile_in(page, "after")).to_be_visible()


def swipe(page, name):
    """With a finger, from where the tile is to a slot."""
    start, end = (
        page.locator(place).bounding_box() for place in (".slots .tile", f"[data-place={name}]")
    )
    session = page.context.new_cdp_session(page)
    for n in range(9):
        point = {axis: start[axis] + 12 + (end[axis] - start[axis]) * n / 8 for axis in "xy"}
        touch = {"type": "touchMove" if n else "touchStart", "touchPoints": [point]}
        session.send("Input.dispatchTouchEvent", touch)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_link_opens_with_its_place_and_a_finger_takes_the_tile_along(opened):
    visitor = opened(query="?chosen=before", width=390)
    page = visitor.page
    expect(tile_in(page, "before")).to_be_visible()
    expect(page.locator(".player td.lit")).to_have_attribute("data-curve", "before")
    swipe(page, "after")
    expect(tile_in(page, "after")).to_be_visible()
    expect(page.get_by_text("The server knows: after")).to_be_visible()
    page.locator("[data-place=none]").click()
    expect(tile_in(page, "none")).to_be_visible()
    expect(page.get_by_text("The server knows: none")).to_be_visible()
    assert visitor.overflow() <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened, scheme):
    assert serious(opened("reduce", query="?chosen=both", scheme=scheme), scheme) == []


def test_a_player_stands_where_it_opens_and_has_not_moved_by_that(opened):
    page = opened("reduce").page
    slider = page.locator(".player .slider")
    expect(slider).to_have_attribute("aria-valuenow", "1")
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    expect(page.locator(".player.secret")).to_be_visible()
    slider.press("End")
    expect(page.locator(".player.secret")).to_have_count(0)
