"""What was computed once is not computed again: caches by the value of the arguments.

Every visitor's rerun asks the same pure functions again, mostly with the same arguments. They are
arrays and mappings as often as numbers, which `functools.lru_cache` does not take as keys; so the
key is a digest of their content. Results are shared between sessions: nobody may change them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from bncore.training.fingerprint import digest

P = ParamSpec("P")
R = TypeVar("R")


def by_value(entries: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the newest `entries` results of a pure function, by the content of its arguments.

    >>> calls = []
    >>> @by_value(2)
    ... def total(values):
    ...     calls.append(1)
    ...     return sum(values)
    >>> total([1, 2]), total([1, 2]), len(calls)
    (3, 3, 1)
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        kept: OrderedDict[str, R] = OrderedDict()
        lock = threading.Lock()

        @wraps(function)
        def cached(*args: P.args, **kwargs: P.kwargs) -> R:
            key = digest((args, kwargs))
            with lock:
                if key in kept:
                    kept.move_to_end(key)
                    return kept[key]
            result = function(*args, **kwargs)
            with lock:
                kept[key] = result
                while len(kept) > entries:
                    kept.popitem(last=False)
            return result

        return cached

    return decorate
