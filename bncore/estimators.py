"""Which variance a layer stores, given the biased variance v of a batch of n elements.

Every framework normalises the training batch with v itself. What goes into the moving
variance is another matter: v, v corrected by Bessel's n/(n-1), or Keras 2's n/(n-(1+epsilon)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from bncore.moments import Array

Rule = Callable[[Array, int, float], Any]


@dataclass(frozen=True)
class VarianceEstimator:
    """A rule from (v, n, epsilon) to the variance that is stored.

    >>> ESTIMATORS["n/(n-1)"].stored(np.array([4.0]), count=5, epsilon=1e-3)
    array([5.])
    """

    id: str
    title: str
    formula: str
    rule: Rule

    def stored(self, variance: Array, count: int, epsilon: float) -> Array:
        """What is stored for a batch whose biased variance is ``variance``.

        Division by zero follows IEEE, as in the frameworks: 0 * (1/0) is NaN.
        """
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.asarray(self.rule(np.asarray(variance), count, epsilon))

    def factor(self, count: int, epsilon: float) -> float:
        """The stored variance over the biased one, for n elements (NaN where it is 1/0).

        >>> round(ESTIMATORS["n/(n-(1+epsilon))"].factor(5, 1e-3), 7)
        1.2503126
        """
        return float(self.stored(np.array(1.0), count, epsilon))


def _over(n: Any, divisor: Any) -> Any:
    if isinstance(n, int):
        return np.divide(float(n), divisor)  # n/0 is inf rather than an exception
    return n / divisor  # a tensor: a layer whose batch size is not known yet


def _biased(v: Array, n: int, epsilon: float) -> Array:
    return v


def _unbiased(v: Array, n: int, epsilon: float) -> Any:
    return v * _over(n, n - 1)


def _unbiased_floored(v: Array, n: int, epsilon: float) -> Any:
    return v * _over(n, max(n - 1, 1))


def _keras_2(v: Array, n: int, epsilon: float) -> Any:
    return v * _over(n, n - (1 + epsilon))


def _corrected_twice(v: Array, n: int, epsilon: float) -> Any:
    return _keras_2(_unbiased_floored(v, n, epsilon), n, epsilon)


def _theano(v: Array, n: int, epsilon: float) -> Array:
    return v + epsilon


def _theano_keras_2(v: Array, n: int, epsilon: float) -> Any:
    return _keras_2(v + epsilon, n, epsilon)


BIASED = VarianceEstimator("biased", "biased", "v", _biased)
UNBIASED = VarianceEstimator("n/(n-1)", "unbiased (Bessel)", "v·n/(n−1)", _unbiased)
UNBIASED_FLOORED = VarianceEstimator(
    "n/max(n-1,1)", "unbiased (fused kernel)", "v·n/max(n−1, 1)", _unbiased_floored
)
KERAS_2 = VarianceEstimator("n/(n-(1+epsilon))", "Keras 2.1.4 to 2.3.1", "v·n/(n−(1+ε))", _keras_2)
CORRECTED_TWICE = VarianceEstimator(
    "n/(n-1) * n/(n-(1+epsilon))",
    "corrected twice",
    "v·n/(n−1)·n/(n−(1+ε))",
    _corrected_twice,
)
THEANO = VarianceEstimator("biased + epsilon", "Theano backend", "v+ε", _theano)
THEANO_KERAS_2 = VarianceEstimator(
    "(v+epsilon) * n/(n-(1+epsilon))",
    "Theano backend, Keras 2.1.4 to 2.3.1",
    "(v+ε)·n/(n−(1+ε))",
    _theano_keras_2,
)

ESTIMATORS = MappingProxyType(
    {
        estimator.id: estimator
        for estimator in (
            BIASED,
            UNBIASED,
            UNBIASED_FLOORED,
            KERAS_2,
            CORRECTED_TWICE,
            THEANO,
            THEANO_KERAS_2,
        )
    }
)
