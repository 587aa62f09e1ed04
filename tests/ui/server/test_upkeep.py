from tests.loops import run
from ui.server import upkeep


def test_the_first_visitor_comes_before_the_workers_and_the_other_pages(monkeypatch):
    done = []

    def noting(what):
        async def note(*arguments):
            done.append((what, *arguments))

        return note

    for name in ("visit", "calm", "warm_up", "collect_when_quiet", "keep_prepared"):
        monkeypatch.setattr(upkeep, name, noting(name))
    run(upkeep.keep_up(lambda: done.append("workers")))
    assert done[:4] == [("visit", ""), ("calm", upkeep.PATIENCE_SECONDS), "workers", ("warm_up",)]
    assert {what for (what,) in done[4:]} == {"collect_when_quiet", "keep_prepared"}
