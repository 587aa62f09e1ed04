"""A scheduler for workers on several machines: `make scheduler`.

    python -m bncore.training.scheduler [--host ADDRESS] [--port 8786]

Workers join it with `make worker SCHEDULER=tcp://HOST:PORT`, and the app uses it with
BNLAB_SCHEDULER=tcp://HOST:PORT. It listens on this machine alone, unless --host or BNLAB_HOST
says otherwise (`bncore.training.network` says what that means, and how to use TLS).
"""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bncore.training import network
from bncore.training.steady import keep_time

PORT = 8786

DASK_CONFIG: dict[str, Any] = {
    # A job that killed its worker is not tried again on the next one.
    "distributed.scheduler.allowed-failures": 0,
    # A worker holds the job that it runs and no other: the rest wait in one queue.
    "distributed.scheduler.worker-saturation": 1.0,
    # Logged events hold the results of jobs: keep few of them in the scheduler's memory.
    "distributed.admin.low-level-log-length": 10,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.diagnostics.nvml": False,
    # What Dask does for those who look at its pages costs a seventh of a core while nothing runs.
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.admin.tick.interval": "250ms",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.gil.enabled": False,
}

NO_PAGES: dict[str, Any] = {"dashboard": False, "dashboard_address": f"{network.LOCAL}:0"}
"""No dashboard. Dask opens its HTTP port all the same, without pages, and on every address of the
machine (the scheduler on port 8787) unless it is told where."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a scheduler until Ctrl+C or SIGTERM."""
    parser = argparse.ArgumentParser("python -m bncore.training.scheduler")
    parser.add_argument("--host", default=network.listening_host(), help="address to listen on")
    parser.add_argument("--port", type=int, default=PORT, help=f"default {PORT}; 0: any")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(_run(options.host, options.port, network.security()))
    except (network.SettingError, OSError) as error:
        sys.exit(f"The scheduler cannot start: {error}")


async def _run(host: str, port: int, certificates: Any) -> None:
    stop = until_stopped()
    async with scheduler(host, port, certificates) as running:
        say(f"Scheduler at {running.address} (Ctrl+C stops it).")
        say(network.what_it_means(host, certificates))
        say(f"Workers: make worker SCHEDULER={running.address}")
        say(f"App:     BNLAB_SCHEDULER={running.address} make run")
        await stop.wait()


@asynccontextmanager
async def scheduler(host: str, port: int, certificates: Any) -> AsyncIterator[Any]:
    """A Dask scheduler that listens on `host` alone, while the block lasts."""
    import dask
    from distributed import Scheduler

    keep_time()
    dask.config.set(DASK_CONFIG)
    logging.getLogger("distributed").setLevel(logging.WARNING)
    async with Scheduler(
        host=host,
        port=port,
        protocol=network.protocol(certificates),
        security=certificates,
        **NO_PAGES,
    ) as running:
        yield running


def until_stopped() -> asyncio.Event:
    """An event that Ctrl+C and SIGTERM set."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def say(line: str) -> None:
    """Tell whoever looks at the terminal, or reads the log."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
