"""One job from its function's name to its final event."""

import threading

import numpy as np
import pytest

from bncore.experiments.experiment import Experiment
from bncore.training.jobs import Job
from bncore.training.runner import nbytes, run
from tests.experiments.simple import Count, Divide, NotRun, Refuse, Unsendable

ALLOWED = ("tests.experiments",)


def events(job: Job, stop: threading.Event | None = None, **options) -> list[tuple]:
    seen: list[tuple] = []
    options = {"allowed": ALLOWED, **options}
    run(job, lambda *event: seen.append(event), stop or threading.Event(), **options)
    return seen


def kinds(seen: list[tuple]) -> list[str]:
    return [kind for kind, _, _ in seen]


def test_a_job_streams_its_chunks_in_order_and_ends_once():
    seen = events(Job(Count(total=3)))
    assert kinds(seen) == ["started", "chunk", "chunk", "chunk", "done"]
    assert [chunk.done for _, chunk, _ in seen if chunk] == [1, 2, 3]


class Smuggled(Experiment, run_by="os:remove"):
    """A record of no package that experiments come from."""


@pytest.mark.parametrize("module", ["os", "bncore", "bncore.experimentsevil", "", "bncore.keras.x"])
def test_only_records_of_bncore_experiments_run_by_default(module, monkeypatch):
    monkeypatch.setattr(Smuggled, "__module__", module)
    seen: list[tuple] = []
    run(Job(Smuggled()), lambda *event: seen.append(event), threading.Event())
    assert kinds(seen) == ["started", "refused"]
    assert "experiments come from bncore.experiments, not from" in seen[-1][2]


def test_what_is_no_generator_is_our_fault():
    assert events(Job(NotRun()))[-1] == (
        "failed",
        None,
        "RuntimeError: NotRun is run by 'tests.experiments.simple:not_a_generator', which is no "
        "generator",
    )


def test_bad_values_are_refused_with_the_experiments_own_sentence():
    assert events(Job(Refuse(units=0)))[-1] == (
        "refused",
        None,
        "units is a positive number, not 0",
    )


def test_an_experiment_that_breaks_fails_and_keeps_what_it_had():
    seen = events(Job(Divide(by=0)))
    assert kinds(seen) == ["started", "chunk", "failed"]
    assert seen[-1][2] == "ZeroDivisionError: division by zero"


def test_a_value_that_cannot_be_sent_is_the_experiments_fault():
    kind, _, message = events(Job(Unsendable()))[-1]
    assert kind == "failed"
    assert "NumPy arrays and plain values, not object" in message


def test_a_missing_framework_is_named_with_what_to_do(monkeypatch):
    import tests.experiments.simple as simple

    def broken(asked):
        raise ModuleNotFoundError("No module named 'keras'", name="keras.layers")
        yield

    monkeypatch.setattr(simple, "count", broken)
    kind, _, message = events(Job(Count(1)))[-1]
    assert kind == "failed"
    assert message.startswith("keras is not installed")
    assert "pip install -r requirements.txt" in message


def test_a_stop_keeps_what_was_computed():
    stop = threading.Event()
    seen: list[tuple] = []

    def publish(kind, chunk, message):
        seen.append((kind, chunk, message))
        if chunk is not None and chunk.done == 2:
            stop.set()

    run(Job(Count(total=100)), publish, stop, ALLOWED)
    assert kinds(seen) == ["started", "chunk", "chunk", "cancelled"]


def test_the_time_limit_has_a_reason():
    job = Job(Count(total=1000, seconds=0.01), limit_seconds=0.05)
    seen = events(job)
    assert kinds(seen)[-1] == "timeout"
    assert "one run may take 0.05 s" in seen[-1][2]
    assert 1 < len(seen) < 100


def test_the_size_limit_has_a_reason_and_holds_for_the_sum():
    seen = events(Job(Count(total=100, width=1000)), max_bytes=100_000)
    assert kinds(seen)[-1] == "timeout"
    assert "size limit" in seen[-1][2]
    sent = sum(nbytes(chunk.values) for _, chunk, _ in seen if chunk)
    assert 90_000 < sent <= 100_000


@pytest.mark.parametrize("value", [object(), np.array([object()]), {1, 2}, {"a": [len]}])
def test_only_plain_values_have_a_size(value):
    with pytest.raises(TypeError, match="plain values"):
        nbytes(value)


def test_sizes_add_up():
    assert nbytes({"a": np.zeros((3, 4), np.float32), "b": [1, 2.5, None], "cd": "efg"}) == 79
    assert nbytes(NotRun()) == 0
    assert nbytes(Count(1, 2.0)) == 32
