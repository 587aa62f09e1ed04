"""State, address and the browser's own buttons, on two small pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.line import Line


@pytest.fixture(scope="module")
def probe(start_module_server: Callable[..., Any]) -> str:
    command = "-m streamlit run tests/browser/probe/two_pages.py --server.port {port}"
    return start_module_server([*command.split(), "--server.address", "127.0.0.1"]).url


def line(visitor):
    """What the page makes of its state."""
    return visitor.page.locator("[data-testid=stMain] [data-testid=stCode]").last


def becomes(visitor, layout=r"\S+", epsilon=r"\S+", n=r"\S+", total=r"\S+"):
    """Wait until the page shows this state; what is not named may be anything."""
    expect(line(visitor)).to_have_text(re.compile(rf"^\s*{layout} {epsilon} {n} {total}\s*$"))
    visitor.settle()


def test_a_change_shows_in_the_address_and_a_copied_link_restores_it(probe, visit):
    visitor = visit().goto(f"{probe}/second")
    visitor.page.get_by_role("radio", name="NCHW").click()
    visitor.settle()
    visitor.page.get_by_label("Epsilon", exact=True).fill("0,25")
    visitor.page.keyboard.press("Enter")
    visitor.settle()
    visitor.page.get_by_role("button", name="Other data").click()
    becomes(visitor, "NCHW", "0.25", "0", "-2.4")
    visitor.page.get_by_role("button", name="Share").click()
    visitor.settle()
    link = visitor.page.locator("[data-testid=stDialog] [data-testid=stCode]").inner_text()
    assert link.strip() == visitor.page.url
    assert re.search(r"/second\?data=[\w-]+&layout=NCHW&epsilon=0\.25$", link.strip())
    elsewhere = visit().goto(link.strip())
    becomes(elsewhere, "NCHW", "0.25", "0", "-2.4")
    expect(elsewhere.page.get_by_label("Epsilon", exact=True)).to_have_value("0.25")


def test_back_and_forward_walk_the_history(probe, visit):
    visitor = visit().goto(probe)
    for count in (1, 2):
        visitor.page.get_by_role("button", name="More").click()
        visitor.page.wait_for_url(f"**n={count}")  # a busy server may not have begun yet
    becomes(visitor, n="2")
    visitor.page.go_back()
    becomes(visitor, n="1")
    visitor.page.go_back()
    becomes(visitor, n="0")
    expect(visitor.page.get_by_role("button", name="Undo")).to_be_disabled()
    visitor.page.go_forward()
    becomes(visitor, n="1")
    visitor.page.get_by_role("button", name="Redo").click()
    becomes(visitor, n="2")


def test_quick_clicks_are_never_taken_back(probe, visit):
    """The slider shows the same field, and the browser lags behind: see ui/state/sync.py."""
    visitor = visit()
    line = Line(visitor.page)
    visitor.goto(probe)
    more = visitor.page.get_by_role("button", name="More")
    line.hold()  # the browser hears nothing of a click until the next ones are made
    for count in range(1, 5):
        more.click()
        line.wait_for_runs(count + 1)
    line.release()
    becomes(visitor, n="4")
    visitor.page.wait_for_url("**n=4")
    undo = visitor.page.get_by_role("button", name="Undo")
    line.hold()
    for _ in range(4):
        ended = line.runs
        undo.click()
        line.wait_for_runs(ended + 1)
    line.release()
    becomes(visitor, n="0")
    expect(undo).to_be_disabled()


def test_a_step_there_and_back_ends_in_the_address_too(probe, visit):
    visitor = visit()
    line = Line(visitor.page)
    visitor.goto(f"{probe}/?n=5")
    visitor.page.get_by_role("slider", name="N").focus()
    line.hold()
    for key in ("ArrowRight", "ArrowLeft"):
        ended = line.runs
        visitor.page.keyboard.press(key)
        line.wait_for_runs(ended + 1)
    line.release()
    becomes(visitor, n="5")
    visitor.page.wait_for_url("**n=5")


def test_each_page_keeps_its_state_and_writes_its_address_again(probe, visit):
    visitor = visit().goto(probe)
    visitor.page.get_by_role("button", name="More").click()
    visitor.page.wait_for_url("**n=1")
    visitor.settle()
    visitor.page.get_by_role("link", name="second").click()
    visitor.page.wait_for_url("**/second")
    becomes(visitor, n="0")
    visitor.page.get_by_role("link", name="first").click()
    visitor.page.wait_for_url("**n=1")
    becomes(visitor, n="1")


def test_a_damaged_link_is_explained_and_cleaned(probe, visit):
    visitor = visit().goto(f"{probe}/?layout=XXXX&n=7&data=%00broken")
    becomes(visitor, "NHWC", "0.001", "7", "10.0")
    warning = visitor.page.locator("[data-testid=stAlert]")
    expect(warning).to_contain_text("layout: 'XXXX' is not one of NHWC, NCHW")
    expect(warning).to_contain_text("data: the numbers in it are damaged")
    visitor.page.wait_for_url("**/?n=7")


def test_bad_text_stays_with_its_reason(probe, visit):
    visitor = visit().goto(probe)
    field = visitor.page.get_by_label("Epsilon", exact=True)
    field.fill("1,234")
    visitor.page.keyboard.press("Enter")
    visitor.settle()
    expect(field).to_have_value("1,234")
    expect(visitor.page.get_by_text("can be read as 1.234 or as 1234")).to_be_visible()
    becomes(visitor, epsilon="0.001")
    field.fill("0,5")
    visitor.page.keyboard.press("Enter")
    visitor.settle()
    expect(field).to_have_value("0,5")
    becomes(visitor, epsilon="0.5")


def test_a_saved_file_brings_the_state_back(probe, visit, tmp_path):
    visitor = visit().goto(f"{probe}/?n=9&epsilon=0.125")
    visitor.page.get_by_role("button", name="Share").click()
    visitor.settle()
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Save file").click()
    path = tmp_path / "state.json"
    download.value.save_as(path)
    elsewhere = visit().goto(probe)
    elsewhere.page.get_by_role("button", name="Share").click()
    elsewhere.settle()
    elsewhere.page.locator("input[type=file]").set_input_files(path)
    elsewhere.page.wait_for_url("**n=9")
    becomes(elsewhere, "NHWC", "0.125", "9", "10.0")


def test_the_toolbar_fits_a_phone(probe, visit):
    visitor = visit(width=390).goto(probe)
    visitor.screenshot("probe-light-390")
    assert visitor.overflow() == 0
