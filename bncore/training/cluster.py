"""The process that hosts the app's own workers: `python -m bncore.training.cluster`.

It is a process of its own because a server cannot host workers: they start by importing its main
module again, and Streamlit puts a page there. The web server starts it and holds the other end of
its standard input: when the server ends in whatever way, the pipe closes, and this process and
its workers end too.

The port of its scheduler is open to every user of this machine, and Dask's messages are pickles.
So each start makes a certificate of its own, which the server reads from this process' standard
output: nobody else has it, and it is never written to a file that stays.
"""

import argparse
import asyncio
import json
import logging
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from bncore.training.network import LOCAL
from bncore.training.scheduler import scheduler
from bncore.training.workers import default_workers, leave_nothing, own_directory, workers

PATIENCE_SECONDS = 5.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Host a cluster until the end of the standard input."""
    parser = argparse.ArgumentParser("python -m bncore.training.cluster", description=__doc__)
    parser.add_argument("--workers", type=int, default=None, help="number of worker processes")
    parser.add_argument("--cold", action="store_true", help="do not load Keras in advance")
    options = parser.parse_args(arguments)
    hello = _take_stdout()
    with _told_problem(hello), own_directory() as directory:
        count = options.workers or default_workers()
        asyncio.run(_host(count, not options.cold, directory, hello))


@contextmanager
def _told_problem(hello: IO[str]) -> Iterator[None]:
    """Tell whoever waits for the workers why there are none, such as a full disk."""
    try:
        yield
    except OSError as error:
        print(json.dumps({"problem": str(error)}), file=hello, flush=True)
        raise


async def _host(count: int, warm: bool, directory: str, hello: IO[str]) -> None:
    from distributed import Security

    over, loop = asyncio.Event(), asyncio.get_running_loop()
    ended = (lambda: loop.call_soon_threadsafe(over.set), directory)
    threading.Thread(target=_watch_stdin, args=ended, daemon=True).start()
    certificates = Security.temporary()  # type: ignore[no-untyped-call]
    async with (
        scheduler(LOCAL, 0, certificates) as running,
        workers(running.address, count, LOCAL, certificates, directory, warm=warm),
    ):
        told = {
            "address": running.address,
            "directory": directory,
            "certificate": certificates.tls_client_cert,
            "key": certificates.tls_client_key,
        }
        print(json.dumps(told), file=hello, flush=True)
        await over.wait()
        await _stop_jobs(running.address, certificates)


async def _stop_jobs(address: str, certificates: Any) -> None:
    """Ask the jobs to stop: a worker that has none ends at once, another one after seconds."""
    from distributed import Client

    from bncore.training.worker import stop_every_job

    options = {"asynchronous": True, "set_as_default": False, "security": certificates}
    async with Client(address, **options) as client:  # type: ignore[no-untyped-call]
        await client.run(stop_every_job, on_error="ignore")


def _take_stdout() -> IO[str]:
    """The standard output for this module alone: what others print goes to the standard error."""
    mine = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(mine, "w")


def _watch_stdin(ended: Any, directory: str) -> None:
    """Wait for the end of the standard input, then make sure that this process ends."""
    while os.read(0, 4096):
        pass
    # From here on connections end in any order, and Dask would tell each end with a traceback.
    logging.disable()
    ended()
    time.sleep(PATIENCE_SECONDS)
    leave_nothing(directory)
    os._exit(1)


if __name__ == "__main__":
    main()
