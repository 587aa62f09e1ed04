"""What the asker of question 2 does: open it, press Train, count the means."""

import re

import pytest
from playwright.sync_api import expect

import bncore

FEATURES = ["sepal length", "sepal width", "petal length", "petal width"]


@pytest.mark.keras
def test_from_home_to_four_means(server, visit):
    visitor = visit().goto(server.url)
    page = visitor.page
    page.get_by_test_id("stMain").get_by_role("link", name="Iris").click()
    visitor.train("iris")
    expect(page.get_by_text("Done: 500 updates")).to_be_visible()
    expect(page.get_by_text("The layer holds 4 means")).to_be_visible()
    expect(page.get_by_text("16 numbers, 8 of them trainable")).to_be_visible()
    expect(page.locator(".player canvas")).to_have_count(3)
    expect(page.locator(".player table.now th.curve")).to_have_text(FEATURES)
    assert visitor.overflow() <= 0


@pytest.mark.keras
def test_the_rows_of_each_batch_light_up_and_the_needles_say_their_mean(server, visit):
    data = bncore.DATASETS["iris"]().values
    visitor = visit().goto(f"{server.url}/iris?batch_size=5&epochs=2")
    page = visitor.page
    page.emulate_media(reduced_motion="reduce")
    visitor.train("iris")
    slider, picture = page.locator(".player .slider"), page.locator(".player canvas").first
    said = page.locator(".player .said")
    slider.press("Home")
    expect(said).to_have_text("No batch yet. The moving mean of sepal length is 0.000.")
    seen, drawn = set(), {picture.evaluate("canvas => canvas.toDataURL()")}
    for update in range(1, 31):
        slider.press("ArrowRight")
        expect(slider).to_have_attribute("aria-valuenow", str(update))
        rows, mean = told(said.inner_text())
        assert f"{data[rows, 0].mean():#.4g}" == mean
        seen |= set(rows)
        drawn.add(picture.evaluate("canvas => canvas.toDataURL()"))
    assert seen == set(range(150))  # one epoch
    with page.expect_download() as coming:
        page.get_by_role("button", name="The rows of the batch (CSV)").click()
    listed = [line.split(",") for line in coming.value.path().read_text().splitlines()]
    assert listed[0] == ["update", "row"]
    assert [int(row) for update, row in listed[1:] if update == "30"] == rows
    assert len(drawn) == 31
    box = picture.bounding_box()
    picture.click(position={"x": 0.9 * box["width"], "y": 100})
    rows, mean = told(said.inner_text())
    assert "petal width" in said.inner_text()
    assert f"{data[rows, 3].mean():#.4g}" == mean
    expect(page.locator(".player td.drawn").first).to_have_attribute("data-feature", "3")
    page.wait_for_url("**looked_at=3**")


def told(sentence: str) -> tuple[list[int], str]:
    """The rows of a batch and their mean, as the sentence beside the picture says them."""
    found = re.search(r"rows \(([\d, ]+);.* Their mean [a-z ]+ is ([\d.]+);", sentence)
    return [int(row) for row in found[1].split(", ")], found[2]


def test_a_link_restores_every_setting(server, visit):
    page = visit().goto(f"{server.url}/iris?epochs=50&seed=7").page
    expect(page.locator('[class*="st-key-iris-epochs"] input')).to_have_value("50")
    expect(page.locator('[class*="st-key-iris-seed"] input')).to_have_value("7")
