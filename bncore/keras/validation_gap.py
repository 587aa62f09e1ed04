"""Experiment: training is fine and validation is stuck, reproduced and cured.

One classifier, trained several times from the same weights with the same mini-batches; only what
its batch normalisation keeps differs. After every update the same rows are classified in both
modes, so that a gap between them cannot be called overfitting.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from bncore.axes import split_axes
from bncore.experiments.arguments import held_out
from bncore.experiments.validation_gap import (
    SHOWN_ROWS,
    SHOWN_UNITS,
    Estimated,
    GapFound,
    GapRun,
    ValidationGap,
)
from bncore.keras.framework import VERSIONS, keras, tf
from bncore.keras.layers import glorot, stateless_output
from bncore.keras.recorded import Minibatches, Recorder, gradient_step
from bncore.keras.trainings import Course, Piece
from bncore.moments import Array, batch_moments
from bncore.population import population_statistics
from bncore.training.jobs import Chunk

Labelled = tuple[Array, Array]
"""Rows, and the class of each."""


def train(asked: ValidationGap) -> Iterator[Chunk[GapFound]]:
    """Train the classifier once for each keep; counted in updates of all trainings together.

    A loss that is not finite ends that training, and no other.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(50.0, 1.0, (40, 2)); y = (x[:, 0] > 50).astype(int)
    >>> *_, last = train(ValidationGap(x, y, keeps=[0.999], epochs=2))
    >>> last.done == last.total == 8
    True
    """
    training, validation = held_out(asked.data, asked.labels, asked.validation, asked.seed)
    common = float(np.bincount(validation[1]).max() / asked.rows.validation)
    found = partial(GapFound, versions=VERSIONS, rows=asked.rows, most_common=common)
    course = Course[GapFound](found, asked.updates * len(asked.by_name))
    yield course.chunk(found(), "Preparing the models")
    for name, keep in asked.by_name.items():
        yield course.chunk(message=f"Preparing keep {name}")
        model = _model(asked, keep)
        recorder = _recorder(asked, model, training, validation)
        yield from course.train(
            {name: recorder},
            Minibatches(asked.rows.training, asked.batch_size, asked.seed),
            asked.updates,
            lambda piece: found(
                runs={each: _run(asked, piece, run) for each, run in piece.recorded.items()}
            ),
            title=lambda each: f"Keep {each}",
            message=f"keep {name}",
        )
        if name not in course.stopped and asked.batch_size > 1:
            estimated = _estimated(asked, model, training, validation)
            yield course.chunk(found(estimated={name: estimated}))


def _run(asked: ValidationGap, piece: Piece, recorded: Mapping[str, Array]) -> GapRun:
    """What is kept of some updates: where the rows were is noted at a few of them."""
    numbers = piece.numbers
    looked = (numbers == 1) | (numbers % asked.look_every == 0) | (numbers == asked.updates)
    kept = {name: recorded[name][looked] for name in ("fed", "wrong")}
    whole = {name: each for name, each in recorded.items() if name not in kept}
    return GapRun(
        **whole, seen=numbers[looked], fed=kept["fed"], wrong=kept["wrong"].astype(np.uint8)
    )


def _model(asked: ValidationGap, keep: float) -> Any:
    features, classes = asked.data.shape[1], int(asked.labels.max()) + 1
    return keras.Sequential(
        [
            keras.Input((features,)),
            keras.layers.Dense(
                asked.units, use_bias=False, kernel_initializer=glorot(asked.seed, 0)
            ),
            keras.layers.BatchNormalization(momentum=keep, epsilon=asked.epsilon),
            keras.layers.Activation("relu"),
            keras.layers.Dense(classes, kernel_initializer=glorot(asked.seed, 1)),
        ]
    )


def _recorder(
    asked: ValidationGap, model: Any, training: Labelled, validation: Labelled
) -> Recorder:
    optimizer = keras.optimizers.Adam(asked.learning_rate)
    optimizer.build(model.trainable_variables)
    x, y = map(tf.constant, training)
    x_validation, y_validation = map(tf.constant, validation)

    dense, layer = model.layers[:2]

    def watch(_batch: Any) -> dict[str, Any]:
        unseen = model(x_validation, training=False)
        wrong = tf.not_equal(_classes(unseen), y_validation)[:SHOWN_ROWS]
        # Asking in training mode must not be an update.
        return {
            "training_mode": _accuracy(stateless_output(model, x, training=True), y),
            "inference_mode": _accuracy(model(x, training=False), y),
            "validation": _accuracy(unseen, y_validation),
            "moving_mean": layer.moving_mean[:SHOWN_UNITS],
            "moving_variance": layer.moving_variance[:SHOWN_UNITS],
            "fed": dense(x_validation[:SHOWN_ROWS])[:, :SHOWN_UNITS],
            "wrong": wrong,
        }

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    step = gradient_step(model, optimizer, loss, watch)
    variables = [*model.variables, *optimizer.variables]
    return Recorder(step, variables, *training, asked.batch_size)


def _accuracy(outputs: Any, labels: Any) -> Any:
    return tf.reduce_mean(tf.cast(tf.equal(_classes(outputs), labels), tf.float32))


def _classes(outputs: Any) -> Any:
    return tf.argmax(outputs, axis=-1, output_type=tf.int32)


def _estimated(
    asked: ValidationGap, model: Any, training: Labelled, validation: Labelled
) -> Estimated:
    """Set the moving statistics as Algorithm 2 does, from one epoch's batches, and ask again."""
    dense, layer = model.layers[0], model.layers[1]
    x, size = training[0], asked.batch_size
    batches = Minibatches(len(x), size, asked.seed).take(math.ceil(len(x) / size))
    fed = [np.asarray(dense(x[rows[rows >= 0]]), np.float64) for rows in batches]
    mean, variance = population_statistics(
        [batch_moments(rows, split_axes(rows.shape, feature_axis=-1)) for rows in fed]
    )
    layer.moving_mean.assign(mean)
    layer.moving_variance.assign(variance)
    inference, unseen = (
        float(_accuracy(model(rows, training=False), labels))
        for rows, labels in (training, validation)
    )
    return Estimated(inference_mode=inference, validation=unseen)
