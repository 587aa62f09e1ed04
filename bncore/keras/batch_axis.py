"""Experiment: a real layer that keeps the batch axis, beside one that keeps the features.

Every step is really taken and its outcome, error included, is recorded: nothing here knows
beforehand what Keras will say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bncore.experiments.batch_axis import (
    AXES,
    STEPS,
    AxisFound,
    BatchAxis,
    BatchAxisFound,
    InOrders,
    Step,
)
from bncore.keras.framework import VERSIONS, keras, tf
from bncore.keras.recorded import Minibatches, Recorder, gradient_step
from bncore.keras.trainings import Course, Piece
from bncore.moments import Array
from bncore.training.jobs import Chunk

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_PLACES = re.compile(r'^ +File ".*\n\n?', re.MULTILINE)


def compare(asked: BatchAxis) -> Iterator[Chunk[BatchAxisFound]]:
    """Take every step with both axes, then make the four recorded runs; counted in updates.

    >>> chunks = list(compare(BatchAxis([[1.0, 2.0], [3.0, 6.0]], updates=2)))
    >>> [step.error for step in chunks[1].values.axes["0"].steps.values()]
    ['ValueError', '', '', 'ValueError', '']
    """
    order = _permutation(len(asked.data), asked.seed)
    course = Course(BatchAxisFound, 4 * asked.updates)
    yield course.chunk(BatchAxisFound(versions=VERSIONS, order=order), "Building the models")
    for axis in AXES:
        yield course.chunk(_of(axis, _stepped(asked, axis)), "Trying every step")
    for axis in AXES:
        yield course.chunk(message=f"Preparing axis={axis}")
        yield from _runs(asked, axis, order, course)


def _of(axis: str, found: AxisFound) -> BatchAxisFound:
    return BatchAxisFound(axes={axis: found})


def _model(asked: BatchAxis, axis: str, batch_size: int | None) -> Any:
    inputs = keras.Input(batch_shape=(batch_size, asked.data.shape[1]))
    layer = keras.layers.BatchNormalization(
        axis=int(axis), momentum=asked.keep, epsilon=asked.epsilon, name="batch_norm"
    )
    return keras.Model(inputs, layer(inputs))


def _stepped(asked: BatchAxis, axis: str) -> AxisFound:
    """Every step for one axis, and what came of it."""
    x, rows = asked.data, len(asked.data)
    model = _model(asked, axis, rows)
    model.compile(loss="mse", optimizer="sgd")

    def fit() -> str:
        history = model.fit(x, x, epochs=1, batch_size=rows, shuffle=False, verbose=0)
        return f"loss {history.history['loss'][0]:.6f}"

    def predict(count: int, **more: Any) -> str:
        given = x[np.arange(count) % rows]
        return f"output of shape {model.predict(given, verbose=0, **more).shape}"

    # `other` before `multiple`: once Keras has compiled predict for one batch size, another one
    # fails later and less clearly, inside the compiled graph.
    taken = (
        lambda: _built(_model(asked, axis, None)),
        lambda: _built(model),
        fit,
        lambda: predict(asked.new_rows),
        lambda: predict(2 * rows, batch_size=rows),
    )
    return AxisFound(
        steps={name: attempt(step) for name, step in zip(STEPS, taken, strict=True)},
        shapes={weight.name: tuple(weight.shape) for weight in model.layers[-1].weights},
    )


def attempt(step: Callable[[], str]) -> Step:
    """What a step returns, or the error it raises, in words.

    The message is Keras' own, without terminal colours and without the places in files.

    >>> attempt(lambda: str(int("x"))).error
    'ValueError'
    """
    try:
        return Step(step())
    except Exception as error:  # whatever it is, it is the finding
        message = _PLACES.sub("", _COLOURS.sub("", str(error)))
        return Step(message, type(error).__name__)


def _built(model: Any) -> str:
    shapes = {str(tuple(weight.shape)) for weight in model.layers[-1].weights}
    return f"built: {len(model.layers[-1].weights)} weights of shape {' and '.join(sorted(shapes))}"


def _runs(
    asked: BatchAxis, axis: str, order: Array, course: Course[BatchAxisFound]
) -> Iterator[Chunk[BatchAxisFound]]:
    """Train one layer in fixed order, ask it in two orders, and train it again shuffled."""
    x = asked.data
    model = _model(asked, axis, len(x))
    recorder = _recorder(asked, model, collapsed=1 + int(axis))

    def train(name: str) -> Iterator[Chunk[BatchAxisFound]]:
        def found(piece: Piece) -> BatchAxisFound:
            recorded = piece.recorded[run]
            means = [InOrders(**{name: recorded[part]}) for part in ("moving_mean", "batch_mean")]
            return _of(axis, AxisFound(moving_mean=means[0], batch_mean=means[1]))

        run = f"axis={axis}, {name} order"
        recorder.reset()
        batches = Minibatches(len(x), len(x), asked.seed, shuffle=name == "shuffled")
        return course.train({run: recorder}, batches, asked.updates, found, message=run)

    yield from train("fixed")
    weights = {weight.name: weight.numpy() for weight in model.layers[-1].weights}
    asked_again = AxisFound(
        outputs=_outputs(model, x, order), weights=weights, seated=_seated(model, x)
    )
    yield course.chunk(_of(axis, asked_again))
    yield from train("shuffled")


def _recorder(asked: BatchAxis, model: Any, collapsed: int) -> Recorder:
    x, layer = asked.data, model.layers[-1]
    optimizer = keras.optimizers.SGD(asked.learning_rate)
    optimizer.build(model.trainable_variables)
    step = gradient_step(
        model,
        optimizer,
        keras.losses.MeanSquaredError(),
        lambda batch: {
            "moving_mean": tf.convert_to_tensor(layer.moving_mean),
            "batch_mean": tf.reduce_mean(batch, axis=collapsed),
        },
    )
    return Recorder(step, [*model.variables, *optimizer.variables], x, x, len(x))


def _outputs(model: Any, x: Array, order: Array) -> InOrders:
    """Inference outputs for the rows in order, and for the rows in another order, put back."""
    plain = np.asarray(model(x, training=False))
    shuffled = np.asarray(model(x[order], training=False))
    back = np.empty_like(shuffled)
    back[order] = shuffled
    return InOrders(plain[None], back[None])


def _seated(model: Any, x: Array) -> Array:
    """Inference outputs of every row in every place: in as many batches as there are rows."""
    rows = np.arange(len(x))
    found = np.empty((len(x), *x.shape), np.float32)
    for by in rows:
        given = (rows + by) % len(x)
        found[rows, given] = np.asarray(model(x[given], training=False))
    return found


def _permutation(rows: int, seed: int) -> Array:
    """A seeded permutation that is not the identity."""
    generator = np.random.default_rng(seed)
    while True:
        order = generator.permutation(rows)
        if (order != np.arange(rows)).any():
            return order
