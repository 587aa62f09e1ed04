"""Switches in the code: what was measured with their setting pulses or is locked."""

import itertools

import pytest
from playwright.sync_api import expect

from tests.browser.apps.parts_page import CHOICES, states
from tests.browser.line import Line

BEGUN = """it => {
    const animate = Element.prototype.animate;
    it.begun = 0;
    Element.prototype.animate = function (...all) {
        it.begun += it.contains(this);
        return animate.apply(this, all);
    };
}"""


@pytest.fixture(scope="module")
def parts(start_module_server) -> str:
    command = "-m streamlit run tests/browser/apps/parts_app.py --server.port {port}"
    return start_module_server([*command.split(), "--server.address", "127.0.0.1"]).url


def shows(page, *combination):
    expect(page.locator(".tile .state")).to_have_text(states(combination))
    expect(page.locator(".switched")).to_have_text(f"bn(x)  # {' '.join(combination)}\n")
    expect(page.locator(".switches .said")).to_have_text(f"Tried: {' '.join(combination)}.")


def test_every_combination_shows_its_own_case_without_the_server(parts, visit):
    visitor = visit(width=390).goto(f"{parts}/?part=switches")
    page = visitor.page
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    shows(page, "not given", "never")
    for training, trainable in itertools.product(*CHOICES.values()):
        page.get_by_role("radio", name=training).check()
        page.get_by_role("radio", name=trainable).check()
        shows(page, training, trainable)
    page.keyboard.press("ArrowUp")  # the last one has the focus
    shows(page, "False", "before")
    assert asked == []
    assert visitor.overflow() <= 0


def test_the_link_holds_where_they_stand(parts, visit):
    page = visit().goto(f"{parts}/?part=switches").page
    page.get_by_role("radio", name="False").check()
    expect(page.get_by_text("The server has False, never.")).to_be_visible()
    expect(page.get_by_role("radio", name="False")).to_be_focused()  # nothing is built anew
    page.get_by_role("button", name="A link").click()
    expect(page.get_by_text("The server has False, after.")).to_be_visible()
    shows(page, "False", "after")
    expect(page.get_by_role("radio", name="after")).to_be_checked()


def test_an_answer_that_comes_late_does_not_turn_them_back(parts, visit):
    visitor = visit()
    line = Line(visitor.page)
    page = visitor.goto(f"{parts}/?part=switches").page
    line.hold()
    ended = line.runs
    for name in ("before", "after"):
        page.get_by_role("radio", name=name).check()
        ended += 1
        line.wait_for_runs(ended)
    line.release_run()
    expect(page.get_by_text("The server has not given, before.")).to_be_visible()
    visitor.idle()
    assert page.get_by_role("radio", name="after").is_checked()
    line.release()
    expect(page.get_by_text("The server has not given, after.")).to_be_visible()
    shows(page, "not given", "after")


def test_a_switch_makes_tiles_move_unless_less_motion_is_wanted(parts, visit):
    page = visit().goto(f"{parts}/?part=switches").page
    switches = page.locator(".switches")
    switches.evaluate(BEGUN)
    page.get_by_role("radio", name="False").check()
    shows(page, "False", "never")
    begun = switches.evaluate("it => it.begun")
    assert begun == sum(each != "cannot tell" for each in states(("False", "never"))) > 0
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("radio", name="not given").check()
    shows(page, "not given", "never")
    assert switches.evaluate("it => it.begun") == begun
