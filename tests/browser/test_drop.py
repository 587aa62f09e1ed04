"""A bad number is dropped on an update: mouse, keys and finger, against what a layer holds."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.apps.parts_page import CLEAN, DROPPED, TOTAL, held
from tests.browser.line import Line
from ui.drawing import drop


@pytest.fixture(scope="module")
def parts(start_module_server) -> str:
    command = "-m streamlit run tests/browser/apps/parts_app.py --server.port {port}"
    return start_module_server([*command.split(), "--server.address", "127.0.0.1"]).url


@pytest.fixture
def opened(parts, visit):
    def open_page(query="", **options):
        page = visit(**options).goto(f"{parts}/?part=drop{query}").page
        expect(page.locator(".drop .marker")).to_be_visible()
        return page

    return open_page


def written(value) -> str:
    digits = f"{value:.1e}".replace("e+", "e") if 1e6 <= value < np.inf else f"{value:.4g}"
    return {"nan": "NaN", "inf": "∞"}.get(digits, digits)


def lies(page, **at):
    """The number lies there, the server heard of it, and both know what the layer holds then."""
    at = {**DROPPED, **at}
    told = f"The server has {at['bad']}, {at['feature']}, {at['update']}."
    expect(page.get_by_text(told)).to_be_visible()
    expect(page.locator(".drop .checked")).to_contain_text("The trained layer holds the same")
    came = held(**at)
    for feature in (0, 1):
        for which, name in enumerate(came):
            end = page.locator(".row").nth(feature).locator(".end").nth(which)
            expect(end).to_have_text(written(came[name][feature]))
    name = {"nan": "NaN", "inf": "infinity", "1e20": "1e20"}[at["bad"]]
    expect(page.locator(f".row >> nth={at['feature']}").locator(".marker")).to_have_text(name)
    start = f"{name} in feature {at['feature']} at update {at['update']}: its moving mean "
    expect(page.locator(".drop .said")).to_contain_text(start)


def back(feature, update) -> int:
    """After which update the moving mean is within a hundredth of its size again."""
    clean, variance = (CLEAN[name][feature] for name in ("mean", "variance"))
    size = max(abs(clean), variance**0.5)
    after = range(update + 1, TOTAL + 1)
    moving = (held("1e20", feature, update, total)["mean"][feature] for total in after)
    return next(n for n, mean in zip(after, moving, strict=True) if abs(mean - clean) <= size / 100)


def drag(page, what, feature, update, drop=True):
    """With the mouse, to the middle of an update."""
    start = page.locator(what).bounding_box()
    lanes = page.locator(".row").nth(feature).locator(".lanes").bounding_box()
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    x = lanes["x"] + lanes["width"] * (update - 0.5) / TOTAL
    page.mouse.move(x, lanes["y"] + lanes["height"] / 2, steps=5)
    if drop:
        page.mouse.up()


def test_it_is_dropped_with_the_mouse_and_blackens_what_follows(opened):
    page = opened()
    lies(page)
    for feature, lost in ((0, 0), (1, 2)):
        row = page.locator(".row").nth(feature)
        expect(row.locator(".lost:not(.end)")).to_have_count(lost)
    black = page.locator(".row").nth(1).locator(".lane .lost").first.bounding_box()
    lanes = page.locator(".row").nth(1).locator(".lanes").bounding_box()
    assert black["x"] - lanes["x"] == pytest.approx(lanes["width"] * 59 / TOTAL, abs=1)
    assert black["x"] + black["width"] == pytest.approx(lanes["x"] + lanes["width"], abs=1)
    drag(page, ".marker", 0, 33)
    lies(page, feature=0, update=33)
    drag(page, ".chip >> nth=2", 1, 100)
    lies(page, bad="1e20", update=100)
    expect(page.locator(".said")).to_contain_text(
        "moving mean is 1.3e11 after 20 clean updates, and 10 in the clean batches"
    )
    for feature in (0, 1):
        drag(page, ".marker", feature, 40)
        lies(page, bad="1e20", feature=feature, update=40)
        again = f"back at the clean batches’ number from update {back(feature, 40)} on"
        expect(page.locator(".said")).to_contain_text(f"its moving mean is {again}")
    expect(page.locator(".thrown:not(i)")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    lies(page)


def test_a_click_takes_another_number_and_the_ends_are_kept(opened):
    page = opened()
    page.locator(".chip", has_text="infinity").click()
    lies(page, bad="inf")
    expect(page.locator(".chip[aria-pressed=true]")).to_have_text("infinity")
    drag(page, ".marker", 1, 119)  # beyond the last update that the settings allow
    lies(page, bad="inf", update=110)


def test_keys_move_it_and_the_server_hears_of_the_last_place(opened):
    page = opened()
    marker = page.locator(".marker")
    marker.focus()
    for key, place in [
        ("ArrowRight", (1, 61)), ("Shift+ArrowLeft", (1, 51)), ("ArrowUp", (0, 51)),
        ("ArrowUp", (0, 51)), ("PageUp", (0, 63)), ("PageDown", (0, 51)), ("End", (0, 110)),
        ("Home", (0, 2)), ("ArrowDown", (1, 2)), ("ArrowLeft", (1, 2)),
    ]:  # fmt: skip
        page.keyboard.press(key)
        label = f"NaN in feature {place[0]} at update {place[1]}. Left and right"
        expect(marker).to_have_attribute("aria-label", re.compile(f"^{re.escape(label)}"))
        expect(marker).to_be_focused()
    lies(page, update=2)
    expect(marker).to_be_focused()


def test_an_answer_that_comes_late_does_not_take_it_back(parts, visit):
    visitor = visit()
    line = Line(visitor.page)
    page = visitor.goto(f"{parts}/?part=drop").page
    line.hold()
    ended = line.runs
    drag(page, ".marker", 0, 20)
    line.wait_for_runs(ended + 1)  # the server has update 20, and the browser has not heard of it
    drag(page, ".marker", 0, 30)
    line.wait_for_runs(ended + 2)
    line.release_run()
    expect(page.get_by_text("The server has nan, 0, 20.")).to_be_visible()
    visitor.idle()
    assert page.locator(".drop .said").inner_text().startswith("NaN in feature 0 at update 30")
    line.release()
    lies(page, feature=0, update=30)


def test_escape_gives_it_up(opened):
    page = opened()
    drag(page, ".chip >> nth=1", 0, 20, drop=False)
    expect(page.locator(".row >> nth=0").locator(".marker")).to_have_text("infinity")
    page.keyboard.press("Escape")
    expect(page.locator(".row >> nth=1").locator(".marker")).to_have_text("NaN")
    page.mouse.up()
    lies(page)
    drag(page, ".marker", 0, 20)  # and it can be taken again
    lies(page, feature=0, update=20)


def test_it_blackens_in_motion_unless_its_visitor_wants_less(opened):
    page = opened()
    page.evaluate(
        "() => { window.begun = 0; const animate = Element.prototype.animate;"
        " Element.prototype.animate = function (...all) {"
        " window.begun += this.matches('.lost'); return animate.apply(this, all); } }"
    )
    drag(page, ".marker", 1, 30)
    lies(page, update=30)
    assert page.evaluate("() => window.begun") == 2  # mean and variance
    page.emulate_media(reduced_motion="reduce")
    drag(page, ".marker", 1, 50)
    lies(page, update=50)
    assert page.evaluate("() => window.begun") == 2


def test_a_finger_drops_it(parts, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{parts}/?part=drop")
    start = page.locator(".marker").bounding_box()
    to = page.locator(".row >> nth=0").locator(".lanes").bounding_box()
    touch = context.new_cdp_session(page)
    way = [(start["x"] + 5, start["y"] + 5), (start["x"] + 5, start["y"] - 20)]
    way.append((to["x"] + to["width"] * 11.5 / TOTAL, to["y"] + 9))
    for kind, place in zip(("touchStart", "touchMove", "touchMove"), way, strict=True):
        points = [dict(zip("xy", place, strict=True))]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    lies(page, feature=0, update=12)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_before_the_answer_it_shows_where_and_not_what(opened):
    page = opened("&secret=1")
    expect(page.locator(".said")).to_have_text(
        "NaN in feature 1 at update 60. Predict what it does there; the picture shows it with the "
        "answer."
    )
    drag(page, ".marker", 0, 20)
    expect(page.get_by_text("The server has nan, 0, 20.")).to_be_visible()
    expect(page.locator(".lost, .thrown")).to_have_count(0)
    assert page.locator(".end").all_inner_texts() == [""] * 4
    assert page.locator(".checked").inner_text() == ""


def test_the_sentence_counts_the_updates_that_are_left(opened):
    page = opened("&last=120")
    said, marker = page.locator(".drop .said"), page.locator(".marker")
    marker.press("End")
    rest = " The other feature is not affected."
    begun = "NaN in feature 1 at update {}: its moving mean and variance are NaN from there on"
    expect(said).to_have_text(f"{begun.format(120)}.{rest}")
    marker.press("ArrowLeft")
    expect(said).to_have_text(f"{begun.format(119)}, and 1 clean update changes nothing.{rest}")
    page.locator(".chip", has_text="1e20").click()
    expect(said).to_contain_text("its moving mean is 4.8e18 after 1 clean update, and 10 in the")
    marker.press("ArrowRight")
    expect(said).to_contain_text("its moving mean is 1.2e19 at the end, and 10 in the clean")
    marker.press("Home")  # too early for the mean to have been there before
    expect(said).to_contain_text(
        f"its moving mean is the clean batches’ number from update {back(1, 2)} on;"
    )


# What was found in Keras: float32 variances of equal numbers and of numbers far from 0, which NumPy
# rounds otherwise; what is left of an initial 1, or a variance, that a processor takes for 0.
@pytest.mark.parametrize(
    ("mean", "variance", "own", "held", "same"),
    [
        (1000.1, 4.5e-7, 4.5e-7, 0, True),
        (1e6, 1, 1.004, 1, True),
        (0, 0, 7e-45, 0, True),
        (0, 1.3e-40, 1.3e-40, 0, True),
        (0, 1e-36, 1e-36, 2e-36, False),
        (10, 1, 1.004, 1, False),
        (0, 1e-12, 1e-12, 2e-12, False),
    ],
)
def test_what_float32_cannot_tell_apart_is_no_difference(chromium, mean, variance, own, held, same):
    page = chromium.new_page()
    lanes = (Path(drop.__file__).parent / "parts" / "lanes.js").read_text(encoding="utf-8")
    data = {"clean": {"mean": [mean], "variance": [variance]}, "keep": 0.99, "total": 9000}
    off, most = page.evaluate(
        "([lanes, data, own, held]) => new Function('data', 'own', 'held', `${lanes};"
        " return [relative(own, held, known(data, 'variance', 0)), rounding(data)]`)"
        "(data, own, held)",
        [lanes, data, own, held],
    )
    page.close()
    assert (off <= most) == same


def test_a_layer_that_holds_another_number_is_an_error_that_is_shown(opened):
    page = opened("&wrong=1")
    lies(page)
    drag(page, ".marker", 0, 20)
    expect(page.get_by_role("alert")).to_have_text(
        "Moving mean of feature 1: worked out here 10, but the trained layer holds 10.01."
    )


def test_without_a_trained_layer_it_says_so(opened):
    expect(opened("&untrained=1").locator(".checked")).to_have_text(
        "Worked out here; no layer was trained with this yet."
    )


@pytest.mark.keras
def test_on_the_page_a_drop_trains_a_real_layer(server, visit):
    visitor = visit().goto(f"{server.url}/bad-number?before=20&after=60&keep=0.9")
    page = visitor.page
    expect(page.locator(".drop .said")).to_contain_text("Predict what it does there")
    expect(page.locator(".drop .lost")).to_have_count(0)
    visitor.train("bad-number")
    drop = page.locator(".drop")
    expect(drop.locator(".checked")).to_contain_text("The trained layer holds the same at the end")
    expect(drop.locator(".said")).to_contain_text("moving mean and variance are NaN from there on")
    drop.locator(".chip", has_text="1e20").click()
    expect(page.get_by_text("After one 1e20 and 60 clean updates, feature 1")).to_be_visible()
    drop.locator(".marker").press("ArrowUp")
    expect(page.get_by_text("After one 1e20 and 60 clean updates, feature 0")).to_be_visible()
    expect(drop.locator(".checked")).to_contain_text("The trained layer holds the same at the end")
    expect(page).to_have_url(re.compile("bad=1e20&feature=0"))
    page.get_by_role("button", name="Undo").click()
    expect(drop.locator(".said")).to_contain_text("1e20 in feature 1 at update 21")
    with page.expect_download() as coming:
        page.get_by_role("button", name="All numbers (CSV)").click()
    head, *rows = [line.split(",") for line in coming.value.path().read_text().splitlines()]
    assert float(rows[-1][head.index("layer variance feature 1")]) == np.inf
