"""What the askers of question 9 do: read why validation is stuck, and what cures it."""

import re

import pytest
from playwright.sync_api import expect


@pytest.mark.keras
def test_from_home_to_a_stuck_validation_and_its_cures(server, visit):
    visitor = visit().goto(server.url)
    page = visitor.page
    page.locator(".st-key-question-Q9 a:visible").first.click()
    visitor.train("stuck")
    expect(page.get_by_text("This is not overfitting")).to_be_visible()
    expect(page.get_by_text("Cure without training again")).to_be_visible()
    expect(page.locator(".player canvas")).to_have_count(4)
    assert visitor.overflow() <= 0


@pytest.mark.keras
def test_the_wrong_rows_are_those_that_the_accuracy_counts(server, visit):
    visitor = visit().goto(f"{server.url}/stuck")
    page = visitor.page
    page.emulate_media(reduced_motion="reduce")
    visitor.train("stuck")
    slider, said = page.locator(".player .slider"), page.locator(".player .said")
    accuracy = page.locator(".player td[data-curve=validation]")
    slider.press("Home")
    for _ in range(4):
        for number in range(2):
            text = said.nth(number).inner_text()
            wrong, rows = map(int, re.match(r"(\d+) of (\d+) validation rows", text).groups())
            assert accuracy.nth(number).inner_text() == f"{1 - wrong / rows:#.6g}"
            assert "moving mean is at" in text
            assert "after update" not in text  # they are where this update left them
        slider.press("End")
        for _ in range(6):
            slider.press("Shift+ArrowLeft")  # every fifth update is looked at
    with page.expect_download() as coming:
        page.get_by_role("button", name="(CSV)").nth(1).click()  # after the one of all numbers
    head, *rows = [line.split(",") for line in coming.value.path().read_text().splitlines()]
    assert head == ["update", "row", "unit 0", "unit 1", "wrong"]
    slider.press("Home")
    assert rows[0][0] == slider.get_attribute("aria-valuenow")
    wrong = sum(int(row[4]) for row in rows if row[0] == rows[0][0])
    assert said.first.inner_text().startswith(f"{wrong} of ")
    other = visit().goto(f"{server.url}/stuck").page  # opens with this run, at its first step
    first = other.locator(".player .said").first
    expect(first).to_contain_text("validation rows are classified wrong")
    expect(first).not_to_contain_text("moving mean")  # which would answer the prediction
    other.locator(".player .slider").press("ArrowRight")
    expect(first).to_contain_text("the moving mean is at")
