"""A real server and a real Chromium, for the browser tests, the benchmarks and screenshots."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

ROOT = Path(__file__).resolve().parent.parent
# Streamlit's own rule for "the script has run and the page is connected".
SETTLED = (
    "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
)
APP = ("app.py", "{port}")
# A scheduler elsewhere (here: nowhere) spares the seconds that workers need to load Keras.
NO_WORKERS = {"BNLAB_SCHEDULER": "tcp://127.0.0.1:9"}
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Server:
    """A running server: where it is, and what it printed."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_server(
    log: Path, command: Sequence[str] = APP, environment: Mapping[str, str] | None = None
) -> Server:
    """Start ``python COMMAND`` with {port} filled in, and wait until it answers.

    RuntimeError with the end of its log where it does not within ten minutes.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    full = [sys.executable, *(part.format(port=port) for part in command)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            full, cwd=ROOT, stdout=output, stderr=output, env={**os.environ, **(environment or {})}
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2) as answer:
                if answer.read() == b"ok":
                    return server
        except OSError:
            time.sleep(0.1)
    server.stop()
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")


@contextmanager
def serving(
    log: Path, command: Sequence[str] = APP, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server for the length of a block."""
    server = start_server(log, command, environment)
    try:
        yield server
    finally:
        server.stop()


def wait_until(page: Page, holds: str, argument: Any = None, seconds: float = 300) -> None:
    """Wait until the JavaScript function `holds` is true of `argument` in the page.

    Playwright's own `wait_for_function` evaluates a text inside the page, which the app's
    Content-Security-Policy forbids. playwright.sync_api.Error where it never holds.
    """
    script = f"""async ([argument, limit]) => {{
        const holds = {holds}, end = performance.now() + limit;
        while (!holds(argument)) {{
            if (performance.now() > end) throw new Error('never true: ' + holds);
            await new Promise(done => setTimeout(done, 20));
        }}
    }}"""
    page.evaluate(script, [argument, 1000 * seconds])


def launch_chromium(playwright: Playwright) -> Browser:
    """An installed Chromium or Chrome where there is one, else the one that Playwright brought.

    Debian's chromium-headless-shell is the same browser without its windows: a third less CPU.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    installed = next(filter(None, map(shutil.which, names)), None)
    return playwright.chromium.launch(executable_path=installed, args=_FLAGS)
