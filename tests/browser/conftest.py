"""A real server and a real Chromium for the tests in this folder.

`server` is shared by a whole run; `start_server` starts another one that nobody has visited.
`visit` opens pages in emptied browser profiles and fails a test whose page logged an error.

Wait for states, never for times: with `expect`, and with `Visit.settle` before looking whether
something did not happen. The limits below only end a test that hangs, so they are far away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.waiting import LIMIT, TRAINED
from tools import browser
from tools.browser import APP, NO_WORKERS, ROOT, SETTLED, Server

collect_ignore_glob = ["apps/*", "probe/*"]  # scripts for servers, one of them broken on purpose
RESULTS = ROOT / "test-results"
expect.set_options(timeout=LIMIT)
WATCH_RUNS = Path(__file__).with_name("runs.js").read_text()
# On a deep link (/axes) Streamlit's client asks under /axes first and falls back to the root: the
# two answers 404 are how it finds the server.
_PROBE = re.compile(r"://[^/]+/[^/]+/_stcore/(health|host-config)$")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server as a user starts it, with its training service."""
    log = tmp_path_factory.mktemp("server") / "server.log"
    with browser.serving(log, APP, {"BNLAB_WORKERS": "1"}) as running:
        yield running


def _starter(folder: Path) -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(command: list[str] | None = None) -> Server:
        log = folder / f"server-{len(started)}.log"
        started.append(browser.start_server(log, command or APP, NO_WORKERS))
        return started[-1]

    yield start
    for running in started:
        running.process.kill()  # it started no worker, so there is nobody to say goodbye to
        running.process.wait()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server that nobody has visited yet, without training workers."""
    yield from _starter(tmp_path)


@pytest.fixture(scope="module")
def start_module_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Server]]:
    """The same for a server that all tests of a module share."""
    yield from _starter(tmp_path_factory.mktemp("servers"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with sync_playwright() as playwright:
        launched = browser.launch_chromium(playwright)
        yield launched
        launched.close()


@dataclass
class Profiles:
    """Browser profiles, each used by one visitor at a time and emptied after the test.

    What a profile has loaded of the client it keeps, compiled: that is a third of a page's cost.
    """

    chromium: Browser
    free: dict[tuple[int, int, str], list[BrowserContext]] = field(default_factory=dict)

    def take(self, width: int, height: int, scheme: str) -> BrowserContext:
        """A profile that nobody uses and that knows nobody."""
        free = self.free.setdefault((width, height, scheme), [])
        if free:
            return free.pop()
        context = self.chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        context.set_default_timeout(LIMIT)
        context.add_init_script(WATCH_RUNS)
        return context

    def give_back(self, width: int, height: int, scheme: str, context: BrowserContext) -> None:
        """Forget the visitor."""
        for page in context.pages:
            if page.url != "about:blank":
                page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
            page.close()
        context.clear_cookies()
        self.free[width, height, scheme].append(context)


@pytest.fixture(scope="session")
def profiles(chromium: Browser) -> Profiles:
    """The profiles of a whole run."""
    return Profiles(chromium)


@dataclass
class Visit:
    """One visitor with a browser profile of their own."""

    page: Page
    expected: str = r"$^"  # errors in the console that the test brings about
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", partial(note, self))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def tab(self) -> Visit:
        """Another tab of the same visitor."""
        return Visit(self.page.context.new_page(), self.expected, self.errors)

    def goto(self, url: str) -> Visit:
        """Open an address and wait for the page, with its settings unfolded."""
        self.page.goto(url)
        self.settle()
        return self.unfold()

    def unfold(self) -> Visit:
        """Open the box of the page's settings, where it has one."""
        box = self.page.locator("[class*=-settings] details:not([open]) > summary")
        if box.count():
            box.click()
            self.settle()
        return self

    def settle(self) -> Visit:
        """Wait until the server has answered what it was asked, and the browser has drawn it.

        Of several questions asked at once, the answer to the first may be taken for all: after
        quick actions `expect` what follows from the last one.
        """
        browser.wait_until(self.page, "() => window.bnlabRuns.quiet()")
        self.idle()
        self.page.wait_for_selector(SETTLED, state="attached")
        expect(self.page.locator(".grid:empty")).to_have_count(0)  # its code has arrived
        self.idle()
        return self

    def idle(self) -> None:
        """Wait until the browser has done what its last messages and events brought about.

        What moves has come to its end then: a box that still unfolds carries its buttons away
        between the press and the release of a mouse.
        """
        self.page.evaluate(
            "() => Promise.allSettled(document.getAnimations()"
            ".filter(moving => moving.playState === 'running'"
            " && Number.isFinite(moving.effect.getComputedTiming().endTime))"
            ".map(moving => moving.finished))"
        )
        # A page that draws no frames may never be told that it is idle: at the latest in a second.
        self.page.evaluate(
            "() => new Promise("
            "done => requestIdleCallback(() => setTimeout(done), { timeout: 1000 }))"
        )

    def train(self, panel: str) -> None:
        """Press the Train button of a panel, and wait for the end."""
        self.page.locator(f".st-key-{panel}-train button").click(timeout=TRAINED)
        done = self.page.locator(f".st-key-{panel}-progress").get_by_text("Done: ")
        expect(done).to_be_visible(timeout=TRAINED)

    def title(self) -> str:
        """The page's heading."""
        return self.page.locator("h1").first.inner_text()

    def overflow(self) -> int:
        """By how many pixels the content is wider than the window."""
        return int(
            self.page.evaluate(
                "Math.max(...[document.documentElement, "
                "document.querySelector('[data-testid=stMain]')]"
                ".map(e => e.scrollWidth - e.clientWidth))"
            )
        )

    def screenshot(self, name: str) -> Path:
        """A picture of the whole page under test-results/ (not part of the repository)."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path


@pytest.fixture
def visit(profiles: Profiles, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visit]]:
    """Make visitors: `visit(width=390, scheme="dark")`. Errors in their consoles fail the test."""
    visits: list[tuple[Visit, tuple[int, int, str]]] = []

    def make(width: int = 1440, height: int = 900, scheme: str = "light") -> Visit:
        visitor = Visit(profiles.take(width, height, scheme).new_page())
        visits.append((visitor, (width, height, scheme)))
        return visitor

    yield make
    for number, (visitor, kind) in enumerate(visits):
        if getattr(request.node, "failed_call", False):
            visitor.screenshot(f"failed-{request.node.name}-{number}".replace("/", "_"))
            visitor.page.context.close()  # in whatever state it is
        else:
            profiles.give_back(*kind, visitor.page.context)
    assert [error for visitor, _ in visits for error in visitor.errors] == []


def note(visitor: Visit, message: ConsoleMessage) -> None:
    """Keep an error in the browser's console that the test does not bring about."""
    expected = re.search(visitor.expected, message.text)
    if message.type == "error" and not expected and not _PROBE.search(message.location["url"]):
        visitor.errors.append(f"{message.text} {message.location['url']}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if report.when == "call":
        item.failed_call = report.failed  # type: ignore[attr-defined]
    return report
