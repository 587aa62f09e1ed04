"""Who asks for a training: a browser, however many tabs it has open.

Not an address of the network: a class behind one address is many visitors.
"""

from __future__ import annotations

import hashlib
import uuid

import streamlit as st

COOKIE = "_streamlit_xsrf"
_SESSION = "bnlab:visitor"


def visitor() -> str:
    """The visitor of this session, as a name that says nothing about them.

    Streamlit gives each browser a random token in a cookie, which all its tabs send. Where there is
    none (a frame on another site, a test), each session is a visitor.
    """
    token = token_of(st.context.cookies.get(COOKIE, ""))
    if token:
        return hashlib.sha256(token).hexdigest()[:16]
    return str(st.session_state.setdefault(_SESSION, uuid.uuid4().hex[:16]))


def token_of(cookie: str) -> bytes:
    """The token in Streamlit's cookie, which is masked anew in each answer; b"" where it has none.

    >>> token_of("2|01020304|6060|1700000000"), token_of("2|ffffffff|9e9d|1700000000")
    (b'ab', b'ab')
    >>> token_of("nonsense")
    b''
    """
    try:
        version, mask, masked, _ = cookie.strip("\"'").split("|")
        key, text = bytes.fromhex(mask), bytes.fromhex(masked)
        return bytes(b ^ key[i % len(key)] for i, b in enumerate(text)) if version == "2" else b""
    except (ValueError, ZeroDivisionError):
        return b""
