"""What machines ask a server: `/healthz`, `/readyz` and `/metrics`.

    /healthz   200 while the process answers at all: restart it where this fails
    /readyz    200 when every page has been run once and visitors may be sent here, else 503;
               `/readyz?training` asks for training as well, `/readyz?presets` for presets whose
               results are there before anybody presses Train
    /metrics   numbers for Prometheus: to this machine alone, unless BNLAB_METRICS=open

A server without workers is ready for all that needs no training, so a missing worker does not
take it out of a proxy's list; the state of training stands beside it.
"""

from __future__ import annotations

import ipaddress
import os

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ui.server import metrics
from ui.training.service import NoTrainingServiceError, training_service

_warm = False
_prepared = False


def set_warm(warm: bool) -> None:
    """Say whether all pages have been run once, and the server goes on."""
    global _warm
    _warm = warm


def set_prepared(prepared: bool) -> None:
    """Say whether all presets have been run."""
    global _prepared
    _prepared = prepared


def readiness(is_warm: bool) -> tuple[bool, dict[str, object]]:
    """Whether training is ready, and what `/readyz` says."""
    try:
        found = training_service().readiness()
        state, message = found.state, found.message
    except NoTrainingServiceError as error:
        state, message = "unavailable", str(error)
    told = {"pages": "warm" if is_warm else "warming", "training": state}
    return state == "ready", {**told, "message": message} if message else dict(told)


async def healthz(_request: Request) -> Response:
    """The process answers."""
    return JSONResponse({"alive": True}, headers=_NEVER_KEPT)


async def readyz(request: Request) -> Response:
    """Whether visitors may be sent here, and what else they find there."""
    trains, told = readiness(_warm)
    found = {"training": trains, "presets": _prepared}
    ready = _warm and all(found.get(asked, True) for asked in request.query_params)
    status = 200 if ready else 503
    return JSONResponse({"ready": ready, **told}, status_code=status, headers=_NEVER_KEPT)


async def numbers(request: Request) -> Response:
    """The metrics, to whoever may have them."""
    if os.environ.get("BNLAB_METRICS", "").strip() != "open" and not _from_here(request):
        return PlainTextResponse("Not Found", status_code=404)
    return Response(metrics.text(), media_type=metrics.MEDIA_TYPE, headers=_NEVER_KEPT)


ROUTES = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", numbers)]
_NEVER_KEPT = {"Cache-Control": "no-store"}
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def _from_here(request: Request) -> bool:
    """Whether a process of this machine asks, and no proxy for somebody else."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    # A server that listens on IPv6 as well sees IPv4 addresses in their IPv6 form.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
