"""``python -m benchmarks.libraries [--json] [--largest BYTES]``: the engine beside other libraries.

Batch normalisation of a float32 tensor, forward in training mode, on the CPU: mean, variance,
output and, but for ``bncore``, the moving statistics. Channels are last for ``bncore`` and Keras,
second for PyTorch and ONNX Runtime, as each likes them. Every cell is a process of its own:

    time     the shortest of some calls, tensor at hand, output not copied
    memory   the most that the process grew in the first call, over the tensor; the output included
    error    the largest |output - x_hat|, in deviations
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import bncore
from benchmarks.figures import seconds
from bncore import families
from bncore.frameworks import installed, live_layer
from bncore.reference import reference_moments, x_hat_errors

SHAPES = (
    (3, 4), (128, 64), (32, 28, 28, 64), (64, 56, 56, 64), (64, 112, 112, 64), (312, 112, 112, 64)
)  # fmt: skip
EPSILON = 1e-3
KEEP = 0.9
LARGE = 40e6  # bytes of an array that goes back to the system when it is freed, and is seen to
SECONDS = 2.0  # how long calls are repeated

Call = Callable[[], Any]


def main() -> None:
    """A row for each shape, a column for each library."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.libraries", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object per cell")
    parser.add_argument("--largest", type=float, default=2e9, help="bytes of a tensor")
    parser.add_argument("--cell", nargs=2, metavar=("LIBRARY", "SHAPE"), help="measure this one")
    options = parser.parse_args()
    if options.cell:
        print(json.dumps(_measured(options.cell[0], SHAPES[int(options.cell[1])])))
        return
    if not options.json:
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        print("; ".join(f"{name}: {_version(name) or 'not run'}" for name in LIBRARIES), end="\n\n")
        print("| shape | MB |", " | ".join(LIBRARIES), "|")
        print("|---|--:|", "---|" * len(LIBRARIES), sep="")
    for number, shape in enumerate(SHAPES):
        if 4 * np.prod(shape) > options.largest:
            continue
        cells = [_cell(name, number) for name in LIBRARIES]
        if options.json:
            print(*map(json.dumps, cells), sep="\n", flush=True)
        else:
            size = f"{4e-6 * np.prod(shape):,.3g}"
            print(f"| {shape} | {size} |", " | ".join(map(written, cells)), "|", flush=True)


def _cell(name: str, number: int) -> dict[str, Any]:
    """What a process of its own measured, or why there is none."""
    shape = SHAPES[number]
    cell: dict[str, Any] = {"library": name, "shape": shape, "version": _version(name)}
    need, there = LIBRARIES[name][1] * 4 * int(np.prod(shape)), _available()
    if not cell["version"]:
        return {**cell, "not_run": "not installed"}
    if need > there / 2:
        return {**cell, "not_run": f"needs {need / 1e9:.0f} GB; {there / 1e9:.0f} are free"}
    command = [sys.executable, "-m", "benchmarks.libraries", "--cell", name, str(number)]
    processor = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1"}  # a GPU would be another table
    done = subprocess.run(command, env=processor, capture_output=True, text=True, check=False)
    if done.returncode:
        return {**cell, "not_run": (done.stderr.strip().splitlines() or ["killed"])[-1]}
    return {**cell, **json.loads(done.stdout.splitlines()[-1])}


def written(cell: dict[str, Any]) -> str:
    """A cell of the table: time, memory over the tensor, error; or why it was not run."""
    if "not_run" in cell:
        return f"not run: {cell['not_run']}"
    memory = "" if cell["memory"] is None else f", {cell['memory']:.1f}x"
    return f"{1e3 * cell['seconds']:,.3g} ms{memory}, {cell['error']:.0e}"


def _measured(name: str, shape: tuple[int, ...]) -> dict[str, Any]:
    """One library, one shape."""
    x = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
    x += 1
    split = bncore.split_axes(shape, feature_axis=-1)
    prepare = LIBRARIES[name][0]
    prepare(np.ones((4,) * len(shape), np.float32))()  # what a library sets up once
    call = prepare(x)
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    output = call()
    grown = _memory("VmHWM") - before
    exact = reference_moments(x, split)
    error = max(x_hat_errors(np.asarray(output), x, split, exact, EPSILON))
    del output
    call()
    times, processor, until = [], time.process_time(), time.perf_counter() + SECONDS
    while len(times) < 3 or time.perf_counter() < until:
        times.append(seconds(call))
    return {
        "seconds": min(times),
        "processor_seconds": (time.process_time() - processor) / len(times),
        "memory": grown / x.nbytes if x.nbytes > LARGE else None,
        "error": error,
    }


def _engine(x: np.ndarray) -> Call:
    """Statistics and x_hat, in float64."""
    _load()
    split = bncore.split_axes(x.shape, feature_axis=-1)
    return lambda: families.normalize(x, split, bncore.batch_moments(x, split), EPSILON)


def _trace(x: np.ndarray) -> Call:
    """With every intermediate and the moving statistics, in float64."""
    _load()
    convention, features = bncore.CONVENTIONS["keras-3"], x.shape[-1:]
    moving = bncore.MovingStatistics.initial(features)
    return lambda: bncore.batch_norm(x, moving, convention).output


def _load() -> None:
    """The compiled loops, where numba is installed: the first large tensor would bring them."""
    large = np.zeros((1 << 18, 64), np.float32)
    bncore.batch_moments(large, bncore.split_axes(large.shape, feature_axis=-1))


def _keras(x: np.ndarray) -> Call:
    from bncore.keras.framework import keras, tf

    layer = keras.layers.BatchNormalization(epsilon=EPSILON, momentum=KEEP)
    layer.build(x.shape)
    tensor, update = tf.constant(x), tf.function(lambda given: layer(given, training=True))
    return lambda: update(tensor)


def _live(name: str) -> Callable[[np.ndarray], Call]:
    """A layer that has its channels second: given so, nothing is copied."""

    def prepare(x: np.ndarray) -> Call:
        layer = live_layer(name, x.shape[-1], x.ndim, KEEP, EPSILON)
        second = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, -1, 1)), 1, -1)
        return lambda: layer.train(second)

    return prepare


# How each is called, and about how much memory it needs besides, as a multiple of the tensor.
LIBRARIES: dict[str, tuple[Callable[[np.ndarray], Call], int]] = {
    "bncore": (_engine, 4),
    "bncore, every intermediate": (_trace, 10),
    "TensorFlow": (_keras, 6),
    "PyTorch": (_live("torch"), 6),
    "ONNX Runtime": (_live("onnxruntime"), 6),
}
CONVENTION_OF = {"TensorFlow": "keras-3", "PyTorch": "torch", "ONNX Runtime": "onnxruntime"}


def _version(name: str) -> str:
    return installed(CONVENTION_OF[name]) if name in CONVENTION_OF else f"numpy {np.__version__}"


def _available() -> int:
    return _kilobytes("/proc/meminfo", "MemAvailable")


def _memory(field: str) -> int:
    return _kilobytes("/proc/self/status", field)


def _kilobytes(path: str, field: str) -> int:
    """A line of such a file, in bytes."""
    for line in Path(path).read_text().splitlines():
        if line.startswith(f"{field}:"):
            return 1024 * int(line.split()[1])
    raise LookupError(f"{path} has no {field}")


if __name__ == "__main__":
    main()
