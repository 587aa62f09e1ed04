"""What waits for somebody's answer is done in the background, so that no page waits for it."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

log = logging.getLogger(__name__)


class Background:
    """Two threads that do what others must not wait for; a failure is only logged.

    >>> done = []
    >>> background = Background()
    >>> background.do(done.append, 1)
    >>> background.end()
    >>> background.do(done.append, 2)  # after the end: nothing
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="training-background")

    def do(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        """Call it as soon as a thread is free."""

        def call() -> None:
            try:
                function(*arguments, **options)
            except Exception:
                log.info("nobody answered", exc_info=True)

        with suppress(RuntimeError):  # after the end
            self._threads.submit(call)

    def end(self) -> None:
        """Those that have not begun are dropped, and none is taken any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
