"""The route of the grid's code (`ui.drawing.grid`).

Its content is in its name, so a browser asks for it once and keeps it for good.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ui.drawing.grid import component
from ui.drawing.served import root

FOR_GOOD = {"Cache-Control": "private, max-age=31536000, immutable"}
NOTHING = PlainTextResponse("Not Found", status_code=404, headers={"Cache-Control": "no-store"})


def grid_route() -> Route:
    """To be served beside the pages."""
    return Route(f"{root()}/{component.CODE}/{{version}}.js", _code)


async def _code(request: Request) -> Response:
    """The module, if it is the one of this server."""
    if request.path_params["version"] != component.version():
        return NOTHING
    return Response(component.module(), media_type="text/javascript", headers=FOR_GOOD)
