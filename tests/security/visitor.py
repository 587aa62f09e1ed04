"""A browser's side of Streamlit's websocket, in the hands of someone who means no good.

    with Visitor(server.url, "axes", "epsilon=1") as visitor:
        screen = visitor.run()                                  # the first run of the page
        screen = visitor.run(WidgetState(id=..., string_value="..."))

It sends whatever it is told to, valid or not, and keeps what the server answers: every element of
the page, as protobuf, and every message as text to look for markers in.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

PATIENCE = 60.0  # seconds; a busy machine is not a fault
_ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass
class Screen:
    """What the server has put on the page: elements by their place."""

    elements: dict[tuple[int, ...], tuple[str, Any]] = field(default_factory=dict)
    fragments: dict[str, str] = field(default_factory=dict)  # widget id: the fragment it is in

    def of(self, *kinds: str) -> list[Any]:
        """The elements of these kinds, in order."""
        return [e for _, (kind, e) in sorted(self.elements.items()) if kind in kinds]

    def grids(self) -> list[Any]:
        """The grids, in order: other components stand beside them."""
        return [e for e in self.of("bidi_component") if e.component_name.endswith("grid")]

    def widgets(self) -> list[tuple[str, Any]]:
        """Everything with an id that a browser may send a value for."""
        return [(kind, e) for kind, e in self.elements.values() if getattr(e, "id", "")]

    def alerts(self) -> list[str]:
        """The sentences in boxes."""
        return [alert.body for alert in self.of("alert")]

    def texts(self, but: Container[str]) -> Iterator[tuple[str, str]]:
        """(kind.field, text) of every string in every element of other kinds than `but`."""
        for kind, element in self.elements.values():
            if kind not in but:
                yield from _strings(kind, element)


class Visitor:
    """One connection. `run` sends widget values and waits for the end of what they set off."""

    def __init__(self, url: str, page: str = "", query: str = "") -> None:
        self.url, self.page, self.query = url, page, query
        self.screen = Screen()
        self.hash = ""
        self.session = self.uploaded = ""
        self.states: dict[str, WidgetState] = {}
        self.slowest = 0.0
        self._opening = connect(
            url.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=url,  # type: ignore[arg-type]
            max_size=None,
            open_timeout=PATIENCE,
            ping_interval=None,
            compression=None,
        )

    def __enter__(self) -> Visitor:
        self.socket: ClientConnection = self._opening.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._opening.__exit__(*error)

    def run(self, *values: WidgetState, fragment: str = "", **client: Any) -> Screen:
        """Rerun the page (or a fragment of it) with these widget values, and wait for its end."""
        message = BackMsg()
        request = message.rerun_script
        request.query_string = self.query
        request.page_script_hash = self.hash
        request.page_name = "" if self.hash else self.page
        request.fragment_id = fragment
        request.context_info.url = f"{self.url}/{self.page}"
        request.context_info.locale = "en-US"
        request.context_info.timezone = "UTC"
        for name, value in client.items():
            setattr(request, name, value)
        for value in values:
            if not value.WhichOneof("value") or "trigger" not in value.WhichOneof("value"):
                self.states[value.id] = value
        triggers = [v for v in values if self.states.get(v.id) is not v]
        request.widget_states.widgets.extend([*self.states.values(), *triggers])
        return self.send(message)

    def send(self, message: BackMsg) -> Screen:
        """Send a message that sets off a run, and wait for its end."""
        begin = time.monotonic()
        self.socket.send(message.SerializeToString())
        while self._take(self.receive(begin + PATIENCE - time.monotonic())) != "ended":
            pass
        self.slowest = max(self.slowest, time.monotonic() - begin)
        return self.screen

    def upload(self, uploader: str, content: bytes, name: str = "state.json") -> Screen:
        """Put a file into an uploader, as the browser does, and wait for the end of the run."""
        identity = str(uuid.uuid4())
        assert self.put(identity, content, name) == 204
        if self.uploaded:  # the browser takes back what was replaced
            assert self._ask("DELETE", self.uploaded) == 204
        self.uploaded = identity
        value = WidgetState(id=uploader)
        value.file_uploader_state_value.uploaded_file_info.add(
            file_id=identity, name=name, size=len(content)
        )
        return self.run(value)

    def put(self, identity: str, content: bytes, name: str = "state.json") -> int:
        """Send a file to the server; the status of its answer, 0 where it hung up before."""
        head = f'--b\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'
        return self._ask("PUT", identity, head.encode() + content + b"\r\n--b--\r\n")

    def _ask(self, method: str, identity: str, body: bytes | None = None) -> int:
        with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=PATIENCE) as answer:
            cookie = answer.headers["Set-Cookie"].split(";")[0]
        request = urllib.request.Request(
            f"{self.url}/_stcore/upload_file/{self.session}/{identity}",
            body,
            {
                "Content-Type": "multipart/form-data; boundary=b",
                "Cookie": cookie,
                "X-Xsrftoken": cookie.partition("=")[2],
            },
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except urllib.error.URLError:
            return 0

    def heartbeat(self) -> None:
        """Wait until the server has read all that was sent."""
        self.socket.send(BackMsg(app_heartbeat=True).SerializeToString())
        while self._take(self.receive(PATIENCE)) != "heartbeat_ack":
            pass

    def receive(self, timeout: float) -> ForwardMsg:
        """The next message."""
        message = ForwardMsg()
        raw = self.socket.recv(timeout=max(timeout, 0))
        assert isinstance(raw, bytes)
        message.ParseFromString(raw)
        return message

    def _take(self, message: ForwardMsg) -> str:
        """Take in one message; "ended" where it ended a run, else its kind."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id
            if not message.metadata.run.fragment_ids:
                self.screen = Screen()
        elif kind == "navigation":
            self.hash = message.navigation.page_script_hash
        elif kind == "delta":
            self._place(message)
        elif kind == "session_event":
            assert message.session_event.WhichOneof("type") != "script_compilation_exception"
        return "ended" if kind == "script_finished" and message.script_finished in _ENDED else kind

    def _place(self, message: ForwardMsg) -> None:
        delta = message.delta
        element = delta.add_block if delta.WhichOneof("type") == "add_block" else delta.new_element
        kind = element.WhichOneof("type")
        if kind is None:
            return
        content = getattr(element, kind)
        self.screen.elements[tuple(message.metadata.delta_path)] = kind, content
        if isinstance(content, Message) and getattr(content, "id", ""):
            self.screen.fragments[content.id] = message.delta.fragment_id


def _strings(path: str, message: Any) -> Iterator[tuple[str, str]]:
    if isinstance(message, str):
        yield path, message
    elif isinstance(message, Message):
        for descriptor, value in message.ListFields():
            inner = f"{path}.{descriptor.name}"
            many = not isinstance(value, str | bytes | Message) and hasattr(value, "__iter__")
            for item in value if many else (value,):
                yield from _strings(inner, item)
