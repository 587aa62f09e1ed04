"""Who is at the scheduler: the workers, since when none, and whether their code is ours."""

import logging
import time
from collections.abc import Callable
from typing import Any

from bncore.training import versions

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
SCHEDULER = ""


class Roster:
    """The workers of one connection, looked up from time to time.

    `note` is what else differs there (another Python or Keras), in a sentence, or "".
    """

    def __init__(self, client: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._workers: frozenset[str] = frozenset()
        self._known: dict[str, dict[str, str]] = {}
        self._empty_since = clock()
        self._looked = float("-inf")
        self.note = ""

    @property
    def workers(self) -> int:
        """How many workers were there at the last look."""
        return len(self._workers)

    @property
    def empty_seconds(self) -> float:
        """For how long there has been no worker."""
        return 0.0 if self._workers else self._clock() - self._empty_since

    def lost(self, worker: str) -> None:
        """This worker has died, as is known before the next look."""
        if self._workers == {worker}:
            self._empty_since = self._clock()
        self._workers -= {worker}

    def look(self) -> None:
        """Look up who is there, but not again and again; waits for the scheduler's answer.

        `versions.OtherCodeError` where somebody runs other code than this process.
        """
        if self._workers and self._clock() - self._looked < LOOK_SECONDS:
            return
        found = frozenset(self._client.nthreads())
        if not found and self._workers:
            self._empty_since = self._clock()
        self._workers = found
        self._looked = self._clock()
        if not self._known or found - self._known.keys():
            self._ask(found)

    def _ask(self, found: frozenset[str]) -> None:
        """Ask those who are new what they run."""
        new = list(found - self._known.keys())
        said = self._client.run(versions.describe, workers=new, on_error="return") if new else {}
        here = {who: what for who, what in self._known.items() if who in found}
        # Who died while being asked is no stranger, and whoever takes its place is asked then.
        answers = {who: what for who, what in said.items() if not isinstance(what, OSError)}
        here |= {who: self._understood(what) for who, what in answers.items()}
        self._known = {SCHEDULER: self._known.get(SCHEDULER) or self._scheduler(), **here}
        note = versions.compare({_name(who): what for who, what in self._known.items()})
        if note and note != self.note:
            log.warning("versions differ: %s", note)
        self.note = note

    def _scheduler(self) -> dict[str, str]:
        try:
            return self._understood(self._client.run_on_scheduler(versions.describe))
        except Exception as error:
            return self._understood(error)

    @staticmethod
    def _understood(said: Any) -> dict[str, str]:
        if isinstance(said, dict):
            return said
        log.info("somebody at the scheduler does not know bncore: %s", said)
        return versions.UNKNOWN


def _name(who: str) -> str:
    return "the scheduler" if who == SCHEDULER else f"the worker at {who}"
