"""The route that tells a browser how its run stands; see `ui.training.news`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ui.training.news import mark, path, pause
from ui.training.service import NoTrainingServiceError, training_service

GONE = {"mark": "gone", "again": 2000}


def news_route() -> Route:
    """To be served beside the pages."""
    return Route(path(), _news)


async def _news(request: Request) -> JSONResponse:
    """`request` is the id of a request, `seen` how many of its events the page has."""
    try:
        asked, seen = request.query_params["request"], int(request.query_params.get("seen", "0"))
        service = training_service()
        status = service.status(asked)
        come = len(service.events_since(asked, max(0, seen)))
    except (KeyError, ValueError, NoTrainingServiceError):
        return JSONResponse(GONE)
    return JSONResponse(
        {"mark": mark(status, seen + come, service), "again": round(1000 * pause(status))}
    )
