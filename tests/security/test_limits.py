"""What a browser may not say, and how much of everything it may ask for, through a real server."""

import ast
import contextlib
import errno
import re
import tempfile
import urllib.error
import urllib.request
from urllib.parse import urlencode

import numpy as np
import pytest
from starlette.requests import Request
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.loops import run
from tests.security.conftest import tracebacks
from tests.security.test_forged import QUESTIONS, state_fields
from tests.security.visitor import Visitor
from tools.browser import APP, NO_WORKERS, serving
from ui.page.registry import ROOT
from ui.server.limits import UploadLimit
from ui.server.messages import LONGEST, let_through
from ui.state import address
from ui.state.arrays import FrozenArray, encode_array
from ui.state.fields import Array

# An app whose words change only when its caches or its session's state are emptied.
COUNTER = """
import time
import streamlit as st

@st.cache_data
def shared():
    return time.time_ns()

st.markdown(f"cached {shared()}")
st.session_state.setdefault("mine", time.time_ns())
st.markdown(f"mine {st.session_state.mine}")
"""


def send(visitor, **kind):
    visitor.socket.send(BackMsg(**kind).SerializeToString())


@pytest.fixture(scope="module")
def counting(tmp_path_factory):
    """Two servers of one small app: with the filter of messages, and without any."""
    folder = tmp_path_factory.mktemp("counter")
    (folder / "page.py").write_text(COUNTER)
    layers = {
        "with": "from ui.server.layers import middleware\nlayers = middleware()\n",
        "without": "layers = []\n",
    }
    servers = {}
    running = []
    for name, lines in layers.items():
        script = folder / f"{name}.py"
        script.write_text(
            "import sys, streamlit as st\nfrom pathlib import Path\nsys.path.insert(0, '.')\n"
            f"{lines}app = st.App(str(Path(__file__).parent / 'page.py'), middleware=layers)\n"
            "app.run(config={'server.port': int(sys.argv[1]), 'server.address': '127.0.0.1'})\n"
        )
        running.append(serving(folder / f"{name}.log", (str(script), "{port}")))
        servers[name] = running[-1].__enter__()
    yield servers
    for server in running:
        server.__exit__(None, None, None)


def words(visitor):
    found = [element.body for element in visitor.run().of("markdown")]
    assert len(found) == 2
    return found


def test_nobody_empties_the_caches_of_everybody(counting):
    with Visitor(counting["with"].url) as hostile, Visitor(counting["with"].url) as other:
        before = words(other), words(hostile)
        send(hostile, clear_cache=True)
        hostile.heartbeat()
        assert (words(other), words(hostile)) == before


def test_without_the_filter_one_message_empties_them(counting):
    """Streamlit's own behaviour: where this fails, the filter has become unnecessary."""
    with Visitor(counting["without"].url) as hostile, Visitor(counting["without"].url) as other:
        before = words(other)
        send(hostile, clear_cache=True)
        hostile.heartbeat()
        assert words(other) != before


@pytest.mark.usefixtures("quiet")
def test_messages_of_a_developer_are_not_answered(server):
    with Visitor(server.url, "axes") as visitor:
        visitor.run()
        visitor.heartbeat()
        kinds = ("clear_cache", "load_git_info", "set_run_on_save", "debug_disconnect_websocket",
                 "debug_shutdown_runtime")  # fmt: skip
        for kind in kinds:
            send(visitor, **{kind: True})
        operation = BackMsg()
        operation.backend_operation_request.session_id = visitor.session
        operation.backend_operation_request.install_skills.SetInParent()
        visitor.socket.send(operation.SerializeToString())
        send(visitor, app_heartbeat=True)
        assert visitor.receive(60).WhichOneof("type") == "heartbeat_ack"  # the first answer of all
        assert server.process.poll() is None


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("frame", "code"),
    [("text", 1003), (b"\xff\xff\xff", 1002), (b"\0" * (LONGEST + 1), 1009)],
    ids=["text", "damaged", "large"],
)
def test_what_is_no_message_ends_its_own_connection_only(server, frame, code):
    with Visitor(server.url, "axes") as other, Visitor(server.url, "axes") as hostile:
        other.run()
        hostile.socket.send(frame)
        with pytest.raises(ConnectionClosed) as closed:
            hostile.heartbeat()
        assert closed.value.rcvd.code == code
        assert closed.value.rcvd.reason
        assert other.run().of("heading")


@pytest.mark.usefixtures("quiet")
def test_a_hundred_megabytes_are_not_read(server):
    with Visitor(server.url, "axes") as hostile:
        with contextlib.suppress(ConnectionClosed, OSError):
            hostile.socket.send(b"\0" * 100_000_000)
        with pytest.raises((ConnectionClosed, OSError)):
            hostile.heartbeat()
        assert server.process.poll() is None


def test_every_message_of_a_page_is_let_through():
    message = BackMsg()
    message.rerun_script.widget_states.widgets.add(id="$$ID-x-key", string_value="1")
    assert let_through(message.SerializeToString())
    for kind in ("stop_script", "app_heartbeat"):
        assert let_through(BackMsg(**{kind: True}).SerializeToString())
    message.file_urls_request.file_names.extend(["a.json"])
    assert let_through(message.SerializeToString())


@pytest.mark.usefixtures("quiet")
def test_files_are_few_and_small(server):
    with Visitor(server.url, "axes") as visitor:
        visitor.run()
        assert visitor.put("large", b"1" * 3_000_000) in (413, 0)  # 0: hung up while it was sent
        assert [visitor.put(f"file-{i}", b"{}") for i in range(11)] == [204] * 10 + [429]


def test_a_file_needs_no_disk(monkeypatch):
    """Starlette writes what is over 1 MB to the disk, which may be full."""

    def full(_file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", full)
    content = b"1" * (config.get_option("server.maxUploadSize") * 2**20)
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="state.json"\r\n\r\n'
    sent = {"type": "http.request", "body": head + content + b"\r\n--b--\r\n"}
    got = []

    async def reads(scope, receive, _send):
        form = await Request(scope, receive).form()
        got.append(await form["f"].read())

    async def receive():
        return sent

    scope = {
        "type": "http",
        "method": "PUT",
        "path": "/",
        "headers": [(b"content-type", b"multipart/form-data; boundary=b")],
    }
    run(UploadLimit(reads)(scope, receive, None))
    assert got == [content]


@pytest.mark.parametrize("entry", QUESTIONS, ids=lambda entry: entry.url_path)
def test_the_largest_state_of_a_page_fits_into_a_link(entry):
    numbers = np.random.default_rng(0)
    largest = {
        name: encode_array(FrozenArray(numbers.normal(size=spec.max_elements)))
        if isinstance(spec, Array)
        else "x" * 200
        for name, spec in state_fields(entry.url_path).items()
    }
    assert len(urlencode(largest)) < address.LONGEST_LINK


def get(url, accept="text/html"):
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers={"Accept": accept}), timeout=60
        ) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_link_that_is_too_long_is_answered_with_a_sentence(server):
    status, page = get(f"{server.url}/axes?data={'x' * (address.LONGEST_LINK + 1)}")
    assert status == 414
    assert "at most 60,000 are read" in page


def test_a_full_server_says_so(tmp_path):
    limited = {**NO_WORKERS, "BNLAB_MAX_SESSIONS": "2"}
    with serving(tmp_path / "log", APP, limited) as server:
        with Visitor(server.url, "axes") as one, Visitor(server.url, "axes") as two:
            one.run()
            two.run()
            status, page = get(f"{server.url}/axes")
            assert status == 503
            assert "full: 2 pages are open" in page
            assert get(f"{server.url}/_stcore/health", "*/*")[0] == 200  # it is well, and busy
            with Visitor(server.url, "axes") as late:  # who had the page already is told on it
                assert "full: 2 pages are open" in late.run().alerts()[0]
                assert not late.screen.of("heading", "bidi_component")
                assert one.run().of("heading")
        status, page = get(f"{server.url}/axes")
        assert status == 200
        with Visitor(server.url, "axes") as visitor:
            assert visitor.run().of("heading")
        assert tracebacks(server.log.read_text()) == []


def test_a_visitor_cannot_forge_the_sentence(server):
    """The header that carries it is the server's own."""
    address_of_stream = server.url.replace("http", "ws", 1) + "/_stcore/stream"
    with (
        Visitor(server.url, "axes") as visitor,
        connect(
            address_of_stream,
            additional_headers={"X-Bnlab-Full": "pwn"},
            max_size=None,
            subprotocols=["streamlit"],
        ) as forged,
    ):
        visitor.socket = forged
        assert not [words for words in visitor.run().alerts() if "pwn" in words]


def test_what_a_worker_runs_is_named_by_the_type_of_what_is_asked():
    """A word in our source, never text from a browser: pages name no generator at all."""
    for folder in ("ui", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"bncore\.keras|run_by", text), path
    named = []
    for path in (ROOT / "bncore" / "experiments").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                named += [each.value for each in node.keywords if each.arg == "run_by"]
    assert len(named) >= 14
    assert all(isinstance(node, ast.Constant) for node in named)
    assert all(re.fullmatch(r"bncore\.keras\.\w+:\w+", node.value) for node in named)
