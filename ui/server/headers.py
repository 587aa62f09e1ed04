"""The security headers that Streamlit leaves out."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def inline_scripts(page: str) -> tuple[str, ...]:
    """The hashes of a page's own inline scripts, as a policy names them.

    >>> inline_scripts("<script>1</script><script src=x></script>")
    ("'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='",)
    """
    found = re.findall(r"<script(?![^>]*\bsrc)[^>]*>(.*?)</script>", page, re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in found)
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


# As strict as Streamlit's client (1.67) allows. tests/browser/test_policy.py visits every page and
# shows that nothing is blocked that a page needs, and that what is injected does not run.
_CLIENT = Path(streamlit.__file__).parent / "static" / "index.html"
POLICY = {
    "default-src": "'self'",
    # The client's page holds one script, known by its hash. Its components v2 (the grid) are
    # modules from blobs. Its protobuf counts 64 bits in WebAssembly. No 'unsafe-inline', no eval.
    "script-src": " ".join(
        ("'self'", "blob:", "'wasm-unsafe-eval'", *inline_scripts(_CLIENT.read_text("utf-8")))
    ),
    "style-src": "'self' 'unsafe-inline'",  # Emotion and Plotly write styles into the page
    "img-src": "'self' data: blob:",  # icons and formulas' signs; Plotly's download of a figure
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'none'",
    "frame-src": "'none'",
    "frame-ancestors": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SecurityHeaders:
    """Adds `SECURITY_HEADERS` to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
