"""deploy/nginx.conf in a real nginx, in front of two real servers."""

import asyncio
import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass

import pytest
import websockets
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_server_config import DEFAULT_WEBSOCKET_PING_INTERVAL

from tests.bncore.training.processes import listening, until
from tests.loops import run
from tools.browser import NO_WORKERS, ROOT, Server, start_server

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
]
SECRET = {"STREAMLIT_SERVER_COOKIE_SECRET": "the same in every process"}

# What nginx needs around a site, for a user who is not root.
AROUND = """
daemon off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    {site}
}}
"""


@dataclass
class Site:
    """The proxy, and the servers behind it."""

    url: str
    servers: list[Server]

    def sessions(self) -> list[int]:
        """How many browsers each server has, as it tells a process of this machine."""
        return [number(server.url, "bnlab_sessions") for server in self.servers]

    def is_empty(self) -> bool:
        """Whether nobody is connected, the servers themselves (at their start) included."""
        return all(answers(server.url, "/readyz") for server in self.servers) and not any(
            self.sessions()
        )


def number(url: str, name: str) -> int:
    text = urllib.request.urlopen(f"{url}/metrics", timeout=60).read().decode()
    return int(float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE)[1]))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configuration(port: int, servers: list[Server]) -> str:
    """deploy/nginx.conf with the ports of a test, and nothing else changed."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for given, used in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        *zip(("127.0.0.1:8501", "127.0.0.1:8502"), (s.url[7:] for s in servers), strict=True),
    ):
        assert text.count(given) == 1
        text = text.replace(given, used)
    return AROUND.format(site=text)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    environment = {**NO_WORKERS, **SECRET}
    servers = [start_server(folder / f"{n}.log", environment=environment) for n in (1, 2)]
    port = free_port()
    (folder / "nginx.conf").write_text(configuration(port, servers))
    with (folder / "nginx.log").open("wb") as log:
        proxy = subprocess.Popen([NGINX, "-p", str(folder), "-c", "nginx.conf"], stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: proxy.poll() is not None or answers(url))
        assert proxy.poll() is None, (folder / "nginx.log").read_text()
        yield Site(url, servers)
    finally:
        proxy.send_signal(signal.SIGQUIT)
        proxy.terminate()
        proxy.wait(60)
        for server in servers:
            server.stop()


def answers(url: str, path: str = "/healthz") -> bool:
    try:
        return urllib.request.urlopen(url + path, timeout=5).status == 200
    except OSError:
        return False


class Browser:
    """Keeps its cookies, as a browser does."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str, **headers: str):
        return self._opener.open(urllib.request.Request(self.url + path, headers=headers))

    def status(self, path: str) -> int:
        try:
            return self.get(path).status
        except urllib.error.HTTPError as error:
            return error.code

    def cookies(self) -> dict[str, str | None]:
        return {cookie.name: cookie.value for cookie in self.jar}

    async def connect(self):
        """A websocket whose first run has ended well."""
        opened = await websockets.connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit"],
            origin=self.url,
            additional_headers={"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies().items())},
            max_size=None,
            open_timeout=60,
        )
        message = BackMsg()
        message.rerun_script.query_string = ""
        await opened.send(message.SerializeToString())
        async with asyncio.timeout(120):
            async for data in opened:
                answer = ForwardMsg.FromString(data)
                if answer.WhichOneof("type") == "script_finished":
                    assert answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
                    return opened
        raise AssertionError("the connection was closed before the first run ended")


def test_a_browser_stays_with_its_process_and_websockets_work(site):
    browser = Browser(site.url)
    browser.get("/")

    async def five_tabs() -> list[int]:
        tabs = [await browser.connect() for _ in range(5)]
        during = site.sessions()
        for tab in tabs:
            await tab.close()
        return during

    until(site.is_empty)
    assert sorted(run(five_tabs())) == [0, 5]
    chosen = browser.cookies()["bnlab_server"]
    browser.get("/axes")
    assert browser.cookies()["bnlab_server"] == chosen  # given once, and kept


def test_browsers_behind_one_address_are_spread_over_the_processes(site):
    async def until_both() -> int:
        tabs = []
        while 0 in site.sessions():
            browser = Browser(site.url)
            browser.get("/")
            tabs.append(await browser.connect())
            assert len(tabs) < 40, "all of them went to one process"
        for tab in tabs:
            await tab.close()
        return len(tabs)

    until(site.is_empty)
    assert run(until_both()) >= 2


def test_a_cookie_that_is_none_of_ours_is_replaced(site):
    request = urllib.request.Request(site.url, headers={"Cookie": "bnlab_server=../../etc"})
    given = urllib.request.urlopen(request, timeout=60).headers["Set-Cookie"]
    assert re.search(r"bnlab_server=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax", given)


def test_what_is_large_travels_compressed(site):
    browser = Browser(site.url)
    page = browser.get("/").read().decode()
    script = re.search(r'src="\.?(/static/js/[^"]+\.js)"', page)[1]
    answer = browser.get(script, **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"


def test_the_servers_listen_on_this_machine_alone(site):
    for server in site.servers:
        assert listening(server.process.pid) == {"127.0.0.1"}


def test_numbers_are_not_for_visitors_and_health_is(site):
    browser = Browser(site.url)
    assert browser.status("/metrics") == 404
    assert browser.status("/_stcore/metrics") == 404
    assert browser.status("/healthz") == 200
    until(lambda: browser.status("/readyz") == 200)
    assert browser.status("/readyz?training") == 503  # these servers have no workers


def test_a_quiet_page_is_pinged_long_before_the_proxy_would_cut_it():
    """A proxy ends a connection on which nothing came: ours after minutes, most after 60 s."""
    pinged = config.get_option("server.websocketPingInterval") or DEFAULT_WEBSOCKET_PING_INTERVAL
    waits = re.search(r"proxy_read_timeout (\d+)s;", (ROOT / "deploy" / "nginx.conf").read_text())
    assert 2 * pinged <= min(60, int(waits[1]))


def test_a_foreign_page_cannot_connect(site):
    async def connect() -> None:
        address = site.url.replace("http", "ws", 1) + "/_stcore/stream"
        await websockets.connect(address, origin="https://elsewhere.example", open_timeout=60)

    with pytest.raises(websockets.exceptions.InvalidStatus):
        run(connect())


def test_a_browser_whose_process_has_gone_is_served_by_the_other(site):
    """The last test of the module: it stops a server."""
    browser = Browser(site.url)
    browser.get("/")

    async def tab() -> list[int]:
        opened = await browser.connect()
        during = site.sessions()
        await opened.close()
        return during

    until(site.is_empty)
    mine = run(tab()).index(1)
    os.kill(site.servers[mine].process.pid, signal.SIGKILL)
    site.servers[mine].process.wait()
    assert browser.status("/") == 200
    run(_connect_and_close(browser))


async def _connect_and_close(browser: Browser) -> None:
    await (await browser.connect()).close()
