"""Undo and redo over immutable records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

State = TypeVar("State")
LIMIT = 100


@dataclass(frozen=True)
class History(Generic[State]):
    """Where a page is, where it was, and where it can go again.

    >>> history = History(1).commit(2).commit(3).undo()
    >>> history.present, history.can_undo, history.redo().present
    (2, True, 3)
    """

    present: State
    past: tuple[State, ...] = ()
    future: tuple[State, ...] = ()

    @property
    def can_undo(self) -> bool:
        """Whether there is anything before."""
        return bool(self.past)

    @property
    def can_redo(self) -> bool:
        """Whether anything was undone."""
        return bool(self.future)

    def commit(self, record: State) -> History[State]:
        """With `record` as the present; the same history where nothing changed."""
        if record == self.present:
            return self
        return History(record, (*self.past, self.present)[-LIMIT:])

    def amend(self, record: State) -> History[State]:
        """With `record` in the place of the present: no step of its own.

        >>> History(1).commit(2).amend(3).undo().present
        1
        """
        return replace(self, present=record)

    def undo(self) -> History[State]:
        """One step back, or the same history at its start."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redo(self) -> History[State]:
        """One step forward again, or the same history at its end."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])

    def visit(self, record: State) -> History[State]:
        """At `record`, as the browser's Back and Forward do: a step if it is the next one."""
        if self.past and record == self.past[-1]:
            return self.undo()
        if self.future and record == self.future[0]:
            return self.redo()
        return self.commit(record)
