"""The process that hosts the training workers: `python -m bncore.training.cluster`.

It is a process of its own because a server cannot host workers: they start by importing its main
module again, and Streamlit puts a page there. The web server starts it with `--until-eof` and
holds the other end of its standard input: when the server ends in whatever way, the pipe closes,
and this process and its workers end too. By hand, on another machine, it is a cluster to which
`BNLAB_SCHEDULER=tcp://host:port` points.
"""

import argparse
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from typing import IO, Any

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
}

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Several workers share a GPU: none may take all of its memory at its start.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
}

PATIENCE_SECONDS = 5.0


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
    """Host a cluster until the end of the standard input, or for ever."""
    options = _options(arguments)
    hello = _take_stdout()
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    over = threading.Event()
    with tempfile.TemporaryDirectory(prefix="bnlab-workers-") as directory:
        if options.until_eof:
            threading.Thread(target=_watch_stdin, args=(over, directory), daemon=True).start()
        with _cluster(options, directory) as cluster:
            print(
                json.dumps({"address": cluster.scheduler_address, "directory": directory}),
                file=hello,
                flush=True,
            )
            over.wait()
            _stop_jobs(cluster)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bncore.training.cluster", description=__doc__)
    parser.add_argument("--workers", type=int, default=None, help="number of worker processes")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; whoever can reach it can run any code here",
    )
    parser.add_argument("--port", type=int, default=0, help="port of the scheduler (0: any)")
    parser.add_argument("--cold", action="store_true", help="do not load Keras in advance")
    parser.add_argument("--until-eof", action="store_true", help="end with the standard input")
    return parser.parse_args(arguments)


def _cluster(options: argparse.Namespace, directory: str) -> Any:
    import dask
    from distributed import LocalCluster

    dask.config.set(DASK_CONFIG)
    return LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=options.workers or default_workers(),
        threads_per_worker=1,
        processes=True,
        host=options.host,
        scheduler_port=options.port,
        # No dashboard; without this the bare HTTP server of the scheduler would take port 8787.
        scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        dashboard_address=None,
        local_directory=directory,
        preload=[] if options.cold else ["bncore.training.warm"],
    )


def _stop_jobs(cluster: Any) -> None:
    """Ask the jobs to stop: a worker that has none ends at once, another one after seconds."""
    from distributed import Client

    from bncore.training.worker import stop_every_job

    with Client(cluster, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        client.run(stop_every_job, on_error="ignore")


def _take_stdout() -> IO[str]:
    """The standard output for this module alone: what others print goes to the standard error."""
    mine = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(mine, "w")


def _watch_stdin(over: threading.Event, directory: str) -> None:
    """Wait for the end of the standard input, then make sure that this process ends."""
    while os.read(0, 4096):
        pass
    over.set()
    time.sleep(PATIENCE_SECONDS)
    shutil.rmtree(directory, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    main()
