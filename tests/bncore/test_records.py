"""The engine is held against the recorded runs, and would be caught."""

from dataclasses import replace

from bncore import records
from bncore.conventions import CONVENTIONS


def test_engine_difference_would_notice_another_rule(monkeypatch):
    wrong = CONVENTIONS["keras-3"]  # the biased variance
    monkeypatch.setattr(
        records.Case,
        "convention",
        lambda case, _: replace(wrong, keep=case.keep, epsilon=case.epsilon),
    )
    assert records.engine_difference.__wrapped__("keras-2.2.4") > 0.01
