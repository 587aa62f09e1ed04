"""What a visitor meets first: any page by its address, on any screen, without an error."""

import re
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import until
from ui.drawing.palette import contrast, palette
from ui.page.registry import GROUPS, PAGES, QUESTIONS, entry_of


def test_deep_links_work_as_the_first_visits_after_a_start(start_server, visit):
    """All at once, in the tabs of one browser."""
    running = start_server()
    first = visit()
    tabs = [first, *(first.tab() for _ in PAGES[1:])]
    for entry, tab in zip(PAGES, tabs, strict=True):
        tab.page.goto(f"{running.url}/{entry.url_path}", wait_until="commit")
    for entry, tab in zip(PAGES, tabs, strict=True):
        tab.settle()
        assert tab.title()
        for group in GROUPS:  # the common script ran, too
            expect(tab.page.get_by_role("button", name=group)).to_be_visible()
        assert tab.page.get_by_text("Page not found").count() == 0
        assert tab.page.url.rpartition("/")[2] == entry.url_path
    assert running.process.poll() is None


def test_every_question_is_in_the_navigation(server, visit):
    page = visit().goto(server.url).page
    for group in GROUPS:
        page.get_by_role("button", name=group).click()
        titles = [entry.title for entry in QUESTIONS if entry.group == group]
        items = page.get_by_role("menuitem")
        expect(items).to_have_count(len(titles))
        assert [item.inner_text().splitlines()[-1] for item in items.all()] == titles
        page.keyboard.press("Escape")
        expect(items).to_have_count(0)
    page.get_by_role("button", name=GROUPS[-1]).click()
    page.get_by_role("menuitem", name=QUESTIONS[-1].title).click()
    page.wait_for_url(f"**/{QUESTIONS[-1].url_path}")


def test_the_other_way_to_start_works_and_says_where(start_server, visit):
    command = "-m streamlit run app.py --server.port {port} --server.address 127.0.0.1"
    running = start_server(command.split())
    visitor = visit().goto(f"{running.url}/{PAGES[1].url_path}")
    assert visitor.title()
    port = running.url.rpartition(":")[2]
    assert f"URL: http://localhost:{port}" in running.log.read_text()


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_every_page_fits_the_screen(width, scheme, server, visit):
    visitor = visit(width=width, scheme=scheme)
    for entry in PAGES:
        visitor.goto(f"{server.url}/{entry.url_path}")
        assert visitor.title()
        assert visitor.overflow() == 0, entry.title


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_on_what_is_primary_or_chosen_can_be_read(server, visit, scheme):
    visitor = visit(scheme=scheme).goto(f"{server.url}/placement")
    page = visitor.page
    train = page.locator(".st-key-placement-train button")
    expect(train).to_be_enabled()
    shades = ("color", "backgroundColor")  # which change slowly as a button is enabled
    until(page, lambda: contrast(*(colour(train, name) for name in shades)) >= 4.5)
    chosen = page.get_by_role("radio", name="Dense (the question's classifier)")
    ground = palette(scheme == "dark").background
    until(page, lambda: contrast(colour(chosen, "color"), ground) >= 4.5)


def colour(element, name):
    """A computed colour of an element, as '#rrggbb'."""
    found = element.evaluate("(e, name) => getComputedStyle(e)[name]", name)
    return "#" + "".join(f"{int(channel):02x}" for channel in re.findall(r"\d+", found)[:3])


def test_a_click_on_home_opens_the_question(server, visit):
    visitor = visit().goto(server.url)
    for entry in QUESTIONS:
        visitor.page.locator(f".st-key-question-{entry.id} a:visible").first.click()
        visitor.page.wait_for_url(f"**/{entry.url_path}")
        visitor.settle()
        assert visitor.page.get_by_text("ignored").count() == 0, entry.id
        visitor.page.locator("[data-testid=stTopNavLink]").first.click()  # Home


def test_an_address_of_an_earlier_version_opens_todays_page(server, visit):
    visitor = visit().goto(f"{server.url}/modes?part=stuck&stuck_keep=0.99&keeps=0.5")
    visitor.page.wait_for_url("**/stuck?keep=0.99")
    visitor.settle()
    assert visitor.title() == entry_of("stuck").title
    assert visitor.page.get_by_text("ignored").count() == 0
    visitor.page.go_back()
    visitor.settle()
    visitor.page.go_forward()
    visitor.page.wait_for_url("**/stuck?keep=0.99")


def test_answers_carry_security_headers(server):
    for path in ("/", "/_stcore/health", f"/{PAGES[1].url_path}"):
        with urllib.request.urlopen(server.url + path, timeout=300) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


def test_a_page_that_breaks_says_so_without_a_traceback(start_server, visit):
    command = "-m streamlit run tests/browser/probe/failing.py --server.port {port}"
    running = start_server([*command.split(), "--server.address", "127.0.0.1"])
    visitor = visit().goto(running.url)
    expect(visitor.page.locator("[data-testid=stAlert]")).to_contain_text("the fault is ours")
    expect(visitor.page.locator("[data-testid=stException]")).to_have_count(0)
    assert "secret" not in visitor.page.content()
    assert "ZeroDivisionError" in running.log.read_text()
