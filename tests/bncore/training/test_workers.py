"""Workers: forked from a process that has loaded Keras, soundly, and nice to the web process."""

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from bncore.training import warm, workers
from tests.bncore.training.processes import ROOT

LOOK = """
import json, os
import bncore.training.loaded
from tensorflow.python.eager import context
tasks = os.listdir("/proc/self/task")
threads = [open(f"/proc/self/task/{task}/comm").read().strip() for task in tasks]
started = context._context is not None and context._context._initialized
print(json.dumps({"threads": threads, "started": started, "nice": os.nice(0)}))
"""


@pytest.mark.keras
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_loading_keras_starts_no_thread_that_a_fork_would_lose():
    """Threads of TensorFlow would be gone in a forked worker, which would wait for them."""
    environment = {**os.environ, **workers.ENVIRONMENT, "BNLAB_NICE": "3"}
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=300, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert not told["started"]
    assert len(told["threads"]) <= 2  # this one, and jemalloc's, which looks after itself
    assert told["nice"] >= 3


STARTING = """
import multiprocessing, os, time
from bncore.training.workers import own_directory

def start(directory):
    while True:
        os.makedirs(directory + "/space", exist_ok=True)

if __name__ == "__main__":
    with own_directory() as directory:
        # Not a daemon: Python itself would end that one at its end, when the directory is gone.
        worker = multiprocessing.get_context("spawn").Process(target=start, args=(directory,))
        worker.start()
        while not os.path.exists(directory + "/space"):
            time.sleep(0.01)
    print(worker.exitcode, os.path.exists(directory))
"""


def test_a_worker_that_is_still_starting_does_not_make_its_directory_again(tmp_path):
    script = tmp_path / "start.py"
    script.write_text(STARTING)
    done = subprocess.run(
        [sys.executable, script], env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.split() == [str(-signal.SIGKILL), "False"]


@pytest.mark.parametrize(("setting", "expected"), [("", warm.NICENESS), ("4", 4), ("99", 19)])
def test_workers_give_way(setting, expected):
    code = "from bncore.training.warm import give_way; give_way(); import os; print(os.nice(0))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "BNLAB_NICE": setting},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert int(done.stdout) == max(expected, psutil.Process().nice())


def test_the_number_of_workers():
    assert workers.default_workers({"BNLAB_WORKERS": "7"}) == 7
    for wrong in ("0", "-1", "two", "257"):
        with pytest.raises(ValueError, match="1 to 256"):
            workers.default_workers({"BNLAB_WORKERS": wrong})
