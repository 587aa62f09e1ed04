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

from bncore.training.desk import STOPPED, Desk
from bncore.training.fingerprint import fingerprint
from bncore.training.host import Host
from bncore.training.jobs import FINAL, Event, Job, Readiness, Status
from bncore.training.limits import Limits
from bncore.training.roster import Roster
from bncore.training.runner import time_limit_message
from bncore.training.steady import keep_time
from bncore.training.store import ResultStore
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
CAUSE_SECONDS = 0.4
"""So long after a worker's death it may take to hear why it died."""
CONNECT_SECONDS = 10.0

LOST = (
    "The worker process died during the run, and a new one takes its place. What was computed "
    "until then is kept. Press Train to run it again."
)
CLUSTER_LOST = (
    "The connection to the training workers was lost. What was computed until then is kept. "
    "Press Train to run it again once the workers are back."
)
OUT_OF_MEMORY = (
    "The training process ran out of memory: with {size:.1f} GiB it was over its limit, and was "
    "ended. What was computed until then is kept. Ask for less: fewer rows, units or replicas."
)
GAP = "A part of the results did not arrive. Press Train to run it again."


@dataclass
class _Flight:
    """A job that was handed to the scheduler and of which a worker may still know."""

    job: Job
    future: Any
    attempt: str = ""
    worker: str = ""
    received: int = 0
    began: float | None = None
    cancelled: float | None = None
    finished: float | None = None
    died: float | None = None


class DaskService:
    """Hands jobs to a Dask scheduler, as many as there are workers, and collects what comes back.

    The others wait at the desk, which knows whose turn it is; so a job that the scheduler has
    finds an idle worker.

    Dask's client calls `_receive` in its own thread, which then waits for the lock. So nothing
    that waits for an answer from the cluster is done with the lock held: that is an errand.
    """

    def __init__(
        self,
        host: Host,
        allowed: tuple[str, ...],
        max_bytes: int,
        limits: Limits | None = None,
        store: ResultStore | None = None,
    ) -> None:
        self._host = host
        self._allowed = allowed
        self._max_bytes = max_bytes
        self._desk = Desk(limits)
        self._store = store  # of results that other processes made, or this one before
        self._again: set[str] = set()  # jobs that are to be run whatever the store has
        self._sent_again: set[str] = set()  # whose first worker died before they began
        self._topic = f"bnlab-{uuid.uuid4().hex}"
        self._lock = threading.RLock()
        self._client: Any = None  # a distributed.Client while there is a connection
        self._roster: Roster | None = None  # of that connection
        self._flights: dict[str, _Flight] = {}
        self._out_of_memory: dict[str, int] = {}  # bytes, by the worker that died of them
        self._problem = ""
        self._starting_since = time.monotonic()
        self._closing = threading.Event()
        # What waits for an answer of the cluster must not hold up a page.
        self._errands = ThreadPoolExecutor(2, thread_name_prefix="training-errand")
        self._keeper = threading.Thread(target=self._keep, name="training-service", daemon=True)
        self._keeper.start()

    # ---- the TrainingService -----------------------------------------------------------------

    def submit(self, job: Job, visitor: str = "", fresh: bool = False) -> str:
        """Ask for a job; the id of the request. It waits while the workers are not there yet."""
        with self._lock:
            request = self._desk.submit(job, visitor, fresh)
            if fresh:
                self._again.add(request)
            if self._closing.is_set():
                self._end_all("failed", "The training service has ended.")
            elif self._problem:
                self._end_all("failed", self._problem)
            self._hand_over_waiting()
        return request

    def events_since(self, job_id: str, index: int) -> list[Event]:
        """The events after the first `index` ones; KeyError for a request that is not known."""
        return self._desk.events_since(job_id, index)

    def status(self, job_id: str) -> Status:
        """Where the job stands; KeyError for a request that is not known."""
        return self._desk.status(job_id)

    def cancel(self, job_id: str) -> None:
        """Leave the run. Where nobody is left it stops: within a second, or at once if it waits."""
        with self._lock:
            unwanted = self._desk.leave(job_id)
            flight = self._flights.get(unwanted) if unwanted else None
            if unwanted is None or flight is None:
                return
            if self._desk.state(unwanted) in FINAL:  # it had not begun
                self._errand(flight.future.cancel)
            flight.cancelled = time.monotonic()
            self._errand(self._ask_to_stop, unwanted, flight)

    def readiness(self) -> Readiness:
        """Whether the workers are there."""
        with self._lock:
            if self._problem:
                return Readiness("unavailable", self._problem)
            if self._roster is not None and self._roster.workers:
                return Readiness("ready", self._roster.note, workers=self._roster.workers)
            seconds = time.monotonic() - self._starting_since
            if self._roster is not None:
                seconds = self._roster.empty_seconds
            return Readiness("starting", self._no_worker(seconds), seconds)

    def load(self) -> Load:
        """How much is going on, and how runs have ended so far."""
        roster = self._roster
        return self._desk.load(0 if roster is None else roster.workers)

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
            client.subscribe_topic(self._topic, self._receive)
            client.subscribe_topic("worker-restart-memory", self._hear_of_memory)  # Dask's own
        except BaseException:
            client.close(timeout=2)
            raise
        with self._lock:
            self._client, self._roster, self._problem = client, roster, ""
            self._set_workers()

    def _look_who_is_there(self) -> None:
        assert self._roster is not None
        try:
            self._roster.look()
        except OSError:
            if self._connected():  # otherwise the connection has gone, which is told as such
                raise
        self._set_workers()

    def _connected(self) -> bool:
        client = self._client
        return client is not None and client.status == "running" and self._host.alive()

    def _disconnect(self) -> None:
        with self._lock:
            client, self._client, self._roster = self._client, None, None
            self._starting_since = time.monotonic()
            for job_id in list(self._flights):
                self._land(job_id, "lost", CLUSTER_LOST)
            self._set_workers()
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
            for job_id in self._desk.live():
                self._desk.record(job_id, kind, message=message)
            for job_id in list(self._flights):
                self._land(job_id)

    # ---- one job -----------------------------------------------------------------------------

    def _set_workers(self) -> None:
        """So many jobs can run as there are workers."""
        with self._lock:
            self._desk.set_workers(0 if self._roster is None else self._roster.workers)
            self._hand_over_waiting()

    def _hand_over_waiting(self) -> None:
        """Give the scheduler, where there is one, the jobs whose turn it is."""
        if self._client is None or self._client.status != "running":
            return
        while (job_id := self._desk.next()) is not None:
            self._hand_over(job_id)

    def _hand_over(self, job_id: str) -> None:
        """A job whose turn it is: from the store where that has it, else to a worker."""
        if self._store is None or job_id in self._again:
            self._again.discard(job_id)
            self._send(job_id)
        else:
            self._errand(self._look_up, self._store, job_id)

    def _look_up(self, store: ResultStore, job_id: str) -> None:
        kept = store.get(fingerprint(self._desk.job(job_id)))
        with self._lock:
            if self._desk.state(job_id) in FINAL:  # stopped meanwhile
                self._desk.free(job_id)
            elif kept is not None:
                self._desk.made_before(job_id, kept.age_seconds)
                events = [("started", None), *(("chunk", chunk) for chunk in kept.chunks)]
                for kind, chunk in (*events, ("done", None)):
                    self._desk.record(job_id, kind, chunk, seconds=kept.seconds)
                self._land(job_id)
            elif self._client is None:
                self._land(job_id, "lost")
            else:
                self._send(job_id)

    def _keep_result(self, store: ResultStore, job_id: str) -> None:
        events = self._desk.events_since(job_id, 0)
        chunks = [event.chunk for event in events if event.chunk is not None]
        seconds = self._desk.status(job_id).elapsed_seconds
        store.put(fingerprint(self._desk.job(job_id)), chunks, seconds)

    def _send(self, job_id: str) -> None:
        job = self._desk.job(job_id)
        arguments = (job_id, job, self._topic, self._allowed, self._max_bytes)
        try:
            # Nothing is kept of a job that has ended, and nothing is run twice.
            key = f"{job_id}-{uuid.uuid4().hex}"  # another one where it is sent again
            options = {"key": key, "pure": False, "retries": 0, "fifo_timeout": "0s"}
            future = self._client.submit(run_job, *arguments, **options)
        except Exception as error:
            log.warning("cannot send a job", exc_info=True)
            message = f"The job could not be sent: {type(error).__name__}: {error}"
            self._land(job_id, "failed", message)
            return
        self._flights[job_id] = _Flight(job, future)
        future.add_done_callback(lambda done: self._task_ended(job_id, done))

    def _land(self, job_id: str, kind: str = "", message: str = "") -> None:
        """Forget a flight, whose worker is free; what it was is told unless it had ended."""
        self._flights.pop(job_id, None)
        if self._desk.state(job_id) == "queued" and kind == "lost":
            self._desk.put_back(job_id)  # it had not begun: it waits for another worker
        elif kind:
            self._desk.record(job_id, kind, message=message)
        self._desk.free(job_id)

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
                if self._desk.state(batch.job_id) in FINAL:
                    self._errand(self._broadcast_stop, batch.job_id, batch.worker)
                return
            if not flight.attempt:
                flight.attempt, flight.worker = batch.attempt, batch.worker
                flight.began = time.monotonic()
                if flight.cancelled is not None:  # it began while it was being cancelled
                    self._errand(self._ask_to_stop, batch.job_id, flight)
            if flight.attempt != batch.attempt or flight.received != batch.first:
                again = flight.attempt != batch.attempt
                self._desk.record(batch.job_id, "lost", message=LOST if again else GAP)
                self._errand(self._broadcast_stop, batch.job_id, batch.worker)
                return
            flight.received += len(batch.entries)
            for kind, chunk, message in batch.entries:
                self._desk.record(batch.job_id, kind, chunk, message, batch.seconds)
            if self._store is not None and batch.entries[-1][0] == "done":
                self._errand(self._keep_result, self._store, batch.job_id)
            if flight.finished is not None and batch.entries[-1][0] in FINAL:
                self._flights.pop(batch.job_id)

    def _hear_of_memory(self, event: tuple[float, dict[str, Any]]) -> None:
        """A worker took more memory than it may, and is being ended (called as `_receive`)."""
        _, told = event
        with self._lock:
            self._out_of_memory[told["worker"]] = told["rss"]

    def _task_ended(self, job_id: str, future: Any) -> None:
        """Dask says that a task has ended: well, or with its worker."""
        from distributed.scheduler import KilledWorker

        error = future.exception(timeout=5) if future.status == "error" else None
        with self._lock:
            flight = self._flights.get(job_id)
            if flight is None or flight.future is not future:
                return
            if future.status == "finished" and self._desk.state(job_id) not in FINAL:
                flight.finished = time.monotonic()  # its last events are on their way
                self._desk.free(job_id)
            elif isinstance(error, KilledWorker):
                self._worker_died(job_id, flight, error.last_worker.address)
            elif error is not None:
                self._land(job_id, "failed", f"{type(error).__name__}: {error}")
            else:
                self._land(job_id, "" if future.status == "finished" else "lost", CLUSTER_LOST)
            self._hand_over_waiting()

    def _worker_died(self, job_id: str, flight: _Flight, worker: str) -> None:
        if self._roster is not None:
            self._roster.lost(worker)
        if self._desk.state(job_id) == "queued" and job_id not in self._sent_again:
            self._sent_again.add(job_id)  # it had not begun: it waits for another worker, once
            self._land(job_id, "lost")
        else:
            flight.died, flight.worker = time.monotonic(), worker
            self._desk.free(job_id)
        self._set_workers()

    def _look_after_flights(self) -> None:
        """End what the worker does not end by itself."""
        now = time.monotonic()
        with self._lock:
            self._hand_over_waiting()
            for job_id, flight in list(self._flights.items()):
                self._look_after(job_id, flight, now)

    def _look_after(self, job_id: str, flight: _Flight, now: float) -> None:
        if flight.cancelled is not None and now - flight.cancelled > STOPPED_SECONDS:
            self._desk.record(job_id, "cancelled", message=STOPPED)
            if now - flight.cancelled > STUBBORN_SECONDS:
                self._restart_worker(job_id, flight)
        limit = flight.job.limit_seconds + STUBBORN_SECONDS
        if flight.began is not None and now - flight.began > limit:
            self._desk.record(job_id, "timeout", message=time_limit_message(flight.job))
            self._restart_worker(job_id, flight)
        if flight.died is not None and now - flight.died > CAUSE_SECONDS:
            size = self._out_of_memory.pop(flight.worker, None)
            kind, message = ("timeout", OUT_OF_MEMORY) if size else ("lost", LOST)
            self._desk.record(job_id, kind, message=message.format(size=(size or 0) / 2**30))
            self._land(job_id)
        if flight.finished is not None and now - flight.finished > LAST_EVENTS_SECONDS:
            self._land(job_id, "lost", GAP)

    def _restart_worker(self, job_id: str, flight: _Flight) -> None:
        """Replace a worker whose experiment does not come back to be stopped."""
        if self._flights.pop(job_id, None) is None:
            return
        if not flight.worker:
            self._desk.free(job_id)
            return
        log.warning("restarting the worker %s, which does not stop", flight.worker)
        client = self._client

        def restart() -> None:
            flight.future.cancel()  # first, or the next worker would run it again
            client.restart_workers([flight.worker], raise_for_error=False)
            self._desk.free(job_id)

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
