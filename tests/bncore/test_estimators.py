"""Each rule held against its formula as it is shown, worked out in fractions."""

from fractions import Fraction

import numpy as np
import pytest

from bncore.estimators import ESTIMATORS

V, N, EPSILON = Fraction(3, 2), 5, Fraction(1, 4)
BESSEL, KERAS_2 = Fraction(N, N - 1), Fraction(N) / (N - 1 - EPSILON)
STORED = {
    "biased": V,
    "n/(n-1)": V * BESSEL,
    "n/max(n-1,1)": V * BESSEL,
    "n/(n-(1+epsilon))": V * KERAS_2,
    "n/(n-1) * n/(n-(1+epsilon))": V * BESSEL * KERAS_2,
    "biased + epsilon": V + EPSILON,
    "(v+epsilon) * n/(n-(1+epsilon))": (V + EPSILON) * KERAS_2,
}


def test_every_estimator_has_its_example():
    assert STORED.keys() == ESTIMATORS.keys()


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_what_is_stored(name):
    found = ESTIMATORS[name].stored(np.array([float(V), 0.0]), N, float(EPSILON))
    assert found[0] == pytest.approx(float(STORED[name]), rel=1e-15)
    if name != "biased + epsilon" and not name.startswith("(v+"):
        assert found[1] == 0


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_the_factor_is_what_is_stored_of_1(name):
    stored = ESTIMATORS[name].stored(np.array(1.0), 7, 1e-3)
    assert ESTIMATORS[name].factor(7, 1e-3) == stored


@pytest.mark.parametrize(
    ("name", "stored"),
    [("biased", 2), ("n/max(n-1,1)", 2), ("n/(n-1)", np.inf), ("n/(n-(1+epsilon))", -8)],
)
def test_one_element_divides_as_the_frameworks_do(name, stored):
    assert ESTIMATORS[name].stored(np.array(2.0), 1, 0.25) == stored


def test_0_over_0_is_no_number_and_warns_of_nothing():
    assert np.isnan(ESTIMATORS["n/(n-1)"].stored(np.array(0.0), 1, 0.0))
    assert ESTIMATORS["n/(n-1)"].stored(np.array(1.7e308), 2, 0.0) == np.inf


@pytest.mark.parametrize("n", [2, 3])
def test_few_elements(n):
    assert ESTIMATORS["n/max(n-1,1)"].factor(n, 0.25) == n / (n - 1)
