"""Every convention reproduces the recorded runs of its framework, update by update."""

import dataclasses
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

import bncore

GOLDEN = Path(bncore.__file__).parent / "golden"
CASES = {path.stem: json.loads(path.read_text()) for path in sorted(GOLDEN.glob("*.json"))}
RECORDS = [
    pytest.param(case, record, id=f"{name}-{record['implementation']}")
    for name, case in CASES.items()
    for record in case["records"]
]


def replay(case, convention):
    """Feed the recorded batches to the engine; yield each update's trace."""
    batches = [np.asarray(batch, np.float32) for batch in case["batches"]]
    moving = bncore.MovingStatistics.initial(batches[0].shape[-1:])
    for batch in itertools.islice(itertools.cycle(batches), case["updates"]):
        trace = bncore.batch_norm(batch, moving, convention, training=True)
        moving = trace.moving
        yield batch, trace


def convention_of(case, record):
    return dataclasses.replace(
        bncore.CONVENTIONS[record["implementation"]],
        keep=case["keep_momentum"],
        epsilon=case["epsilon"],
    )


def test_all_recorded_implementations_are_covered():
    recorded = {record["implementation"] for case in CASES.values() for record in case["records"]}
    assert len(CASES) == 3
    assert recorded <= set(bncore.CONVENTIONS)
    assert len(recorded) == 9


@pytest.mark.parametrize(("case", "record"), RECORDS)
def test_reproduces_every_recorded_update_and_both_outputs(case, record):
    convention = convention_of(case, record)
    steps = {step["update"]: step for step in record["steps"]}
    seen = 0
    traces = list(replay(case, convention))
    for update, (_, trace) in enumerate(traces, start=1):
        if update in steps:
            seen += 1
            for statistic in ("mean", "variance"):
                np.testing.assert_allclose(
                    getattr(trace.moving, statistic),
                    steps[update][f"moving_{statistic}"],
                    rtol=2e-5,
                    atol=2e-7,
                    err_msg=f"moving {statistic}, update {update}",
                )
    assert seen == len(steps)
    batch, trace = traces[-1]
    np.testing.assert_allclose(trace.output, record["last_batch_train_output"], atol=2e-4)
    inference = bncore.batch_norm(batch, trace.moving, convention, training=False)
    np.testing.assert_allclose(inference.output, record["last_batch_inference_output"], atol=2e-4)


@pytest.mark.parametrize("wrong", ["biased", "n/(n-1)"])
def test_a_wrong_estimator_would_be_noticed(wrong):
    """The golden test can fail: the competing estimators miss Keras 2.2.4 by 10x its tolerance."""
    case = CASES["question"]
    record = next(r for r in case["records"] if r["implementation"] == "keras-2.2.4")
    convention = dataclasses.replace(
        convention_of(case, record), estimator=bncore.ESTIMATORS[wrong]
    )
    *_, (_, trace) = replay(case, convention)
    expected = np.array(record["steps"][-1]["moving_variance"])
    assert np.abs(trace.moving.variance / expected - 1).max() > 2e-4
