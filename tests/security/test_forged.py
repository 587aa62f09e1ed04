"""What any browser may send, through the real server: nothing of it breaks a page.

Every case ends with a page that was drawn, no traceback in the server's log, no "Something went
wrong", and nothing of what was sent unescaped where a browser would read it as markup.
The suite takes a part of the corpus; `make fuzz` (BNLAB_FUZZ=20) takes all of it on every page
and twenty times as many generated cases, and asks for an answer within 2 s.
"""

import itertools
import json
import os
import string
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.security import corpus
from tests.security.visitor import Visitor
from ui.page.registry import PAGES, ROOT
from ui.state import address, fields
from ui.state.arrays import FrozenArray, encode_array
from ui.state.page import open_page

TIMES = int(os.environ.get("BNLAB_FUZZ", "1"))
LONG = TIMES > 1
QUESTIONS = [entry for entry in PAGES if entry.url_path]
EVERY_PAGE = [pytest.param(entry, id=entry.url_path) for entry in QUESTIONS]
WITH_GRID = {"axes": "input", "steps": "z", "conventions": "layer"}
pytestmark = pytest.mark.usefixtures("quiet")
generated = settings(
    max_examples=10 * TIMES,
    deadline=None,
    derandomize=not LONG,
    database=None,
    suppress_health_check=list(HealthCheck),
)
# Where a text stands as it is: a field's own text, code, the link, and JSON for the grid, which
# writes text nodes only (test_the_grid_writes_no_markup).
_AS_IT_IS = {"text_input", "text_area", "code", "bidi_component", "download_button",
             "arrow_data_frame", "file_uploader"}  # fmt: skip


def state_fields(page):
    """The names and declarations of a page's fields, from its own script."""
    found = {}

    class Found(Exception):  # noqa: N818
        pass

    def look(name, kind, shared=None, **_):
        found.update(fields.specs(kind))
        raise Found

    source = next(e for e in PAGES if e.url_path == page).script.read_text(encoding="utf-8")
    import ui.state.page

    ui.state.page.open_page, kept = look, open_page
    try:
        exec(compile(source, page, "exec"), {"__name__": "__page__"})
    except Found:
        pass
    finally:
        ui.state.page.open_page = kept
    return found


def assert_unharmed(visitor, what=""):
    """The page is there, and nothing on it comes from an attacker unescaped."""
    screen = visitor.screen
    assert screen.of("heading") or screen.of("markdown"), f"an empty page after {what!r:.200}"
    assert not screen.of("exception"), f"{screen.of('exception')} after {what!r:.200}"
    wrong = [words for words in screen.alerts() if "Something went wrong" in words]
    assert not wrong, f"after {what!r:.200}"
    if LONG:  # on a machine of its own
        assert visitor.slowest < 2, f"{visitor.slowest:.1f} s after {what!r:.200}"
    for path, text in screen.texts(but=_AS_IT_IS):
        found = "pwn" in text and corpus.UNESCAPED.search(text)
        assert not found, (path, found, text[:300])


def open_box(visitor, kind):
    """Open the first expander that says so to the server."""
    box = next(box for box in visitor.screen.of(kind) if box.id)
    return visitor.run(WidgetState(id=box.id, bool_value=True))


def share(visitor):
    """Press Share: a dialog opens, which a file that is taken closes."""
    button = next(b for b in visitor.screen.of("button") if b.label == "Share")
    return visitor.run(WidgetState(id=button.id, trigger_value=True))


# ---- links ---------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", EVERY_PAGE)
def test_links(entry, server):
    """Every field with every text: some 90 links, each with all fields of its page."""
    names = list(state_fields(entry.url_path))
    shift = len(corpus.LINKS) // len(names)
    for i in range(0, len(corpus.LINKS), 1 if LONG else 16):
        texts = [corpus.LINKS[(i + shift * j) % len(corpus.LINKS)] for j in range(len(names))]
        pin = texts[-1] if i % 2 else urlencode({names[i % len(names)]: texts[-1]})
        sent = {**dict(zip(names, texts, strict=True)), address.PIN: pin}
        query = urlencode({**sent, texts[0][:30] or "x": "1"})
        with Visitor(server.url, entry.url_path, query) as visitor:
            visitor.run()
            assert_unharmed(visitor, query)


@generated
@given(st.data())
def test_generated_links(server, data):
    entry = data.draw(st.sampled_from(QUESTIONS))
    arrays = st.lists(st.floats(allow_nan=True), min_size=1, max_size=24).map(
        lambda numbers: encode_array(FrozenArray(np.array(numbers)))
    )
    damaged = st.text(string.ascii_letters + string.digits + "-_=~", max_size=60)
    text = st.one_of(st.text(max_size=40), st.integers().map(str), st.floats().map(str), arrays,
                     damaged, st.sampled_from(corpus.LINKS))  # fmt: skip
    names = st.sampled_from(list(state_fields(entry.url_path)))
    query = urlencode(data.draw(st.dictionaries(names, text, max_size=8)), errors="replace")
    with Visitor(server.url, entry.url_path, query) as visitor:
        visitor.run()
        assert_unharmed(visitor, query)


def test_a_link_that_is_no_link(server):
    for query in ("%", "&&&&", "=", "a" * 70_000, "data=" + "x" * 400_000, "?" * 50, "%ff%fe",
                  "data[]=1&data[]=2", "&".join(f"k{i}=1" for i in range(5000))):  # fmt: skip
        with Visitor(server.url, "axes", query) as visitor:
            visitor.run()
            assert_unharmed(visitor, query)


def test_too_long_a_link_says_so(server):
    with Visitor(server.url, "axes", "data=" + "x" * address.LONGEST_LINK) as visitor:
        assert any("at most 60000 are read" in words for words in visitor.run().alerts())


# ---- files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", EVERY_PAGE[:: 1 if LONG else 9])
def test_files(entry, server):
    page, declared = entry.url_path, state_fields(entry.url_path)
    values = [corpus.state_file(page, dict.fromkeys(declared, value)) for value in corpus.VALUES]
    with Visitor(server.url, page) as visitor:
        visitor.run()
        for text in [*corpus.files(page), *values]:
            uploader = share(visitor).of("file_uploader")[0].id
            visitor.upload(uploader, text.encode("utf-8", "surrogatepass"))
            assert_unharmed(visitor, text)


def test_a_huge_number_in_a_file_is_told_in_our_words(server):
    with Visitor(server.url, "axes") as visitor:
        visitor.run()
        uploader = share(visitor).of("file_uploader")[0].id
        state = {"epsilon": 10**400, "data": [[10**400]], "shown": 3}
        visitor.upload(uploader, corpus.state_file("axes", state).encode())
        told = "\n".join(visitor.screen.alerts())
        assert "too large; allowed are up to 1" in told
        assert "is not a list of words" in told
        assert "ufunc" not in told


# ---- typed and pasted texts ----------------------------------------------------------------


@pytest.mark.parametrize("entry", EVERY_PAGE)
def test_typed_texts(entry, server):
    """Every field to type into, each with every text, all fields at once."""
    with Visitor(server.url, entry.url_path) as visitor:
        visitor.run()
        for number in range(0, len(corpus.TEXTS), 1 if LONG else 12):
            inputs = visitor.screen.of("text_input", "text_area")
            texts = itertools.islice(itertools.cycle(corpus.TEXTS), number, None)
            typed = [
                WidgetState(id=e.id, string_value=t) for e, t in zip(inputs, texts, strict=False)
            ]
            visitor.run(*typed)
            assert_unharmed(visitor, typed)


def test_pasted_tables(server):
    with Visitor(server.url, "axes") as visitor:
        visitor.run()
        open_box(visitor, "expandable")
        for text in corpus.TABLES[:: 1 if LONG else 2]:
            [box] = visitor.screen.of("text_area")
            visitor.run(WidgetState(id=box.id, string_value=text))
            assert_unharmed(visitor, text)


@generated
@given(table=st.text(st.sampled_from("0123456789.,;\t\n -+eE[]()'\u00a0xnp="), max_size=400))
def test_generated_tables(server, table):
    with Visitor(server.url, "axes") as visitor:
        visitor.run()
        open_box(visitor, "expandable")
        [box] = visitor.screen.of("text_area")
        visitor.run(WidgetState(id=box.id, string_value=table))
        assert_unharmed(visitor, table)


# ---- the grid --------------------------------------------------------------------------------


def send_events(visitor, *entries):
    """Put entries into the grid's list; returns the last number that was acknowledged."""
    [*_, grid] = visitor.screen.grids()
    state = json.dumps({"events": {"from": "me", "list": entries}})
    visitor.run(
        WidgetState(id=grid.id, json_value=state), fragment=visitor.screen.fragments[grid.id]
    )
    [*_, grid] = visitor.screen.grids()
    return json.loads(grid.json)["ack"][1]


@pytest.mark.parametrize(("page", "panel"), WITH_GRID.items(), ids=WITH_GRID)
def test_events_of_the_grid(page, panel, server):
    """Some 180 events, those with any form at all in one message and then each tenth alone."""
    forged = corpus.events(panel)
    numbered = [[i, *e] if isinstance(e, list) else e for i, e in enumerate(forged, 1)]
    with Visitor(server.url, page) as visitor:
        visitor.run()
        for i in range(0, len(numbered), 90):
            send_events(visitor, *numbered[i : i + 90])
            assert_unharmed(visitor, numbered[i : i + 90])
        for i, event in enumerate(numbered[:: 1 if LONG else 20], 1000):
            send_events(visitor, [i, *event[1:]] if isinstance(event, list) else event)
            assert_unharmed(visitor, event)
        if page != "steps":  # there an edit of the marked cell changes other panels, too
            assert send_events(visitor, [5000, "edit", panel, [0, 0], "2.5", None]) == 5000


def test_an_event_for_a_panel_that_is_not_there_changes_nothing(server):
    with Visitor(server.url, "axes") as visitor:
        visitor.run()
        before = json.loads(visitor.screen.grids()[-1].json)["panels"]
        assert send_events(visitor, [1, "edit", "nobody", [0, 0], "9", None],
                           [2, "edit", "mean", [0], "9", None]) == 2  # fmt: skip
        assert json.loads(visitor.screen.grids()[-1].json)["panels"] == before


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


@generated
@given(state=st.one_of(
    _JSON,
    _JSON.map(lambda v: {"events": v}),
    st.lists(_JSON, max_size=4).map(lambda v: {"events": {"from": "x", "list": v}}),
    st.tuples(st.integers() | _JSON,
              st.sampled_from(["edit", "paste", "click", "bracket", "dismiss"]),
              st.sampled_from(["input", "gamma", "mean", "x"]), st.lists(st.integers()) | _JSON,
              st.text() | _JSON, _JSON)
    .map(lambda e: {"events": {"from": "x", "list": [e]}}),
))  # fmt: skip
def test_generated_states_of_the_grid(server, state):
    with Visitor(server.url, "axes") as visitor:
        visitor.run()
        grid = visitor.screen.grids()[-1]
        visitor.run(WidgetState(id=grid.id, json_value=json.dumps(state)))
        assert_unharmed(visitor, state)


def test_no_picture_writes_markup():
    parts = list((ROOT / "ui" / "drawing").glob("*/parts/*.js"))
    assert parts
    for part in parts:
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert way not in part.read_text(encoding="utf-8"), (part.name, way)


# ---- values of the wrong kind ------------------------------------------------------------------


def wrong_values(identity):
    """A value of every kind, some of them damaged, for one widget."""
    scalars = {
        "trigger_value": [True], "bool_value": [True], "double_value": [float("nan"), 1e308],
        "int_value": [7, -(2**40)], "string_value": ["", "<pwn>", "9" * 3000],
        "bytes_value": [b"\0\xff"], "json_trigger_value": ["{", "[1]"],
        "json_value": ["{", "[]", "null", '{"a":1}', "[" * 50_000, "9" * 5000],
    }  # fmt: skip
    yield WidgetState(id=identity)
    for kind, given_values in scalars.items():
        for value in given_values:
            yield WidgetState(id=identity, **{kind: value})
    lists = {
        "double_array_value": [[], [float("nan")], [1e308, -1e308, 3], [float("inf"), 1]],
        "int_array_value": [[], [-1], [2**40], list(range(50)), [0, 0]],
        "string_array_value": [[], ["x"], ["input", "input"], ["<pwn>"] * 100],
    }
    for kind, given_lists in lists.items():
        for items in given_lists:
            value = WidgetState(id=identity)
            getattr(value, kind).SetInParent()
            getattr(value, kind).data.extend(items)
            yield value
    for kind in ("file_uploader_state_value", "chat_input_value", "arrow_value",
                 "string_trigger_value"):  # fmt: skip
        value = WidgetState(id=identity)
        getattr(value, kind).SetInParent()
        yield value


@pytest.mark.parametrize("page", ["axes", "moving", *(["conventions"] if LONG else [])])
def test_values_of_another_kind(page, server):
    """Every widget of a page gets a value of every kind, all widgets at once."""
    with Visitor(server.url, page) as visitor:
        visitor.run()
        for number in range(len(list(wrong_values("")))):
            ids = [widget.id for _, widget in visitor.screen.widgets()]
            values = [next(itertools.islice(wrong_values(i), number, None)) for i in ids]
            visitor.run(*values)
            assert_unharmed(visitor, values[0])
            visitor.states.clear()


def test_values_for_what_is_no_widget(server):
    names = ("bnlab:page:axes", "bnlab:training", "axes-grid:inbox", "axes-epsilon:version",
             "bnlab:current-page", "axes-epsilon", "", "$$ID-x", "x" * 10_000)  # fmt: skip
    with Visitor(server.url, "axes") as visitor:
        visitor.run()
        for value in ("1", "<pwn>"):
            forged = BackMsg()
            for name in names:
                forged.rerun_script.widget_states.widgets.add(id=name, string_value=value)
            visitor.socket.send(forged.SerializeToString())
            visitor.heartbeat()  # it is dropped: no run follows
            visitor.run()
            assert_unharmed(visitor, names)


def test_requests_that_no_page_makes(server):
    hostile = (
        {"page_script_hash": "0" * 32}, {"page_script_hash": "<pwn>"}, {"page_name": "<pwn>"},
        {"page_name": "../../etc/passwd"}, {"is_auto_rerun": True},
        {"is_history_navigation": True, "query_string": "epsilon=<pwn>"},
        {"query_string": "embed=true&embed_options=<pwn>"},
    )  # fmt: skip
    for request in hostile:
        with Visitor(server.url, "axes") as visitor:
            visitor.run()
            visitor.run(**request)
            assert_unharmed(visitor, request)
            visitor.heartbeat()
