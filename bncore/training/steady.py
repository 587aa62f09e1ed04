"""A clock for Dask that no correction of the computer's clock moves.

Dask (2026.8) and Tornado under it plan by the time of day: when to send the next batch of
messages, when to give the next sign of life. When somebody sets the clock back by an hour, all of
that waits for an hour, while every connection looks sound. Neither has a setting for it, so their
`time` is replaced here, in every process that takes part: the time of day at the start, and from
then on what the steady clock counts.

Workers load this module first (Dask calls `dask_setup`).
"""

import sys
import time
from typing import Any

_time_of_day = time.time
_start = time.time() - time.monotonic()


def steady_time() -> float:
    """Seconds since 1970 as the clock said at the start, and steadily on from there.

    >>> steady_time() <= steady_time()
    True
    """
    return _start + time.monotonic()


def keep_time() -> None:
    """Let Dask and Tornado in this process go by `steady_time`; may be called again."""
    import distributed.metrics
    from tornado.ioloop import IOLoop

    IOLoop.time = lambda _loop: steady_time()  # type: ignore[method-assign, assignment]
    distributed.metrics.time = steady_time  # for the modules that are loaded later
    for name, module in list(sys.modules.items()):
        if name.startswith("distributed.") and vars(module).get("time") is _time_of_day:
            module.time = steady_time  # type: ignore[attr-defined]


def dask_setup(_worker: Any) -> None:
    """Keep time in a worker."""
    keep_time()
