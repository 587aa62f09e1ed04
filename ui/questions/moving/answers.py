"""What a recorded run allows to say about its moving statistics. No widgets."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

import bncore
from bncore.differences import moving_difference
from bncore.experiments.experiment import entries
from bncore.experiments.moving import MovingFound, RecordedLayer
from bncore.moments import Array
from bncore.moving import MovingStatistics, update_moving
from bncore.paths import Case, batch_sizes, targets
from bncore.settling import Settling, settling_of
from bncore.variants import VARIANTS
from ui.questions.moving import words
from ui.questions.moving.state import VARIANT_TITLES, MovingState
from ui.state.arrays import FrozenArray
from ui.state.number_fields import escape_markdown


def data_moments(state: MovingState) -> bncore.Moments:
    """Mean and biased variance of each column of all rows."""
    x = state.data.array.astype(np.float32)
    return bncore.batch_moments(x, bncore.split_axes(x.shape, -1))


def settled(state: MovingState) -> dict[str, Array]:
    """Where the moving variance of each estimator settles on these data."""
    variance = data_moments(state).variance
    return targets(variance, len(state.data.array), state.batch_size, state.epsilon)


@lru_cache(64)
def case(
    data: FrozenArray, batch_size: int, keep: float, epsilon: float, package: str = "keras"
) -> Case:
    """What is averaged. Compiled by XLA, tf_keras' fused kernel takes the short formula."""
    return Case.of(data.array, batch_size, keep, epsilon, short=package == "tf_keras")


def claim(state: MovingState, variant: str, recorded: RecordedLayer, update: int) -> Settling:
    """What a layer's moving variance after this update allows to claim."""
    found = case(state.data, state.batch_size, state.keep, state.epsilon, VARIANTS[variant].package)
    moving_variance = recorded.moving_variance[update - 1].astype(float)
    return settling_of(moving_variance, found, update, recorded.batch_variance)


def verdict(state: MovingState, variant: str, recorded: RecordedLayer, update: int) -> str:
    """Which estimator the layer reached, and by how much it misses, in words."""
    found = case(state.data, state.batch_size, state.keep, state.epsilon)
    return words.sentence(VARIANTS[variant].title, claim(state, variant, recorded, update), found)


def guess_words(state: MovingState, recorded: RecordedLayer) -> str:
    """Which variance stock Keras 3 stores, and the prediction."""
    last = len(recorded.moving_variance)
    return words.guess_words(claim(state, "keras-3", recorded, last), state.guess)


def settling(state: MovingState) -> str:
    """The expected final value with mini-batches, against the variance of all the data.

    Empty where every batch is all the data, and where nothing is averaged.
    """
    rows, size = len(state.data.array), state.batch_size
    if rows == size or state.keep == 1:  # which stays where it began
        return ""
    ratios = targets(np.ones(1), rows, size, state.epsilon)
    biased, unbiased = (float(ratios[name][0]) for name in ("biased", "n/(n-1)"))
    rest = f" (the last batch of an epoch holds {rows % size})" if rows % size else ""
    bessel = (
        f", with n/(n−1) {unbiased:.4f} times: the data's own unbiased variance "
        f"(N/(N−1) = {rows / (rows - 1):.4f})"
        if np.isfinite(unbiased)
        else "; n/(n−1) is not defined for a batch of one row"
    )
    return (
        f"**Mini-batches of {size} from {rows} rows**{rest}: the expected final value of the "
        f"biased layer is {biased:.4f} times the variance of all the data{bessel}. The lines above "
        "include this."
    )


def engine_difference(state: MovingState, variant: str, recorded: RecordedLayer) -> float:
    """How far the engine's update leads from the next recorded moving statistics, at most.

    Every recorded update by itself: from the recorded state before it and the recorded mean and
    variance of its batch. Per feature, relative to its own size.
    """
    split = bncore.split_axes(state.data.shape, feature_axis=-1)
    convention = replace(
        bncore.CONVENTIONS["keras-3"],
        keep=state.keep,
        epsilon=state.epsilon,
        estimator=VARIANTS[variant].estimator,
    )
    means, variances = recorded.moving_mean.astype(float), recorded.moving_variance.astype(float)
    start = MovingStatistics.initial(split.feature_shape)
    mean = np.concatenate([start.mean[None], means[:-1]])
    variance = np.concatenate([start.variance[None], variances[:-1]])
    epoch = batch_sizes(len(state.data.array), state.batch_size)
    counts = np.resize(epoch, len(variances))
    largest = 0.0
    for count in set(epoch):
        of = counts == count
        seen = recorded.batch_mean[of].astype(float), recorded.batch_variance[of].astype(float)
        held = MovingStatistics(mean[of], variance[of], 1)
        made = update_moving(held, bncore.Moments(*seen, count), convention, split)
        off = moving_difference((means[of], variances[of]), (made.mean, made.variance))
        largest = max(largest, float(off.max(initial=0.0)))
    return largest


def engine_words(state: MovingState, variant: str, recorded: RecordedLayer) -> str:
    """How far the engine is from this recorded run, update by update."""
    return (
        f"{VARIANT_TITLES[variant]}: the engine makes each of the {len(recorded.loss):,} "
        "recorded updates again, from the state before it and the mean and variance that "
        "TensorFlow found in its batch. Largest difference of a moving mean or variance, each "
        f"feature relative to its own size: {engine_difference(state, variant, recorded):.2g}."
    )


def as_csv(found: MovingFound) -> str:
    """The recorded run, a row per update and variant. Every field is a number or a known name."""
    text = io.StringIO()
    writer = csv.writer(text)
    names: list[str] = []
    for variant, recorded in found.layers.items():
        for at, update in enumerate(found.update):
            row: dict[str, Any] = {"variant": variant, "update": int(update)}
            for name, values in entries(recorded).items():
                cells = np.atleast_1d(values[at]).ravel()
                row |= {f"{name}[{i}]" if cells.size > 1 else name: v for i, v in enumerate(cells)}
            if not names:
                names = list(row)
                writer.writerow(names)
            writer.writerow([row[name] for name in names])
    return text.getvalue()


def momentum_words(keep: float) -> str:
    """Keep in both spellings, and how long the average remembers."""
    words = f"keep {keep:.10g} = Keras momentum {keep:.10g} = PyTorch momentum {1 - keep:g}"
    if 0 < keep < 1:
        words += f"; half of the initial value is gone after {bncore.updates_until(keep, 0.5):,}"
        words += f" updates, 99.9 % after {bncore.updates_until(keep, 0.001):,}"
    return escape_markdown(words) + "."
