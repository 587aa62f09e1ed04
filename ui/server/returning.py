"""A page that comes back to a server which no longer knows it runs its script at once.

After a restart of the server, or a sleep of the computer, an open page connects again by itself,
and Streamlit (1.67) gives it a new, empty session without running the page's script in it. The
next click would then be lost, because the new session knows no widget yet; a slider would stand
at a value that the page does not have. So the browser is asked to run the script as soon as it is
back: the state comes from the address, and what was lost can be said.

The question is Streamlit's own message for fragments that repeat themselves, with the name of a
fragment that does not exist; its answer is turned into a run of the whole page.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import get_instance

_FRAGMENT = b"bnlab-returning"
_SOON_SECONDS = 0.02


def former_session(headers: Mapping[str, str]) -> str:
    """The session that a page had before this connection; "" for a page that was just opened.

    >>> former_session(Headers({"Sec-WebSocket-Protocol": "streamlit, token, a1-b2"}))
    'a1-b2'
    >>> former_session(Headers({"Sec-WebSocket-Protocol": "streamlit, token"}))
    ''
    """
    _, _, session = [*headers.get("Sec-WebSocket-Protocol", "").split(","), "", ""][:3]
    return session.strip()


class RunOnReturn:
    """Makes a page run whose former session is gone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        former = former_session(Headers(scope=scope)) if scope["type"] == "websocket" else ""
        if former:
            receive, send = _asking(former, receive, send)
        await self.app(scope, receive, send)


def _asking(former: str, receive: Receive, send: Send) -> tuple[Receive, Send]:
    """The two ends of a connection, with a question to the browser where `former` is gone."""
    state = "connecting"

    async def send_on(message: Message) -> None:
        nonlocal state
        await send(message)
        if message["type"] == "websocket.accept":
            state = "accepted"

    async def receive_on() -> Message:
        nonlocal state
        if state == "accepted":  # and, as it waits for the browser's messages, in a session
            state = "over"
            if not get_instance().is_active_session(former):
                state = "asked"
                await _to_browser(send, _question())
        while _FRAGMENT in ((message := await receive()).get("bytes") or b""):
            if state == "asked":  # the browser goes on until it is told to stop
                state = "over"
                await _to_browser(send, _enough())
                return {**message, "bytes": _whole_run(message["bytes"])}
        return message

    return receive_on, send_on


def _question() -> ForwardMsg:
    message = ForwardMsg()
    message.auto_rerun.fragment_id = _FRAGMENT.decode()
    message.auto_rerun.interval = _SOON_SECONDS
    return message


def _enough() -> ForwardMsg:
    message = ForwardMsg()
    message.stop_auto_rerun.fragment_ids.append(_FRAGMENT.decode())
    return message


def _whole_run(answer: bytes) -> bytes:
    """The answer to the question, as a run of the whole page."""
    message = BackMsg.FromString(answer)
    message.rerun_script.fragment_id = ""
    message.rerun_script.is_auto_rerun = False
    return bytes(message.SerializeToString())


async def _to_browser(send: Send, message: ForwardMsg) -> None:
    await send({"type": "websocket.send", "bytes": message.SerializeToString()})
