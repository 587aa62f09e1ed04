"""``python -m benchmarks [--json] [NAME ...]``: measure, and print a table."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module

from benchmarks.figures import Figure

# Named rather than imported: each group imports what it measures only when it is asked for.
FIGURES = {
    "moments-time": "moments:moments_time",
    "moments-memory": "moments:moments_memory",
    "moments-bandwidth": "moments:moments_bandwidth",
    "moments-precision": "moments:moments_precision",
    "training-speedup": "training:training_speedup",
    "recording-overhead": "training:recording_overhead",
    "placement-seconds": "placement:placement_seconds",
    "placement-speedup": "placement:placement_speedup",
    "placement-scaling": "scaling:placement_scaling",
    "placement-scaling-four": "scaling:placement_scaling_four",
    "placement-one-worker": "scaling:placement_one_worker",
    "service-jobs": "scaling:service_jobs",
    "noise-pages": "noise:noise_pages",
    "repaint": "repaint:repaint",
    "repaint-confirmed": "repaint:confirmed",
    "page-bytes": "pages:page_bytes",
    "cell-sentence": "grid:sentence",
    "cell-drag": "grid:drag",
    "cell-edit-bytes": "grid:edit_bytes",
    "player-frames": "player:frames",
    "player-scrub": "player:scrub",
    "player-end": "player:end",
    "player-again": "player:again",
    "first-paint": "start:first_paint",
    "first-paint-seconds": "start:first_paint_seconds",
    "load-p50": "load.figures:load_p50",
    "load-p95": "load.figures:load_p95",
    "load-answered": "load.figures:load_answered",
    "load-cpu": "load.figures:load_cpu",
    "load-memory": "load.figures:load_memory",
    "load-waves": "load.figures:load_waves",
    "load-run-result": "load.figures:load_run_result",
    "load-study-result": "load.figures:load_study_result",
    "load-run-others": "load.figures:load_run_others",
    "reruns-memory": "load.figures:reruns_memory",
}


def main() -> None:
    """Run the figures named on the command line, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FIGURES))
    parser.add_argument("--json", action="store_true", help="one object per figure")
    options = parser.parse_args()
    os.environ.setdefault("BNLAB_PREPARE", "0")  # what a server does beside is measured by itself
    unknown = set(options.names) - set(FIGURES)
    if unknown:
        parser.error(f"no figure named {sorted(unknown)}; there are {list(FIGURES)}")
    if not options.json:
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in options.names or FIGURES:
        figure = _function(FIGURES[name])()
        print(_as_json(figure) if options.json else _as_row(figure), flush=True)


def _function(path: str) -> Callable[[], Figure]:
    module, name = path.split(":")
    function: Callable[[], Figure] = getattr(import_module(f"benchmarks.{module}"), name)
    return function


def _as_json(figure: Figure) -> str:
    return json.dumps({**asdict(figure), "met": figure.met}, ensure_ascii=False)


def _as_row(figure: Figure) -> str:
    value = f"{figure.value:.3g} {figure.unit}".rstrip()
    goal = f"{figure.sense} {figure.goal:g} {figure.unit}".rstrip()
    verdict = "met" if figure.met else "MISSED"
    row = f"{figure.name:<22} {figure.title:<44} {value:>12}   goal {goal:<12} {verdict}"
    return f"{row}\n    {figure.note}" if figure.note else row


if __name__ == "__main__":
    main()
