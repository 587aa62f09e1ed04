"""An open page while the network, the server or the computer fails, seen through a proxy.

What a page is told is in `ui/training/absence.py`, how it comes back in `ui/server/returning.py`.
Workers and clusters that die are in tests/bncore/training.
"""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Page, expect

from tools.browser import NO_WORKERS, Server, serving
from tools.proxy import Proxy, proxied

pytestmark = [pytest.mark.cluster, pytest.mark.faults]

APP = "-m streamlit run tests/browser/apps/faults_app.py --server.port {port}"
COMMAND = [*APP.split(), "--server.address", "127.0.0.1"]
PATIENCE = 300_000  # ms
# What a browser notes in its console when the network or the server has gone.
GONE = r"net::ERR_|server is not responding|reaching server endpoint|when disconnected from server"


@contextmanager
def serving_pages(folder: Path, environment: dict[str, str] | None = None) -> Iterator[Server]:
    """A server with the two pages."""
    with serving(folder / "server.log", COMMAND, environment) as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving_pages(tmp_path_factory.mktemp("shared")) as running:
        ask(running, "/grace/0.1")
        yield running


@pytest.fixture
def proxy(shared: Server) -> Iterator[Proxy]:
    with proxied(shared.url) as between:
        yield between


@pytest.fixture
def open_page(visit: Callable[..., Any]) -> Callable[[str], Page]:
    """Open an address as a new visitor, whose browser may note that something has gone."""

    def go(url: str) -> Page:
        visitor = visit()
        visitor.expected = GONE
        return visitor.goto(url).page

    return go


def ask(server: Server, path: str) -> Any:
    with urllib.request.urlopen(server.url + path) as answer:
        return json.load(answer)


def line(page: Page, name: str) -> Any:
    """What the page says about its state, its result, or how far it has counted."""
    return page.locator("[data-testid=stText]", has_text=f"{name}:")


def shows(page: Page, name: str, text: str) -> None:
    expect(line(page, name)).to_contain_text(text, timeout=PATIENCE)


def counted(page: Page) -> int:
    return int(line(page, "counted").inner_text(timeout=PATIENCE).split()[-1])


def counts(page: Page, least: int) -> None:
    """Wait until the run has counted that far on the screen."""
    limit = time.monotonic() + PATIENCE / 1000
    while counted(page) < least:
        assert time.monotonic() < limit, "it never happened"
        page.wait_for_timeout(50)


def connected(page: Page, is_connected: bool) -> None:
    wanted = "CONNECTED" if is_connected else "PINGING_SERVER"
    page.wait_for_selector(
        f"[data-test-connection-state={wanted}]", timeout=PATIENCE, state="attached"
    )


def train(page: Page) -> None:
    page.get_by_role("button", name="Train").click()
    expect(page.get_by_role("button", name="Stop")).to_be_enabled(timeout=PATIENCE)


def step(page: Page) -> None:
    """One key press on the slider N."""
    page.get_by_role("slider").press("ArrowRight")


def newest_job(server: Server) -> str:
    return ask(server, "/jobs")[-1]


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE / 1000
    while not condition():
        assert time.monotonic() < limit, "it never happened"
        time.sleep(0.05)


# ---- the connection ------------------------------------------------------------------------


def test_a_proxy_that_cuts_a_quiet_page_is_not_noticed(open_page, proxy):
    page = open_page(f"{proxy.url}/first?n=7")
    step(page)
    shows(page, "state", "n=8")
    proxy.down = True  # until the page has noticed
    assert proxy.cut() > 0
    connected(page, False)
    proxy.down = False
    connected(page, True)
    step(page)
    shows(page, "state", "n=9")
    page.get_by_role("button", name="Undo").click()
    shows(page, "state", "n=8")
    page.get_by_role("button", name="Undo").click()  # what was done before the cut
    shows(page, "state", "n=7")
    assert page.get_by_text("was away").count() == 0


def test_a_short_loss_of_the_network_keeps_the_run_and_its_figures(open_page, proxy, shared):
    until(lambda: ask(shared, "/graces") == 0)
    ask(shared, "/grace/1000.0")
    page = open_page(f"{proxy.url}/first?total=100000&n=7")
    train(page)
    ask(shared, "/grace/0.1")  # for whoever comes next
    counts(page, 5)
    proxy.down = True
    proxy.cut()
    until(lambda: ask(shared, "/graces") == 1)
    connected(page, False)
    proxy.down = False
    until(lambda: ask(shared, "/graces") == 0)
    counts(page, counted(page) + 20)
    assert newest_job(shared) == "running"
    shows(page, "state", "n=7")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped on request.")).to_be_visible(timeout=PATIENCE)


def test_clicks_that_a_stalled_network_brings_together_all_count(open_page, proxy):
    page = open_page(f"{proxy.url}/first?n=0")
    for n in range(1, 9):
        step(page)
        shows(page, "state", f"n={n}")
    undo = page.get_by_role("button", name="Undo")
    proxy.flowing.clear()
    for _ in range(8):
        undo.click()
    proxy.flowing.set()
    shows(page, "state", "n=0")
    expect(undo).to_be_disabled(timeout=PATIENCE)


@contextmanager
def away(page: Page, proxy: Proxy, shared: Server) -> Iterator[None]:
    """Without a network for so long that the run is stopped, and for as long as the block takes."""
    proxy.down = True
    proxy.cut()
    until(lambda: newest_job(shared) == "cancelled")
    yield
    proxy.down = False
    connected(page, True)


def test_a_long_loss_stops_the_run_and_says_so(open_page, proxy, shared):
    page = open_page(f"{proxy.url}/first?total=100001&n=7")
    train(page)
    counts(page, 5)
    with away(page, proxy, shared):
        pass
    said = "Stopped, because this page was away. What was computed until then is kept."
    expect(page.get_by_text(said)).to_be_visible(timeout=PATIENCE)
    counts(page, 5)
    shows(page, "state", "n=7")


def test_a_browser_that_slept_has_its_state_and_is_told_about_its_run(open_page, proxy, shared):
    page = open_page(f"{proxy.url}/first?total=100002&n=7")
    train(page)
    counts(page, 5)
    step(page)
    shows(page, "state", "n=8")
    with away(page, proxy, shared):
        ask(shared, "/expire")
    said = "This page was away, and so its run (Counting) was stopped. Start it again."
    expect(page.get_by_text(said)).to_be_visible(timeout=PATIENCE)
    shows(page, "state", "total=100002, n=8")
    step(page)  # the first thing done in the new session counts
    shows(page, "state", "n=9")
    page.wait_for_url("**n=9")
    train(page)
    counts(page, 1)
    expect(page.get_by_text(said)).to_be_hidden()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped on request.")).to_be_visible(timeout=PATIENCE)


# ---- tabs ----------------------------------------------------------------------------------


def test_two_tabs_of_one_visitor_do_not_disturb_each_other(open_page, shared):
    first = open_page(f"{shared.url}/first?total=100003&n=1")
    second = first.context.new_page()
    second.goto(f"{shared.url}/first?n=2")
    shows(second, "state", "n=2")
    step(second)
    shows(second, "state", "n=3")
    shows(first, "state", "n=1")
    train(first)
    counts(first, 5)
    shows(second, "result", "None")
    train(second)  # behind the other one, for there is one worker
    first.close()  # and after the grace its run is stopped
    expect(second.get_by_text("Done: 20 numbers")).to_be_visible(timeout=PATIENCE)
    shows(second, "counted", "20")


# ---- the server ----------------------------------------------------------------------------


def test_a_server_that_is_started_again_during_a_run(open_page, shared, tmp_path):
    """It ends with all that it started; the page goes on with the next one."""
    with serving_pages(tmp_path) as running, proxied(running.url) as between:
        page = open_page(f"{between.url}/first?total=100004&n=7")
        step(page)
        shows(page, "state", "n=8")
        train(page)
        counts(page, 5)
        started = psutil.Process(running.process.pid).children(recursive=True)
        assert len(started) >= 2  # the host and a worker
        running.process.terminate()
        assert running.process.wait(timeout=PATIENCE / 1000) in (0, -signal.SIGTERM)
        until(lambda: not any(alive(process) for process in started))
        assert "Traceback" not in running.log.read_text()
        between.target = shared.url
        said = "The server was started again, or this page was away for long."
        expect(page.get_by_text(said)).to_be_visible(timeout=PATIENCE)
        shows(page, "state", "total=100004, n=8")
        step(page)
        shows(page, "state", "n=9")


def test_presets_are_there_before_anybody_asks(open_page, tmp_path):
    with serving_pages(tmp_path, {"BNLAB_PREPARE": "1", "BNLAB_WORKERS": "1"}) as running:
        until(lambda: ask(running, "/jobs") == ["done"])  # what the page offers as it opens
        page = open_page(f"{running.url}/first")
        shows(page, "result", "done")  # the page opens with it
        said = page.get_by_text("Recorded by this server")
        expect(said).to_contain_text("“Train live” runs it again", timeout=PATIENCE)
        shows(page, "counted", "20")
        page.get_by_role("button", name="Train").click()  # this time it is run for this visitor
        expect(page.get_by_text("Done: 20 numbers")).to_be_visible(timeout=PATIENCE)
        # The server's own run, what the page opened with, and the visitor's run.
        assert ask(running, "/jobs") == ["done"] * 3


def alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def test_a_page_left_open_over_an_upgrade(open_page, proxy, tmp_path):
    """The link keeps what the later release still knows, and says what it does not."""
    changed = open_page(f"{proxy.url}/first?n=7&total=25")
    removed = open_page(f"{proxy.url}/gone?n=3")
    shows(changed, "state", "n=7")
    shows(removed, "state", "n=3")
    with serving_pages(tmp_path, {"BNLAB_TEST_RELEASE": "later", **NO_WORKERS}) as later:
        proxy.target = later.url
        proxy.cut()
        shows(changed, "state", "Later(total=25")
        told = changed.locator("[data-testid=stAlert]", has_text="is ignored")
        expect(told).to_contain_text("n: there is no such setting")
        changed.wait_for_url("**/first?total=25")
        shows(removed, "state", "home")
        assert later.process.poll() is None
