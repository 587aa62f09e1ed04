"""The route of the components' code (`ui.drawing.served`).

Its content is in its name, so a browser asks for it once and keeps it for good.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ui.drawing.blocks import component as blocks
from ui.drawing.drop import component as drop
from ui.drawing.grid import component as grid
from ui.drawing.line import component as line
from ui.drawing.means import component as means
from ui.drawing.pressed import component as pressed
from ui.drawing.push import component as push
from ui.drawing.seats import component as seats
from ui.drawing.served import CODE, root
from ui.drawing.slots import component as slots
from ui.drawing.stepper import component as stepper
from ui.drawing.strips import component as strips
from ui.drawing.switches import component as switches

FOR_GOOD = {"Cache-Control": "private, max-age=31536000, immutable"}
NOTHING = PlainTextResponse("Not Found", status_code=404, headers={"Cache-Control": "no-store"})
_COMPONENTS = (
    grid,
    blocks,
    drop,
    means,
    line,
    pressed,
    push,
    seats,
    slots,
    stepper,
    strips,
    switches,
)
MODULES = {each.MODULE.name: each.MODULE for each in _COMPONENTS}


def code_route() -> Route:
    """To be served beside the pages."""
    return Route(f"{root()}/{CODE}/{{name}}/{{version}}.js", _code)


async def _code(request: Request) -> Response:
    """The module, if it is one of this server."""
    module = MODULES.get(request.path_params["name"])
    if module is None or request.path_params["version"] != module.version:
        return NOTHING
    return Response(module.text, media_type="text/javascript", headers=FOR_GOOD)
