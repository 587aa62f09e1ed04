"""Both modes for any batch size: dragged in the browser, held against the engine when it rests."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.apps.parts_page import ROWS, both
from tests.browser.line import Line


@pytest.fixture(scope="module")
def parts(start_module_server) -> str:
    command = "-m streamlit run tests/browser/apps/parts_app.py --server.port {port}"
    return start_module_server([*command.split(), "--server.address", "127.0.0.1"]).url


def stands(page, size):
    """Every dot of the first rows stands at its number, and no other is shown."""
    expect(page.get_by_role("slider")).to_have_value(str(size))
    dots = page.locator(".strips circle").evaluate_all(
        "all => all.map(it => it.style.display ? null : Number(it.getAttribute('cx')))"
    )
    shown = np.array(dots, float).reshape(*ROWS.shape, 2)  # rows, features, modes
    assert np.isnan(shown[size:]).all()
    outputs = np.stack(both(size), axis=-1)
    beta = float(page.locator("line.beta").get_attribute("x1"))
    largest = np.unravel_index(np.abs(outputs).argmax(), outputs.shape)
    scale = (shown[largest] - beta) / outputs[largest]
    assert scale > 20
    np.testing.assert_allclose(shown[:size], beta + scale * outputs, atol=1e-6)


def test_keys_choose_the_batch_size_and_the_engine_says_the_same(parts, visit):
    page = visit().goto(f"{parts}/?part=strips").page
    slider, checked = page.get_by_role("slider", name="Batch size"), page.locator(".checked")
    expect(checked).to_contain_text("The engine computes the same (largest difference")
    stands(page, 3)
    said = page.locator(".strips .said")
    training, inference = both(3)
    apart = np.abs(training - inference).mean()
    expect(said).to_contain_text(f"The outputs are {apart:.3g} apart on average.")
    slider.press("ArrowLeft")
    stands(page, 2)
    slider.press("Home")
    stands(page, 1)
    expect(said).to_contain_text("x − mean = 0 and every training output is beta = 0")
    returned = ", ".join(f"{value:.3g}".replace("-", "−") for value in both(1)[1][0])
    expect(said).to_contain_text(f"subtracts the moving mean and returns {returned}.")
    expect(slider).to_have_attribute("aria-valuetext", "1: " + said.inner_text())
    expect(page.get_by_text("The engine has 1.")).to_be_visible()
    expect(checked).to_contain_text("The engine computes the same")
    expect(slider).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(slider).to_have_value("3")
    stands(page, 3)


def test_a_mouse_drags_it_and_a_phone_shows_it_whole(parts, visit):
    visitor = visit(width=390).goto(f"{parts}/?part=strips")
    page = visitor.page
    box = page.get_by_role("slider").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 6, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 3, y, steps=4)
    stands(page, 1)  # while it is still held
    page.mouse.up()
    expect(page.get_by_text("The engine has 1.")).to_be_visible()
    assert visitor.overflow() <= 0


def test_an_answer_that_comes_late_does_not_take_the_slider_back(parts, visit):
    visitor = visit()
    line = Line(visitor.page)
    page = visitor.goto(f"{parts}/?part=strips").page
    slider = page.get_by_role("slider")
    line.hold()
    ended = line.runs
    slider.press("ArrowLeft")
    line.wait_for_runs(ended + 1)  # the engine has 2, and the browser has not heard of it
    slider.press("ArrowLeft")
    line.wait_for_runs(ended + 2)
    line.release_run()
    expect(page.get_by_text("The engine has 2.")).to_be_visible()
    visitor.idle()
    stands(page, 1)
    slider.press("End")
    line.release()
    expect(page.get_by_text("The engine has 3.")).to_be_visible()
    expect(page.locator(".checked")).to_contain_text("The engine computes the same")
    stands(page, 3)


def test_a_difference_from_the_engine_is_an_error_that_is_shown(parts, visit):
    page = visit().goto(f"{parts}/?part=strips&wrong=1").page
    error = page.get_by_role("alert").filter(has_text="worked out here")
    expect(error).to_contain_text("training mode, row 0, feature 1: worked out here")
    expect(error).to_contain_text("but the engine says")


@pytest.mark.parametrize(
    ("rare", "said"),
    [
        ("constant", "ε = 0 and a variance is 0, so some outputs are a division by 0"),
        ("overflow", "some outputs are not finite, so there is no distance between them"),
    ],
)
def test_numbers_that_are_not_finite_are_no_difference_from_the_engine(parts, visit, rare, said):
    page = visit().goto(f"{parts}/?part=strips&{rare}=1").page
    expect(page.locator(".strips .said")).to_contain_text(f"Batch of 3: {said}")
    expect(page.locator(".checked")).to_contain_text("The engine computes the same (largest")
    page.get_by_role("slider").press("Home")
    expect(page.get_by_text("The engine has 1.")).to_be_visible()
    expect(page.locator(".checked")).to_contain_text("The engine computes the same (largest")
