"""Experiment: a real layer that keeps the batch axis, beside one that keeps the features.

Every step is really taken and its outcome, error included, is recorded: nothing here knows
beforehand what Keras will say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bncore.experiments.arguments import as_float32, number_between, whole_number
from bncore.keras.framework import keras, tf
from bncore.keras.recorded import Minibatches, Recorder, diverged, gradient_step
from bncore.moments import Array
from bncore.training.jobs import Chunk

AXES = (0, -1)
ORDERS = ("fixed", "shuffled")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_PLACES = re.compile(r'^ +File ".*\n\n?', re.MULTILINE)


def compare(
    data: Any,
    *,
    new_rows: int = 3,
    updates: int = 1000,
    keep: float = 0.99,
    epsilon: float = 1e-3,
    learning_rate: float = 0.01,
    seed: int = 0,
) -> Iterator[Chunk[Any]]:
    """Build, fit, predict with axis=0 and axis=-1; then train both in fixed and shuffled order.

    Args:
        data: (rows, features), at least 2 rows; one batch holds all of them.
        new_rows: how many rows the trained model is asked to predict.
        updates: of each of the four recorded runs, which have all rows as their batch.
        keep, epsilon, learning_rate: of the layer, and of SGD on the mean squared error.
        seed: of the permutations (NumPy's, since Keras 3 on TensorFlow repeats one permutation
            in every epoch once a seed is set).

    Yields chunks counted in recorded updates, with the values
        versions: {"keras": ..., "tensorflow": ...}
        steps[axis][name]: {"ok": bool, "error": class name or "", "text": message or result} for
            axis "0" and "-1" and the names unknown, fixed, fit, other, multiple
        shapes[axis]: {weight name: shape} of the layer with a fixed batch size
        moving_mean[axis][order]: after every update, (k, size of the kept axis), float32
        order: the permutation with which the trained layer was asked again, int64 (rows,)
        outputs[axis][order]: inference outputs of the run in fixed order, (1, rows, features);
            "shuffled": rows given in that permutation, each output put back to its row.
        stopped[run]: a sentence, where a loss that is not finite has ended that run

    Raises ValueError (TypeError for what is no number) with the first chunk asked for.

    >>> chunks = list(compare([[1.0, 2.0], [3.0, 6.0]], updates=2))
    >>> [step["error"] for step in chunks[1].values["steps"]["0"].values()]
    ['ValueError', '', '', 'ValueError', '']
    """
    x = _rows(data)
    asked, total = whole_number("new_rows", new_rows, 1), whole_number("updates", updates, 1)
    seed = whole_number("seed", seed, 0)
    options = {
        "momentum": number_between("keep", keep, 1.0),
        "epsilon": number_between("epsilon", epsilon, math.inf),
    }
    rate = number_between("learning_rate", learning_rate, math.inf)
    order = _permutation(len(x), seed)
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__}
    yield Chunk(0, 4 * total, {"versions": versions, "order": order}, "Building the models")
    for axis in AXES:
        yield Chunk(0, 4 * total, _steps(x, axis, asked, options), "Trying every step")
    for number, axis in enumerate(AXES):
        begun = 2 * number * total
        yield Chunk(begun, 4 * total, message=f"Preparing axis={axis}")
        yield from _runs(x, axis, options, rate, order, seed, (begun, total))


def _model(axis: int, batch_shape: tuple[int | None, ...], options: dict[str, float]) -> Any:
    inputs = keras.Input(batch_shape=batch_shape)
    layer = keras.layers.BatchNormalization(axis=axis, name="batch_norm", **options)
    return keras.Model(inputs, layer(inputs))


def _steps(x: Array, axis: int, asked: int, options: dict[str, float]) -> dict[str, Any]:
    """Every step for one axis, and what came of it."""
    rows, features = x.shape
    model = _model(axis, (rows, features), options)
    model.compile(loss="mse", optimizer="sgd")

    def fit() -> str:
        history = model.fit(x, x, epochs=1, batch_size=rows, shuffle=False, verbose=0)
        return f"loss {history.history['loss'][0]:.6f}"

    def predict(count: int, **more: Any) -> str:
        given = x[np.arange(count) % rows]
        return f"output of shape {model.predict(given, verbose=0, **more).shape}"

    # `other` before `multiple`: once Keras has compiled predict for one batch size, another one
    # fails later and less clearly, inside the compiled graph.
    steps = {
        "unknown": lambda: _built(_model(axis, (None, features), options)),
        "fixed": lambda: _built(model),
        "fit": fit,
        "other": lambda: predict(asked),
        "multiple": lambda: predict(2 * rows, batch_size=rows),
    }
    shapes = {weight.name: tuple(weight.shape) for weight in model.layers[-1].weights}
    return {
        "steps": {str(axis): {name: attempt(step) for name, step in steps.items()}},
        "shapes": {str(axis): shapes},
    }


def attempt(step: Callable[[], str]) -> dict[str, Any]:
    """What a step returns, or the error it raises, in words.

    The message is Keras' own, without terminal colours and without the places in files.

    >>> attempt(lambda: str(int("x")))["error"]
    'ValueError'
    """
    try:
        return {"ok": True, "error": "", "text": step()}
    except Exception as error:  # whatever it is, it is the finding
        message = _PLACES.sub("", _COLOURS.sub("", str(error)))
        return {"ok": False, "error": type(error).__name__, "text": message}


def _built(model: Any) -> str:
    shapes = {str(tuple(weight.shape)) for weight in model.layers[-1].weights}
    return f"built: {len(model.layers[-1].weights)} weights of shape {' and '.join(sorted(shapes))}"


def _runs(
    x: Array,
    axis: int,
    options: dict[str, float],
    rate: float,
    order: Array,
    seed: int,
    span: tuple[int, int],
) -> Iterator[Chunk[Any]]:
    """Train one layer in fixed order, ask it in two orders, and train it again shuffled."""
    done, total = span
    model = _model(axis, x.shape, options)
    layer = model.layers[-1]
    optimizer = keras.optimizers.SGD(rate)
    optimizer.build(model.trainable_variables)
    step = gradient_step(
        model,
        optimizer,
        keras.losses.MeanSquaredError(),
        lambda batch: {"moving_mean": tf.convert_to_tensor(layer.moving_mean)},
    )
    recorder = Recorder(step, [*model.variables, *optimizer.variables], x, x, len(x))
    for name in ORDERS:
        recorder.reset()
        batches = Minibatches(len(x), len(x), seed, shuffle=name == "shuffled")
        for numbers, recorded in recorder.pieces(batches, total):
            values = {"moving_mean": {str(axis): {name: recorded["moving_mean"]}}}
            yield Chunk(done + int(numbers[-1]), 4 * total, values, f"axis={axis}, {name} order")
        done += total
        if recorder.broken:
            run = f"axis={axis}, {name} order"
            yield Chunk(done, 4 * total, {"stopped": {run: diverged(run, recorder.broken)}})
        if name == "fixed":
            yield Chunk(done, 4 * total, {"outputs": {str(axis): _outputs(model, x, order)}})


def _outputs(model: Any, x: Array, order: Array) -> dict[str, Array]:
    """Inference outputs for the rows in order, and for the rows in another order, put back."""
    plain = np.asarray(model(x, training=False))
    shuffled = np.asarray(model(x[order], training=False))
    back = np.empty_like(shuffled)
    back[order] = shuffled
    return {"fixed": plain[None], "shuffled": back[None]}


def _permutation(rows: int, seed: int) -> Array:
    """A seeded permutation that is not the identity."""
    generator = np.random.default_rng(seed)
    while True:
        order = generator.permutation(rows)
        if (order != np.arange(rows)).any():
            return order


def _rows(data: Any) -> Array:
    x = as_float32(data, "data")
    if x.ndim != 2 or len(x) < 2:
        raise ValueError(f"data has shape (rows, features) with 2 rows or more; got {x.shape}")
    return x
