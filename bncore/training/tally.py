"""How much is going on: jobs that wait and run, workers, and how the runs so far have ended.

Numbers only: nothing of what was asked or came out of it.
"""

import logging
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

BUCKETS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
"""Upper ends of the classes of seconds that are counted; a last one takes what is longer."""


@dataclass(frozen=True)
class Durations:
    """How long things took: how many in each class of `BUCKETS` (and beyond), and in all.

    >>> Durations().plus(0.2).plus(1000).counts
    (0, 1, 0, 0, 0, 0, 0, 0, 1)
    """

    counts: tuple[int, ...] = (0,) * (len(BUCKETS) + 1)
    total: float = 0.0

    def plus(self, seconds: float) -> "Durations":
        """With one more."""
        place = bisect_left(BUCKETS, seconds)
        counts = (*self.counts[:place], self.counts[place] + 1, *self.counts[place + 1 :])
        return Durations(counts, self.total + seconds)


@dataclass(frozen=True)
class Load:
    """What a training service has to do at a moment, and has done since it started.

    Args:
        waiting, running: jobs.
        workers: that are connected.
        ended: final state -> number of jobs.
        waits, runs: how long jobs waited until they began, and ran until they ended.
    """

    waiting: int = 0
    running: int = 0
    workers: int = 0
    ended: Mapping[str, int] = field(default_factory=dict)
    waits: Durations = Durations()
    runs: Durations = Durations()


class Tally:
    """Counts how jobs end; from any thread.

    >>> tally = Tally()
    >>> tally.add("Moving", "done", waited=0.0, ran=2.5)
    >>> tally.add("Moving", "cancelled")
    >>> load = tally.load(waiting=1, running=0, workers=2)
    >>> load.ended, load.runs.total
    ({'done': 1, 'cancelled': 1}, 2.5)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended: Counter[str] = Counter()
        self._waits, self._runs = Durations(), Durations()

    def add(
        self, function: str, state: str, waited: float | None = None, ran: float | None = None
    ) -> None:
        """One more job has ended; `waited` and `ran` (seconds) are None where it never began."""
        with self._lock:
            self._ended[state] += 1
            if waited is not None and ran is not None:
                self._waits, self._runs = self._waits.plus(waited), self._runs.plus(ran)
        seconds = {"waited": waited, "ran": ran}
        log.info("run ended", extra={"experiment": function, "state": state, **seconds})

    def load(self, waiting: int, running: int, workers: int) -> Load:
        """Everything that is counted, with what stands at this moment."""
        with self._lock:
            return Load(waiting, running, workers, dict(self._ended), self._waits, self._runs)
