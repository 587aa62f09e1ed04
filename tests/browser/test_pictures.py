"""Every kind of picture shows the recorded numbers: their files and sentences, read back."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.apps.pictures_page import (
    CENTRE,
    COUNTS,
    DATA,
    ENDED,
    LONG,
    POINTS,
    RISING,
    VARIANCE,
    WRONG,
)

CLOSE = 0.3  # pixels


@pytest.fixture(scope="module")
def pictures(start_module_server) -> str:
    command = "-m streamlit run tests/browser/apps/pictures_app.py --server.port {port}"
    return start_module_server([*command.split(), "--server.address", "127.0.0.1"]).url


@pytest.fixture
def opened(pictures, visit):
    def open_page(kind, query="", **options):
        visitor = visit(**options)
        visitor.page.emulate_media(reduced_motion="reduce")
        visitor.goto(f"{pictures}/?of={kind}{query}")
        expect(visitor.page.locator(".player .slider")).to_be_visible()
        return visitor.page

    return open_page


@dataclass
class Svg:
    """What is drawn in a file."""

    texts: list[tuple[str, float, float, str]]  # words, x, y, anchor
    lines: list[tuple[np.ndarray, dict[str, str]]]
    circles: list[dict[str, float]]

    def where(self, words):
        """The place of a text."""
        (found,) = [(x, y) for text, x, y, _ in self.texts if text == words]
        return found

    def axis(self, which, of=lambda value: value):
        """Where a number stands on an axis ("x" or "y"), from the ticks, which have to agree."""
        anchor, at = {"x": ("middle", 0), "y": ("end", 1)}[which]
        ticks = [
            (of(float(text.replace("\u2212", "-").replace(",", ""))), place[at] - 4 * at)
            for text, *place, anchored in self.texts
            if anchored == anchor and re.fullmatch(r"[\u2212\d.,e]+", text)
        ]
        values, pixels = np.array(ticks).T
        assert len(set(values)) > 1
        line = np.polyfit(values, pixels, 1)
        np.testing.assert_allclose(np.polyval(line, values), pixels, atol=CLOSE)
        return lambda value: np.polyval(line, of(value))

    def drawn(self, **attributes):
        """The lines that have these attributes."""
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return [points for points, has in self.lines if wanted.items() <= has.items()]


def points(text):
    return np.array([[float(n) for n in point.split(",")] for point in text.split()])


def file(page, name):
    with page.expect_download() as coming:
        page.get_by_role("button", name=name, exact=True).click()
    return coming.value.path().read_text()


def svg(page, title) -> Svg:
    tree = ElementTree.fromstring(file(page, f"{title} (SVG)"))
    texts, lines, circles = [], [], []
    for node in tree.iter():
        kind, has = node.tag.split("}")[1], node.attrib
        if kind == "text":
            texts.append((node.text, float(has["x"]), float(has["y"]), has["text-anchor"]))
        elif kind in ("polyline", "polygon"):
            lines.append((points(has["points"]), has))
        elif kind == "circle":
            circles.append({name: float(has[name]) for name in ("cx", "cy", "r")})
    return Svg(texts, lines, circles)


def table(page, name):
    return [line.split(",") for line in file(page, name).splitlines()]


def slider(page):
    return page.locator(".player .slider")


def near(found, expected):
    np.testing.assert_allclose(found, expected, atol=CLOSE)


def test_curves_stand_at_their_numbers_and_lose_no_spike(opened):
    found = svg(opened("curves"), "Loss")
    y = found.axis("y", np.log10)
    flat, rising = found.drawn(stroke_width="2")
    near([flat[:, 1].min(), np.median(flat[:, 1]), flat[:, 1].max()], y(np.array([100, 1, 0.01])))
    near(rising[[0, -1], 1], y(RISING[[0, -1]]))
    (band,) = found.drawn(fill_opacity="0.12")
    left = band[band[:, 0] == band[0, 0], 1]
    near([left.min(), left.max(), band[:, 1].min()], y(np.array([10, 2.5, 40])))
    near([level[0, 1] for level in found.drawn(stroke_width="1.2")], y(np.array([2, 50])))
    (event,) = found.drawn(stroke_width="1.5")
    begin, end = flat[[0, -1], 0]
    at = begin + (end - begin) * np.log1p(999) / np.log1p(LONG - 1)
    assert event[0, 0] == pytest.approx(at, abs=1)  # a whole pixel


def test_a_step_stands_at_its_logarithm_and_its_numbers_in_words(opened):
    page = opened("curves")
    slider(page).press("Shift+ArrowRight")
    place = float(page.locator(".player .thumb").evaluate("it => parseFloat(it.style.left)"))
    assert place == pytest.approx(100 * np.log1p(10) / np.log1p(LONG - 1), abs=0.01)
    assert slider(page).get_attribute("aria-valuetext") == "update 10 of 3,999. Flat: loss 1.000"
    expect(page.locator(".player .formula div")).to_have_text(
        [
            "stored = 1.500000 · 2 = 3.000000",
            "moving = 0.9 · 1.000000 + 0.1 · 3.000000 = 1.200000 (the layer holds 1)",
        ][::-1]
    )
    rising = page.locator(".player table.now td[data-curve=rising]")
    expect(rising).to_have_text("5.04 (2.52 to 10.1)")
    page.get_by_text("The numbers as a table").first.click()
    expect(page.locator(".player table.steps tr.lit th")).to_have_text("10")
    for row in page.locator(".player table.steps tbody tr").all():
        step, *numbers = row.locator("th, td").all_inner_texts()
        assert float(numbers[1]) == RISING[int(step.replace(",", ""))]


def test_what_would_answer_the_prediction_is_no_line_of_the_picture_yet(opened):
    page = opened("curves", "&secret=1", width=390)
    keys = page.locator(".player .key")
    expect(keys).to_have_text(["Flat", "Rising", "goal"])
    slider(page).press("End")
    expect(keys).to_have_text(["Flat", "Rising", "goal", "answer"])


def test_a_pinned_run_that_was_longer_is_drawn_whole_over_its_own_number(opened):
    page = opened("few")
    expect(slider(page)).to_have_attribute("aria-valuemax", "40")
    found = svg(page, "Mean")
    y = found.axis("y")
    own, pinned = found.drawn(stroke_width="2")
    near([own[:, 1].mean(), pinned[:, 1].mean()], y(np.array([2, 4])))
    near(own[-1, 0] - own[0, 0], (pinned[-1, 0] - pinned[0, 0]) / 2)
    picture = page.locator(".player canvas").first
    lit = page.locator(".player td.lit")
    for line, key in ((own, "layer"), (pinned, "pinned 0: layer")):
        picture.hover(position={"x": own[-1, 0], "y": line[0, 1] - 5})
        expect(lit).to_have_attribute("data-curve", key)
    between = pinned[0, 0] + 0.19 * (pinned[-1, 0] - pinned[0, 0])  # nearer to the second step
    picture.click(position={"x": between, "y": own[0, 1]})
    expect(slider(page)).to_have_attribute("aria-valuenow", "10")


def test_rows_and_needles_stand_at_their_numbers(opened):
    page = opened("rows")
    said = page.locator(".player .said")
    expect(said).to_have_text("No batch yet. The moving mean of length is 0.000.")
    slider(page).press("ArrowRight")
    expect(said).to_have_text(
        "This batch: 2 of 4 rows (0, 3; 1 a, 1 b). Their mean length is 2.000; the moving mean "
        "goes from 0.000 to 0.5000."
    )
    words = "update 1 of 2. the layer: moving mean 0.5000"
    expect(slider(page)).to_have_attribute("aria-valuetext", words)
    found = svg(page, "The rows")
    order = [1, 2, 0, 3]  # those of the batch are drawn last
    dots = np.array([(dot["cx"], dot["cy"], dot["r"]) for dot in found.circles]).reshape(2, 4, 3)
    for feature, (batch, moving) in enumerate(((2.0, 0.5), (30.0, 6.0))):
        x, y, radius = dots[feature].T
        line = np.polyfit(DATA[order, feature], x, 1)
        near(np.polyval(line, DATA[order, feature]), x)
        assert line[0] > 0
        assert np.argsort(y).tolist() == np.argsort(order).tolist()
        assert (radius[2:] > radius[:2].max()).all()
        for width, value in (("1.5", batch), ("2.5", moving)):
            needle = found.drawn(stroke_width=width)[feature]
            near(needle[:, 0], np.polyval(line, value))
    slider(page).press("ArrowRight")
    expect(said).to_have_text(
        "This batch: 1 of 4 rows (2; 0 a, 1 b). Its length is 2.000; the moving mean goes from "
        "0.5000 to 0.7500."
    )


def test_points_and_the_mean_s_box_stand_at_their_numbers(opened):
    page = opened("plane")
    slider(page).press("End")
    expect(page.locator(".player .said")).to_have_text(
        "2 of 3 rows are classified wrong in inference mode (as they were after update 2). The "
        "mean of all of them is at (3.00, 50.0); the moving mean is at (3.50, 40.0)."
    )
    found = svg(page, "Points")
    x, y = found.axis("x"), found.axis("y")
    right = found.circles[0]
    near([right["cx"], right["cy"]], [x(POINTS[1, 0, 0]), y(POINTS[1, 0, 1])])
    crosses = found.drawn(stroke_width="1.8")[:4]
    for row in (1, 2):
        middle = np.concatenate(crosses[2 * row - 2 : 2 * row]).mean(axis=0)
        near(middle, [x(POINTS[1, row, 0]), y(POINTS[1, row, 1])])
    (box,) = [line for line in found.drawn(stroke_width="1.5") if len(line) == 5]
    spread = np.sqrt(VARIANCE[3])
    near(np.sort(np.unique(box[:, 0])), x(CENTRE[3, 0] + spread[0] * np.array([-1, 1])))
    near(np.sort(np.unique(box[:, 1])), y(CENTRE[3, 1] + spread[1] * np.array([1, -1])))
    (way,) = found.drawn(stroke_dasharray="2 3")
    near(way, np.stack([x(CENTRE[:, 0]), y(CENTRE[:, 1])], axis=1))
    head, *lines = table(page, "Points (CSV)")
    assert head == ["update", "row", "unit 0", "unit 1", "wrong"]
    assert [[float(cell) for cell in line] for line in lines] == [
        [2 * n, row, *POINTS[n, row], WRONG[n, row]] for n in range(2) for row in range(3)
    ]


def test_balls_lie_as_deep_as_their_error_is_small(opened):
    page = opened("balls")
    said = page.locator(".player .said")
    for step, sentence in (
        (0, "the layer: 2 of 4 learned, error 0.438."),
        (1, "the layer: 1 of 4 learned, 2 flew out (the first at update 70), error 0.450."),
    ):
        slider(page).press(("Home", "End")[step])
        expect(said).to_have_text(sentence)
        found = svg(page, "Balls")
        y = found.axis("y")
        errors = ENDED.error[step][ENDED.lost[step] == -1]
        assert len(found.circles) == len(errors)
        for ball, error in zip(found.circles, errors, strict=True):
            bottom, top = y(0) - ball["r"], y(1)
            near(ball["cy"], bottom - error * (bottom - top))
    assert all(min(cross[:, 1]) < y(1) for cross in found.drawn(stroke_width="2.2"))


def test_hills_are_the_counts_of_the_feature_and_red_where_it_is_flat(opened):
    page = opened("hills")
    slider(page).press("End")
    page.get_by_label("Shown").select_option("block 2")
    expect(page.locator(".player figcaption").first).to_have_text("Values of block 2")
    found = svg(page, "Values")
    x = found.axis("x")
    for hill, counts in zip(
        found.drawn(fill_opacity="0.25"), (COUNTS[1, 1], COUNTS[1, 1, ::-1]), strict=True
    ):
        heights = (hill[0, 1] - hill[1:-1:2, 1]) / (hill[0, 1] - hill[:, 1].min())
        np.testing.assert_allclose(heights, counts / counts.max(), atol=0.01)
        near(hill[[0, -1], 0], x(np.array([-2, 2])))
    for red in found.drawn(fill_opacity="0.8"):
        near([red[:, 0].min(), red[:, 0].max()], x(np.array([0.5, 2])))
    found.where("One: 50 % dead")
    left, top = found.where("Other: 0 % dead")
    lit = page.locator(".player td.lit")
    for name, down in (("other", 10), ("one", -30)):
        page.locator(".player canvas").first.hover(position={"x": left, "y": top + down})
        expect(lit).to_have_attribute("data-curve", name)
    head, _, last = table(page, "All numbers (CSV)")
    assert head[:9] == [
        "update",
        *(f"one hill block {block} bin {n}" for block in (1, 2) for n in range(1, 5)),
    ]
    assert [int(cell) for cell in last[1:9]] == COUNTS[1].ravel().tolist()
