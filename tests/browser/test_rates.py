"""Learning rates: a ball for each repetition settles or flies out, as it was recorded."""

import itertools
import re

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import until

SMALL = "rates=0.1~10&rows=120&units=6&depth=2&epochs=2&replicas=3&variants=none~before&dropout=0"
WATCH = """canvas => {
    window.seen = [];
    const look = () => {
        const now = canvas.toDataURL();
        if (window.seen.at(-1) !== now) window.seen.push(now);
        requestAnimationFrame(look);
    };
    look();
}"""
TWO_FRAMES = "() => new Promise(told => requestAnimationFrame(() => requestAnimationFrame(told)))"


@pytest.fixture
def trained(server, visit):
    def run(motion):
        visitor = visit()
        visitor.page.emulate_media(reduced_motion=motion)
        visitor.goto(f"{server.url}/rates?{SMALL}")
        visitor.train("rates")
        page = visitor.page
        slider = page.locator(".player .slider")
        slider.press("Home")
        expect(slider).to_have_attribute("aria-valuenow", "0.1")
        visitor.settle()
        page.locator(".player canvas").first.evaluate(WATCH)
        return page

    return run


@pytest.mark.keras
def test_the_balls_are_those_of_the_recorded_run_and_travel(trained):
    page = trained("no-preference")
    slider, said = page.locator(".player .slider"), page.locator(".player .said").first
    for key, rate in (("Home", "0.1"), ("End", "10")):
        slider.press(key)
        expect(slider).to_have_attribute("aria-valuenow", rate)
        told = dict(re.findall(r"([a-z]+): (\d) of 3 learned", said.inner_text()))
        assert told.keys() == {"none", "before"}
        for name, count in told.items():
            rows = page.locator(".player table.now tr", has=page.get_by_text(name, exact=True))
            share = float(rows.last.locator("td").last.get_attribute("title"))
            assert share == pytest.approx(int(count) / 3)
    until(page, lambda: page.evaluate("() => window.seen.length") > 4)
    with page.expect_download() as coming:
        page.get_by_role("button", name="Settled or flown out (CSV)").click()
    head, *rows = [line.split(",") for line in coming.value.path().read_text().splitlines()]
    assert ",".join(head) == "learning rate,curve,repetition,error,learned,diverged at update"
    each = itertools.product(("0.1", "10"), ("none", "before"), "012")
    assert [tuple(row[:3]) for row in rows] == [*each]
    ends = [row for row in rows if row[:2] == ["10", "before"]]
    assert sum(int(row[4]) for row in ends) == int(told["before"])
    assert all(bool(row[3]) != bool(row[5]) for row in rows)  # an error, or when it diverged


@pytest.mark.keras
def test_they_are_there_at_once_for_who_wants_less_motion(trained):
    page = trained("reduce")
    page.locator(".player .slider").press("End")
    page.evaluate(TWO_FRAMES)
    assert page.evaluate("() => window.seen.length") == 2
