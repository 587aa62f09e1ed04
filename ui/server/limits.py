"""How many visitors, how many files, how long a link: each limit with its sentence.

A server that is full says so to the next visitor instead of becoming slow for all. The limit is
on open connections, one per browser tab. Who was there before and has only lost the connection
comes back in, a quarter above the limit.
"""

from __future__ import annotations

import html
import os
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.runtime import Runtime

from ui.state.address import LONGEST_LINK

SESSIONS = 200
FILES = 10  # per session: a page reads one at a time, and the browser takes back what was replaced
TOLD = 50  # visitors above the limit who are connected and told that the server is full
FULL = "x-bnlab-full"  # the header that carries the sentence to ui/shell.py
_UPLOAD = "/_stcore/upload_file/"


def max_sessions(environment: Mapping[str, str] = os.environ) -> int:
    """BNLAB_MAX_SESSIONS: how many tabs may be open at once; ValueError where it is no count.

    >>> max_sessions({}), max_sessions({"BNLAB_MAX_SESSIONS": "30"})
    (200, 30)
    """
    text = environment.get("BNLAB_MAX_SESSIONS", str(SESSIONS))
    if not text.isdecimal() or not int(text):
        raise ValueError(f"BNLAB_MAX_SESSIONS is {text!r}; allowed is a whole number from 1 on")
    return int(text)


def full(most: int) -> str:
    """What a visitor is told who is one too many."""
    return (
        f"This server is full: {most} pages are open on it, which is its limit. Wait a minute and "
        "reload this page. A tab that you do not need, here or elsewhere, makes room when it is "
        "closed."
    )


def too_long(length: int) -> str:
    """What a visitor is told whose link is too long."""
    return (
        f"This link has {length:,} characters; at most {LONGEST_LINK:,} are read. Ask for the "
        "state as a file instead: Share, then Save file."
    )


class SessionLimit:
    """Refuses pages above `most` connections.

    Who had the page already, and finds no place when it connects, is connected all the same and
    told (in `FULL`, a header that only this server can set); beyond `TOLD` of them nobody is.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most = app, most
        self.open = self.told = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._connection(scope, receive, send)
        elif self.open >= self.most and _is_page(scope):
            answer = _page(full(self.most), 503, {"Retry-After": "60"})
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _connection(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [pair for pair in scope["headers"] if pair[0] != FULL.encode()]
        if self.open < (self.most * 5 // 4 if _comes_back(scope) else self.most):
            self.open += 1
            try:
                await self.app({**scope, "headers": headers}, receive, send)
            finally:
                self.open -= 1
        elif self.told < TOLD:
            headers.append((FULL.encode(), full(self.most).encode()))
            self.told += 1
            try:
                await self.app({**scope, "headers": headers}, receive, send)
            finally:
                self.told -= 1
        else:
            await PlainTextResponse(full(self.most), 503)(scope, receive, send)


class LinkLimit:
    """Refuses a link that is longer than any page's state, before anything reads it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = len(scope.get("query_string", b""))
        if scope["type"] == "http" and length > LONGEST_LINK:
            await _page(too_long(length), 414)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class UploadLimit:
    """Refuses files above `FILES` in one session; Streamlit itself limits the size of each.

    None of them touches the disk, which may be full: they are kept in memory anyway.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        megabytes = config.get_option("server.maxUploadSize")
        MultiPartParser.spool_max_size = (megabytes + 1) * 2**20  # the form around it included

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "PUT" and _UPLOAD in scope["path"]:
            session = scope["path"].split(_UPLOAD)[1].split("/")[0]
            if held_files(session) >= FILES:
                sentence = (
                    f"This page holds {FILES} files, which is the limit. Remove one, or reload."
                )
                await PlainTextResponse(sentence, 429)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def held_files(session: str) -> int:
    """How many uploaded files the server keeps for a session."""
    manager = Runtime.instance().uploaded_file_mgr
    return len(manager.file_storage.get(session, ()))  # type: ignore[attr-defined]


def _is_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, not for a part of one or for the server's health."""
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and "/_stcore/" not in scope["path"]
        and "text/html" in Headers(scope=scope).get("accept", "")
    )


def _comes_back(scope: Scope) -> bool:
    """Whether the browser names a session that it had (the third of its subprotocols)."""
    return len(scope.get("subprotocols", ())) >= 3


def _page(sentence: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A sentence as a page of its own: it needs neither a session nor a script."""
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Batch Norm Lab</title>'
        f"<h1>Batch Norm Lab</h1><p>{html.escape(sentence)}</p></html>",
        status,
        dict(headers or {}),
    )
