"""`TrainingService` on a Dask cluster."""

import logging
import pickle
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dask._task_spec import Task
from distributed import Client
from distributed.scheduler import KilledWorker

from bncore.training.host import Host
from bncore.training.jobs import FINAL, Event, Job, Readiness, Status
from bncore.training.ledger import Ledger
from bncore.training.roster import Roster
from bncore.training.runner import time_limit_message
from bncore.training.tally import Load
from bncore.training.versions import OtherCodeError
from bncore.training.worker import Batch, run_job, stop_job

log = logging.getLogger(__name__)

TICK_SECONDS = 0.1
STOPPED_SECONDS = 0.7
"""After this long a stop counts as done for whoever asked, though the worker may still be busy."""
STUBBORN_SECONDS = 10.0
"""After this long a worker that does not stop, or goes on after its time limit, is restarted."""
LAST_EVENTS_SECONDS = 5.0
CONNECT_SECONDS = 10.0

LOST = (
    "The worker process died during the run, and a new one takes its place. What was computed "
    "until then is kept. Press Train to run it again."
)
CLUSTER_LOST = (
    "The connection to the training workers was lost. What was computed until then is kept. "
    "Press Train to run it again once the workers are back."
)
GAP = "A part of the results did not arrive. Press Train to run it again."


@dataclass
class _Flight:
    """A job that was handed to the scheduler and of which a worker may still know."""

    future: Any
    attempt: str = ""
    worker: str = ""
    received: int = 0
    began: float | None = None
    cancelled: float | None = None
    finished: float | None = None


class DaskService:
    """Hands jobs to a Dask scheduler, which queues them, and collects what comes back.

    Dask's client calls `_receive` in its own thread, which then waits for the lock. So nothing
    that waits for an answer from the cluster is done with the lock held: that is an errand.
    """

    def __init__(self, host: Host, allowed: tuple[str, ...], max_bytes: int) -> None:
        self._host = host
        self._allowed = allowed
        self._max_bytes = max_bytes
        self._ledger = Ledger()
        self._topic = f"bnlab-{uuid.uuid4().hex}"
        self._lock = threading.RLock()
        self._client: Any = None  # a distributed.Client while there is a connection
        self._roster: Roster | None = None  # of that connection
        self._flights: dict[str, _Flight] = {}
        self._problem = ""
        self._starting_since = time.monotonic()
        self._closing = threading.Event()
        # What waits for an answer of the cluster must not hold up a page.
        self._errands = ThreadPoolExecutor(2, thread_name_prefix="training-errand")
        self._keeper = threading.Thread(target=self._keep, name="training-service", daemon=True)
        self._keeper.start()

    # ---- the TrainingService -----------------------------------------------------------------

    def submit(self, job: Job) -> str:
        """Queue a job; its id. It waits while the workers are not there yet."""
        with self._lock:
            job_id = self._ledger.add(job)
            if self._closing.is_set():
                self._ledger.record(job_id, "failed", message="The training service has ended.")
            elif self._problem:
                self._ledger.record(job_id, "failed", message=self._problem)
            self._hand_over_waiting()
        return job_id

    def events_since(self, job_id: str, index: int) -> list[Event]:
        """The events after the first `index` ones; KeyError for a job that is not known."""
        return self._ledger.events_since(job_id, index)

    def status(self, job_id: str) -> Status:
        """Where the job stands; KeyError for a job that is not known."""
        return self._ledger.status(job_id)

    def cancel(self, job_id: str) -> None:
        """Ask the job to stop: within a second where it runs, at once where it waits."""
        with self._lock:
            flight = self._flights.get(job_id)
            if self._ledger.state(job_id) == "queued":
                self._ledger.record(job_id, "cancelled", message="Stopped before it began.")
                if flight is not None:
                    self._errand(flight.future.cancel)
            if flight is not None and flight.cancelled is None:
                flight.cancelled = time.monotonic()
                self._errand(self._ask_to_stop, job_id, flight)

    def readiness(self) -> Readiness:
        """Whether the workers are there."""
        with self._lock:
            if self._problem:
                return Readiness("unavailable", self._problem)
            if self._roster is not None and self._roster.workers:
                return Readiness("ready", self._roster.note)
            seconds = time.monotonic() - self._starting_since
            if self._roster is not None:
                seconds = self._roster.empty_seconds
            return Readiness("starting", self._no_worker(seconds), seconds)

    def load(self) -> Load:
        """How much is going on, and how runs have ended so far."""
        roster = self._roster
        return self._ledger.load(0 if roster is None else roster.workers)

    def _no_worker(self, seconds: float) -> str:
        """What to say while jobs wait for a worker; "" where that needs nobody's help."""
        if self._roster is None or not self._host.more_workers:
            return ""
        return f"No training worker has been connected for {seconds:.0f} s. " + (
            self._host.more_workers
        )

    def close(self) -> None:
        """Stop what runs, the workers, and what was started for them."""
        self._closing.set()
        self._end_all("cancelled", "The training service has ended.")
        self._host.stop()
        self._keeper.join(timeout=10)
        self._errands.shutdown(wait=False, cancel_futures=True)

    # ---- the cluster: one thread looks after it ----------------------------------------------

    def _keep(self) -> None:
        """Bring the cluster up, watch over it, and bring it up again when it is gone."""
        failures = 0
        while not self._closing.is_set():
            try:
                self._connect()
                failures = 0
                while not self._closing.wait(TICK_SECONDS) and self._connected():
                    self._look_after_flights()
                    self._look_who_is_there()
            except Exception as error:
                failures += 1
                self._give_up(error)
            self._disconnect()
            self._closing.wait(min(30.0, 2.0**failures) if failures else 0)

    def _connect(self) -> None:
        meeting = self._host.start()
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
            client.subscribe_topic(self._topic, self._receive)
        except BaseException:
            client.close(timeout=2)
            raise
        with self._lock:
            self._client, self._roster, self._problem = client, roster, ""
            self._hand_over_waiting()

    def _look_who_is_there(self) -> None:
        assert self._roster is not None
        try:
            self._roster.look()
        except OSError:
            if self._connected():  # otherwise the connection has gone, which is told as such
                raise

    def _connected(self) -> bool:
        client = self._client
        return client is not None and client.status == "running" and self._host.alive()

    def _disconnect(self) -> None:
        with self._lock:
            client, self._client, self._roster = self._client, None, None
            self._starting_since = time.monotonic()
            for job_id in self._flights:
                if self._ledger.state(job_id) != "queued":  # what waits, waits for the new cluster
                    self._ledger.record(job_id, "lost", message=CLUSTER_LOST)
            self._flights.clear()
        if client is not None:
            with suppress(Exception):
                client.close(timeout=2)
        self._host.stop()

    def _give_up(self, error: Exception) -> None:
        """Tell everybody who waits that the cluster does not come up."""
        if self._closing.is_set():
            return
        if isinstance(error, OtherCodeError):
            problem = f"{error} This server looks again by itself. Everything else works meanwhile."
            log.warning("%s", problem)
        else:
            problem = (
                f"The training workers cannot be reached: {error}. The server's log says more; "
                "it tries again by itself. Everything but training works meanwhile."
            )
            log.warning("no training workers", exc_info=error)
        with self._lock:
            self._problem = problem
        self._end_all("failed", self._problem)

    def _end_all(self, kind: str, message: str) -> None:
        with self._lock:
            self._flights.clear()
            for job_id in self._ledger.live():
                self._ledger.record(job_id, kind, message=message)

    # ---- one job -----------------------------------------------------------------------------

    def _hand_over_waiting(self) -> None:
        """Give the scheduler, where there is one, every waiting job that it does not have."""
        if self._client is None or self._client.status != "running":
            return
        for job_id in self._ledger.live():
            if job_id not in self._flights and self._ledger.state(job_id) == "queued":
                self._hand_over(job_id)

    def _hand_over(self, job_id: str) -> None:
        job = self._ledger.job(job_id)
        # `_data_producer` makes the scheduler keep waiting jobs in its own queue, first come first
        # served, rather than assign each to a worker at once, where it may wait behind a long one.
        arguments = (job_id, job, self._topic, self._allowed, self._max_bytes)
        task = Task(job_id, run_job, *arguments, _data_producer=True)
        try:
            future = self._client.get(
                {job_id: task}, job_id, sync=False, retries=0, fifo_timeout="0s"
            )
        except Exception as error:
            log.warning("cannot send a job", exc_info=True)
            message = f"The job could not be sent: {type(error).__name__}: {error}"
            self._ledger.record(job_id, "failed", message=message)
            return
        self._flights[job_id] = _Flight(future)
        future.add_done_callback(lambda done: self._task_ended(job_id, done))

    def _receive(self, event: tuple[float, bytes]) -> None:
        """Take in a batch of events (called by Dask's client, in its thread)."""
        try:
            self._take_in(pickle.loads(event[1]))
        except Exception:
            log.exception("a batch of training events could not be read")

    def _take_in(self, batch: Batch) -> None:
        with self._lock:
            flight = self._flights.get(batch.job_id)
            if flight is None:
                if self._ledger.state(batch.job_id) in FINAL:
                    self._errand(self._broadcast_stop, batch.job_id, batch.worker)
                return
            if not flight.attempt:
                flight.attempt, flight.worker = batch.attempt, batch.worker
                flight.began = time.monotonic()
                if flight.cancelled is not None:  # it began while it was being cancelled
                    self._errand(self._ask_to_stop, batch.job_id, flight)
            if flight.attempt != batch.attempt or flight.received != batch.first:
                again = flight.attempt != batch.attempt
                self._ledger.record(batch.job_id, "lost", message=LOST if again else GAP)
                self._errand(self._broadcast_stop, batch.job_id, batch.worker)
                return
            flight.received += len(batch.entries)
            for kind, chunk, message in batch.entries:
                self._ledger.record(batch.job_id, kind, chunk, message, batch.seconds)
            if batch.entries[-1][0] in FINAL:
                del self._flights[batch.job_id]

    def _task_ended(self, job_id: str, future: Any) -> None:
        """Dask says that a task has ended: well, or with its worker."""
        error = future.exception(timeout=5) if future.status == "error" else None
        with self._lock:
            flight = self._flights.get(job_id)
            if flight is None or flight.future is not future:
                return
            if future.status == "finished":
                flight.finished = time.monotonic()  # its last events are on their way
                return
            del self._flights[job_id]
            if isinstance(error, KilledWorker):
                self._ledger.record(job_id, "lost", message=LOST)
            elif error is not None:
                message = f"{type(error).__name__}: {error}"
                self._ledger.record(job_id, "failed", message=message)
            elif self._ledger.state(job_id) != "queued":
                self._ledger.record(job_id, "lost", message=CLUSTER_LOST)

    def _look_after_flights(self) -> None:
        """End what the worker does not end by itself."""
        now = time.monotonic()
        with self._lock:
            self._hand_over_waiting()
            for job_id, flight in list(self._flights.items()):
                self._look_after(job_id, flight, now)

    def _look_after(self, job_id: str, flight: _Flight, now: float) -> None:
        if flight.cancelled is not None and now - flight.cancelled > STOPPED_SECONDS:
            self._ledger.record(job_id, "cancelled", message="Stopped on request.")
            if now - flight.cancelled > STUBBORN_SECONDS:
                self._restart_worker(job_id, flight)
        job = self._ledger.job(job_id)
        if flight.began is not None and now - flight.began > job.limit_seconds + STUBBORN_SECONDS:
            self._ledger.record(job_id, "timeout", message=time_limit_message(job))
            self._restart_worker(job_id, flight)
        if flight.finished is not None and now - flight.finished > LAST_EVENTS_SECONDS:
            self._ledger.record(job_id, "lost", message=GAP)
            self._flights.pop(job_id, None)

    def _restart_worker(self, job_id: str, flight: _Flight) -> None:
        """Replace a worker whose experiment does not come back to be stopped."""
        if self._flights.pop(job_id, None) is None or not flight.worker:
            return
        log.warning("restarting the worker %s, which does not stop", flight.worker)
        client = self._client

        def restart() -> None:
            flight.future.cancel()  # first, or the next worker would run it again
            client.restart_workers([flight.worker], raise_for_error=False)

        self._errand(restart)

    def _ask_to_stop(self, job_id: str, flight: _Flight) -> None:
        self._broadcast_stop(job_id, flight.worker)

    def _broadcast_stop(self, job_id: str, worker: str) -> None:
        """Set the job's stop flag on its worker, or on all of them where it is not known."""
        client = self._client
        if client is not None:
            workers = [worker] if worker else None
            client.run(stop_job, job_id, workers=workers, on_error="ignore")

    def _errand(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Do something that waits for the cluster, elsewhere; its failure is only logged."""

        def do() -> None:
            try:
                function(*arguments)
            except Exception:
                log.info("the cluster did not answer", exc_info=True)

        with suppress(RuntimeError):  # the service is being closed
            self._errands.submit(do)
