"""Statistics for inference, estimated after training: Ioffe & Szegedy 2015, Algorithm 2."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bncore.moments import Array, Moments


def population_statistics(batches: Sequence[Moments]) -> tuple[Array, Array]:
    """Mean and variance from those of the training batches (Algorithm 2, steps 8 to 10).

        E[x] = E_B[mean],    Var[x] = m/(m-1) * E_B[v]    with v the biased variance of a batch

    All batches count. The paper's are of one size m; where the last one is smaller, each batch
    counts by its elements and gets its own m/(m-1). A batch of one element has a mean and no
    variance. Raises ``ValueError`` where every batch is of one element: m/(m-1) is 1/0.

    >>> import bncore
    >>> split = bncore.split_axes((2, 1), feature_axis=-1)
    >>> parts = [bncore.batch_moments(rows, split) for rows in ([[0.0], [2.0]], [[1.0], [5.0]])]
    >>> population_statistics(parts)
    (array([2.]), array([5.]))
    """
    larger = [batch for batch in batches if batch.count > 1]
    if not larger:
        raise ValueError(
            "Algorithm 2 multiplies by m/(m-1), so that it needs a batch of 2 rows or more"
        )
    mean = np.average(
        [batch.mean for batch in batches], axis=0, weights=[batch.count for batch in batches]
    )
    variance = np.average(
        [batch.variance * batch.count / (batch.count - 1) for batch in larger],
        axis=0,
        weights=[batch.count for batch in larger],
    )
    return np.asarray(mean), np.asarray(variance)
