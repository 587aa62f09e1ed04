"""The server: `python app.py` or `streamlit run app.py`.

Serves `ui/shell.py` and owns what outlives a visit: the training service, which runs Keras in
processes of its own. This process never imports Keras or TensorFlow: Streamlit clears Keras'
session after every script run once it is imported, which breaks whatever is being trained.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import anyio
import streamlit as st

from bncore.training.network import listening_host
from ui.server.code import code_route
from ui.server.health import ROUTES
from ui.server.layers import middleware
from ui.server.metrics import page_failures
from ui.server.news import news_route
from ui.server.player import player_routes
from ui.server.values import check_widget_values

log = logging.getLogger("batch-norm-lab")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Start the training service with the server, and stop it with the server."""
    from bncore.training.service import start
    from bncore.training.split_service import SplitService
    from ui.server import health, listening, logs
    from ui.server.upkeep import keep_up
    from ui.training.service import install

    logs.set_up()
    listening.tell()
    workers_may_start = threading.Event()
    service = SplitService(
        await anyio.to_thread.run_sync(partial(start, wait_for=workers_may_start))
    )
    install(service)
    keeping = asyncio.create_task(keep_up(workers_may_start.set))
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


check_widget_values()
app = st.App(
    "ui/shell.py",
    lifespan=lifespan,
    middleware=middleware(),
    on_script_error=on_script_error,
    routes=[*ROUTES, news_route(), code_route(), *player_routes()],
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
