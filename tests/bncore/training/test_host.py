import logging
import threading
from dataclasses import dataclass, field

import pytest

from bncore.training import cluster
from bncore.training.host import Later, Meeting


@dataclass
class Host:
    """A host that only counts."""

    more_workers: str = "Start one there."
    done: list[str] = field(default_factory=list)

    def start(self):
        self.done.append("start")
        return Meeting("tcp://here:1", None)

    def alive(self):
        return "start" in self.done

    def stop(self):
        self.done.append("stop")


def test_a_later_host_begins_when_it_is_told_and_not_before():
    host, moment = Host(), threading.Event()
    later, met = Later(host, moment), []
    waiting = threading.Thread(target=lambda: met.append(later.start()))
    waiting.start()
    assert (host.done, later.alive(), later.more_workers) == ([], False, "Start one there.")
    moment.set()
    waiting.join(60)
    assert met == [Meeting("tcp://here:1", None)]
    assert later.alive()


def test_once_it_has_begun_it_stops_and_begins_again_at_once():
    host, moment = Host(), threading.Event()
    later = Later(host, moment)
    moment.set()
    later.start()
    later.stop()
    later.start()
    assert host.done == ["start", "stop", "start"]


def test_a_server_that_ends_before_starts_no_workers():
    host, refused = Host(), []
    later = Later(host, threading.Event())

    def start():
        with pytest.raises(OSError, match="ended before"):
            later.start()
        refused.append(True)

    waiting = threading.Thread(target=start)
    waiting.start()
    later.stop()
    waiting.join(60)
    assert refused == [True]
    assert host.done == ["stop"]


def test_the_workers_host_is_silent_before_it_ends_anything(monkeypatch):
    """Its server has ended, connections end in any order: Dask would log each with a traceback."""
    silent = []
    monkeypatch.setattr(cluster.os, "read", lambda *_: b"")
    monkeypatch.setattr(cluster.os, "_exit", lambda code: None)
    monkeypatch.setattr(cluster.time, "sleep", lambda seconds: None)
    try:
        cluster._watch_stdin(
            lambda: silent.append(not logging.getLogger("distributed").isEnabledFor(logging.ERROR)),
            "no such folder",
        )
    finally:
        logging.disable(logging.NOTSET)
    assert silent == [True]
