"""Photograph every question's page, light and dark, wide and narrow: ``make screenshots``.

``python -m tools.screenshots [FOLDER] [URL_PATH ...]``; the pictures are for looking at.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from ui.registry import HOME, ROOT, questions

SIZES = {"wide": (1440, 900), "phone": (390, 844)}
SETTLED = (
    "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
)


@contextmanager
def server() -> Iterator[str]:
    """The app on a free port, until the pictures are taken."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "app.py", str(port)], cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def addresses() -> dict[str, str]:
    """Where to go, by the picture's name: Home, and each question's page with its preset."""
    found = {"home": f"/{HOME.url_path}"}
    for page, question in questions():
        found[f"{page.url_path}-{question.id}"] = f"/{page.url_path}?{urlencode(question.query())}"
    return found


def main(folder: str = "test-results/screens", *only: str) -> None:
    """Take the pictures whose name begins with one of `only`, or all of them."""
    target = ROOT / folder
    target.mkdir(parents=True, exist_ok=True)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with server() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        for name, address in addresses().items():
            if only and not name.startswith(only):
                continue
            for scheme in ("light", "dark"):
                for size, (width, height) in SIZES.items():
                    context = browser.new_context(
                        color_scheme=scheme, viewport={"width": width, "height": height}
                    )
                    page = context.new_page()
                    page.goto(url + address)
                    page.wait_for_timeout(1000)
                    page.wait_for_selector(SETTLED)
                    page.wait_for_timeout(1500)  # figures draw themselves after the script ended
                    _photograph(page, target / f"{name}-{scheme}-{size}.png")
                    context.close()
        browser.close()


def _photograph(page, path: Path) -> None:
    # Streamlit scrolls an inner element, so the window has to be as tall as the content.
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": min(tall + 60, 6000)})
    page.wait_for_timeout(500)
    page.screenshot(path=path)
    print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
