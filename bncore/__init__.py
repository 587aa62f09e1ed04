"""The engine of Batch Norm Lab: axes first, then numbers.

axes            which axes are kept, which collapsed     split_axes, AxisSplit
moments         batch statistics, and merging them       batch_moments, merge_moments, Moments
estimators      which variance is stored                 ESTIMATORS, VarianceEstimator
conventions     what each framework stores               CONVENTIONS, Convention
moving          moving statistics over the updates       MovingStatistics, moving_trajectory
normalization   forward with intermediates, gradients    batch_norm, batch_norm_gradients
activations     what follows the layer                   ACTIVATIONS
families        batch, layer, instance, group norm       FAMILIES
datasets        the data behind the questions            DATASETS
implementations every implementation that is known, told  IMPLEMENTATIONS
records         recorded runs of real frameworks         recorded, engine_difference
frameworks      real layers of whatever is installed     live_layer
porting         names and spellings of the four arrays   LAYOUTS
placement       where the layer goes                     PLACEMENTS
comparisons     what repetitions allow to say            judge
backends        the same numbers on NumPy or TensorFlow
training        the service that trains in processes of its own
keras           everything that imports Keras: layers, recorded training, experiments
"""

from bncore.axes import AxisSplit, split_axes
from bncore.conventions import CONVENTIONS, Convention
from bncore.datasets import DATASETS, Dataset
from bncore.estimators import ESTIMATORS, VarianceEstimator
from bncore.families import FAMILIES, Family, grouped_shape, normalize, statistic_index
from bncore.moments import Moments, NotEnoughElementsError, batch_moments, merge_moments
from bncore.moving import (
    MovingStatistics,
    expected_ratio,
    moving_after,
    moving_trajectory,
    remaining_share,
    update_moving,
    update_weight,
    updates_until,
)
from bncore.normalization import Gradients, Trace, batch_norm, batch_norm_gradients

__all__ = [
    "CONVENTIONS",
    "DATASETS",
    "ESTIMATORS",
    "FAMILIES",
    "AxisSplit",
    "Convention",
    "Dataset",
    "Family",
    "Gradients",
    "Moments",
    "MovingStatistics",
    "NotEnoughElementsError",
    "Trace",
    "VarianceEstimator",
    "batch_moments",
    "batch_norm",
    "batch_norm_gradients",
    "expected_ratio",
    "grouped_shape",
    "merge_moments",
    "moving_after",
    "moving_trajectory",
    "normalize",
    "remaining_share",
    "split_axes",
    "statistic_index",
    "update_moving",
    "update_weight",
    "updates_until",
]
