"""One visitor: speaks to the server as Streamlit's client in a browser does, and draws nothing.

    visitor = Visitor("http://127.0.0.1:8501", "moving")
    await visitor.open()                                 # connect, first run
    seconds = await visitor.send(change)                 # one change, until the server has answered

A browser sends protobuf `BackMsg`s (all widget states, the page, the fragment that is meant) and
gets `ForwardMsg`s: deltas with elements, and at the end of each run `script_finished`. Elements of
10 kB and more may come as references to messages that the browser said it still holds. Fragments
with `run_every` are repeated by the browser, so they are repeated here; and a part that follows a
run asks the server for news of it (`ui.training.news`).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

NEWS = "batch_norm_lab_news"
SHOW = "Show the answer"
SUCCESS = ForwardMsg.FINISHED_SUCCESSFULLY
FRAGMENT_SUCCESS = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


@dataclass(frozen=True)
class Element:
    """An element that is on the page: its kind, its protobuf, and the fragment it came from."""

    kind: str
    proto: Any
    fragment: str


@dataclass
class Traffic:
    """What has come from the server."""

    bytes: int = 0
    messages: int = 0
    runs: int = 0


@dataclass
class Visitor:
    """A session. `page` is an address of the app ("" is Home), `query` its state."""

    url: str
    page: str = ""
    query: str = ""
    traffic: Traffic = field(default_factory=Traffic)
    errors: list[str] = field(default_factory=list)
    elements: dict[tuple[int, ...], Element] = field(default_factory=dict)
    boxes: set[str] = field(default_factory=set)
    dropped: bool = False

    def __post_init__(self) -> None:
        self._states: dict[str, WidgetState] = {}
        self._page_hash = ""
        self._held: dict[str, ForwardMsg] = {}  # messages that may be referred to
        self._promised: set[str] = set()
        self._seen: set[str] = set()
        self._waiting: list[tuple[bool, asyncio.Future[None]]] = []
        self._repeats: dict[str, asyncio.Task[None]] = {}
        self._news: dict[tuple[int, ...], asyncio.Task[None]] = {}
        self._socket: Any = None
        self._reader: asyncio.Task[None] | None = None

    # ---- what a person does ------------------------------------------------------------------

    async def open(self, timeout: float = 60) -> float:
        """Connect and wait for the first run; its seconds."""
        address = self.url.replace("http", "ws", 1)
        self._socket = await websockets.connect(
            f"{address}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=self.url,  # type: ignore[arg-type]
            max_size=None,
            open_timeout=timeout,
            ping_interval=None,
        )
        self._reader = asyncio.create_task(self._read())
        return await self._run(timeout=timeout)

    async def unfold(self, timeout: float = 60) -> None:
        """Open the box of the page's settings, where there is one."""
        for name in self.boxes:
            if "-settings" in name:
                await self.send(WidgetState(id=name, bool_value=True), timeout=timeout)

    async def send(self, *states: WidgetState, fragment: str = "", timeout: float = 60) -> float:
        """Change widgets and wait until the server has answered; its seconds."""
        for state in states:
            if state.WhichOneof("value") != "trigger_value":
                self._states[state.id] = state
        triggers = [s for s in states if s.WhichOneof("value") == "trigger_value"]
        return await self._run(fragment, triggers, timeout)

    async def press(self, label: str, timeout: float = 60) -> float:
        """Press the button whose label begins so ("Train", "Train live")."""
        element = next(e for e in self.found("button") if e.proto.label.startswith(label))
        state = WidgetState(id=element.proto.id, trigger_value=True)
        return await self.send(state, fragment=element.fragment, timeout=timeout)

    async def show(self, timeout: float = 60) -> float | None:
        """Ask for the page's answer, where it is hidden until then; None where it is not."""
        hidden = any(element.proto.label == SHOW for element in self.found("button"))
        return await self.press(SHOW, timeout) if hidden else None

    async def close(self) -> None:
        """Close the tab."""
        for task in (*self._repeats.values(), *self._news.values(), self._reader):
            if task is not None:
                task.cancel()
        if self._socket is not None:
            await self._socket.close()

    def found(self, kind: str) -> Iterator[Element]:
        """The elements of a kind that are on the page."""
        return (element for element in self.elements.values() if element.kind == kind)

    def texts(self) -> list[str]:
        """What can be read in paragraphs, progress bars and messages, from top to bottom."""
        names = {"markdown": "body", "alert": "body", "progress": "text", "exception": "message"}
        shown = (self.elements[path] for path in sorted(self.elements))
        return [getattr(e.proto, names[e.kind]) for e in shown if e.kind in names]

    # ---- how it works ------------------------------------------------------------------------

    async def _run(
        self, fragment: str = "", triggers: list[WidgetState] | None = None, timeout: float = 60
    ) -> float:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = (bool(fragment), done)
        self._waiting.append(waiting)
        start = time.perf_counter()
        try:
            await self._ask(fragment, triggers or [])
            await asyncio.wait_for(done, timeout)
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
        return time.perf_counter() - start

    async def _ask(self, fragment: str, triggers: list[WidgetState], repeat: bool = False) -> None:
        message = BackMsg()
        run = message.rerun_script
        run.query_string = self.query
        run.page_script_hash = self._page_hash
        if not self._page_hash:
            run.page_name = self.page
        run.fragment_id = fragment
        run.is_auto_rerun = repeat
        run.context_info.url = f"{self.url}/{self.page}"
        run.context_info.timezone = "UTC"
        run.context_info.locale = "en-US"
        run.cached_message_hashes.extend(self._promised)
        run.widget_states.widgets.extend([*self._states.values(), *triggers])
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        try:
            async for raw in self._socket:
                self.traffic.bytes += len(raw)
                self.traffic.messages += 1
                self._take(ForwardMsg.FromString(raw))
        except websockets.ConnectionClosed as error:
            self.errors.append(repr(error))
        self.dropped = True
        for _, future in self._waiting:
            if not future.done():
                future.set_exception(ConnectionError("the server closed the connection"))

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            message, kind = self._referred(message), "delta"
        if kind == "delta":
            self._draw(message)
        elif kind == "new_session":
            self._begin(list(message.metadata.run.fragment_ids))
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "session_event":
            self.errors.append(str(message.session_event))
        elif kind == "script_finished":
            self._finish(message.script_finished)

    def _referred(self, message: ForwardMsg) -> ForwardMsg:
        whole = ForwardMsg()
        if message.ref_hash not in self._held:
            self.errors.append("referred to a message that is not held")
            return whole
        whole.CopyFrom(self._held[message.ref_hash])
        whole.metadata.CopyFrom(message.metadata)
        return whole

    def _begin(self, fragments: list[str]) -> None:
        if not fragments:
            for task in self._repeats.values():
                task.cancel()
            for task in self._news.values():
                task.cancel()
            self._repeats.clear()
            self._news.clear()
            self.elements = {}
        else:
            self.elements = {p: e for p, e in self.elements.items() if e.fragment not in fragments}

    def _draw(self, message: ForwardMsg) -> None:
        if message.metadata.cacheable and message.hash:
            self._seen.add(message.hash)
            self._held[message.hash] = message
        if message.delta.WhichOneof("type") != "new_element":
            if box := message.delta.add_block.expandable.id:
                self.boxes = {*self.boxes, box}
            return
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        path = tuple(message.metadata.delta_path)
        self.elements[path] = Element(kind, getattr(element, kind), message.delta.fragment_id)
        if kind == "bidi_component" and element.bidi_component.component_name.endswith(NEWS):
            self._follow(path, self.elements[path])
        if kind == "exception":
            self.errors.append(element.exception.message)

    def _finish(self, status: int) -> None:
        self.traffic.runs += 1
        if status not in (SUCCESS, FRAGMENT_SUCCESS):
            return  # interrupted by a later run, which answers for both
        # A browser forgets what two whole runs did not use; here: one.
        self._promised = self._seen if status == SUCCESS else self._promised | self._seen
        self._seen = set()
        for waiting in list(self._waiting):
            fragment, future = waiting
            if status == SUCCESS or fragment:
                self._waiting.remove(waiting)
                if not future.done():
                    future.set_result(None)

    def _repeat(self, fragment: str, interval: float) -> None:
        async def again() -> None:
            while not self.dropped:
                await asyncio.sleep(interval)
                await self._ask(fragment, [], repeat=True)

        if fragment not in self._repeats:
            self._repeats[fragment] = asyncio.create_task(again())

    def _follow(self, path: tuple[int, ...], element: Element) -> None:
        """Do what the script of this part does in a browser."""
        said = json.loads(element.proto.json or "{}")
        if path in self._news:
            self._news.pop(path).cancel()
        if said.get("url"):
            self._news[path] = asyncio.create_task(self._look(said, element.fragment))

    async def _look(self, said: dict[str, Any], fragment: str) -> None:
        await asyncio.sleep(said["wait"] / 1e3)
        while not self.dropped:
            news = await self._get(said["url"])
            if news["mark"] == said["mark"]:
                await asyncio.sleep(news["again"] / 1e3)
            else:
                await self._ask(fragment, [])
                await asyncio.sleep(2)

    async def _get(self, path: str) -> Any:
        host, port = self.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        answer = await reader.read()
        writer.close()
        return json.loads(answer.partition(b"\r\n\r\n")[2])
