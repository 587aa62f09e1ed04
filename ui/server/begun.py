"""No click is lost: a browser's next request waits until the one before it has begun.

Streamlit (1.67) breaks a run off for the next request, also where the run has not yet started or
is in the middle of the callback that takes a click into the page's record. That click is lost:
of eight clicks that came together (a stalled network, a server with many visitors) it took one to
six. So a request to run is handed on when the one before has told the browser its first element:
its callbacks are over then, and breaking off the rest of the run loses nothing.

What piles up meanwhile is not run one by one: a request that only says where widgets stand is
left out when a later one says so, too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import get_instance

PATIENCE = 2.0  # seconds, for a run that never begins: what comes then must be handled all the same
MOST = 100  # requests that wait
# What a run sends before its callbacks are over.
_BEFORE = frozenset({"new_session", "session_status_changed", "page_info_changed"})


class OneAfterAnother:
    """Hands on a request to run when the run before it has begun."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        line = _Line(receive, send)
        try:
            await self.app(scope, line.receive, line.send)
        finally:
            line.close()


class _Line:
    """The two ends of one connection."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._waiting: deque[tuple[Message, ClientState | None]] = deque()
        self._reading: asyncio.Future[Any] | None = None
        self._begun = asyncio.Event()
        self._begun.set()
        self._started = False  # the run has said that it starts, and nothing else yet
        self._limit = 0.0
        self._session = ""

    async def receive(self) -> Message:
        """The next message that may be handled."""
        while True:
            if self._waiting and (self._begun.is_set() or not self._waiting[0][1]):
                message, request = self._waiting.popleft()
                if request and not is_dropped(request, self._session):
                    self._begun.clear()
                    self._started = False
                    self._limit = asyncio.get_running_loop().time() + PATIENCE
                return message
            if self._waiting:
                await self._one_more()
            else:
                self._take(await (self._reading or self._receive()))
                self._reading = None

    async def send(self, message: Message) -> None:
        """To the browser; and see whether the run has begun."""
        if not self._begun.is_set() and message.get("bytes"):
            said = ForwardMsg.FromString(message["bytes"])
            kind = said.WhichOneof("type")
            if kind == "new_session":
                self._started = True
                self._session = said.new_session.initialize.session_id
            elif self._started and kind not in _BEFORE:
                self._begun.set()
        await self._send(message)

    def close(self) -> None:
        """Read no more."""
        if self._reading:
            self._reading.cancel()

    async def _one_more(self) -> None:
        """Wait until the run has begun, and read on meanwhile."""
        begun: asyncio.Future[Any] = asyncio.ensure_future(self._begun.wait())
        if self._reading is None and len(self._waiting) < MOST:
            self._reading = asyncio.ensure_future(self._receive())
        left = self._limit - asyncio.get_running_loop().time()
        events = {begun, self._reading} if self._reading else {begun}
        done, _ = await asyncio.wait(events, timeout=max(left, 0), return_when="FIRST_COMPLETED")
        begun.cancel()
        if not done:
            self._begun.set()
        if self._reading in done:
            self._take(self._reading.result())
            self._reading = None

    def _take(self, message: Message) -> None:
        """Put a message in line; one before it that it makes superfluous goes."""
        request = request_in(message)
        if request and self._waiting and supersedes(request, self._waiting[-1][1]):
            self._waiting.pop()
        self._waiting.append((message, request))


def request_in(message: Message) -> ClientState | None:
    """The request to run a page in a message of a browser; None in any other message."""
    data = message.get("bytes")
    if not data:
        return None
    said = BackMsg.FromString(data)
    return said.rerun_script if said.WhichOneof("type") == "rerun_script" else None


def is_dropped(request: ClientState, session: str) -> bool:
    """Whether Streamlit will drop a request, since it is for a part of the page that is gone."""
    known = get_instance().get_app_session(session) if request.fragment_id and session else None
    return known is not None and not known.has_fragment(request.fragment_id)


def supersedes(request: ClientState, earlier: ClientState | None) -> bool:
    """Whether nothing is lost when only `request` is run: `earlier` says where widgets stand.

    >>> supersedes(ClientState(fragment_id="a"), ClientState(fragment_id="a"))
    True
    >>> supersedes(ClientState(fragment_id="a"), ClientState(fragment_id="b"))
    False
    """
    if earlier is None:
        return False
    kinds = (widget.WhichOneof("value") for widget in earlier.widget_states.widgets)
    pressed = any("trigger" in (kind or "") for kind in kinds)
    return (
        not pressed
        and not earlier.is_history_navigation
        and request.fragment_id == earlier.fragment_id
        and request.page_script_hash == earlier.page_script_hash
    )
