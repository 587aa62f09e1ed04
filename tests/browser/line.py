"""The connection between a page and its server, in the hands of a test."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, WebSocketRoute
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.waiting import until

_STREAM = re.compile(r"/_stcore/stream$")


class Line:
    """Holds back what the server answers, as a slow network does; questions go through at once.

    Make it before the page is opened:

        line = Line(visitor.page)
        visitor.goto(address)
        line.hold()
        ...                # what the person does now, they do before the page hears anything
        line.release()
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._holding = False
        self._held: list[tuple[WebSocketRoute, str | bytes]] = []
        self.runs = 0  # that the server has ended; a held one counts
        page.route_web_socket(_STREAM, self._connect)

    def hold(self) -> None:
        """From now on nothing of what the server says reaches the page."""
        self._holding = True

    def release(self) -> None:
        """Everything held, in its order, and what comes from now on."""
        self._holding = False
        for browser, message in self._held:
            browser.send(message)
        self._held.clear()

    def release_run(self) -> None:
        """What was held up to the end of a run; what came after it stays held."""
        while self._held:
            browser, message = self._held.pop(0)
            browser.send(message)
            if _ends_a_run(message):
                return

    def wait_for_runs(self, number: int) -> None:
        """Wait until the server has ended so many runs since the page was opened."""
        until(self._page, lambda: self.runs >= number)

    def _connect(self, browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()

        def answer(message: Any) -> None:
            self.runs += _ends_a_run(message)
            if self._holding:
                self._held.append((browser, message))
            else:
                browser.send(message)

        server.on_message(answer)


def _ends_a_run(message: str | bytes) -> bool:
    if isinstance(message, str):
        return False
    return bool(ForwardMsg.FromString(message).WhichOneof("type") == "script_finished")
