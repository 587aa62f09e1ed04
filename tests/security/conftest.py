"""A real server that is spoken to by its websocket, and whose log is watched."""

import re
from collections.abc import Iterator

import pytest

from tools.browser import APP, NO_WORKERS, Server, serving

# The scheduler that is not there (NO_WORKERS) is reported with a traceback of Dask's own.
_SCHEDULER = re.compile(r"OSError: Timed out trying to connect|distributed\.comm\.")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server as a user starts it, without training workers."""
    with serving(tmp_path_factory.mktemp("server") / "server.log", APP, NO_WORKERS) as running:
        yield running


@pytest.fixture
def quiet(server: Server) -> Iterator[None]:
    """Fails a test that left a traceback in the server's log."""
    start = server.log.stat().st_size
    yield
    assert tracebacks(server.log.read_bytes()[start:].decode(errors="replace")) == []


def tracebacks(log: str) -> list[str]:
    """The last line of every traceback in a log, but for what is expected.

    >>> tracebacks("Traceback (most recent call last):\\n  File\\nKeyError: 1\\nmore")
    ['KeyError: 1']
    """
    chain = r"^\S.*\n\n(?:The above exception|During handling).*\n\nTraceback \(most.*\n"
    whole = re.sub(chain, "", log, flags=re.MULTILINE)
    found = re.findall(r"^Traceback \(most.*\n(?: .*\n)*(\S.*)", whole, re.MULTILINE)
    return [line for line in found if not _SCHEDULER.match(line)]
