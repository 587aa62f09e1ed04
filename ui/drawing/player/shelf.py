"""Recordings as bytes, under names that nobody can guess, for a route of the server.

A name is made from the content with a secret of this process: equal content has one name, which a
browser may keep for good, and who does not hold the content cannot make the name. What is longest
unused is dropped when there is too much; a page that is shown again puts it back.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from weakref import WeakKeyDictionary

KEEP_BYTES = 256 * 2**20

_secret = secrets.token_bytes(32)
_lock = threading.Lock()
_shelf: OrderedDict[str, bytes] = OrderedDict()
_names: WeakKeyDictionary[object, dict[str, str]] = WeakKeyDictionary()


def put(content: bytes) -> str:
    """The name under which this content can be fetched, gzipped.

    >>> gzip.decompress(get(put(b"numbers")))
    b'numbers'
    """
    name = hmac.new(_secret, content, hashlib.sha256).hexdigest()
    packed = gzip.compress(content, compresslevel=5, mtime=0)
    with _lock:
        _shelf[name] = packed
        while len(_shelf) > 1 and sum(map(len, _shelf.values())) > KEEP_BYTES:
            _shelf.popitem(last=False)
    return name


def put_once(found: object, what: str, made: Callable[[], bytes]) -> str:
    """The name of what `made` makes of `found`, a result that nobody changes.

    While it lives this is made once for each `what`: several pages may show one result.

    >>> class Result: pass
    >>> result = Result()
    >>> name = put_once(result, "player", lambda: b"numbers")
    >>> put_once(result, "player", lambda: b"never asked for") == name
    True
    """
    with _lock:
        name = _names.get(found, {}).get(what)
    if name is None or get(name) is None:
        name = put(made())
        with _lock:
            _names.setdefault(found, {})[what] = name
    return name


def get(name: str) -> bytes | None:
    """The gzipped bytes of this name; None where there are none (any more)."""
    with _lock:
        if name in _shelf:
            _shelf.move_to_end(name)
        return _shelf.get(name)
