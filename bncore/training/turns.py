"""Whose turn it is. Pure: visitors, the jobs that wait, and the order in which they run.

Three lanes. A *check* is asked by a page itself and takes milliseconds; a *run* takes seconds; a
*study* may take minutes.

- Visitors take turns: one job of this visitor, then one of the next. How many tabs a visitor has,
  or how many jobs, changes nothing for the others.
- Checks have a line of their own, and go before runs and studies; where those wait as well, one
  of them goes after `CHECKS_IN_A_ROW` checks.
- Studies leave one worker to the rest, where there is more than one and somebody else is there
  (`reserved`). With a single worker everything waits for the study that runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

CHECK, RUN, STUDY = "check", "run", "study"
LANES = (CHECK, RUN, STUDY)
CHECKS_IN_A_ROW = 8


@dataclass(frozen=True)
class Entry:
    """A job in the line: its key, its lane, and the visitors who wait for it (one a request)."""

    key: str
    lane: str
    visitors: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """Jobs that wait, and the visitors in the order of their next turn.

    >>> line = Line().add(Entry("a1", RUN, ("ada",))).add(Entry("a2", RUN, ("ada",)))
    >>> line.add(Entry("b1", RUN, ("bob",))).order()
    ('a1', 'b1', 'a2')
    """

    waiting: tuple[Entry, ...] = ()
    ring: tuple[str, ...] = ()

    def add(self, entry: Entry) -> Line:
        """With one more job at the end of its visitors' jobs."""
        return replace(self, waiting=(*self.waiting, entry))._with_ring(self.ring)

    def back(self, entry: Entry) -> Line:
        """With a job that had its turn and could not run: it is next."""
        first = tuple(dict.fromkeys(entry.visitors))
        return replace(self, waiting=(entry, *self.waiting))._with_ring((*first, *self.ring))

    def map(self, change: Callable[[Entry], Entry]) -> Line:
        """With every entry changed; those that nobody waits for any more are dropped."""
        changed = (change(entry) for entry in self.waiting)
        return replace(self, waiting=tuple(e for e in changed if e.visitors))._with_ring(self.ring)

    def next(self, studies: int) -> tuple[Entry, str] | None:
        """The job whose turn it is and its visitor, with room for so many more studies."""
        for visitor in self.ring:
            for entry in self.waiting:
                if visitor in entry.visitors and (studies > 0 or entry.lane != STUDY):
                    return entry, visitor
        return None

    def without(self, entry: Entry, visitor: str) -> Line:
        """After the turn of `visitor`, who had `entry`."""
        waiting = tuple(each for each in self.waiting if each is not entry)
        others = tuple(each for each in self.ring if each != visitor)
        return Line(waiting)._with_ring((*others, visitor))

    def order(self, studies: int = 1) -> tuple[str, ...]:
        """The keys in the order of their turns. Where studies have no room, the next one's place
        is after all that need not wait for it."""
        # What `next` and `without` give again and again, without making every line in between.
        waiting: dict[str, list[Entry]] = {visitor: [] for visitor in self.ring}
        for entry in self.waiting:
            for visitor in dict.fromkeys(entry.visitors):
                waiting[visitor].append(entry)
        found: dict[str, None] = {}
        while len(found) < len(self.waiting):
            for visitor, entries in waiting.items():
                entries[:] = [each for each in entries if each.key not in found]
                chosen = next((e for e in entries if studies > 0 or e.lane != STUDY), None)
                if chosen is not None:
                    found[chosen.key] = None
                    studies -= chosen.lane == STUDY
                    waiting[visitor] = waiting.pop(visitor)  # to the end of the ring
                    break
            else:
                studies += 1  # one that runs has ended
            waiting = {visitor: entries for visitor, entries in waiting.items() if entries}
        return tuple(found)

    def _with_ring(self, ring: tuple[str, ...]) -> Line:
        """With the ring of exactly those who wait, newcomers at its end."""
        present = dict.fromkeys(v for entry in self.waiting for v in entry.visitors)
        known = dict.fromkeys(v for v in ring if v in present)
        return replace(self, ring=tuple(known | present))


@dataclass(frozen=True)
class Turns:
    """The two lines, and what runs on how many workers.

    >>> turns = Turns(workers=1).add("a", RUN, "ada").add("b", RUN, "bob").add("c", CHECK, "cyd")
    >>> key, turns = turns.take()
    >>> key, turns.take()[0], turns.place("a"), turns.place("b")
    ('c', None, 1, 2)
    >>> turns.ended("c").take()[0]
    'a'
    """

    workers: int = 1
    reserved: int = 1
    checks: Line = Line()
    runs: Line = Line()
    running: tuple[Entry, ...] = ()
    checks_in_a_row: int = 0

    def add(self, key: str, lane: str, visitor: str) -> Turns:
        """With one more job."""
        return self._with_line(lane, self._line(lane).add(Entry(key, lane, (visitor,))))

    def join(self, key: str, visitor: str) -> Turns:
        """With one more visitor who waits for a job: it goes at the first turn of any of them."""
        return self._replaced(key, lambda visitors: (*visitors, visitor))

    def leave(self, key: str, visitor: str) -> Turns:
        """Without one request of this visitor for a job; a job nobody waits for does not wait."""

        def less(visitors: tuple[str, ...]) -> tuple[str, ...]:
            at = visitors.index(visitor) if visitor in visitors else len(visitors)
            return visitors[:at] + visitors[at + 1 :]

        return self._replaced(key, less)

    def drop(self, key: str) -> Turns:
        """Without a job that waited."""
        return self._replaced(key, lambda visitors: ())

    def take(self) -> tuple[str | None, Turns]:
        """The key of the job to be run now, and how it is after that; None where none can."""
        if len(self.running) >= self.workers:
            return None, self
        check, run = self.checks.next(0), self.runs.next(self._room_for_studies)
        if check and (run is None or self.checks_in_a_row < CHECKS_IN_A_ROW):
            after = replace(self, checks=self.checks.without(*check))
            entry, row = check[0], self.checks_in_a_row + 1
        elif run:
            after, entry, row = replace(self, runs=self.runs.without(*run)), run[0], 0
        else:
            return None, self
        return entry.key, replace(after, running=(*self.running, entry), checks_in_a_row=row)

    def ended(self, key: str) -> Turns:
        """After a worker is free again of a job."""
        return replace(self, running=tuple(e for e in self.running if e.key != key))

    def back(self, key: str) -> Turns:
        """After a job that was taken could not begin: it waits again, and is next."""
        entry = next((e for e in self.running if e.key == key and e.visitors), None)
        after = self.ended(key)
        return after._with_line(entry.lane, after._line(entry.lane).back(entry)) if entry else after

    def waiting(self, lane: str) -> tuple[Entry, ...]:
        """The jobs that wait in the line of this lane."""
        return self._line(lane).waiting

    def place(self, key: str) -> int | None:
        """The place in its line, from 1; None for a job that does not wait."""
        return self._places.get(key)

    @cached_property
    def _places(self) -> dict[str, int]:
        lines = (self.checks.order(), self.runs.order(self._room_for_studies))
        return {key: place for line in lines for place, key in enumerate(line, 1)}

    @property
    def _room_for_studies(self) -> int:
        return max(1, self.workers - self.reserved) - sum(
            entry.lane == STUDY for entry in self.running
        )

    def _replaced(self, key: str, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Turns:
        def one(entry: Entry) -> Entry:
            return replace(entry, visitors=change(entry.visitors)) if entry.key == key else entry

        return replace(
            self,
            checks=self.checks.map(one),
            runs=self.runs.map(one),
            running=tuple(map(one, self.running)),
        )

    def _line(self, lane: str) -> Line:
        return self.checks if lane == CHECK else self.runs

    def _with_line(self, lane: str, line: Line) -> Turns:
        return replace(self, checks=line) if lane == CHECK else replace(self, runs=line)
