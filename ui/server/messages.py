"""Which messages of a browser reach Streamlit.

Streamlit's websocket takes some messages from any browser that belong to a developer's own
machine: `clear_cache` empties the caches of all visitors, `load_git_info` answers with the
repository's address and its untracked files, `install_skills` writes files. Here only what a
visitor's page needs is let through; everything else is dropped, and what is not a message at all
ends the connection, with one line in the log and no traceback.
"""

from __future__ import annotations

import logging

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

log = logging.getLogger("batch-norm-lab")

LONGEST = 2_000_000  # bytes; a page's widgets and a pasted table take at most some 250,000
MOST_FILES = 10  # upload addresses asked for at once
ALLOWED = frozenset(
    {
        "rerun_script",
        "stop_script",
        "app_heartbeat",
        "file_urls_request",
        "backend_operation_request",
    }
)
OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})
# What the names of widgets begin with. Any other name would be taken for an entry of the session.
WIDGETS = ("$$ID-", "$$STREAMLIT_INTERNAL_KEY")


class Refusal(Exception):  # noqa: N818 - it is told to a browser, not to a caller
    """A frame that ends its connection: a websocket close code and the reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def let_through(data: bytes | None) -> bool:
    """Whether a frame may go on to Streamlit; Refusal where the connection has to end.

    >>> let_through(BackMsg(app_heartbeat=True).SerializeToString())
    True
    >>> let_through(BackMsg(clear_cache=True).SerializeToString())
    False
    """
    if data is None:
        raise Refusal(1003, "a text message; only Streamlit's binary ones are read")
    if len(data) > LONGEST:
        raise Refusal(1009, f"a message of {len(data)} bytes; at most {LONGEST} are read")
    try:
        message = BackMsg.FromString(data)
    except DecodeError:
        raise Refusal(1002, "a message that cannot be read") from None
    kind = message.WhichOneof("type")
    if kind == "rerun_script":
        return all(w.id.startswith(WIDGETS) for w in message.rerun_script.widget_states.widgets)
    if kind == "file_urls_request":
        return len(message.file_urls_request.file_names) <= MOST_FILES
    if kind == "backend_operation_request":
        return message.backend_operation_request.WhichOneof("payload") in OPERATIONS
    return kind in ALLOWED


class MessageFilter:
    """Hands only allowed messages to Streamlit, and ends a connection that sends none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        told = closed = False

        async def receive_allowed() -> Message:
            nonlocal told, closed
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                try:
                    if let_through(message.get("bytes")):
                        return message
                except Refusal as refusal:
                    closed = True
                    log.warning("a browser's connection is closed: %s", refusal)
                    await send(_close(refusal.code, str(refusal)))
                    return {"type": "websocket.disconnect", "code": refusal.code}
                if not told:  # one line per connection, or the log would be the next way in
                    told = True
                    log.warning("a browser sent a message that no page sends; it is ignored")

        async def send_while_open(message: Message) -> None:
            if not closed:
                await send(message)

        await self.app(scope, receive_allowed, send_while_open)


def _close(code: int, reason: str) -> Message:
    return {"type": "websocket.close", "code": code, "reason": reason}
