"""No request of a browser breaks off one that has not begun (in a browser: test_faults.py)."""

import asyncio

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.loops import run
from ui.server import begun
from ui.server.begun import OneAfterAnother, supersedes


def asks(name: str, *, pressed: bool = False, fragment: str = "") -> bytes:
    """A request of a browser, with one widget."""
    message = BackMsg()
    message.rerun_script.fragment_id = fragment
    widget = message.rerun_script.widget_states.widgets.add(id=name)
    if pressed:
        widget.trigger_value = True
    else:
        widget.string_value = name
    return message.SerializeToString()


def told(**kind) -> bytes:
    message = ForwardMsg()
    for name in kind:
        getattr(message, name).SetInParent()
    return message.SerializeToString()


STARTS, ADDRESS, ELEMENT = told(new_session=1), told(page_info_changed=1), told(delta=1)


class Connection:
    """A browser and a server, with the layer between them."""

    def __init__(self) -> None:
        self.arriving: asyncio.Queue = asyncio.Queue()
        self.handled: list[str] = []
        self.send = None

    async def server(self, scope, receive, send) -> None:
        self.send = send
        while (message := await receive())["type"] != "websocket.disconnect":
            request = BackMsg.FromString(message["bytes"]).rerun_script
            self.handled.append("".join(w.id for w in request.widget_states.widgets))

    async def browser(self, *messages: bytes) -> None:
        for message in messages:
            self.arriving.put_nowait({"type": "websocket.receive", "bytes": message})
        await quiet()

    async def tell(self, *messages: bytes) -> None:
        for message in messages:
            await self.send({"type": "websocket.send", "bytes": message})
        await quiet()


async def quiet() -> None:
    """Let everything that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def play():
    """Play a scene on a connection, and see the server end with the browser."""

    def go(scene) -> None:
        async def whole() -> None:
            line = Connection()

            async def nothing(_message) -> None: ...

            app = OneAfterAnother(line.server)
            task = asyncio.create_task(app({"type": "websocket"}, line.arriving.get, nothing))
            await scene(line)
            line.arriving.put_nowait({"type": "websocket.disconnect"})
            await asyncio.wait_for(task, 60)

        run(whole())

    return go


def test_a_click_waits_until_the_one_before_has_begun(play):
    async def scene(line: Connection) -> None:
        await line.browser(asks("a", pressed=True), asks("b", pressed=True))
        assert line.handled == ["a"]
        await line.tell(STARTS, ADDRESS)  # what a callback tells: it is not over
        assert line.handled == ["a"]
        await line.tell(ELEMENT)
        assert line.handled == ["a", "b"]

    play(scene)


def test_an_element_of_an_earlier_run_is_no_beginning(play):
    async def scene(line: Connection) -> None:
        await line.browser(asks("a", pressed=True))
        await line.tell(STARTS, ELEMENT)
        await line.browser(asks("b", pressed=True), asks("c", pressed=True))
        await line.tell(ELEMENT)
        assert line.handled == ["a", "b"]
        await line.tell(STARTS, ELEMENT)
        assert line.handled == ["a", "b", "c"]

    play(scene)


def test_what_a_later_request_says_too_is_left_out(play):
    async def scene(line: Connection) -> None:
        await line.browser(*(asks(name) for name in "abcd"), asks("e", pressed=True), asks("f"))
        await line.tell(STARTS, ELEMENT)
        assert line.handled == ["a", "e"]
        await line.tell(STARTS, ELEMENT)
        assert line.handled == ["a", "e", "f"]

    play(scene)


def test_other_messages_keep_their_place_and_wait_for_nothing_themselves(play):
    async def scene(line: Connection) -> None:
        beat = BackMsg(app_heartbeat=True).SerializeToString()
        await line.browser(beat, asks("a"), beat, asks("b"), beat)
        assert line.handled == ["", "a", ""]
        await line.tell(STARTS, ELEMENT)
        assert line.handled == ["", "a", "", "b", ""]

    play(scene)


def test_a_run_that_never_begins_does_not_end_the_page(play, monkeypatch):
    monkeypatch.setattr(begun, "PATIENCE", 0.01)

    async def scene(line: Connection) -> None:
        await line.browser(asks("a"), asks("b"))
        while line.handled != ["a", "b"]:
            await asyncio.sleep(0.005)

    play(scene)


def test_a_part_that_is_gone_is_not_waited_for(play, monkeypatch):
    class Session:
        def has_fragment(self, name: str) -> bool:
            return name == "here"

    monkeypatch.setattr(begun, "get_instance", lambda: type("", (), {"get_app_session": known}))
    asked = []

    def known(session: str) -> Session:
        asked.append(session)
        return Session()

    async def scene(line: Connection) -> None:
        await line.browser(asks("a"))
        first = ForwardMsg()
        first.new_session.initialize.session_id = "7"
        await line.tell(first.SerializeToString(), ELEMENT)
        await line.browser(asks("b", fragment="gone"), asks("c", fragment="here"), asks("d"))
        assert line.handled == ["a", "b", "c"]
        assert asked == ["7", "7"]

    play(scene)


@pytest.mark.parametrize(
    "earlier",
    [
        ClientState(page_script_hash="other"),
        ClientState(is_history_navigation=True),
        ClientState(fragment_id="part"),
        None,
    ],
)
def test_requests_that_later_ones_do_not_replace(earlier):
    assert supersedes(ClientState(), ClientState())
    assert not supersedes(ClientState(), earlier)
