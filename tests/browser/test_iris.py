"""What the asker of question 2 does: open it, press Train, count the means."""

import pytest
from playwright.sync_api import expect

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
    expect(page.locator(".player canvas")).to_have_count(2)
    expect(page.locator(".player table.now th.curve")).to_have_text(FEATURES)
    assert visitor.overflow() <= 0


def test_a_link_restores_every_setting(server, visit):
    page = visit().goto(f"{server.url}/iris?epochs=50&seed=7").page
    expect(page.locator('[class*="st-key-iris-epochs"] input')).to_have_value("50")
    expect(page.locator('[class*="st-key-iris-seed"] input')).to_have_value("7")
