"""What the askers of question 9 do: read why validation is stuck, and what cures it."""

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
    expect(page.locator(".player canvas")).to_have_count(2)
    assert visitor.overflow() <= 0
