"""Cells tell where their numbers come from: the sums, what is marked, keys, touch, silence."""

import math
import random
import re
from fractions import Fraction

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.test_grid import cell
from tests.browser.waiting import point_at, until

COUNT_MESSAGES = """() => {
    window.sent = 0;
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) { window.sent += 1; return send.call(this, data); };
}"""
DESCRIBE = """all => all.map(td => {
    td.focus();
    return [td.ariaLabel.split(" =")[0], td.textContent, td.getAttribute("aria-description") ?? ""];
})"""


@pytest.fixture(scope="module")
def grid(start_module_server):
    command = "-m streamlit run tests/browser/apps/grid_app.py --server.port {port}"
    return start_module_server([*command.split(), "--server.address", "127.0.0.1"]).url


def marked(page, mark: str) -> set[str]:
    """Names of the cells with a mark."""
    labels = page.locator(f"td.cell.{mark}").evaluate_all("all => all.map(e => e.ariaLabel)")
    return {label.split(" =")[0] for label in labels}


def origin(page):
    """The sentence that is open."""
    return page.locator(".tip:popover-open .origin")


def told(page) -> dict[str, tuple[str, str]]:
    """{name of a cell: (what stands in it, what it says of itself when it has the focus)}."""
    found = page.locator("td.cell:visible").evaluate_all(DESCRIBE)
    return {name: (text, said) for name, text, said in found}


def added_up(sentence: str) -> tuple[float, str]:
    """The value of the left side, added up here, and the text on the right."""
    left, right = sentence.split(". Goes into")[0].rsplit(" = ", 1)
    python = re.sub(r"\((\d+) terms\)$", "", left)
    for sign, operator in (("−", "-"), ("×", "*"), ("²", "**2"), ("√", "math.sqrt"), ("′", "")):
        python = python.replace(sign, operator)
    python = re.sub(r"math\.sqrt([\d.]+)", r"math.sqrt(\1)", python)
    assert re.fullmatch(r"[-+*/(). \de]*", python.replace("math.sqrt", "")), sentence
    return eval(python, {"math": math}), right


def test_the_numbers_of_a_sentence_are_those_of_the_grid_and_of_the_engine(grid, visit):
    page = visit().goto(f"{grid}?shape=5,4").page
    expect(cell(page, "x_hat[4, 3]")).to_be_visible()
    x = np.random.default_rng(0).normal(size=(5, 4))
    mean, variance = x.mean(0), x.var(0)
    x_hat = (x - mean) / np.sqrt(variance + 1e-3)
    cells = told(page)
    for name, (shown, said) in random.Random(1).sample(sorted(cells.items()), 25):
        panel, *index = re.split(r"\[|, |\]", name)[:-1]
        if panel == "x":
            assert said.startswith("Goes into mean"), name
            continue
        engine = {"mean": mean, "variance": variance, "x_hat": x_hat}[panel]
        value, right = added_up(said)
        assert right == shown
        assert value == pytest.approx(engine[tuple(map(int, index))], abs=2e-3), said
    column = int(random.Random(2).random() * 4)
    written = [cells[f"x[{row}, {column}]"][0] for row in range(5)]
    terms = [f"({text})" if text[0] == "−" and row else text for row, text in enumerate(written)]
    assert cells[f"mean[{column}]"][1].startswith(f"({' + '.join(terms)}) / 5 = ")


@pytest.mark.parametrize(
    ("name", "sentence", "sources", "goals", "lines"),
    [
        (
            "mean[1]", "(10 + 20 + 30) / 3 = 20",
            {"x[0, 1]", "x[1, 1]", "x[2, 1]"},
            {"variance[1]", "x_hat[0, 1]", "x_hat[1, 1]", "x_hat[2, 1]"}, 1,
        ),
        (
            "variance[1]", "((10 − 20)² + (20 − 20)² + (30 − 20)²) / 3 = 66.67",
            {"mean[1]", "x[0, 1]", "x[1, 1]", "x[2, 1]"},
            {"x_hat[0, 1]", "x_hat[1, 1]", "x_hat[2, 1]"}, 2,
        ),
        (
            "x_hat[0, 1]", "(10 − 20) / √(66.67 + 0.001) = −1.2247",
            {"x[0, 1]", "mean[1]", "variance[1]"}, set(), 0,  # they stand in another grid
        ),
        ("x[2, 0]", None, set(), {"mean[0]", "variance[0]", "x_hat[2, 0]"}, 0),
    ],
)  # fmt: skip
def test_pointing_says_the_sum_and_marks_both_ways(
    grid, visit, name, sentence, sources, goals, lines
):
    visitor = visit().goto(grid)
    page = visitor.page
    expect(cell(page, "x_hat[2, 3]")).to_be_visible()
    visitor.settle()
    page.evaluate(COUNT_MESSAGES)
    point_at(cell(page, name), lambda: name in marked(page, "twin"))
    assert marked(page, "onto") == goals
    assert marked(page, "from") == sources
    expect(page.locator(".lines path")).to_have_count(lines)
    expect(origin(page)).to_have_text([sentence] if sentence else [])
    page.mouse.move(5, 5)
    until(page, lambda: not marked(page, "from") and not marked(page, "onto"))
    expect(page.locator(".lines path")).to_have_count(0)
    visitor.settle()
    assert page.evaluate("window.sent") == 0


def test_a_long_sum_shows_its_ends_and_its_count(grid, visit):
    page = visit().goto(f"{grid}?shape=12,3").page
    x = np.random.default_rng(0).normal(size=(12, 3))
    first, second, last = (f"{x[row, 0]:.4f}".replace("-", "−") for row in (0, 1, 11))
    expect(cell(page, "mean[0]")).to_be_visible()
    bracketed = [f"({text})" if text[0] == "−" else text for text in (second, last)]
    assert told(page)["mean[0]"][1].startswith(
        f"({first} + {bracketed[0]} + … + {bracketed[1]}) / 12 = "
    )


def test_what_is_not_all_drawn_is_not_added_up_here(grid, visit):
    page = visit().goto(f"{grid}?shape=500,8").page
    expect(cell(page, "mean[7]")).to_be_visible()
    mean = np.random.default_rng(0).normal(size=(500, 8)).mean(axis=0)[7]
    [(_, shown, said)] = cell(page, "mean[7]").evaluate_all(DESCRIBE)  # one of 2,000
    assert re.search(r" \+ …\) / 500 = ", said)
    assert added_up(said.replace(" + …", ""))[1] == shown
    assert float(Fraction(shown.replace("−", "-"))) == pytest.approx(mean, abs=1e-4)


def test_a_difference_from_the_engine_is_said(grid, visit):
    page = visit().goto(f"{grid}?wrong=1.00000000001").page  # ten times what rounding may do
    expect(cell(page, "variance[1]")).to_be_visible()
    cells = told(page)
    assert "but the engine says 66.66666666733" in cells["variance[1]"][1]
    assert "engine says" in cells["x_hat[0, 1]"][1]
    assert "engine says" not in cells["mean[1]"][1]


def test_keys_hold_a_cell_move_on_and_let_go(grid, visit):
    page = visit().goto(grid).page
    cell(page, "mean[1]").focus()
    said = "(10 + 20 + 30) / 3 = 20. Goes into variance[1], 3 cells of x_hat"
    expect(cell(page, "mean[1]")).to_have_accessible_description(said)
    page.keyboard.press("Enter")
    assert marked(page, "held") == {"mean[1]"}
    page.keyboard.press("ArrowRight")
    expect(cell(page, "mean[2]")).to_be_focused()
    expect(cell(page, "mean[2]")).to_have_accessible_description(
        "(100 + 200 + 300) / 3 = 200. Goes into variance[2], 3 cells of x_hat"
    )
    assert marked(page, "from") == {"x[0, 1]", "x[1, 1]", "x[2, 1]"}  # of the one that is held
    expect(origin(page)).to_have_text("(10 + 20 + 30) / 3 = 20")
    page.keyboard.press("Escape")
    assert not marked(page, "held")
    assert marked(page, "from") == {"x[0, 2]", "x[1, 2]", "x[2, 2]"}


def test_a_held_cell_follows_an_edit(grid, visit):
    page = visit().goto(grid).page
    cell(page, "mean[0]").click()
    assert marked(page, "held") == {"mean[0]"}
    cell(page, "x[2, 0]").focus()
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    expect(origin(page)).to_have_text("(1 + 2 + 9) / 3 = 4")
    cell(page, "mean[0]").click()
    assert not marked(page, "held")


def test_a_tap_holds_and_another_lets_go(grid, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(grid)
    cell(page, "variance[0]").tap()
    expect(origin(page)).to_have_text("((1 − 2)² + (2 − 2)² + (3 − 2)²) / 3 = 0.67")
    assert marked(page, "held") == {"variance[0]"}
    cell(page, "mean[3]").tap()
    expect(origin(page)).to_have_text("(1000 + 2000 + 3000) / 3 = 2000")
    assert marked(page, "held") == {"mean[3]"}
    cell(page, "mean[3]").tap()
    until(page, lambda: marked(page, "held") == set())
    context.close()


@pytest.mark.parametrize(
    ("address", "panels"),
    [
        ("axes", {"mean", "variance", "other", "x_hat", "output"}),
        ("axes?kept=0", {"mean", "variance", "other", "x_hat", "output"}),
        ("images?kept=1~2~3", {"mean", "variance", "x_hat"}),
        ("norms?family=group&groups=2&shown=input~statistics~x_hat~parameters~output",
         {"mean", "variance", "x_hat", "output"}),
        ("steps?step=7&activation=sigmoid",
         {"mean", "centered", "variance", "inv_std", "x_hat", "output", "a"}),
        ("steps?step=15&activation=tanh",
         {"inv_std", "x_hat", "output", "dy", "dbeta", "dgamma", "direct", "through_mean",
          "through_variance", "dz"}),
        ("steps?step=15&mode=inference&activation=relu",
         {"inv_std", "x_hat", "output", "dy", "dbeta", "dgamma", "direct", "dz"}),
    ],
)  # fmt: skip
def test_every_cell_adds_up_to_what_the_engine_says(server, visit, address, panels):
    page = visit().goto(f"{server.url}/{address}").page
    page.locator("td.cell:visible").first.wait_for()
    found = set()
    for name, (shown, said) in told(page).items():
        assert "engine says" not in said, said
        if " = " in said:
            found.add(name.split("[")[0])
            assert said.split(". Goes into")[0].endswith(f" = {shown}"), said
    assert found == panels
