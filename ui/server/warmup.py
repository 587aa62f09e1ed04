"""The first visitor finds what the hundredth finds: every page has been run once before.

What a page imports, compiles and caches at its first run takes up to two seconds. So the server
visits itself, page by page: a session like any other, whose browser draws nothing.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import SessionClient, get_instance

from bncore.training.jobs import Job
from ui.page.registry import HOME, PAGES
from ui.server import health
from ui.server.calm import calm
from ui.training.offers import noting

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 60.0
PAGE_PATIENCE_SECONDS = 2.0


class _NoBrowser(SessionClient):
    """Takes what would be sent to a browser, and notes when a run has ended."""

    def __init__(self) -> None:
        self.finished = asyncio.Event()

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        if msg.WhichOneof("type") == "script_finished":
            self.finished.set()


async def warm_up() -> None:
    """Run every other page once, then take what has been loaded out of the collector's sight.

    Streamlit's own collection after every run is off (.streamlit/config.toml): it would walk
    through a quarter of a million objects that stay for good, 50 to 80 ms a run.
    """
    began = time.monotonic()
    for entry in PAGES:
        if entry is not HOME:
            await calm(PAGE_PATIENCE_SECONDS)
            await visit(entry.url_path)
    gc.collect()
    gc.freeze()
    health.set_warm(True)
    log.info("all pages have been run once, in %.1f s", time.monotonic() - began)


async def visit(page: str) -> list[Job[Any]]:
    """Run a page once, as it opens; the jobs that it offers, none if it fails."""
    runtime, client = get_instance(), _NoBrowser()
    session = runtime.connect_session(client, user_info={})
    message = BackMsg()
    message.rerun_script.page_name = page
    try:
        with noting(session) as jobs:
            runtime.handle_backmsg(session, message)
            async with asyncio.timeout(PATIENCE_SECONDS):
                await client.finished.wait()
            return jobs
    except Exception:
        log.warning("the page %r could not be run in advance", page, exc_info=True)
        return []
    finally:
        runtime.close_session(session)
