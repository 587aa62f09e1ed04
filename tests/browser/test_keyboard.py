"""A visitor without a mouse: the focus stays where it was, and goes where something opened."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def axes(server, visit):
    return visit().goto(f"{server.url}/axes")


def press(visitor, key):
    visitor.page.keyboard.press(key)
    visitor.settle()


def pressed(pill, yes):
    expect(pill).to_have_attribute("aria-pressed", "true" if yes else "false")


@pytest.mark.parametrize("group", ["kept", "shown"])
def test_a_pill_that_is_pressed_keeps_the_focus(axes, group):
    """Off and on again: the browser names what is chosen in the order of the clicks."""
    pill = axes.page.locator(f'[class*="st-key-axes-{group}"] button').first
    pill.focus()
    before = pill.get_attribute("aria-pressed") == "true"
    for now in (not before, before, not before):
        press(axes, "Space")
        pressed(pill, now)
        expect(pill).to_be_focused()


@pytest.mark.parametrize(
    ("address", "group", "name"),
    [
        ("rates?rates=0.1", "rates-rates", "0.1"),
        ("placement?variants=before", "placement-variants", "before the activation"),  # in a box
    ],
)
def test_the_last_pill_stays_pressed_and_focused(server, visit, address, group, name):
    visitor = visit().goto(f"{server.url}/{address}")
    pills = visitor.page.locator(f'[class*="st-key-{group}"]')
    pill = pills.get_by_role("button", name=name, exact=True)
    pill.focus()
    press(visitor, "Space")
    expect(visitor.page.get_by_text("choose at least 1")).to_be_visible()
    pressed(pill, True)
    expect(pill).to_be_focused()


@pytest.mark.parametrize(
    ("name", "inside"), [("Share", "Save file"), ("Read more", "axis confusion")]
)
def test_what_a_button_opens_has_the_focus_and_gives_it_back(axes, name, inside):
    button = axes.page.get_by_test_id("stMain").get_by_role("button", name=name)
    button.focus()
    press(axes, "Enter")
    dialog = axes.page.get_by_role("dialog", name=name)
    expect(dialog).to_contain_text(inside)
    for _ in range(10):
        assert dialog.evaluate("it => it.contains(document.activeElement)")
        axes.page.keyboard.press("Tab")
    press(axes, "Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    # It is closed for the server, too.
    axes.page.get_by_role("button", name="PyTorch: dim 1").click()
    axes.settle()
    expect(dialog).to_have_count(0)
