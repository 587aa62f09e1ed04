"""What the asker of question 4 does: open it, press Train, read Keras' own errors."""

import pytest
from playwright.sync_api import expect


@pytest.mark.keras
def test_from_home_to_the_real_errors(server, visit):
    visitor = visit().goto(server.url)
    page = visitor.page
    page.get_by_test_id("stMain").get_by_role("link", name="Batch axis").click()
    visitor.train("batch-axis")
    expect(page.get_by_text("Done: 4,000 updates")).to_be_visible()
    first = page.locator(".st-key-batch-axis-unknown-first")
    expect(first.get_by_text("must be fully-defined")).to_be_visible()
    other = page.locator(".st-key-batch-axis-other-first")
    expect(other.get_by_text("expected axis 0 of input shape to have value 5")).to_be_visible()
    beside = page.locator(".st-key-batch-axis-other-last")
    expect(beside.get_by_text("output of shape (3, 6)")).to_be_visible()
    expect(page.get_by_text("nearest to the mean of all numbers")).to_be_visible()
    expect(page.locator(".player canvas")).to_have_count(2)
    assert visitor.overflow() <= 0


def test_a_link_restores_rows_and_brings_no_prediction(server, visit):
    visitor = visit().goto(f"{server.url}/batch-axis?new_rows=7&guess=grand&keep=0.9")
    page = visitor.page
    expect(page.locator('[class*="st-key-batch-axis-new_rows"] input')).to_have_value("7")
    expect(page.locator('[class*="st-key-batch-axis-keep"] input')).to_have_value("0.9")
    expect(page.get_by_role("radio", name="Skip the prediction")).to_be_checked()
