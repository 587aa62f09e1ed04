"""What a first visit to a page without a run brings of ours: code and messages, in bytes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from benchmarks.figures import Figure
from benchmarks.visiting import visiting
from ui.drawing.served import CODE

PAGES = ("", "axes", "images", "norms", "steps", "conventions")
SETTLED = 5_000  # milliseconds after the page has come to rest


def page_bytes() -> Figure:
    """The most of these pages; without Streamlit's own client, which every app brings."""
    found = {name or "home": _kilobytes(name) for name in PAGES}
    note = ", ".join(f"{name} {size:.0f}" for name, size in found.items())
    return Figure(
        "page-bytes", "first visit, no run: code and messages", max(found.values()), "kB", "<=",
        100, note,
    )  # fmt: skip


def _kilobytes(name: str) -> float:
    """Components' code as it travels, and every message of the server's."""
    sizes: list[int] = []
    with visiting() as (url, page):
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        answered: defaultdict[str, str] = defaultdict(str)
        network.on("Network.responseReceived", lambda event: answered.update(_address(event)))
        network.on(
            "Network.loadingFinished",
            lambda event: sizes.append(
                event["encodedDataLength"] if CODE in answered[event["requestId"]] else 0
            ),
        )
        page.on("websocket", lambda s: s.on("framereceived", lambda data: sizes.append(len(data))))
        page.goto(f"{url}/{name}")
        page.locator("h1").wait_for(timeout=300_000)
        page.wait_for_timeout(SETTLED)
    return sum(sizes) / 1000


def _address(event: dict[str, Any]) -> dict[str, str]:
    return {event["requestId"]: event["response"]["url"]}
