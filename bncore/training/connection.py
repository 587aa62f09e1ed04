"""The connection to a Dask scheduler and its workers: made, watched, and asked for things."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from bncore.training.background import Background
from bncore.training.host import Host
from bncore.training.jobs import Readiness
from bncore.training.roster import Roster
from bncore.training.steady import keep_time
from bncore.training.worker import stop_job

log = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 2.0


class Connection:
    """One connection at a time to the scheduler that a host has or brings up.

    `listeners` hear what is said under a topic. Dask's client calls them in its own thread, where
    they may wait for a lock; so what waits for an answer of the cluster is done in the background.
    """

    def __init__(
        self, host: Host, background: Background, listeners: Mapping[str, Callable[[Any], None]]
    ) -> None:
        self.host = host
        self._background = background
        self._listeners = dict(listeners)
        self.client: Any = None  # a distributed.Client while there is a connection
        self._roster: Roster | None = None  # of that connection
        self._without_since = time.monotonic()

    # ---- is it there -------------------------------------------------------------------------

    def open(self) -> None:
        """Bring the scheduler up where that is ours to do, and meet it.

        OSError where it is not there, `OtherCodeError` where its workers run other code.
        """
        meeting = self.host.start()
        # Half a second of imports, not before the server answers.
        keep_time()
        from distributed import Client

        client: Any = Client(  # type: ignore[no-untyped-call]
            meeting.address,
            timeout=CONNECT_SECONDS,
            security=meeting.certificates,
            set_as_default=False,
            name="bnlab",
        )
        try:
            roster = Roster(client)
            roster.look()  # before a job is handed to somebody whose code is not ours
            for topic, listener in self._listeners.items():
                client.subscribe_topic(topic, listener)
        except BaseException:
            client.close(timeout=CLOSE_SECONDS)
            raise
        self._roster, self.client = roster, client

    def alive(self) -> bool:
        """Whether it is there, as far as can be seen from here."""
        return self.takes_jobs() and self.host.alive()

    def takes_jobs(self) -> bool:
        """Whether there is a scheduler to hand a job to."""
        client = self.client
        return client is not None and client.status == "running"

    def leave(self) -> Callable[[], None]:
        """From now on there is none. What is returned closes it, which may take seconds."""
        client, self.client, self._roster = self.client, None, None
        self._without_since = time.monotonic()

        def close() -> None:
            if client is not None:
                with suppress(Exception):
                    client.close(timeout=CLOSE_SECONDS)
            self.host.stop()

        return close

    def end(self) -> None:
        """End the scheduler where it is ours."""
        self.host.stop()

    # ---- who is there ------------------------------------------------------------------------

    @property
    def workers(self) -> int:
        """How many workers were there at the last look; 0 without a connection."""
        roster = self._roster
        return 0 if roster is None else roster.workers

    def look(self) -> None:
        """Look up who is there; OSError only where that is not the end of the connection."""
        assert self._roster is not None
        try:
            self._roster.look()
        except OSError:
            if self.alive():  # otherwise the connection has gone, which is told as such
                raise

    def lost(self, worker: str) -> None:
        """This worker has died, as is known before the next look."""
        if self._roster is not None:
            self._roster.lost(worker)

    def readiness(self) -> Readiness:
        """Whether workers are there, and what to do where they do not come by themselves."""
        roster = self._roster
        if roster is None:
            return Readiness("starting", "", time.monotonic() - self._without_since)
        if roster.workers:
            return Readiness("ready", roster.note, workers=roster.workers)
        seconds, what_to_do = roster.empty_seconds, self.host.more_workers
        message = f"No training worker has been connected for {seconds:.0f} s. {what_to_do}"
        return Readiness("starting", message if what_to_do else "", seconds)

    # ---- what is asked of it -----------------------------------------------------------------

    def submit(self, function: Callable[..., Any], *arguments: Any, key: str) -> Any:
        """Hand a task to the scheduler, under a key of its own; its future.

        Nothing is kept of a task that has ended, nothing is run twice, and who came first is
        first.
        """
        options = {"key": key, "pure": False, "retries": 0, "fifo_timeout": "0s"}
        return self.client.submit(function, *arguments, **options)

    def stop(self, job_id: str, worker: str = "") -> None:
        """Set a job's stop flag on its worker, or on all of them where it is not known."""
        client = self.client
        if client is not None:
            workers = [worker] if worker else None
            self._background.do(client.run, stop_job, job_id, workers=workers, on_error="ignore")

    def restart(self, worker: str, future: Any, then: Callable[[], None]) -> None:
        """Replace a worker whose task does not come back."""
        client = self.client

        def restart() -> None:
            future.cancel()  # first, or the next worker would run it again
            client.restart_workers([worker], raise_for_error=False)
            then()

        log.warning("restarting the worker %s, which does not stop", worker)
        self._background.do(restart)
