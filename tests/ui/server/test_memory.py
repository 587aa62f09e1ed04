import asyncio
import gc
import threading

import pytest

from tests.loops import run
from ui.server import memory


@pytest.fixture
def collections(monkeypatch):
    """The collections that are made, in place of real ones."""
    made = []
    monkeypatch.setattr(memory, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(gc, "collect", lambda: made.append(memory.pages_running()))
    thresholds = gc.get_threshold()
    yield made
    gc.set_threshold(*thresholds)


def until(condition):
    async def keep():
        task = asyncio.create_task(memory.collect_when_quiet())
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.001)
        task.cancel()

    run(keep())


def test_it_is_collected_again_and_again_while_no_page_runs(collections):
    until(lambda: len(collections) >= 3)
    assert set(collections) == {0}


def test_a_page_that_runs_is_waited_for_and_not_for_ever(collections, monkeypatch):
    monkeypatch.setattr(memory, "PATIENCE_SECONDS", 0.05)
    over = threading.Event()
    page = threading.Thread(target=over.wait, name="ScriptRunner.scriptThread")
    page.start()
    try:
        until(lambda: len(collections) >= 1)
    finally:
        over.set()
        page.join()
    assert collections[0] == 1  # it was still running: patience was over


def test_a_collection_waits_until_the_page_has_run(collections, monkeypatch):
    monkeypatch.setattr(memory, "PATIENCE_SECONDS", 1e9)
    over = threading.Event()
    page = threading.Thread(target=over.wait, name="ScriptRunner.scriptThread")
    page.start()
    threading.Timer(0.05, over.set).start()
    until(lambda: len(collections) >= 1)
    page.join()
    assert collections[0] == 0
