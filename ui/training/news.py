"""A page that follows a run: it is drawn again when there is something new, and not before.

    with st.container(gap=None):                  # inside a fragment
        st.progress(...)
        follow(run, service, key="moving-news")

The browser asks a small route of the server (`ui.server.news`), which costs a hundredth of a run of
the fragment, how the run stands: rarely while it waits far back, more often near its turn. Only
where that is other than what the page shows does the browser ask for the fragment.
"""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from bncore.training.jobs import Status, TrainingService
from ui.training.runs import Run

PATH = "api/news"
SHARE = 0.3
"""Of the interpreter's time, for drawing all runs that are followed."""
LEAST_SECONDS, MOST_SECONDS = 0.15, 3.0

_JS = """
const timers = new WeakMap();
export default function ({ data, parentElement, setTriggerValue }) {
  const before = timers.get(parentElement);
  // An earlier drawing that comes late (of the same server: another one counts anew).
  if (before?.server === data.server && before.turn > data.turn) return () => {};
  clearTimeout(before?.id);
  const mine = { server: data.server, turn: data.turn };
  timers.set(parentElement, mine);
  let patience = 4000;  // a request for the fragment may be lost: then it is asked for again
  const look = async () => {
    let wait = 2000;
    try {
      const signal = AbortSignal.timeout(20000);  // or one answer that is lost ends the following
      const answer = await fetch(data.url, { cache: "no-store", signal });
      const news = await answer.json();
      if (timers.get(parentElement) !== mine) return;
      if (news.mark !== data.mark) {
        setTriggerValue("news", news.mark);
        wait = patience;
        patience = Math.min(2 * patience, 60000);
      } else wait = news.again;
    } catch { /* the server is away for a moment */ }
    if (timers.get(parentElement) === mine) mine.id = setTimeout(look, wait);
  };
  if (data.url) mine.id = setTimeout(look, data.wait);
  return () => {
    clearTimeout(mine.id);
    if (timers.get(parentElement) === mine) timers.delete(parentElement);
  };
}
"""

_SERVER = uuid.uuid4().hex
_turns = itertools.count()

_MOUNT = st.components.v2.component("batch_norm_lab_news", html="<span></span>", js=_JS)


class Pace:
    """How long a page waits between two drawings, so that all pages together leave time for others.

    >>> pace = Pace(clock=lambda: 100.0)
    >>> pace.drawn("a", 0.03); pace.seconds()
    0.15
    >>> for n in range(10): pace.drawn(f"page {n}", 0.06)
    >>> round(pace.seconds(), 1)
    2.1
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._drawn: dict[str, tuple[float, float]] = {}

    def drawn(self, page: str, seconds: float) -> None:
        """A page was drawn, which took so long."""
        self._drawn[page] = (self._clock(), seconds)

    def seconds(self) -> float:
        """The pause between two drawings of one page."""
        since = self._clock() - 2 * MOST_SECONDS
        self._drawn = {page: (at, s) for page, (at, s) in self._drawn.copy().items() if at > since}
        cost = sum(seconds for _, seconds in self._drawn.values())
        return min(max(LEAST_SECONDS, cost / SHARE), MOST_SECONDS)


_pace = Pace()


def follow(run: Run | None, service: TrainingService, *, key: str) -> None:
    """Run this fragment again when there are news of `run`; not at all when it has ended."""
    data: dict[str, object] = {"url": "", "mark": "", "wait": 0}
    data |= {"server": _SERVER, "turn": next(_turns)}
    if run is not None and not run.status.finished and service.readiness().state != "unavailable":
        data["url"] = f"{path()}?request={run.job_id}&seen={run.seen}"
        data["mark"] = mark(run.status, run.seen, service)
        data["wait"] = round(1000 * _pace.seconds())
    _MOUNT(key=key, data=data, on_news_change=lambda: None)


@contextmanager
def paced(run: Run | None) -> Iterator[None]:
    """Count what is drawn inside as the cost of following `run`."""
    began = time.perf_counter()
    yield
    if run is not None and not run.status.finished:
        _pace.drawn(run.job_id, time.perf_counter() - began)


def path() -> str:
    """Where the route is, from the root of the server."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return f"/{base}/{PATH}" if base else f"/{PATH}"


def mark(status: Status, seen: int, service: TrainingService) -> str:
    """What a page shows of a run, in short: equal marks, nothing new."""
    parts = [status.state, str(status.position or ""), str(seen)]
    readiness = service.readiness()
    if status.state == "queued" and readiness.state != "ready":
        parts.append(f"{readiness.state} {readiness.seconds // 5:.0f}")
    return ":".join(parts)


def pause(status: Status) -> float:
    """How many seconds pass before the browser asks again.

    >>> [pause(Status("a", "queued", place)) for place in (1, 4, 50)]
    [0.2, 0.8, 3.0]
    >>> pause(Status("a", "running"))
    0.15
    """
    if status.state == "queued":
        return min(MOST_SECONDS, 0.2 * (status.position or 1))
    return LEAST_SECONDS
