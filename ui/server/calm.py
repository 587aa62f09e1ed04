"""What the server does for itself waits until nobody waits for the server.

A browser that opens a page asks for the client's files, then for the page, and draws it: on the
two cores of a small machine everything else at that moment delays the first picture.
"""

from __future__ import annotations

import asyncio
import threading
import time

from starlette.types import ASGIApp, Receive, Scope, Send

CALM_SECONDS = 1.0
"""So long after the last request a browser has loaded and drawn what it asked for."""
LOOK_SECONDS = 0.05

_MACHINES = ("/healthz", "/readyz", "/metrics", "/_stcore/health")  # who asks them draws nothing
_SCRIPT_THREAD = "ScriptRunner.scriptThread"  # the name that Streamlit gives to them

_last_request = time.monotonic()


class Arrivals:
    """Notes when a browser asks for something."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and scope["path"] not in _MACHINES:
            note_request()
        await self.app(scope, receive, send)


def note_request() -> None:
    """Say that somebody has asked for something now."""
    global _last_request
    _last_request = time.monotonic()


async def calm(patience_seconds: float) -> None:
    """Return when no page runs and nothing has been asked for a while, or patience is over."""
    until = time.monotonic() + patience_seconds
    while time.monotonic() < until and not is_calm():
        await asyncio.sleep(LOOK_SECONDS)


def is_calm() -> bool:
    """Whether no page runs and no browser loads one."""
    return time.monotonic() - _last_request >= CALM_SECONDS and not pages_running()


def pages_running() -> int:
    """How many page scripts run at this moment.

    >>> pages_running()
    0
    """
    return sum(thread.name == _SCRIPT_THREAD for thread in threading.enumerate())
