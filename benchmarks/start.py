"""From starting the server to the first words in a real Chromium."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cache
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from benchmarks.figures import Figure
from benchmarks.repaint import CHEAPEST
from tools.browser import APP, ROOT, launch_chromium

ROUNDS = 15
_LIMIT_SECONDS = 60


@cache
def _starts() -> tuple[float, float]:
    """Median seconds until the first paint: ours, and a one-line app's, started in turns."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        _first_paint(browser, CHEAPEST, "stText")  # the files are in the disk's cache from here on
        pairs = [
            (_first_paint(browser, APP, "stHeading"), _first_paint(browser, CHEAPEST, "stText"))
            for _ in range(ROUNDS)
        ]
        browser.close()
    return median(ours for ours, _ in pairs), median(theirs for _, theirs in pairs)


def first_paint() -> Figure:
    """Home after a fresh start, its workers starting meanwhile, over a one-line app."""
    ours, cheapest = _starts()
    return Figure(
        "first-paint", "start to paint / a one-line app's", ours / cheapest, "x", "<=", 1.3
    )


def first_paint_seconds() -> Figure:
    """The same in seconds."""
    return Figure("first-paint-seconds", "start of the server to paint", _starts()[0], "s", "<=", 4)


def _first_paint(browser: Browser, command: Sequence[str], test_id: str) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    full = [sys.executable, *(part.format(port=port) for part in command)]
    page = browser.new_page()
    began = time.monotonic()
    server = subprocess.Popen(
        full, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    try:
        _wait_for_port(port, began)
        page.goto(f"http://127.0.0.1:{port}")
        page.get_by_test_id(test_id).first.wait_for(timeout=1e3 * _LIMIT_SECONDS)
        return time.monotonic() - began
    finally:
        page.close()
        server.terminate()
        server.wait(30)


def _wait_for_port(port: int, began: float) -> None:
    while time.monotonic() - began < _LIMIT_SECONDS:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server did not answer")
