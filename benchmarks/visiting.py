"""One visitor of a server of their own, for what only a browser shows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tools.browser import APP, NO_WORKERS, launch_chromium, serving

TRAINS = {"BNLAB_WORKERS": "1", "BNLAB_PREPARE": "0"}
"""A server that trains what it is asked for, and nothing else."""


@contextmanager
def visiting(environment: Mapping[str, str] = NO_WORKERS) -> Iterator[tuple[str, Page]]:
    """The server's address, and a page of 1440 px in which nothing moves by itself."""
    log = Path(tempfile.mkdtemp()) / "server.log"
    with serving(log, APP, environment) as app, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        yield app.url, page
        browser.close()
