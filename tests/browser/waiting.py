"""How long a test in this folder waits for a state, and how where Playwright has no `expect`."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page

# Milliseconds. They only end a test that hangs, and a machine ten times slower keeps them.
LIMIT = 180_000  # for any state of a page
TRAINED = 600_000  # for the end of a training, which may wait for workers that load Keras


def until(page: Page, condition: Callable[[], bool], limit: float = LIMIT) -> None:
    """Wait for something that is not in the page; the page's events go on meanwhile."""
    end = time.monotonic() + limit / 1000
    while not condition():
        assert time.monotonic() < end, "it never happened"
        page.wait_for_timeout(20)


def point_at(place: Locator, condition: Callable[[], bool]) -> None:
    """Move the pointer to a place, again and again until what should follow is there.

    What is drawn anew under a resting pointer (fonts that arrive, a second picture) hears of it
    with the pointer's next movement only.
    """
    page = place.page

    def followed() -> bool:
        if not condition():
            page.mouse.move(5, 5)
            place.hover()
        return condition()

    until(page, followed)
