"""`TrainingService` on a Dask cluster."""

import logging
import pickle
import threading
import time
import uuid
from functools import partial
from typing import Any

from bncore.training.background import Background
from bncore.training.connection import Connection
from bncore.training.desk import Desk, DeskService
from bncore.training.fingerprint import fingerprint
from bncore.training.flights import CLUSTER_LOST, GAP, LOST, Flight, overdue
from bncore.training.host import Host
from bncore.training.jobs import FINAL, Job, Readiness
from bncore.training.limits import Limits
from bncore.training.store import ResultStore
from bncore.training.tally import Load
from bncore.training.versions import OtherCodeError
from bncore.training.worker import Batch, run_job

log = logging.getLogger(__name__)

TICK_SECONDS = 0.1


class DaskService(DeskService):
    """Hands jobs to a Dask scheduler, as many as there are workers, and collects what comes back.

    The others wait at the desk, which knows whose turn it is; so a job that the scheduler has
    finds an idle worker. Nothing that waits for an answer is done with the lock held, but in the
    background.
    """

    def __init__(
        self,
        host: Host,
        allowed: tuple[str, ...],
        max_bytes: int,
        limits: Limits | None = None,
        store: ResultStore | None = None,
    ) -> None:
        self._allowed = allowed
        self._max_bytes = max_bytes
        super().__init__(Desk(limits))
        self._store = store  # of results that other processes made, or this one before
        self._again: set[str] = set()  # jobs that are to be run whatever the store has
        self._sent_again: set[str] = set()  # whose first worker died before they began
        self._topic = f"bnlab-{uuid.uuid4().hex}"
        self._lock = threading.RLock()
        self._flights: dict[str, Flight] = {}
        self._out_of_memory: dict[str, int] = {}  # bytes, by the worker that died of them
        self._problem = ""
        self._closing = threading.Event()
        self._background = Background()
        told_of_memory = "worker-restart-memory"  # Dask's own topic
        listeners = {self._topic: self._receive, told_of_memory: self._hear_of_memory}
        self.connection = Connection(host, self._background, listeners)
        self._keeper = threading.Thread(target=self._keep, name="training-service", daemon=True)
        self._keeper.start()

    # ---- the TrainingService -----------------------------------------------------------------

    def submit(self, job: Job[Any], visitor: str = "", fresh: bool = False) -> str:
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

    def cancel(self, job_id: str) -> None:
        """Leave the run. Where nobody is left it stops: within a second, or at once if it waits."""
        with self._lock:
            unwanted = self._desk.leave(job_id)
            flight = self._flights.get(unwanted) if unwanted else None
            if unwanted is None or flight is None:
                return
            if self._desk.state(unwanted) in FINAL:  # it had not begun
                self._background.do(flight.future.cancel)
            flight.cancelled = time.monotonic()
            self.connection.stop(unwanted, flight.worker)

    def readiness(self) -> Readiness:
        """Whether the workers are there."""
        problem = self._problem
        return Readiness("unavailable", problem) if problem else self.connection.readiness()

    def load(self) -> Load:
        """How much is going on, and how runs have ended so far."""
        return self._desk.load(self.connection.workers)

    def close(self) -> None:
        """Stop what runs, the workers, and what was started for them."""
        self._closing.set()
        self._end_all("cancelled", "The training service has ended.")
        self.connection.end()
        self._keeper.join(timeout=10)
        self._background.end()

    # ---- the cluster: one thread looks after it ----------------------------------------------

    def _keep(self) -> None:
        """Bring the cluster up, watch over it, and bring it up again when it is gone."""
        failures = 0
        while not self._closing.is_set():
            try:
                self._connect()
                failures = 0
                while not self._closing.wait(TICK_SECONDS) and self.connection.alive():
                    self._look_after_flights()
                    self.connection.look()
                    self._set_workers()
            except Exception as error:
                failures += 1
                self._give_up(error)
            self._disconnect()
            self._closing.wait(min(30.0, 2.0**failures) if failures else 0)

    def _connect(self) -> None:
        self.connection.open()
        with self._lock:
            self._problem = ""
            self._set_workers()

    def _disconnect(self) -> None:
        with self._lock:
            close = self.connection.leave()
            for job_id in list(self._flights):
                self._land(job_id, "lost", CLUSTER_LOST)
            self._set_workers()
        close()

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
            self._desk.set_workers(self.connection.workers)
            self._hand_over_waiting()

    def _hand_over_waiting(self) -> None:
        """Give the scheduler, where there is one, the jobs whose turn it is."""
        if not self.connection.takes_jobs():
            return
        while (job_id := self._desk.next()) is not None:
            self._hand_over(job_id)

    def _hand_over(self, job_id: str) -> None:
        """A job whose turn it is: from the store where that has it, else to a worker."""
        if self._store is None or job_id in self._again:
            self._again.discard(job_id)
            self._send(job_id)
        else:
            self._background.do(self._look_up, self._store, job_id)

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
            elif not self.connection.takes_jobs():
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
            key = f"{job_id}-{uuid.uuid4().hex}"  # another one where it is sent again
            future = self.connection.submit(run_job, *arguments, key=key)
        except Exception as error:
            log.warning("cannot send a job", exc_info=True)
            message = f"The job could not be sent: {type(error).__name__}: {error}"
            self._land(job_id, "failed", message)
            return
        self._flights[job_id] = Flight(job, future)
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
                    self.connection.stop(batch.job_id, batch.worker)
                return
            if not flight.attempt:
                flight.attempt, flight.worker = batch.attempt, batch.worker
                flight.began = time.monotonic()
                if flight.cancelled is not None:  # it began while it was being cancelled
                    self.connection.stop(batch.job_id, flight.worker)
            if flight.attempt != batch.attempt or flight.received != batch.first:
                again = flight.attempt != batch.attempt
                self._desk.record(batch.job_id, "lost", message=LOST if again else GAP)
                self.connection.stop(batch.job_id, batch.worker)
                return
            flight.received += len(batch.entries)
            for kind, chunk, message in batch.entries:
                self._desk.record(batch.job_id, kind, chunk, message, batch.seconds)
            if self._store is not None and batch.entries[-1][0] == "done":
                self._background.do(self._keep_result, self._store, batch.job_id)
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

    def _worker_died(self, job_id: str, flight: Flight, worker: str) -> None:
        self.connection.lost(worker)
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

    def _look_after(self, job_id: str, flight: Flight, now: float) -> None:
        for ending in overdue(flight, now, self._out_of_memory.get(flight.worker)):
            self._desk.record(job_id, ending.kind, message=ending.message)
            if ending.then == "restart":
                self._restart_worker(job_id, flight)
            elif ending.then == "land":
                self._out_of_memory.pop(flight.worker, None)
                self._land(job_id)

    def _restart_worker(self, job_id: str, flight: Flight) -> None:
        """Replace a worker whose experiment does not come back to be stopped."""
        if self._flights.pop(job_id, None) is None:
            return
        if flight.worker:
            free = partial(self._desk.free, job_id)
            self.connection.restart(flight.worker, flight.future, then=free)
        else:
            self._desk.free(job_id)
