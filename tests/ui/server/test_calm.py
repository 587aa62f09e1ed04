import threading
import time
from pathlib import Path

import pytest
from streamlit.runtime.scriptrunner import script_runner

from tests.loops import run
from ui.server import calm


@pytest.fixture
def nobody(monkeypatch):
    """Nobody has asked for anything for an hour."""
    monkeypatch.setattr(calm, "_last_request", time.monotonic() - 3600)


async def answers(scope, receive, send):
    """A server that answers nothing."""


def ask(path, kind="http"):
    run(calm.Arrivals(answers)({"type": kind, "path": path}, None, None))


@pytest.mark.usefixtures("nobody")
class TestCalm:
    def test_nobody_is_there(self):
        assert calm.is_calm()

    @pytest.mark.parametrize("path", ["/", "/axes", "/static/js/index.js"])
    def test_a_browser_loads_a_page(self, path):
        ask(path)
        assert not calm.is_calm()

    def test_a_browser_connects(self):
        ask("/_stcore/stream", "websocket")
        assert not calm.is_calm()

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/_stcore/health"])
    def test_a_machine_asks_how_the_server_is(self, path):
        ask(path)
        assert calm.is_calm()

    def test_a_page_runs(self):
        over = threading.Event()
        page = threading.Thread(target=over.wait, name=calm._SCRIPT_THREAD)
        page.start()
        try:
            assert not calm.is_calm()
        finally:
            over.set()
            page.join()
        assert calm.is_calm()

    def test_it_returns_at_once(self):
        run(calm.calm(patience_seconds=1e9))
        assert calm.is_calm()


def test_it_is_waited_for(monkeypatch):
    monkeypatch.setattr(calm, "CALM_SECONDS", 0.05)
    ask("/")
    run(calm.calm(patience_seconds=1e9))
    assert calm.is_calm()


def test_and_not_for_ever(monkeypatch):
    monkeypatch.setattr(calm, "CALM_SECONDS", 1e9)
    ask("/")
    run(calm.calm(patience_seconds=0.05))
    assert not calm.is_calm()


def test_streamlit_gives_its_threads_the_name_that_is_looked_for():
    source = Path(script_runner.__file__).read_text(encoding="utf-8")
    assert f'name="{calm._SCRIPT_THREAD}"' in source
