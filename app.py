"""The server: `python app.py` or `streamlit run app.py`.

Serves `ui/shell.py` and owns what outlives a visit: the training service, which runs Keras in
processes of its own. This process never imports Keras or TensorFlow: Streamlit clears Keras'
session after every script run once it is imported, which breaks whatever is being trained.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bncore.training.network import listening_host
from ui.server.health import ROUTES
from ui.server.metrics import page_failures
from ui.server.news import news_route

log = logging.getLogger("batch-norm-lab")

# What a page may load is left to Streamlit, whose client needs inline styles and workers; who may
# frame it, redirect its base or post its forms is not.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "frame-ancestors 'self'; object-src 'none'; base-uri 'self'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}


class SecurityHeaders:
    """Adds the headers that Streamlit leaves out to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Start the training service with the server, and stop it with the server."""
    from bncore.training.service import start
    from bncore.training.split_service import SplitService
    from ui.server import health, listening, logs
    from ui.server.warmup import keep_quick
    from ui.service import install

    logs.set_up()
    listening.tell()
    service = SplitService(await anyio.to_thread.run_sync(start))
    install(service)
    keeping = asyncio.create_task(keep_quick())
    try:
        yield
    finally:
        health.set_warm(False)
        keeping.cancel()
        install(None)
        await anyio.to_thread.run_sync(service.close)


def on_script_error(error: Exception) -> bool:
    """Tell the visitor that something broke, and the log what it was."""
    log.error("a page failed", exc_info=error)
    page_failures.inc()
    st.error(
        "Something went wrong on this page, and the fault is ours. Your input is kept: change it, "
        "press Undo, or reload the page. If it happens again, the server's log says why.",
        icon=":material/error:",
    )
    return True


app = st.App(
    "ui/shell.py",
    lifespan=lifespan,
    middleware=[Middleware(SecurityHeaders)],
    on_script_error=on_script_error,
    routes=[*ROUTES, news_route()],
)


def main(arguments: list[str] | None = None) -> None:
    """Run the server until it is stopped; Streamlit prints the address."""
    parser = argparse.ArgumentParser(description="Batch Norm Lab in a browser.")
    parser.add_argument("port", type=int, nargs="?", help="default: Streamlit's, 8501")
    parser.add_argument("--host", default=listening_host(), help="address to listen on")
    options = parser.parse_args(arguments)
    port = {} if options.port is None else {"server.port": options.port}
    app.run(config={"server.address": options.host, **port})


if __name__ == "__main__":
    main()
