"""From Enter to the new number on the screen, in a real Chromium."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from playwright.sync_api import Locator, Page, sync_playwright

from benchmarks.figures import Figure
from tools.browser import APP, NO_WORKERS, SETTLED, launch_chromium, serving

ROUNDS = 25
CHEAPEST = (
    "-m", "streamlit", "run", "benchmarks/cheapest.py",
    "--server.port", "{port}", "--server.headless", "true",
)  # fmt: skip

# The clock runs in the browser: from the keydown of Enter to the first frame with another text.
_WATCH = """(element) => {
  const before = element.textContent;
  window.repainted = new Promise((done) => {
    let start;
    addEventListener("keydown", (event) => {
      if (event.key === "Enter") start = performance.now();
    }, { capture: true, once: true });
    const observer = new MutationObserver(() => {
      if (start === undefined || element.textContent === before) return;
      observer.disconnect();
      requestAnimationFrame(() => done(performance.now() - start));
    });
    observer.observe(element, { childList: true, subtree: true, characterData: true });
  });
}"""


def repaint() -> Figure:
    """An edited cell of the axis explorer, over a rerun of the cheapest page.

    Both servers run side by side and take turns, so that a slow moment hits both.
    """
    folder = Path(tempfile.mkdtemp())
    with (
        serving(folder / "app.log", APP, NO_WORKERS) as app,
        serving(folder / "cheapest.log", CHEAPEST, NO_WORKERS) as cheapest,
        sync_playwright() as playwright,
    ):
        browser = launch_chromium(playwright)
        ours, bare = browser.new_page(), browser.new_page()
        ours.goto(f"{app.url}/axes")
        bare.goto(cheapest.url)
        for page in (ours, bare):
            page.wait_for_timeout(2000)
            page.wait_for_selector(SETTLED, state="attached")
        pairs = [(_edit_cell(ours, i), _edit_number(bare, i)) for i in range(ROUNDS)][3:]
        browser.close()
    ratio = median(pair[0] for pair in pairs) / median(pair[1] for pair in pairs)
    return Figure("repaint", "edited cell repainted / cheapest rerun", ratio, "x", "<=", 1.5)


def _edit_cell(page: Page, turn: int) -> float:
    cell = page.locator("[data-panel=input] td.cell").first
    mean = page.locator("[data-panel=mean] td.cell").first

    def type_into_it() -> None:
        cell.dblclick()
        page.locator("input.editor").fill(str(turn + 2))

    return _timed(page, mean, type_into_it)


def _edit_number(page: Page, turn: int) -> float:
    field = page.locator(".st-key-number input")
    return _timed(page, page.get_by_test_id("stText"), lambda: field.fill(str(turn + 2)))


def _timed(page: Page, watched: Locator, prepare: Callable[[], None]) -> float:
    prepare()
    watched.evaluate(_WATCH)
    page.keyboard.press("Enter")
    milliseconds = float(page.evaluate("window.repainted"))
    page.wait_for_timeout(150)
    page.wait_for_selector(SETTLED, state="attached")
    return milliseconds
