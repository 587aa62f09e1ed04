"""A compiled training loop that keeps what every update left behind.

Gradients, optimizer and layer updates are the framework's own; only the loop around them is
ours. One XLA program (plain TensorFlow where XLA cannot) makes up to ``capacity`` updates and
writes one row of numbers per update into one preallocated array, so recording costs little more
than not recording. Batches of two sizes fit into the one program, since Keras' ``fit`` keeps
the smaller last batch of an epoch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bncore.keras.framework import tf
from bncore.moments import Array

Step = Callable[[Any, Any], Mapping[str, Any]]
PAD = -1  # a row number that no batch has
_SHUFFLED_AT_ONCE = 4096


class Minibatches:
    """Row numbers of seeded mini-batches: a new permutation of all rows in every epoch.

    The last batch of an epoch holds what is left, as in Keras' ``fit``; its row is filled up
    with -1. The same seed gives the same batches, however they are asked for.

    Args:
        rows, batch_size: 1 <= batch_size <= rows.
        seed: of ``np.random.default_rng``, or a generator.
        shuffle: False takes the rows in order.

    >>> Minibatches(3, 2, seed=0, shuffle=False).take(3)
    array([[ 0,  1],
           [ 2, -1],
           [ 0,  1]], dtype=int32)
    """

    def __init__(
        self, rows: int, batch_size: int, seed: int | np.random.Generator, shuffle: bool = True
    ) -> None:
        self._rows, self._size, self._shuffle = rows, batch_size, shuffle
        self._generator = np.random.default_rng(seed)
        self._drawn = np.empty((0, batch_size), np.int32)

    def take(self, count: int) -> Array:
        """The next ``count`` batches, int32 of shape (count, batch_size)."""
        parts, missing = [self._drawn], count - len(self._drawn)
        while missing > 0:
            parts.append(self._epochs())
            missing -= len(parts[-1])
        drawn = np.concatenate(parts)
        self._drawn = drawn[count:]
        return drawn[:count]

    def _epochs(self) -> Array:
        epochs = max(1, _SHUFFLED_AT_ONCE // self._rows)
        order = np.tile(np.arange(self._rows, dtype=np.int32), (epochs, 1))
        if self._shuffle:
            order = self._generator.permuted(order, axis=1)
        filled = np.pad(order, ((0, 0), (0, -self._rows % self._size)), constant_values=PAD)
        return filled.reshape(-1, self._size)


def gradient_step(
    model: Any, optimizer: Any, loss: Any, watch: Callable[[Any], Mapping[str, Any]]
) -> Step:
    """One training step as the framework's own ``train_step`` makes it, then what to record.

    ``watch(x)`` is read after the update; "loss" is the loss before it. Works for Keras 3 on
    TensorFlow and for tf_keras.
    """

    def step(x: Any, y: Any) -> Mapping[str, Any]:
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
            if model.losses:
                value += tf.add_n(model.losses)
        variables = model.trainable_variables
        gradients = tape.gradient(value, variables)
        optimizer.apply_gradients(list(zip(gradients, variables, strict=True)))
        return {**watch(x), "loss": value}

    return step


class Recorder:
    """The loop around a step, compiled once and run in pieces.

    Args:
        step: from (x, y) to the tensors to keep, by name (see `gradient_step`).
        variables: all that a run changes; `reset` puts their present values back.
        x, y: the data, on the device from now on; first axis: rows.
        batch_size: rows of a batch; what rows % batch_size leaves makes the last batch.
        rows: how many rows an epoch has; by default all.
        beside: the shape of each batch behind its rows, where several trainings go on side by
            side and each takes rows of its own: (k,) for k of them.
        capacity: the most updates of one `run`; by default as many as fit into ``row_bytes``.
        record: False runs the same updates and keeps nothing (to measure what keeping costs).

    ``xla`` tells whether XLA compiled it.
    """

    def __init__(
        self,
        step: Step,
        variables: Sequence[Any],
        x: Array,
        y: Array,
        batch_size: int,
        *,
        rows: int | None = None,
        beside: tuple[int, ...] = (),
        capacity: int | None = None,
        record: bool = True,
    ) -> None:
        self._variables, self._batch = list(variables), (batch_size, *beside)
        self._initial = [tf.convert_to_tensor(variable).numpy() for variable in self._variables]
        self.load(x, y)
        self._left = (len(x) if rows is None else rows) % batch_size
        self._steps = [
            _traced(step, self._x, self._y, (size, *beside)) for size in (batch_size, self._left)
        ]
        self._shapes = {
            name: tuple(spec.shape) for name, spec in self._steps[0].structured_outputs.items()
        }
        width = sum(math.prod(shape) for shape in self._shapes.values())
        self.capacity = capacity or max(1, min(2048, 2**19 // (4 * width)))
        self._width = width if record else 0
        self.xla = True
        self._compile()

    def load(self, x: Array, y: Array) -> None:
        """Other data of the same shapes."""
        self._x, self._y = tf.constant(x), tf.constant(y)

    def reset(self) -> None:
        """Every variable as it was at the beginning."""
        for variable, value in zip(self._variables, self._initial, strict=True):
            variable.assign(value)

    def run(self, batches: Array) -> dict[str, Array]:
        """Make the updates for these batches (see `Minibatches.take`).

        Returns float32 arrays (updates, ...) by the step's names; nothing if nothing is recorded.
        """
        count = len(batches)
        if count > self.capacity:
            raise ValueError(f"at most {self.capacity} updates in one run; got {count} batches")
        padded = np.full((self.capacity, *self._batch), PAD, np.int32)
        padded[:count] = batches
        rows = self._program(self._x, self._y, tf.constant(padded), tf.constant(count)).numpy()[
            :count
        ]
        return self._columns(rows) if self._width else {}

    def _columns(self, rows: Array) -> dict[str, Array]:
        columns, start = {}, 0
        for name, shape in self._shapes.items():
            stop = start + math.prod(shape)
            columns[name] = np.ascontiguousarray(rows[:, start:stop]).reshape(-1, *shape)
            start = stop
        return columns

    def _compile(self) -> None:
        try:
            self._trace(jit_compile=True)
        except tf.errors.OpError:  # an operation that XLA does not know
            self.xla = False
            self._trace(jit_compile=False)

    def _trace(self, jit_compile: bool) -> None:
        loop = tf.function(self._loop, autograph=False, jit_compile=jit_compile or None)
        batches = tf.TensorSpec((self.capacity, *self._batch), tf.int32)
        count = tf.TensorSpec((), tf.int32)
        self._program = loop.get_concrete_function(self._x, self._y, batches, count)
        self.run(np.empty((0, *self._batch), np.int32))  # XLA compiles at the first call

    def _loop(self, x: Any, y: Any, batches: Any, count: Any) -> Any:
        def body(i: Any, rows: Any) -> tuple[Any, Any]:
            row = self._update(x, y, batches[i])
            return i + 1, rows.write(i, row) if self._width else rows

        # Without a row to keep the array holds one number, for a result of the same kind.
        size, width = (self.capacity, self._width) if self._width else (1, 1)
        rows = tf.TensorArray(tf.float32, size, element_shape=(width,))
        _, rows = tf.while_loop(lambda i, _: i < count, body, (tf.constant(0), rows))
        return rows.stack()

    def _update(self, x: Any, y: Any, batch: Any) -> Any:
        def with_rows(step: Any, rows: Any) -> Any:
            return _as_row(step(tf.gather(x, rows), tf.gather(y, rows)), self._shapes)

        full, last = self._steps
        if last is None:
            return with_rows(full, batch)
        return tf.cond(
            tf.reduce_all(batch[-1] == PAD),  # of all that go on side by side, at the same time
            lambda: with_rows(last, batch[: self._left]),
            lambda: with_rows(full, batch),
        )


def _traced(step: Step, x: Any, y: Any, batch: tuple[int, ...]) -> Any:
    if not batch[0]:
        return None
    specs = [tf.TensorSpec((*batch, *data.shape[1:]), data.dtype) for data in (x, y)]
    return tf.function(step, autograph=False).get_concrete_function(*specs)


def _as_row(values: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> Any:
    flat = [tf.reshape(tf.cast(values[name], tf.float32), (-1,)) for name in shapes]
    return tf.concat(flat, 0)


def next_size(size: int, seconds: float, limit: int, target: float = 0.15) -> int:
    """How many updates the next chunk takes, after ``size`` took ``seconds``.

    Aims at ``target`` seconds, at most four times as many as before, between 1 and ``limit``.

    >>> next_size(16, seconds=0.001, limit=2048), next_size(64, seconds=0.6, limit=2048)
    (64, 16)
    """
    wanted = size * target / max(seconds, 1e-9)
    return max(1, int(min(wanted, 4 * size, limit)))
