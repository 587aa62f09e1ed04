"""What a newcomer does with question 5: open it, press Train, read the verdicts."""

import re

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


@pytest.mark.keras
def test_what_is_pointed_at_in_the_player_lights_up_in_the_grid_and_the_other_way_round(
    server, visit
):
    visitor = visit().goto(f"{server.url}/moving?updates=20&variants=keras-3~unbiased")
    page = visitor.page
    visitor.train("moving")
    page.get_by_text("Other data").click()
    grid, player = page.locator(".grid .cell"), page.locator(".player td[data-curve]")
    expect(grid).to_have_count(30)
    lit, looked = page.locator(".grid .cell.lit"), page.locator(".player td.lit")
    player.and_(page.locator("[data-feature='3'][data-curve=unbiased]")).first.hover()
    expect(lit).to_have_count(5)
    names = [lit.nth(n).get_attribute("aria-label") for n in range(5)]
    assert [name.split(" = ")[0] for name in names] == [f"x[{row}, 3]" for row in range(5)]
    expect(looked).to_have_count(2)  # of the mean and of the variance of one layer
    grid.nth(7).hover()  # x[1, 1]
    expect(looked).to_have_count(4)  # of both layers
    assert {cell.get_attribute("data-feature") for cell in looked.all()} == {"1"}
    page.mouse.move(0, 0)
    expect(looked).to_have_count(0)
    expect(lit).to_have_count(0)
    page.get_by_label("Shown").focus()
    expect(lit).to_have_count(5)
    page.get_by_label("Shown").press("ArrowDown")
    expect(lit.first).to_have_attribute("aria-label", re.compile(r"^x\[0, 1\]"))
    grid.nth(4).focus()
    assert {cell.get_attribute("data-feature") for cell in looked.all()} == {"4"}
