"""axe-core, which finds what keeps people from reading or operating a page, in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.waiting import until
from tools import browser
from ui.drawing.palette import palette, rgb
from ui.page.registry import PAGES

AXE = Axe()
# What is left inside elements of Streamlit's own: {(rule, part of the element's HTML): the reason}.
KNOWN = {
    ("scrollable-region-focusable", 'class="katex-display"'): (
        "a formula of st.latex scrolls where it is too wide and takes no focus; the cells of the "
        "grid below it tell the same numbers, to the keyboard as well"
    ),
}
# On a narrow screen Streamlit puts the groups of the navigation into lists that are none.
LOOKED_AT = {"include": ["html"], "exclude": ["[data-testid=stSidebarNav]"]}
COMPONENTS = """() => [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
    .map(it => it.shadowRoot?.querySelector(
        ".grid, .blocks, .means, .pressed, .player, .dots, .drop, .seats, .slots, .push, .switches"
    ))
    .every(it => !it || it.childElementCount)"""


def serious(visitor, scheme):
    """What axe-core finds of impact serious or critical, as (rule, element, what is wrong)."""
    page = visitor.page
    page.emulate_media(color_scheme=scheme)
    drawn(visitor, scheme)
    return [
        (finding["id"], node["html"], node["failureSummary"])
        for finding in AXE.run(page, LOOKED_AT).response["violations"]
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
        if not any(finding["id"] == rule and part in node["html"] for rule, part in KNOWN)
    ]


def drawn(visitor, scheme):
    """Wait until the page stands still in this theme: colours change slowly, and would be read
    half-way."""
    page = visitor.page
    ground = "rgb({}, {}, {})".format(*rgb(palette(scheme == "dark").background))
    app = page.get_by_test_id("stApp").first
    until(page, lambda: app.evaluate("e => getComputedStyle(e).backgroundColor") == ground)
    visitor.settle()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.evaluate("() => document.fonts.ready.then(() => null)")
    browser.wait_until(page, COMPONENTS)  # whose code comes after the page
    page.evaluate(
        "() => Promise.all(document.getAnimations()"
        ".filter(it => Number.isFinite(it.effect.getComputedTiming().endTime))"
        ".map(it => it.finished.catch(() => null)))"
    )


def in_both_themes(visitor):
    return {scheme: found for scheme in ("light", "dark") if (found := serious(visitor, scheme))}


def test_no_page_has_a_serious_finding(server, visit):
    visitor = visit()
    found = {}
    for entry in PAGES:
        visitor.goto(f"{server.url}/{entry.url_path}")
        if findings := in_both_themes(visitor):
            found[entry.title] = findings
    assert found == {}


@pytest.mark.keras
@pytest.mark.parametrize(
    ("page", "settings"),
    [
        ("moving", "updates=300&variants=keras-3~unbiased"),
        ("iris", "epochs=2"),
        ("stuck", "epochs=1&classes=iris"),
    ],
)
@pytest.mark.parametrize("width", [1440, 390])
def test_the_player_has_none(server, visit, page, settings, width):
    visitor = visit(width=width)
    visitor.page.emulate_media(reduced_motion="reduce")
    visitor.goto(f"{server.url}/{page}?{settings}")
    visitor.train(page)
    expect(visitor.page.locator(".player .slider")).to_be_visible()
    assert in_both_themes(visitor) == {}


@pytest.mark.keras
@pytest.mark.parametrize(
    "name", ["batch-axis?updates=50", "modes?updates=50", "freezing", "bad-number?after=50"]
)
def test_what_a_run_can_be_asked_afterwards_has_none(server, visit, name):
    visitor = visit()
    visitor.page.emulate_media(reduced_motion="reduce")
    visitor.goto(f"{server.url}/{name}")
    visitor.train(name.split("?")[0])
    expect(visitor.page.locator(".seats, .strips, .switches, .drop .lost").first).to_be_visible()
    assert in_both_themes(visitor) == {}


def test_a_pale_word_and_a_field_without_a_name_are_found(server, visit):
    visitor = visit().goto(server.url)
    visitor.page.evaluate(
        "document.querySelector('h1').insertAdjacentHTML("
        "'afterend', '<input><p style=\"color: #999\">pale</p>')"
    )
    assert {rule for rule, *_ in serious(visitor, "light")} == {"label", "color-contrast"}
