"""A small TCP proxy between a browser and a server, which fails on command."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_CHUNK = 65_536


class Proxy:
    """Passes connections on to `target`, a URL that may change meanwhile, until told otherwise.

    `cut` ends every open connection, as a proxy does that is tired of a quiet one. While `down`
    is true new connections are closed at once, as without a network. While `flowing` is cleared
    nothing passes, and then all at once, as in a network that stalls.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.down = False
        self.flowing = threading.Event()
        self.flowing.set()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> int:
        """End every open connection; how many there were."""
        with self._lock:
            connections, self._open = self._open, set()
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        return len(connections) // 2

    def close(self) -> None:
        """End the proxy."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._connect, args=(browser,), daemon=True).start()

    def _connect(self, browser: socket.socket) -> None:
        target = urlsplit(self.target)
        try:
            if self.down:
                raise ConnectionError
            server = socket.create_connection((target.hostname, target.port))
        except OSError:
            browser.close()
            return
        with self._lock:
            self._open |= {browser, server}
        back = threading.Thread(target=self._pump, args=(server, browser), daemon=True)
        back.start()
        self._pump(browser, server)
        back.join()
        with self._lock:
            self._open -= {browser, server}
        browser.close()
        server.close()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        """Pass on what comes, and its end."""
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                self.flowing.wait()
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(target: str) -> Iterator[Proxy]:
    """A proxy for the length of a block."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
