"""The k replicas of one placement in training: their compiled epoch, and what is asked after it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np

from bncore.experiments.comparison import Comparison
from bncore.experiments.experiment import joined
from bncore.experiments.placement import Orphans, VariantRun
from bncore.keras.framework import keras, tf
from bncore.keras.optimizers import make_optimizer
from bncore.keras.recorded import Recorder, next_size
from bncore.keras.repetitions import Batches, Repetitions
from bncore.keras.stacked import stacked_model
from bncore.moments import Array
from bncore.placement import BINS, PLACEMENTS, RANGES, SATURATED


class Replicas:
    """A variant: its replicas, their compiled epoch, and what is asked after each."""

    def __init__(self, asked: Comparison, name: str, data: Repetitions) -> None:
        rows = data.training.shape[1]
        self._data, self._replicas, self._size = data, data.count, asked.batch_size
        self._title, self._architecture = PLACEMENTS[name].title, asked.architecture
        self._stacked = stacked_model(self._architecture, PLACEMENTS[name], data.count)
        self._orphans = [[w.numpy() for w in o.weights] for o in self._stacked.orphans]
        self._optimizer = make_optimizer(keras, asked.optimizer, 0.0)
        # As fit does: the smaller last batch counts with its size in the epoch's mean.
        self._sizes = [min(self._size, rows - begin) for begin in range(0, rows, self._size)]

    def compile(self, rate: float) -> None:
        """Make the program of an epoch, which takes the longest, and begin with this rate."""
        data, model = self._data, self._stacked.model
        self._optimizer.build(model.trainable_variables)
        variables = [*model.variables, *self._optimizer.variables]
        self._recorder = Recorder(
            self._step, variables, data.x, data.y, self._size,
            rows=data.training.shape[1], beside=(data.count,),
        )  # fmt: skip
        self._rows = [tf.constant(each) for each in (data.x, data.y, data.validation.T)]
        self._evaluate = tf.function(self._evaluation)
        self._pace = min(16, self._recorder.capacity)
        self.begin(rate)

    def begin(self, rate: float) -> None:
        """Everything as before the first update, with this learning rate."""
        self._recorder.reset()
        self._optimizer.learning_rate.assign(rate)
        self._batches = Batches(self._data, self._size)
        self._made = 0
        self.diverged = np.full(self._replicas, -1)

    @property
    def alive(self) -> bool:
        """Whether any replica still has a finite loss."""
        return bool((self.diverged < 0).any())

    @property
    def ending(self) -> str:
        """Why there is nothing more to train."""
        advice = " Choose a smaller learning rate." if self.diverged.max() > 1 else ""
        return (
            f"{self._title.capitalize()}: stopped, since all {self._replicas} repetitions have "
            "diverged (a loss that is not finite), the first at update "
            f"{self.diverged.min():,}, the last at update {self.diverged.max():,}.{advice}"
        )

    def before(self) -> VariantRun:
        """The entry of epoch 0."""
        nothing = np.full((1, self._replicas), np.nan, np.float32)
        return replace(self._looked(), loss=nothing, accuracy=nothing)

    def epoch(self) -> Generator[None, None, VariantRun]:
        """Train for one epoch, and look several times; pauses where it takes long."""
        recorded, looked = [], []
        for update in looks(self._made, self._made + len(self._sizes)):
            recorded.append((yield from self._train(update - self._made)))
            looked.append(self._looked())
        means = {
            key: np.average(column, axis=0, weights=self._sizes)[None]
            for key, column in joined(recorded).items()
        }
        return replace(
            joined(looked),
            **self._going(means),
            # One value an epoch, as fit reports them.
            validation_loss=looked[-1].validation_loss,
            validation_accuracy=looked[-1].validation_accuracy,
        )

    def _train(self, count: int) -> Generator[None, None, dict[str, Array]]:
        """Make so many updates, pausing about every seventh of a second; note who has diverged."""
        parts: list[dict[str, Array]] = []
        missing = count
        while missing:
            start, some = perf_counter(), min(missing, self._pace)
            parts.append(self._recorder.run(self._batches.take(some)))
            self._pace = next_size(some, perf_counter() - start, self._recorder.capacity)
            missing -= some
            yield
        recorded = joined(parts)
        for replica in np.flatnonzero(self.diverged < 0):
            broken = np.flatnonzero(~np.isfinite(recorded["loss"][:, replica]))
            if broken.size:
                self.diverged[replica] = self._made + broken[0] + 1
        self._made += count
        return recorded

    def _looked(self) -> VariantRun:
        """Everything about the validation rows at this moment; no histogram of a diverged one."""
        found = self._evaluate(*self._rows)
        seen = {name: tensor.numpy()[None] for name, tensor in found.items()}
        histograms = {key: seen.pop(key) * (self.diverged[0] < 0) for key in ("pre", "act")}
        return VariantRun(update=np.array([self._made]), **self._going(seen), **histograms)

    def _going(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """NaN for replicas that have diverged."""
        return {
            key: np.where(self.diverged < 0, value, np.nan).astype(np.float32)
            for key, value in values.items()
        }

    def orphans(self) -> Orphans:
        """Whether the layers beside the model belong to it, and whether they changed."""
        listed = [o in self._stacked.model.layers for o in self._stacked.orphans]
        moved = [
            not all(map(np.array_equal, before, [w.numpy() for w in o.weights]))
            for before, o in zip(self._orphans, self._stacked.orphans, strict=True)
        ]
        return Orphans(made=len(listed), listed=sum(listed), moved=sum(moved))

    def _step(self, x: Any, y: Any) -> Mapping[str, Any]:
        model = self._stacked.model
        with tf.GradientTape() as tape:
            logits = model(self._input(x), training=True)
            losses = _losses(logits, y)
            # A sum: the gradient of a replica's weights is that of its own mean loss.
            together = tf.reduce_sum(losses)
        gradients = tape.gradient(together, model.trainable_variables)
        self._optimizer.apply_gradients(
            list(zip(gradients, model.trainable_variables, strict=True))
        )
        return {"loss": losses, "accuracy": _accuracies(logits, y)}

    def _input(self, x: Any) -> Any:
        """(rows, k, ...) as the k models take it, scaled by each one's own training rows."""
        if self._data.scale is not None:
            x = (x - self._data.shift) / self._data.scale
        if len(x.shape) == 3:
            return x
        rows, k, height, width, channels = x.shape
        return tf.reshape(tf.transpose(x, (0, 2, 3, 1, 4)), (rows, height, width, k * channels))

    def _evaluation(self, x: Any, y: Any, rows: Any) -> dict[str, Any]:
        y = tf.gather(y, rows)
        found = self._stacked.probed(self._input(tf.gather(x, rows)), training=False)
        logits = found.pop("logits")
        depth, units = self._architecture.depth, self._architecture.units
        activation, size = self._architecture.activation, (-1, self._replicas, units)
        values = {name: tf.reshape(tensor, size) for name, tensor in found.items()}
        flat = [_flat(values[f"act{i}"], activation) for i in range(depth)]
        first = {name: tensor[:, 0] for name, tensor in values.items()}
        ends = {"pre": RANGES["pre"], "act": RANGES[activation]}
        return {
            "validation_loss": _losses(logits, y),
            "validation_accuracy": _accuracies(logits, y),
            "flat": tf.stack(flat),
            **{
                name: tf.stack([_counts(first[f"{name}{i}"], *ends[name]) for i in range(depth)])
                for name in ends
            },
        }


def looks(made: int, end: int) -> list[int]:
    """After which updates of an epoch the distributions are looked at.

    After powers of two, since they change most in the beginning, and after the last one.

    >>> looks(0, 50), looks(50, 100)
    ([1, 2, 4, 8, 16, 32, 50], [64, 100])
    """
    powers = [1 << n for n in range(made.bit_length(), end.bit_length())]
    return [*(power for power in powers if power < end), end]


def _losses(logits: Any, y: Any) -> Any:
    """Mean cross-entropy of each replica, (k,)."""
    each = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
    return tf.reduce_mean(each, axis=0)


def _accuracies(logits: Any, y: Any) -> Any:
    right = tf.equal(tf.argmax(logits, -1, output_type=tf.int32), y)
    return tf.reduce_mean(tf.cast(right, tf.float32), axis=0)


def _flat(activations: Any, activation: str) -> Any:
    """The share of saturated activations, or of dead units, of each replica, (k,)."""
    if activation in SATURATED:
        low, high = SATURATED[activation]
        outside = tf.logical_or(activations < low, activations > high)
        return tf.reduce_mean(tf.cast(outside, tf.float32), axis=(0, 2))
    dead = tf.reduce_all(activations <= 0, axis=0)
    return tf.reduce_mean(tf.cast(dead, tf.float32), axis=-1)


def _counts(values: Any, low: float, high: float) -> Any:
    """How many values lie in each of BINS equal bins; those beyond count at the ends."""
    place = tf.cast(tf.floor((tf.reshape(values, (-1,)) - low) / (high - low) * BINS), tf.int32)
    return tf.math.bincount(tf.clip_by_value(place, 0, BINS - 1), minlength=BINS, maxlength=BINS)
