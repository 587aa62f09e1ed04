"""``python -m benchmarks.load``: a class of visitors, in a table or as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import psutil

from benchmarks.load.classroom import Plan, wave
from benchmarks.load.cost import costs
from tools.browser import APP, NO_WORKERS, serving


def main() -> None:
    """Start a server, or take the one at --url --pid, and send a class."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    for name, value in asdict(Plan()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    parser.add_argument("--waves", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--cost", action="store_true", help="what one change costs, page by page")
    options = vars(parser.parse_args())
    os.environ.setdefault("BNLAB_PREPARE", "0")  # what a server does beside is measured by itself
    waves, as_json = options.pop("waves"), options.pop("json")
    cost = options.pop("cost")
    plan = Plan(**options)
    log = Path(tempfile.mkdtemp()) / "server.log"
    with serving(log, APP, None if plan.runners else NO_WORKERS) as server:
        process = psutil.Process(server.process.pid)
        if cost:
            for each in costs(server.url, process):
                print(json.dumps(asdict(each)) if as_json else each.row(), flush=True)
            return
        for _ in range(waves):
            report, seen = asyncio.run(wave(server.url, process, plan))
            if as_json:
                print(json.dumps(asdict(report)), flush=True)
                continue
            for name, value in report.rows():
                print(f"{name:<20} {value}")
            for error, count in Counter(seen.errors).most_common(5):
                print(f"{count:4d} x {error[:200]}")


if __name__ == "__main__":
    main()
