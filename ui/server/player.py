"""The routes of the player (`ui.drawing.player`): its code, and the recordings it plays.

Both have their content in their name, so a browser asks for each once and keeps it for good.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ui.drawing.player import shelf
from ui.drawing.player.component import CODE, FOLDER, RECORDS, version
from ui.drawing.served import root
from ui.server.code import FOR_GOOD, NOTHING

_MODULES = {file.name: file for file in FOLDER.glob("*.js")}


def player_routes() -> list[Route]:
    """To be served beside the pages."""
    return [
        Route(f"{root()}/{CODE}/{{version}}/{{name}}", _code),
        Route(f"{root()}/{RECORDS}/{{name}}", _record),
    ]


async def _code(request: Request) -> Response:
    """A module of the browser's side."""
    file = _MODULES.get(request.path_params["name"])
    if file is None or request.path_params["version"] != version():
        return NOTHING
    return Response(file.read_text("utf-8"), media_type="text/javascript", headers=FOR_GOOD)


async def _record(request: Request) -> Response:
    """A recording, gzipped."""
    packed = shelf.get(request.path_params["name"])
    if packed is None:
        return NOTHING
    headers = {"Content-Encoding": "gzip", **FOR_GOOD}
    return Response(packed, media_type="application/octet-stream", headers=headers)
