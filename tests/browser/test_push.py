"""A bias that is pushed: the outputs stand still in training mode, and run in inference mode."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.line import Line
from tests.browser.test_axe import serious
from tests.browser.waiting import until
from ui.drawing import served
from ui.drawing.push.record import MODES, Push, record

GAMMA, VARIANCE, EPSILON = 1.5, 4.0, 1e-3  # of the page
DOT = 5  # pixels from the left of a dot to its middle
PLACES = """dots => dots.map(dot =>
    dot.getBoundingClientRect().left - dot.ownerSVGElement.getBoundingClientRect().left)"""
COUNT = """it => {
    window.moved = 0;
    it.addEventListener("transitionrun", () => { window.moved += 1; });
}"""


@pytest.fixture(scope="module")
def pushes(start_module_server):
    command = "-m streamlit run tests/browser/apps/push_app.py --server.port {port}"
    return start_module_server([*command.split(), "--server.address", "127.0.0.1"]).url


@pytest.fixture
def opened(pushes, visit):
    def open_page(motion="reduce", query="", **options):
        visitor = visit(**options)
        visitor.page.emulate_media(reduced_motion=motion)
        visitor.goto(f"{pushes}/{query}")
        expect(visitor.page.locator(".push .now")).to_have_count(8)
        visitor.settle()
        return visitor

    return open_page


def places(page, strip):
    return page.locator(f".push .{strip} .now").evaluate_all(PLACES)


def slider(page):
    return page.get_by_role("slider")


def test_the_handle_takes_z_along_and_in_training_mode_the_output_stands_still(opened):
    visitor = opened()
    page = visitor.page
    z, out = places(page, "z"), places(page, "out")
    box = slider(page).bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 100, middle[1], steps=5)
    by = float(slider(page).input_value())
    assert by > 0
    expect(page.locator(".push .said")).to_contain_text(
        f"every z moved by {by:g}, every output by 0 "
    )
    moved = [after - before for before, after in zip(z, places(page, "z"), strict=True)]
    assert moved == pytest.approx([moved[0]] * 4, abs=0.1)
    assert moved[0] == pytest.approx(100, abs=8)  # as far as the pointer, to half a step
    (mean,) = page.locator(".push .z .mean line").evaluate_all(PLACES)
    assert mean == pytest.approx(sum(places(page, "z")) / 4 + DOT, abs=2)
    expect(page.locator(".push .z .used")).to_contain_text("batch mean")
    assert places(page, "out") == pytest.approx(out, abs=0.1)
    expect(page.get_by_text("The server knows: 0, training")).to_be_visible()  # not asked yet
    page.mouse.up()
    expect(page.get_by_text(f"The server knows: {by:g}, training")).to_be_visible()
    expect(page.locator(".push .check")).to_contain_text("The engine computes the same outputs")


def test_with_the_keys_in_inference_mode_it_runs(opened):
    visitor = opened(width=390)
    page = visitor.page
    page.get_by_role("radio", name="inference").check()
    out = places(page, "out")
    slider(page).focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    by = float(slider(page).input_value())
    assert by < 0
    after = places(page, "out")
    assert all(there < here for here, there in zip(out, after, strict=True))
    said = page.locator(".push .said").inner_text().replace("−", "-")
    assert slider(page).get_attribute("aria-valuetext").replace("−", "-") == said
    moved = float(re.search(r"every output by (\S+) \(inference mode\)", said).group(1))
    assert moved == pytest.approx(GAMMA * by / (VARIANCE + EPSILON) ** 0.5, rel=1e-3)
    assert said.endswith(f" = {GAMMA} · {by:g} / √({VARIANCE:g} + {EPSILON}).")
    expect(page.locator(".push .z .used")).to_contain_text("moving mean")
    expect(page.get_by_text(f"The server knows: {by:g}, inference")).to_be_visible()
    expect(page.locator(".push .check")).to_contain_text("The engine computes the same outputs")
    visitor.settle()
    expect(slider(page)).to_be_focused()
    assert visitor.overflow() <= 0


def test_another_mode_moves_the_dots_and_not_for_who_wants_less_motion(opened):
    for motion, moves in (("no-preference", True), ("reduce", False)):
        page = opened(motion).page
        slider(page).focus()
        page.locator(".push").evaluate(COUNT)
        page.keyboard.press("End")
        expect(page.locator(".push .said")).to_contain_text("(training mode)")
        assert page.evaluate("window.moved") == 0
        before = places(page, "out")
        page.get_by_role("radio", name="inference").check()
        expect(page.locator(".push .said")).to_contain_text("(inference mode)")
        until(page, lambda page=page, before=before: min(places(page, "out")) > min(before) + 5)
        assert bool(page.evaluate("window.moved")) == moves


def test_an_answer_that_comes_late_does_not_take_the_handle_back(pushes, visit):
    visitor = visit()
    line = Line(visitor.page)
    page = visitor.goto(pushes).page
    check = page.locator(".push .check")
    expect(check).to_contain_text("The engine computes the same outputs")
    line.hold()
    ended = line.runs
    slider(page).press("ArrowRight")
    by = float(slider(page).input_value())
    line.wait_for_runs(ended + 1)
    page.get_by_role("radio", name="inference").check()
    line.wait_for_runs(ended + 2)
    line.release_run()
    expect(page.get_by_text(f"The server knows: {by:g}, training")).to_be_visible()
    visitor.idle()
    assert page.get_by_role("radio", name="inference").is_checked()
    assert check.inner_text() == ""  # the engine's outputs are those of the other mode
    line.release()
    expect(page.get_by_text(f"The server knows: {by:g}, inference")).to_be_visible()
    expect(check).to_contain_text("The engine computes the same outputs")


def test_where_the_engine_says_something_else_it_is_shown(opened):
    page = opened(query="?wrong=1").page
    expect(page.locator(".push .check.wrong")).to_contain_text("they differ by up to 1e−8")


def test_one_row_is_its_own_mean(pushes, visit):
    page = visit().goto(f"{pushes}/?one=1").page
    slider(page).press("End")
    label = re.compile(r"^z of 1 row: batch mean 0, moving mean")
    expect(page.locator(".push svg.z")).to_have_attribute("aria-label", label)
    expect(page.locator(".push .said")).to_contain_text("every z moved by 1, every output by 0 (")
    expect(page.locator(".push .check")).to_contain_text("The engine computes the same outputs")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("mean", "deviation"), [(0, 1), (1e3, 1e-3), (1e7, 8), (1e12, 0)])
def test_rounding_is_no_difference_and_a_wrong_digit_is_one(chromium, mode, mean, deviation):
    rng = np.random.default_rng(1)
    z = (mean + deviation * rng.standard_normal(256)).astype("f4").astype(float)
    push = Push(z, 1.3, -0.2, 0.9 * mean, max(deviation**2, 1e-3), 1e-9, -0.005, mode)
    folder = Path(served.__file__).parent
    files = [folder / "moments.js", folder / "push" / "parts" / "push.js"]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    page = chromium.new_page()
    found = page.evaluate(
        "([code, data]) => new Function('data', `${code.split('export default')[0]};"
        " return normalised(data, data.by, data.mode)`)(data)",
        [code, record(push)],
    )
    page.close()
    outputs = push.outputs()
    assert np.abs(found["outputs"] - outputs).max() <= found["rounding"]
    if deviation:
        assert found["rounding"] < 1e-4 * np.abs(outputs).max()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened, scheme):
    assert serious(opened(scheme=scheme), scheme) == []
