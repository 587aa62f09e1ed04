"""Photograph every question's page, light and dark, wide and narrow: ``make screenshots``.

A page that trains is photographed twice: as it opens, and when its training has ended.

``python -m tools.screenshots [FOLDER] [URL_PATH ...]``; the pictures are for looking at.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tools.browser import ROOT, SETTLED, launch_chromium, serving
from ui.page.registry import PAGES

SIZES = {"wide": (1440, 900), "phone": (390, 844)}


def addresses() -> dict[str, str]:
    """Where to go, by the picture's name."""
    return {entry.url_path or "home": f"/{entry.url_path}" for entry in PAGES}


def main(folder: str = "test-results/screens", *only: str) -> None:
    """Take the pictures whose name begins with one of `only`, or all of them."""
    target = ROOT / folder
    target.mkdir(parents=True, exist_ok=True)
    log = Path(tempfile.mkdtemp()) / "server.log"
    with serving(log) as server, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for name, address in addresses().items():
            if only and not name.startswith(only):
                continue
            for scheme in ("light", "dark"):
                for size, (width, height) in SIZES.items():
                    page = opened(browser, server.url + address, width, height, scheme)
                    _photograph(page, target / f"{name}-{scheme}-{size}.png")
                    if train(page):
                        _photograph(page, target / f"{name}-trained-{scheme}-{size}.png")
                    page.context.close()
        browser.close()


def opened(browser: Browser, url: str, width: int, height: int, scheme: str = "light") -> Page:
    """A page in a browser profile of its own, completely drawn."""
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": height},
        reduced_motion="reduce",  # what plays by itself stands at its end
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_timeout(1000)
    page.wait_for_selector(SETTLED)
    page.wait_for_timeout(1500)  # figures draw themselves after the script ended
    return page


def train(page: Page) -> bool:
    """Press Train, where there is one, and wait for the end."""
    button = page.locator("[class*='-train'] button:enabled")
    if not button.count():
        return False
    button.first.click()
    page.get_by_text("Done: ").wait_for(timeout=180_000)
    page.wait_for_timeout(1500)
    page.wait_for_selector(SETTLED)
    return True


def _photograph(page: Page, path: Path) -> None:
    # Streamlit scrolls an inner element, so the window has to be as tall as the content.
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": min(tall + 60, 6000)})
    page.wait_for_timeout(500)
    page.screenshot(path=path)
    print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
