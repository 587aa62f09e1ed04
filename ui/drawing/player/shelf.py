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
_names: WeakKeyDictionary[object, str] = WeakKeyDictionary()


def put(found: object, made: Callable[[], bytes]) -> str:
    """The name under which the bytes that `made` makes of `found` can be fetched, gzipped.

    `found` is a result that nobody changes: while it lives its bytes are made once.

    >>> class Result: pass
    >>> result = Result()
    >>> name = put(result, lambda: b"numbers")
    >>> gzip.decompress(get(name)), put(result, lambda: b"never asked for") == name
    (b'numbers', True)
    """
    with _lock:
        name = _names.get(found)
        if name is not None and name in _shelf:
            _shelf.move_to_end(name)
            return name
    content = made()
    name = hmac.new(_secret, content, hashlib.sha256).hexdigest()
    packed = gzip.compress(content, compresslevel=5, mtime=0)
    with _lock:
        _names[found] = name
        _shelf[name] = packed
        while len(_shelf) > 1 and sum(map(len, _shelf.values())) > KEEP_BYTES:
            _shelf.popitem(last=False)
    return name


def get(name: str) -> bytes | None:
    """The gzipped bytes of this name; None where there are none (any more)."""
    with _lock:
        if name in _shelf:
            _shelf.move_to_end(name)
        return _shelf.get(name)
