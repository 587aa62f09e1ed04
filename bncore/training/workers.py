"""Workers for a scheduler that is elsewhere: `make worker SCHEDULER=tcp://HOST:PORT`.

    python -m bncore.training.workers tcp://HOST:PORT [--workers N] [--host ADDRESS]

They wait for the scheduler, join it, and join it again when it was away: start the two in any
order. A worker is a process with one thread; a nanny beside it replaces it when it dies.
"""

import argparse
import asyncio
import logging
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from bncore.training import network
from bncore.training.memory import MEMORY_CONFIG, memory_setting, worker_memory
from bncore.training.scheduler import DASK_CONFIG, NO_PAGES, say, until_stopped
from bncore.training.steady import keep_time

log = logging.getLogger(__name__)

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Several workers share a GPU: none may take all of its memory at its start.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    # No thread pool of NumPy's in the process from which workers are forked.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

AGAIN_SECONDS = 1.0
"""How long a worker waits before it tries to reach its scheduler again."""


def default_workers(environ: dict[str, str] | None = None) -> int:
    """The number of workers: BNLAB_WORKERS, otherwise one a core, at most 2.

    >>> default_workers({"BNLAB_WORKERS": "3"})
    3
    """
    text = (os.environ if environ is None else environ).get("BNLAB_WORKERS", "").strip()
    if not text:
        return min(2, os.cpu_count() or 1)
    if not text.isdigit() or not 1 <= int(text) <= 256:
        raise ValueError(f"BNLAB_WORKERS is a number of worker processes, 1 to 256, not {text!r}")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run workers until Ctrl+C or SIGTERM."""
    options = _options(arguments)
    try:
        certificates = network.security()
        address = network.with_protocol(options.scheduler, certificates)
        count = options.workers or default_workers()
        memory_setting()
        _refuse_unreachable(address, options.host)
    except ValueError as error:
        sys.exit(f"The workers cannot start: {error}")
    with own_directory() as directory:
        asyncio.run(_run(address, count, options, certificates, directory))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bncore.training.workers")
    parser.add_argument("scheduler", help="address of the scheduler, tcp://HOST:PORT")
    parser.add_argument("--workers", type=int, help="number of worker processes")
    parser.add_argument("--host", default=network.listening_host(), help="address to listen on")
    parser.add_argument("--cold", action="store_true", help="do not load Keras in advance")
    return parser.parse_args(arguments)


def _refuse_unreachable(address: str, host: str) -> None:
    """A scheduler talks to its workers: from another machine it must reach them."""
    from distributed.comm.addressing import get_address_host
    from distributed.utils import get_ip

    there = get_address_host(address)
    if network.is_local(host) and not network.is_local(there):
        mine = get_ip(there)  # type: ignore[no-untyped-call]
        raise network.SettingError(
            f"{address} is on another machine, and these workers would listen on {host}, where it "
            f"does not reach them. Start them with HOST={mine} (or --host {mine}), this machine's "
            f"address on that network. {network.what_it_means(mine, network.security())}"
        )


async def _run(
    address: str, count: int, options: argparse.Namespace, certificates: Any, directory: str
) -> None:
    stop = until_stopped()
    say(f"{count} worker{'s' * (count > 1)} for the scheduler at {address} (Ctrl+C stops them).")
    say(network.what_it_means(options.host, certificates))
    async with workers(
        address, count, options.host, certificates, directory, warm=not options.cold, told=say
    ):
        await stop.wait()


@contextmanager
def own_directory() -> Iterator[str]:
    """A directory for what workers write, as long as the block lasts."""
    directory = tempfile.mkdtemp(prefix="bnlab-workers-")
    try:
        yield directory
    finally:
        leave_nothing(directory)


def leave_nothing(directory: str) -> None:
    """End the workers that are left, then delete their directory.

    In this order: a worker that is still starting would make it again, for everybody to read.
    """
    for worker in multiprocessing.active_children():
        worker.kill()
        worker.join()
    shutil.rmtree(directory, ignore_errors=True)


@asynccontextmanager
async def workers(
    address: str,
    count: int,
    host: str,
    certificates: Any,
    directory: str,
    *,
    warm: bool = True,
    told: Callable[[str], object] = log.info,
) -> AsyncIterator[None]:
    """Keep `count` workers at the scheduler while the block lasts; `told` hears what happens.

    They start one after the other: a start takes a core for seconds, and whoever looks at a page
    on the same machine should not wait behind all of them.
    """
    import dask

    keep_time()
    dask.config.set({**DASK_CONFIG, **MEMORY_CONFIG})
    logging.getLogger("distributed").setLevel(logging.WARNING)
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if warm:
        _fork_from_a_loaded_process()
    turn = asyncio.Lock()
    options = {
        "nthreads": 1,
        "memory_limit": worker_memory(count),
        "host": host,
        "security": certificates,
        "local_directory": directory,
        "preload": [
            "bncore.training.steady",
            "bncore.training.worker",
            *(["bncore.training.warm"] if warm else []),
        ],
        "silence_logs": logging.WARNING,
        **NO_PAGES,
    }
    keepers = [
        asyncio.create_task(_keep(address, f"Worker {number} of {count}", options, turn, told))
        for number in range(1, count + 1)
    ]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)


def _fork_from_a_loaded_process() -> None:
    """Workers share what Keras takes, and a new one is there at once: one process has loaded it."""
    import dask
    from distributed.utils import get_mp_context

    dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
    context = get_mp_context()  # type: ignore[no-untyped-call]
    context.set_forkserver_preload(["distributed", "bncore.training.loaded"])


async def _keep(
    address: str,
    name: str,
    options: dict[str, Any],
    turn: asyncio.Lock,
    told: Callable[[str], object],
) -> None:
    """One worker at the scheduler, for ever: started again whenever it has ended."""
    from distributed import Nanny

    while True:
        nanny = None
        try:
            async with turn:
                await _reachable(address, options["security"], told)
                nanny = Nanny(address, **options)
                await nanny
            told(f"{name} is ready.")
            await nanny.finished()  # type: ignore[no-untyped-call]
            told(f"{name} lost its scheduler, and waits for it.")
        except Exception as error:
            log.warning("%s did not start: %s", name, error.__cause__ or error)
        finally:
            if nanny is not None:
                await nanny.close()
        await asyncio.sleep(AGAIN_SECONDS)


async def _reachable(address: str, certificates: Any, told: Callable[[str], object]) -> None:
    """Wait until something answers at the scheduler's address."""
    from distributed.comm.core import connect

    waiting = False
    while True:
        try:
            arguments = certificates.get_connection_args("worker")
            comm = await connect(address, timeout=5, **arguments)  # type: ignore[no-untyped-call]
            await comm.close()
            return
        except OSError as error:
            if not waiting:
                told(f"No scheduler answers at {address} yet ({error}); trying on.")
            waiting = True
            await asyncio.sleep(AGAIN_SECONDS)


if __name__ == "__main__":
    main()
