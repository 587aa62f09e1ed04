"""The engine is held against the recorded runs, and would be caught."""

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
