"""Experiment: a classifier with a batch normalisation after its input, every update recorded.

The model of the question: Input -> BatchNormalization -> Dense(relu) -> Dense(classes).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from bncore.experiments.arguments import labelled, number_between, whole_number
from bncore.keras.framework import keras, tf
from bncore.keras.layers import weights_of
from bncore.keras.recorded import Minibatches, Recorder, diverged, gradient_step
from bncore.moments import Array
from bncore.training.jobs import Chunk


def train(
    data: Any,
    labels: Any,
    *,
    hidden: int = 4,
    epochs: int = 100,
    batch_size: int = 32,
    learning_rate: float = 0.01,
    keep: float = 0.99,
    epsilon: float = 1e-3,
    seed: int = 0,
) -> Iterator[Chunk[Any]]:
    """Train the classifier with Adam on the cross-entropy of its logits.

    Args:
        data: (rows, features).
        labels: (rows,), whole numbers from 0.
        hidden: units of the hidden layer.
        epochs, batch_size: the smaller last batch of an epoch is kept, as in ``fit``.
        keep, epsilon: of the batch normalisation.
        seed: of the initial weights and of the mini-batches.

    Yields chunks counted in updates, with the values
        versions: {"keras": ..., "tensorflow": ...}
        weights: a list of {"layer", "name", "shape", "count", "trainable"}, from the real model
        update: numbers of the updates, 1-based, int32 (k,)
        moving_mean, moving_variance: after each update, float32 (k, features)
        loss: of the mini-batch, before its update, (k,)
        accuracy: of all rows in inference mode, after the update, (k,)
        stopped: {"model": a sentence}, where a loss that is not finite has ended the run early

    Raises ValueError (TypeError for what is no number) with the first chunk asked for.

    >>> chunks = list(train([[0.0], [1.0]], [0, 1], epochs=3, batch_size=2))
    >>> [w["shape"] for w in chunks[1].values["weights"] if w["layer"] == "BatchNormalization"]
    [(1,), (1,), (1,), (1,)]
    """
    x, y = labelled(data, labels)
    size, seed = whole_number("batch_size", batch_size, 1), whole_number("seed", seed, 0)
    if size > len(x):
        raise ValueError(f"batch_size is between 1 and the {len(x)} rows of the data; got {size}")
    total = whole_number("epochs", epochs, 1) * math.ceil(len(x) / size)
    model = _model(
        x.shape[1],
        whole_number("hidden", hidden, 1),
        int(y.max()) + 1,
        seed,
        momentum=number_between("keep", keep, 1.0),
        epsilon=number_between("epsilon", epsilon, math.inf),
    )
    rate = number_between("learning_rate", learning_rate, math.inf)
    yield Chunk(0, total, message="Preparing the model")
    recorder = _recorder(model, x, y, size, rate)
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__}
    yield Chunk(0, total, {"versions": versions, "weights": weights_of(model)})
    yield from _advance(recorder, Minibatches(len(x), size, seed), total)


def _model(features: int, hidden: int, classes: int, seed: int, **options: float) -> Any:
    def start(number: int) -> Any:
        return keras.initializers.GlorotUniform(seed=seed + number)

    return keras.Sequential(
        [
            keras.Input((features,)),
            keras.layers.BatchNormalization(**options),
            keras.layers.Dense(hidden, activation="relu", kernel_initializer=start(0)),
            keras.layers.Dense(classes, kernel_initializer=start(1)),
        ]
    )


def _recorder(model: Any, x: Array, y: Array, size: int, rate: float) -> Recorder:
    layer = model.layers[0]
    rows, classes = tf.constant(x), tf.constant(y)
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(model.trainable_variables)

    def watch(_batch: Any) -> dict[str, Any]:
        found = tf.argmax(model(rows, training=False), axis=-1, output_type=tf.int32)
        return {
            "moving_mean": tf.convert_to_tensor(layer.moving_mean),
            "moving_variance": tf.convert_to_tensor(layer.moving_variance),
            "accuracy": tf.reduce_mean(tf.cast(tf.equal(found, classes), tf.float32)),
        }

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    step = gradient_step(model, optimizer, loss, watch)
    return Recorder(step, [*model.variables, *optimizer.variables], x, y, size)


def _advance(recorder: Recorder, batches: Minibatches, total: int) -> Iterator[Chunk[Any]]:
    for numbers, recorded in recorder.pieces(batches, total):
        yield Chunk(int(numbers[-1]), total, {"update": numbers, **recorded})
    if recorder.broken:
        stopped = {"model": diverged("The model", recorder.broken)}
        yield Chunk(recorder.broken - 1, total, {"stopped": stopped})
