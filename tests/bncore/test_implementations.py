"""The table of implementations says no more than what is known, and agrees with the conventions."""

import re

import pytest

from bncore.axes import split_axes
from bncore.conventions import CONVENTIONS
from bncore.implementations import IMPLEMENTATIONS

ROWS = {row.convention: row for row in IMPLEMENTATIONS if row.convention}
# Every version that was really run when the table was made; a row may name these and no others.
WERE_RUN = {
    "keras": {"1.0.0", "1.2.2", "2.0.0", "2.1.2", "2.1.3", "2.1.4", "2.1.6", "2.2.4", "2.3.1"},
    "keras 3": {"3.0.5", "3.3.3", "3.8.0", "3.15.0", "3.15.1", "3.15"},
    "tensorflow, tf_keras": {"1.15.5", "2.0.0", "2.21"},
    "theano": {"1.0.5"},
    "torch": {"2.13"},
    "jax": {"0.12.8", "0.0.17"},
    "onnx": {"1.23.2", "1.31.1"},
    "others": {"1.9.1", "3.3.1", "2.10"},
}


@pytest.mark.parametrize("row", IMPLEMENTATIONS, ids=lambda row: f"{row.name} {row.versions}")
def test_has_been_run_is_said_only_of_what_ran(row):
    assert set(re.findall(r"\d+(?:\.\d+)+", row.ran)) <= set().union(*WERE_RUN.values())
    assert row.known.startswith("has been run") == bool(row.ran) == (row.status == "run")
    if row.ran and " to " in row.versions:
        assert "the rest read" in row.known


@pytest.mark.parametrize("name", list(CONVENTIONS))
def test_a_convention_and_its_row_name_the_same_versions(name):
    assert ROWS[name].versions == CONVENTIONS[name].versions


def test_no_two_rows_of_one_name_hold_the_same_versions():
    known = [(row.name, row.versions) for row in IMPLEMENTATIONS]
    assert len(set(known)) == len(known)


def test_tf_keras_is_keras_3_from_tf_2_16_on():
    """No row of Keras 2's layer reaches into TF 2.16, and Keras 3's says that it does."""
    for row in IMPLEMENTATIONS:
        if row.family == "TensorFlow" and row.name.startswith("tf.keras"):
            assert "2.0+" not in row.versions
            (last,) = re.findall(r"TF [\d.]+ to (2\.\d+)", row.versions)
            assert int(last.split(".")[1]) <= 15
    assert "tf.keras from TF 2.16" in ROWS["keras-3"].name


def test_rank_5_of_tf_2_0_is_not_fused():
    rank_5 = split_axes((2, 2, 2, 2, 3), feature_axis=-1)
    assert CONVENTIONS["tf-1"].versions.endswith("2.0")
    assert CONVENTIONS["tf-1"].estimator_for(rank_5).id == "biased"
    assert CONVENTIONS["tf_keras"].versions.startswith("TF 2.6")
    assert CONVENTIONS["tf_keras"].estimator_for(rank_5).id == "n/max(n-1,1)"


@pytest.mark.parametrize("name", ["flax", "haiku"])
def test_a_fast_variance_is_told(name):
    assert "E[x²] - E[x]²" in ROWS[name].normalises
    assert "E[x²] - E[x]²" in CONVENTIONS[name].note


def test_the_first_keras_added_epsilon_twice_in_both_modes():
    (row,) = [row for row in IMPLEMENTATIONS if row.versions.endswith("1.0.5")]
    assert "both modes" in row.normalises
