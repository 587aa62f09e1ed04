"""Where the workers are: a child process of ours that hosts them, or a scheduler elsewhere."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bncore.training import network

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 6.0


@dataclass(frozen=True)
class Meeting:
    """Where a scheduler is, and the certificates to meet it with (a `distributed.Security`)."""

    address: str
    certificates: Any


class Host(Protocol):
    """Something that has, or brings up, a scheduler."""

    more_workers: str
    """What to do when no worker is there: a sentence; "" where they come by themselves."""

    def start(self) -> Meeting:
        """Bring it up. OSError where that fails."""

    def alive(self) -> bool:
        """Whether it is still there, as far as can be seen from here."""

    def stop(self) -> None:
        """End what `start` started; may be called from another thread, also during `start`."""


class Elsewhere:
    """A scheduler that somebody else runs; ValueError for an address that cannot be one.

    >>> Elsewhere("tcp://10.0.0.5:8786").start().address
    'tcp://10.0.0.5:8786'
    """

    def __init__(self, address: str) -> None:
        certificates = network.security()
        self._meeting = Meeting(network.with_protocol(address, certificates), certificates)
        self.more_workers = (
            f"Start one there with `make worker SCHEDULER={self._meeting.address}`; "
            "the run begins when it has joined."
        )

    def start(self) -> Meeting:
        """Where it is; nothing is started."""
        return self._meeting

    def alive(self) -> bool:
        """True: the client notices when it is gone."""
        return True

    def stop(self) -> None:
        """Nothing to stop."""


class ChildProcess:
    """`python -m bncore.training.cluster`, which ends when this process ends, however that is."""

    more_workers = ""

    def __init__(self, workers: int | None = None, warm: bool = True) -> None:
        self._command = [sys.executable, "-m", "bncore.training.cluster"]
        self._command += [] if workers is None else ["--workers", str(workers)]
        self._command += [] if warm else ["--cold"]
        self._process: subprocess.Popen[str] | None = None
        self._directory = ""

    def start(self) -> Meeting:
        """Start the process and wait until its scheduler is there; the workers come later."""
        process = self._process = self._process or self._spawn()
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise OSError(f"the training workers did not start (exit code {process.wait()})")
        hello = json.loads(line)
        if "problem" in hello:
            raise OSError(
                f"the training workers did not start: {hello['problem']}. Is the disk full?"
            )
        self._directory = hello["directory"]
        return Meeting(hello["address"], _certificates(hello["certificate"], hello["key"]))

    def _spawn(self) -> subprocess.Popen[str]:
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
            # Ctrl-C in the terminal is for the server, which then ends this process in order.
            start_new_session=True,
        )

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None else None

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Close its standard input, give it a few seconds, then end it and its workers."""
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if self._directory:
            shutil.rmtree(self._directory, ignore_errors=True)
        self._process = None


class Later:
    """Another host, brought up as soon as somebody sets `moment`.

    >>> from threading import Event
    >>> later = Later(Elsewhere("tcp://10.0.0.5:8786"), Event())
    >>> later.stop()  # before it began: nothing is brought up any more
    >>> later.start()
    Traceback (most recent call last):
    ...
    OSError: ended before the workers were started
    """

    def __init__(self, host: Host, moment: threading.Event) -> None:
        self._host = host
        self._moment = moment
        self._given_up = False
        self.more_workers = host.more_workers

    def start(self) -> Meeting:
        """Wait for the moment, then bring it up."""
        self._moment.wait()
        if self._given_up:
            raise OSError("ended before the workers were started")
        return self._host.start()

    def alive(self) -> bool:
        """Whether it is still there."""
        return self._host.alive()

    def stop(self) -> None:
        """End it; where it has not begun, whoever waits for the moment waits no longer."""
        if not self._moment.is_set():
            self._given_up = True
            self._moment.set()
        self._host.stop()


def _certificates(certificate: str, key: str) -> Any:
    from distributed import Security

    return Security(  # type: ignore[no-untyped-call]
        tls_ca_file=certificate,
        tls_client_cert=certificate,
        tls_client_key=key,
        require_encryption=True,
    )
