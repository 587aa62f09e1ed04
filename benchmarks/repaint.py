"""From Enter to the new number on the screen, and to the engine's word for it, in Chromium."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
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

# The clock runs in the browser: from the keydown of Enter to the first frame in which `told`, a
# function of what is watched, gives something else than before and no longer what it gives between.
_WATCH = """(element, told) => {
  const read = eval(told), before = read(element);
  window.repainted = new Promise((done) => {
    let start;
    addEventListener("keydown", (event) => {
      if (event.key === "Enter") start = performance.now();
    }, { capture: true, once: true });
    const observer = new MutationObserver(() => {
      if (start === undefined || [before, null].includes(read(element))) return;
      observer.disconnect();
      requestAnimationFrame(() => done(performance.now() - start));
    });
    const what = { childList: true, subtree: true, characterData: true, attributes: true };
    observer.observe(element.getRootNode(), what);
  });
}"""
_TEXT = "(element) => element.textContent"
# None while the browser's own number stands there, which the engine has not confirmed.
_CONFIRMED = "(cell) => cell.matches('.moved') ? null : cell.textContent"


def repaint() -> Figure:
    """An edited cell of the axis explorer: its mean, over a rerun of the cheapest page.

    The browser works it out ahead of the engine.
    """
    ours, _, bare = _medians()
    title = "edited cell repainted / cheapest rerun"
    return Figure("repaint", title, ours / bare, "x", "<=", 1.5)


def confirmed() -> Figure:
    """The same, until the engine's own number stands there."""
    _, ours, bare = _medians()
    title = "edited cell confirmed / cheapest rerun"
    return Figure("repaint-confirmed", title, ours / bare, "x", "<=", 1.5)


@cache
def _medians() -> tuple[float, float, float]:
    """Milliseconds of a repainted and of a confirmed edit, and of the cheapest page's rerun.

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
        rounds = [
            (
                _edit_cell(ours, 2 * i, _TEXT),
                _edit_cell(ours, 2 * i + 1, _CONFIRMED),
                _edit_number(bare, i),
            )
            for i in range(ROUNDS)
        ]
        browser.close()
    repainted, confirmed, rerun = (median(times) for times in zip(*rounds[3:], strict=True))
    return repainted, confirmed, rerun


def _edit_cell(page: Page, turn: int, told: str) -> float:
    cell = page.locator("[data-panel=input] td.cell").first
    mean = page.locator("[data-panel=mean] td.cell").first

    def type_into_it() -> None:
        cell.dblclick()
        page.locator("input.editor").fill(str(turn + 2))

    return _timed(page, mean, told, type_into_it)


def _edit_number(page: Page, turn: int) -> float:
    field = page.locator(".st-key-number input")
    shown = page.get_by_test_id("stText")
    return _timed(page, shown, _TEXT, lambda: field.fill(str(turn + 2)))


def _timed(page: Page, watched: Locator, told: str, prepare: Callable[[], None]) -> float:
    prepare()
    watched.evaluate(_WATCH, told)
    page.keyboard.press("Enter")
    milliseconds = float(page.evaluate("window.repainted"))
    page.wait_for_timeout(150)
    page.wait_for_selector(SETTLED, state="attached")
    return milliseconds
