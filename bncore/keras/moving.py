"""Experiment: moving statistics of real layers, side by side, at every update.

The model is the one of the 2018 question: nothing but a batch normalisation, trained to
reproduce its input (or another target) by mean squared error.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np

from bncore.experiments.arguments import as_float32, number_between, whole_number
from bncore.keras.framework import keras, tf, tf_keras
from bncore.keras.layers import as_variant, batch_norm_model
from bncore.keras.optimizers import make_optimizer
from bncore.keras.recorded import (
    Minibatches,
    Recorder,
    diverged,
    finite,
    gradient_step,
    next_size,
)
from bncore.moments import Array
from bncore.training.jobs import Chunk
from bncore.variants import OPTIMIZERS, VARIANTS, Variant

FIRST_CHUNK = 16
RECORDED = ("moving_mean", "moving_variance", "batch_mean", "batch_variance", "gamma", "beta")
_PROGRAMS_KEPT = 16


def train(
    data: Any,
    *,
    target: Any = None,
    variants: Sequence[str] = ("keras-3",),
    batch_size: int | None = None,
    keep: float = 0.99,
    epsilon: float = 1e-3,
    updates: int = 10_000,
    optimizer: str = "sgd",
    learning_rate: float | None = None,
    seed: int = 0,
    shuffle: bool = True,
) -> Iterator[Chunk[Any]]:
    """Train one batch normalisation layer per variant on the same mini-batches.

    Args:
        data: (rows, ..., features), rank 2 to 4, channels last; computed in float32.
        target: what the output is compared with, of the same shape; None: the data themselves.
        variants: ids of ``bncore.variants.VARIANTS``; they advance together.
        batch_size: None: all rows. The smaller last batch of an epoch is kept, as in ``fit``.
        keep: weight of the old value, 0 to 1 (Keras calls it momentum).
        epsilon: 0 or more.
        updates: training steps, not epochs.
        optimizer: an id of ``bncore.variants.OPTIMIZERS``; None as learning rate: its own.
        seed: of the mini-batches; the same seed gives the same numbers, bit for bit.
        shuffle: a new permutation of the rows in every epoch, or the rows in order.

    Yields chunks counted in updates. ``values["update"]`` holds the numbers of the updates
    (1-based, int32, shape (k,)), and ``values["variants"][id]`` float32 arrays:
    moving_mean, moving_variance, gamma, beta after each update and batch_mean, batch_variance
    (biased) of its batch, all (k, features), and loss (k,) before the update. Chunks without
    values only say what is being prepared.

    A loss that is not finite ends the run, with the value ``stopped``: {variant: a sentence}.
    Raises ValueError (TypeError for what is no number) with the first chunk asked for.

    >>> *_, last = train([[0.0], [2.0]], updates=700, keep=0.9)
    >>> last.done, last.values["variants"]["keras-3"]["moving_variance"][-1].round(4)
    (700, array([1.], dtype=float32))
    """
    chosen = _variants(variants)
    x = _data(data, "data")
    y = x if target is None else _same_shape(_data(target, "target"), x)
    settings = _settings(x, batch_size, keep, epsilon, optimizer, learning_rate)
    total, seed = whole_number("updates", updates, 1), whole_number("seed", seed, 0)
    _refuse_single_elements(chosen, x.shape, settings.batch_size)
    batches = Minibatches(len(x), settings.batch_size, seed, bool(shuffle))
    with _programs() as program:
        recorders = {}
        for variant in chosen:
            yield Chunk(0, total, message=f"Preparing {variant.title}")
            recorders[variant.id] = program(variant, settings, x, y)
        yield from _advance(recorders, batches, total)


def _advance(
    recorders: Mapping[str, Recorder], batches: Minibatches, total: int
) -> Iterator[Chunk[Any]]:
    done, size = 0, FIRST_CHUNK
    limit = min(recorder.capacity for recorder in recorders.values())
    while done < total:
        start = perf_counter()
        count = min(size, limit, total - done)
        drawn = batches.take(count)
        recorded = {name: recorder.run(drawn) for name, recorder in recorders.items()}
        size = next_size(count, perf_counter() - start, limit)
        kept = {name: finite(columns["loss"]) for name, columns in recorded.items()}
        first = min(kept, key=lambda name: kept[name])
        if kept[first] < count:
            count = kept[first]
            recorded = {
                name: {key: values[:count] for key, values in columns.items()}
                for name, columns in recorded.items()
            }
        numbers = np.arange(done + 1, done + count + 1, dtype=np.int32)
        done += count
        if count:
            yield Chunk(done, total, {"update": numbers, "variants": recorded})
        if count < len(drawn):
            stopped = {first: diverged(VARIANTS[first].title, done + 1)}
            yield Chunk(done, total, {"stopped": stopped})
            return


@dataclass(frozen=True)
class _Settings:
    """What a program depends on, apart from its variant; the numbers of the data may change."""

    shape: tuple[int, ...]
    batch_size: int
    keep: float
    epsilon: float
    optimizer: str
    learning_rate: float


class _Program:
    """A model, its optimizer and its compiled loop, to be used again."""

    def __init__(self, variant: Variant, settings: _Settings, x: Array, y: Array) -> None:
        library = tf_keras if variant.package == "tf_keras" else keras
        model, layer = batch_norm_model(
            variant, settings.shape[1:], keep=settings.keep, epsilon=settings.epsilon
        )
        self.optimizer = make_optimizer(library, settings.optimizer, settings.learning_rate)
        self.optimizer.build(model.trainable_variables)
        axes = list(range(x.ndim - 1))

        def watch(batch: Any) -> dict[str, Any]:
            mean, variance = tf.nn.moments(batch, axes)
            values = (layer.moving_mean, layer.moving_variance, mean, variance)
            tensors = (*values, layer.gamma, layer.beta)
            return dict(zip(RECORDED, map(tf.convert_to_tensor, tensors), strict=True))

        loss = library.losses.MeanSquaredError()
        step = gradient_step(model, self.optimizer, loss, watch)
        variables = [*model.variables, *_variables(self.optimizer)]
        self.recorder = Recorder(step, variables, x, y, settings.batch_size)

    def begin(self, x: Array, y: Array, learning_rate: float) -> Recorder:
        """The loop at its beginning, with these data and this learning rate."""
        self.recorder.reset()
        self.recorder.load(x, y)
        self.optimizer.learning_rate.assign(learning_rate)
        return self.recorder


def _variables(optimizer: Any) -> list[Any]:
    held = optimizer.variables
    return list(held() if callable(held) and not isinstance(held, list) else held)


# Compiling takes a few tenths of a second a variant, so programs are kept for the next run.
# One that is in use is not in here: two runs at once never share a model.
_idle: OrderedDict[tuple[str, _Settings], _Program] = OrderedDict()


@contextmanager
def _programs() -> Iterator[Any]:
    used: list[tuple[tuple[str, _Settings], _Program]] = []

    def program(variant: Variant, settings: _Settings, x: Array, y: Array) -> Recorder:
        # A learning rate is a variable of the program, not a part of it.
        key = variant.id, replace(settings, learning_rate=0.0)
        found = _idle.pop(key, None) or _Program(variant, settings, x, y)
        used.append((key, found))
        return found.begin(x, y, settings.learning_rate)

    try:
        yield program
    finally:
        for key, found in used:
            _idle[key] = found
        while len(_idle) > _PROGRAMS_KEPT:
            _idle.popitem(last=False)


def _variants(ids: Sequence[str]) -> list[Variant]:
    if isinstance(ids, str) or not ids or len(set(ids)) != len(ids):
        raise ValueError(f"variants is a list of one or more different ids; got {ids!r}")
    return [as_variant(id) for id in ids]


def _data(values: Any, name: str) -> Array:
    x = as_float32(values, name)
    if not 2 <= x.ndim <= 4:
        raise ValueError(
            f"{name} has rank 2 to 4, such as (rows, features) or (rows, height, width, "
            f"channels); got shape {x.shape}"
        )
    return x


def _same_shape(y: Array, x: Array) -> Array:
    if y.shape != x.shape:
        raise ValueError(f"target has the shape of the data, {x.shape}; got {y.shape}")
    return y


def _settings(
    x: Array,
    batch_size: int | None,
    keep: float,
    epsilon: float,
    optimizer: str,
    learning_rate: float | None,
) -> _Settings:
    rows = len(x)
    size = rows if batch_size is None else whole_number("batch_size", batch_size, 1)
    if size > rows:
        raise ValueError(f"batch_size is between 1 and the {rows} rows of the data; got {size}")
    if optimizer not in OPTIMIZERS:
        raise ValueError(f"optimizer is one of {', '.join(OPTIMIZERS)}; got {optimizer!r}")
    rate = OPTIMIZERS[optimizer].learning_rate if learning_rate is None else learning_rate
    return _Settings(
        x.shape,
        size,
        number_between("keep", keep, 1.0),
        number_between("epsilon", epsilon, math.inf),
        optimizer,
        number_between("learning_rate", rate, math.inf),
    )


def _refuse_single_elements(chosen: Sequence[Variant], shape: tuple[int, ...], size: int) -> None:
    smallest = (shape[0] % size or size) * math.prod(shape[1:-1])
    undefined = [variant.title for variant in chosen if variant.id == "unbiased"]
    if smallest == 1 and undefined:
        raise ValueError(
            f"{undefined[0]}: with {shape[0]} rows and a batch size of {size}, a batch has one "
            "element per statistic, and its unbiased variance is 0/0; choose another batch size "
            "or leave this layer out"
        )
