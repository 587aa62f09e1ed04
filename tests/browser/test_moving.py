"""What a newcomer does with question 5: open it, press Train, read the verdicts."""

import pytest
from playwright.sync_api import expect

VERDICTS = (
    "Keras 3, stock layer reached biased",
    "2.1.4-2.2.5 formula on a Keras 3 layer reached n/(n-(1+epsilon))",
    "Unbiased formula on a Keras 3 layer reached n/(n-1)",
)


@pytest.mark.keras
def test_from_home_to_three_verdicts(server, visit):
    visitor = visit().goto(server.url)
    page = visitor.page
    page.get_by_test_id("stMain").get_by_role("link", name="Moving statistics").first.click()
    visitor.train("moving")
    for verdict in VERDICTS:
        expect(page.get_by_text(verdict)).to_be_visible()
    expect(page.get_by_text("Done: 10,000 updates")).to_be_visible()
    expect(page.locator(".player canvas")).to_have_count(2)
    assert visitor.overflow() <= 0


def test_a_link_restores_every_setting(server, visit):
    visitor = visit().goto(f"{server.url}/moving?keep=0.9&updates=123&seed=7&variants=tf_keras")
    page = visitor.page
    expect(page.locator('[class*="st-key-moving-keep"] input')).to_have_value("0.9")
    expect(page.locator('[class*="st-key-moving-updates"] input')).to_have_value("123")


def test_a_decimal_comma_in_keep(server, visit):
    visitor = visit().goto(f"{server.url}/moving")
    field = visitor.page.locator('[class*="st-key-moving-keep"] input')
    field.fill("0,9")
    field.press("Enter")
    expect(visitor.page.get_by_text("PyTorch momentum 0.1")).to_be_visible()
