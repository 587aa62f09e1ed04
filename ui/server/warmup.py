"""The first visitor finds what the hundredth finds: every page has been run once before.

What a page imports, compiles and caches at its first run takes up to two seconds. So the server
visits itself, page by page, as soon as it answers: a session like any other, whose browser draws
nothing. Home comes first, because people come there first.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime, SessionClient, get_instance

from ui.registry import PAGES
from ui.server import health
from ui.server.memory import collect_when_quiet

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 60.0


class _NoBrowser(SessionClient):
    """Takes what would be sent to a browser, and notes when a run has ended."""

    def __init__(self) -> None:
        self.finished = asyncio.Event()

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        if msg.WhichOneof("type") == "script_finished":
            self.finished.set()


async def keep_quick() -> None:
    """What a server does for its visitors' time, from its start to its end."""
    await warm_up()
    await collect_when_quiet()


async def warm_up() -> None:
    """Run every page once, then take what has been loaded out of the collector's sight.

    Streamlit's own collection after every run is off (.streamlit/config.toml): it would walk
    through a quarter of a million objects that stay for good, 50 to 80 ms a run.
    """
    began = time.monotonic()
    runtime = get_instance()
    for entry in PAGES:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await _visit(runtime, entry.url_path)
        except Exception:
            log.warning("the page %r could not be run in advance", entry.url_path, exc_info=True)
    gc.collect()
    gc.freeze()
    health.set_warm(True)
    log.info("all pages have been run once, in %.1f s", time.monotonic() - began)


async def _visit(runtime: Runtime, page: str) -> None:
    client = _NoBrowser()
    session = runtime.connect_session(client, user_info={})
    message = BackMsg()
    message.rerun_script.page_name = page
    try:
        runtime.handle_backmsg(session, message)
        await client.finished.wait()
    finally:
        runtime.close_session(session)
