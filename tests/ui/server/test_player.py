"""The routes of the player."""

import asyncio
import gzip
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.routing import Route

from ui.drawing.player import component, shelf
from ui.server.player import player_routes


class Found:
    pass


def ask(path: str, routes: Sequence[Route] = ()) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and content of an answer."""
    sent = []
    scope = {
        "type": "http", "method": "GET", "path": unquote(path), "raw_path": path.encode(),
        "query_string": b"", "headers": [], "root_path": "", "http_version": "1.1",
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        sent.append(message)

    # In a thread: where a browser's tests ran before, this one has a loop already.
    answered = Starlette(routes=routes or player_routes())(scope, receive, send)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, answered).result()
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(each.get("body", b"") for each in sent[1:])


def test_a_recording_comes_once_and_is_kept_for_good():
    name = shelf.put(b"numbers" * 100)
    status, headers, content = ask(f"/{component.RECORDS}/{name}")
    assert (status, gzip.decompress(content)) == (200, b"numbers" * 100)
    assert headers["content-encoding"] == "gzip"
    assert "immutable" in headers["cache-control"]


def test_no_other_name_is_answered():
    status, headers, _ = ask(f"/{component.RECORDS}/{'0' * 64}")
    assert (status, headers["cache-control"]) == (404, "no-store")


def test_the_code_is_served_under_its_own_version_alone():
    for file in component.FOLDER.glob("*.js"):
        _, headers, content = ask(f"/{component.CODE}/{component.version()}/{file.name}")
        assert content == file.read_bytes()
        assert headers["content-type"].startswith("text/javascript")
    assert ask(f"/{component.CODE}/0/main.js")[0] == 404
    for name in ("player.css", "none.js", "..%2Fcomponent.py"):
        assert ask(f"/{component.CODE}/{component.version()}/{name}")[0] == 404
