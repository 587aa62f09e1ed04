"""The engine is held against the recorded runs, and would be caught."""

import json
from dataclasses import replace

import numpy as np
import pytest

from bncore import records
from bncore.conventions import CONVENTIONS
from bncore.records import Case, Record


def test_engine_difference_would_notice_another_rule(monkeypatch):
    wrong = CONVENTIONS["keras-3"]  # the biased variance
    monkeypatch.setattr(
        records.Case,
        "convention",
        lambda case, _: replace(wrong, keep=case.keep, epsilon=case.epsilon),
    )
    assert records.engine_difference.__wrapped__("keras-2.2.4") > 0.01


def test_a_small_feature_counts_by_its_own_size(monkeypatch):
    """A variance of 1e-7 that is recorded twice as large is a difference of one half."""
    small = Case("small", 0.0, 1e-3, 1, (np.array([[0.0, 0.0], [2e2, 2e-3]]),))
    mean, variance = np.array([[1e2, 1e-3]]), np.array([[1e4, 1e-6]])
    for factor, expected in (([1.0, 1.0], 0.0), ([1.0, 2.0], 0.5), ([2.0, 1.0], 0.5)):
        record = Record(small, "keras-3", "keras 3", (1,), mean, variance * factor, mean, mean)
        monkeypatch.setattr(records, "recorded", lambda record=record: (record,))
        assert records.engine_difference.__wrapped__("keras-3") == pytest.approx(expected)


@pytest.mark.parametrize("name", records.CASES)
def test_what_is_read_is_what_was_recorded(name):
    held = json.loads((records.FOLDER / f"{name}.json").read_text())
    read = [r for r in records.recorded.__wrapped__() if r.case.name == name]
    assert len(read) == len(held["records"]) > 0
    case = read[0].case
    assert (case.keep, case.epsilon) == (held["keep_momentum"], held["epsilon"])
    assert case.updates == held["updates"]
    assert [batch.tolist() for batch in case.batches] == [
        np.float32(batch).tolist() for batch in held["batches"]
    ]
    assert {batch.dtype for batch in case.batches} == {np.dtype(np.float32)}  # as the layers got it
    for found, stored in zip(read, held["records"], strict=True):
        assert found.case is case
        assert (found.convention, found.version) == (stored["implementation"], stored["version"])
        steps = {step["update"]: step for step in stored["steps"]}
        assert found.updates == tuple(steps)
        for update, mean, variance in zip(steps, found.mean, found.variance, strict=True):
            assert mean.tolist() == steps[update]["moving_mean"]
            assert variance.tolist() == steps[update]["moving_variance"]
        assert found.train_output.tolist() == stored["last_batch_train_output"]
        assert found.inference_output.tolist() == stored["last_batch_inference_output"]
        assert found.train_output.shape == found.inference_output.shape == case.batches[-1].shape


def test_a_case_is_fed_round_and_round_with_its_own_keep_and_epsilon():
    first, second = np.array([[0.0, 2.0], [2.0, 6.0]]), np.array([[8.0, 0.0], [8.0, 0.0]])
    case = Case("two batches", 0.5, 0.25, 3, (first, second))
    convention = case.convention("keras-3")
    assert (convention.keep, convention.epsilon) == (0.5, 0.25)
    assert convention.name == "keras-3"
    traces = list(records.replay(case, "keras-3"))
    assert [trace.x is batch for trace, batch in zip(traces, (first, second, first), strict=True)]
    means = [trace.moving.mean.tolist() for trace in traces]
    assert means == [[0.5, 2.0], [4.25, 1.0], [2.625, 2.5]]
    assert [trace.moving.variance.tolist() for trace in traces] == [
        [1.0, 2.5], [0.5, 1.25], [0.75, 2.625],
    ]  # fmt: skip
    assert all(trace.training and trace.epsilon == 0.25 for trace in traces)
