"""Experiment: a classifier with a batch normalisation after its input, every update recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bncore.experiments.iris import Iris, IrisFound
from bncore.keras.forward import statistics
from bncore.keras.framework import VERSIONS, keras, tf
from bncore.keras.layers import glorot, weights_of
from bncore.keras.recorded import Minibatches, Recorder, gradient_step
from bncore.keras.trainings import Course, Piece
from bncore.training.jobs import Chunk

MODEL = "model"


def train(asked: Iris) -> Iterator[Chunk[IrisFound]]:
    """Train the classifier; counted in updates.

    >>> chunks = list(train(Iris([[0.0], [1.0]], [0, 1], epochs=3, batch_size=2)))
    >>> [w.shape for w in chunks[1].values.weights if w.layer == "BatchNormalization"]
    [(1,), (1,), (1,), (1,)]
    """
    course = Course(IrisFound, asked.updates)
    yield course.chunk(message="Preparing the model")
    model = _model(asked)
    recorder = _recorder(asked, model)
    yield course.chunk(IrisFound(versions=VERSIONS, weights=weights_of(model)))
    batches = Minibatches(len(asked.data), asked.batch_size, asked.seed)
    yield from course.train(
        {MODEL: recorder}, batches, asked.updates, _found, title=lambda _: "The model"
    )


def _found(piece: Piece) -> IrisFound:
    recorded: dict[str, Any] = piece.recorded[MODEL]
    return IrisFound(update=piece.numbers, rows=piece.batches, **recorded)


def _model(asked: Iris) -> Any:
    classes = int(asked.labels.max()) + 1
    return keras.Sequential(
        [
            keras.Input(asked.data.shape[1:]),
            keras.layers.BatchNormalization(momentum=asked.keep, epsilon=asked.epsilon),
            keras.layers.Dense(
                asked.hidden, activation="relu", kernel_initializer=glorot(asked.seed, 0)
            ),
            keras.layers.Dense(classes, kernel_initializer=glorot(asked.seed, 1)),
        ]
    )


def _recorder(asked: Iris, model: Any) -> Recorder:
    layer = model.layers[0]
    rows, classes = tf.constant(asked.data), tf.constant(asked.labels)
    optimizer = keras.optimizers.Adam(asked.learning_rate)
    optimizer.build(model.trainable_variables)

    def watch(batch: Any) -> dict[str, Any]:
        mean, variance = tf.nn.moments(batch, [0])
        taken = {"batch_mean": mean, "batch_variance": variance}
        found = tf.argmax(model(rows, training=False), axis=-1, output_type=tf.int32)
        right = tf.cast(tf.equal(found, classes), tf.float32)
        return {**statistics(layer), **taken, "accuracy": tf.reduce_mean(right)}

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    step = gradient_step(model, optimizer, loss, watch)
    variables = [*model.variables, *optimizer.variables]
    return Recorder(step, variables, asked.data, asked.labels, asked.batch_size)
