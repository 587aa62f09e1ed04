"""Rows on the seats of a batch: dragged by mouse, keys and finger, and held against the layer."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.apps.parts_page import ROWS, layer

LAYERS = (layer("axis=0", (3, 1)), layer("axis=-1", (1, 2)))


@pytest.fixture(scope="module")
def parts(start_module_server) -> str:
    command = "-m streamlit run tests/browser/apps/parts_app.py --server.port {port}"
    return start_module_server([*command.split(), "--server.address", "127.0.0.1"]).url


def name(page, row):
    return page.locator(".given .name", has_text=f"row {row}")


def shown(block):
    """{row: (its seat, its numbers)} as a block shows them."""
    found = {}
    for card in block.locator(".card").all():
        place = int(card.evaluate("it => it.style.gridRow").split()[0]) - 1
        row = int(card.locator(".name").inner_text().split()[-1])
        texts = card.locator(".number").all_inner_texts()
        found[row] = place, [float(text.replace("−", "-")) for text in texts]
    return found


def short(value) -> str:
    """Three digits."""
    return f"{float(f'{value:.3g}'):g}".replace("-", "−")


def sits(page, order):
    """The rows sit in this order, and both outputs are those that the layers return there."""
    for row, place in ((row, place) for place, row in enumerate(order)):
        label = f"Row {row}, in position {place}. Arrow keys move it to another position."
        expect(name(page, row)).to_have_attribute("aria-label", label)
    for block, each in zip(page.locator(".block").all()[1:], LAYERS, strict=True):
        for row, (place, numbers) in shown(block).items():
            assert order[place] == row
            np.testing.assert_allclose(numbers, each.returned[place, row], atol=0.006)
    given = shown(page.locator(".given"))
    assert [given[row][1] for row in range(3)] == ROWS.tolist()


def test_arrow_keys_move_a_row_and_one_sentence_says_what_became_of_it(parts, visit):
    page = visit().goto(f"{parts}/?part=seats").page
    sits(page, [0, 1, 2])
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    name(page, 2).focus()
    page.keyboard.press("ArrowDown")  # there is no seat below
    sits(page, [0, 1, 2])
    page.keyboard.press("ArrowUp")
    sits(page, [0, 2, 1])
    expect(name(page, 2)).to_be_focused()
    page.keyboard.press("ArrowUp")
    sits(page, [2, 0, 1])
    said = page.locator(".seats .said")
    expect(said).to_contain_text("Row 2 is now in position 0, row 0 in position 1. axis=0: its")
    own = LAYERS[0]
    before, after = own.returned[1, 2], own.returned[0, 2]
    k = np.abs(after - before).argmax()
    held = [own.weights[f"moving_{each}"][0, 0] for each in ("mean", "variance")]
    expect(said).to_contain_text(
        "axis=0: its output in feature {} changed by {} to {}: position 0 has its own mean ({}), "
        "variance ({}), gamma".format(k, *map(short, (after[k] - before[k], after[k], *held)))
    )
    expect(said).to_contain_text("axis=-1: its outputs travelled with it.")
    notes = page.locator(".note").all_inner_texts()[1:]
    assert notes == [f"3 rows moved: the outputs of {n} changed." for n in (3, 0)]
    expect(page.locator(".changed")).to_have_count(6)
    expect(page.locator(".checked")).to_contain_text("The trained layers returned the same")
    page.get_by_role("button", name="All rows back").click()
    sits(page, [0, 1, 2])
    expect(page.locator(".changed")).to_have_count(0)
    assert asked == []


def test_a_mouse_drags_a_row_and_what_travels_can_be_skipped(parts, visit):
    page = visit(width=390).goto(f"{parts}/?part=seats").page
    start, end = name(page, 0).bounding_box(), name(page, 2).bounding_box()
    page.mouse.move(start["x"] + 9, start["y"] + 9)
    page.mouse.down()
    page.mouse.move(end["x"] + 9, end["y"] + 4)
    expect(page.locator(".given .target .name")).to_have_text("row 2")
    page.mouse.up()
    sits(page, [2, 1, 0])
    start = name(page, 0).bounding_box()
    page.mouse.move(start["x"] + 9, start["y"] + 9)
    page.mouse.down()
    page.mouse.move(end["x"] + 9, start["y"] - 40)
    expect(page.locator(".dragged")).to_have_count(1)
    page.keyboard.press("Escape")
    page.mouse.up()
    sits(page, [2, 1, 0])  # given up
    page.mouse.move(start["x"] + 9, start["y"] + 9)
    page.mouse.down()
    page.mouse.move(start["x"] + 9, page.locator(".given").bounding_box()["y"] - 20)
    page.mouse.up()
    sits(page, [0, 1, 2])  # above all seats is the first one


def test_a_row_travels_unless_its_visitor_wants_less_motion(parts, visit):
    page = visit().goto(f"{parts}/?part=seats").page
    seats = page.locator(".seats")
    seats.evaluate(
        "it => { const animate = Element.prototype.animate; it.begun = 0;"
        " Element.prototype.animate = function (...all) {"
        " it.begun += it.contains(this); return animate.apply(this, all); } }"
    )
    name(page, 0).press("ArrowDown")
    assert seats.evaluate("it => it.begun") == 6  # two rows in three blocks
    page.emulate_media(reduced_motion="reduce")
    name(page, 0).press("ArrowDown")
    assert seats.evaluate("it => it.begun") == 6


def test_a_finger_drags_a_row_by_its_name(parts, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{parts}/?part=seats")
    box = name(page, 1).bounding_box()
    touch = context.new_cdp_session(page)
    for kind, down in (("touchStart", 0), ("touchMove", 20), ("touchMove", 36), ("touchEnd", None)):
        points = [] if down is None else [{"x": box["x"] + 9, "y": box["y"] + 9 + down}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    sits(page, [0, 2, 1])
    context.close()


def test_a_layer_that_returned_another_number_is_an_error_that_is_shown(parts, visit):
    page = visit().goto(f"{parts}/?part=seats&wrong=1").page
    checked = page.locator(".checked")
    expect(checked).to_contain_text("The trained layers returned the same")  # not on this seat yet
    name(page, 2).press("ArrowUp")
    name(page, 2).press("ArrowUp")
    expect(page.get_by_role("alert")).to_contain_text("axis=0, row 2 in position 0, feature 1:")
    expect(checked).to_contain_text("but the trained layer returned")


def test_a_difference_that_no_digit_shows_is_one(parts, visit):
    page = visit().goto(f"{parts}/?part=seats&near=1").page
    name(page, 0).press("ArrowDown")
    expect(page.locator(".seats .said")).to_contain_text(
        "changed by −0.0000816 to 1: position 1 has"
    )
    expect(page.locator(".note").last).to_have_text("2 rows moved: the outputs of 2 changed.")


def test_rounding_as_large_as_the_outputs_confirms_no_digit(parts, visit):
    page = visit().goto(f"{parts}/?part=seats&near=1&coarse=1").page
    expect(page.locator(".checked")).to_contain_text(
        "The trained layers returned the same, but for what float32 loses of such numbers."
    )
