"""Take the README's pictures anew: ``python -m tools.pictures``."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tools.browser import ROOT, launch_chromium, serving
from tools.screenshots import opened, train

WIDTH, SHOWN = 1440, 1080  # pixels of the window, and of the picture
PICTURES = {  # by file: the address, and how much of the page is shown
    "axes": ("/axes", 1000),
    "moving": ("/moving", 1270),
    "modes": ("/stuck", 1330),
    "placement": ("/placement", 1500),
    "rates": ("/rates", 1420),
    "steps": ("/steps?step=5&panel=x_hat&row=3", 1000),
}


def main() -> None:
    """Write docs/*.png, in few colours so that they stay small."""
    log = Path(tempfile.mkdtemp()) / "server.log"
    with serving(log) as server, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for name, (address, height) in PICTURES.items():
            page = opened(browser, server.url + address, WIDTH, height)
            train(page)
            picture = Image.open(io.BytesIO(page.screenshot()))
            size = SHOWN, height * SHOWN // WIDTH
            small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            small.quantize(256).save(ROOT / "docs" / f"{name}.png", optimize=True)
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
