"""Experiment: training is fine and validation is stuck, reproduced and cured.

One classifier, trained several times from the same weights with the same mini-batches; only what
its batch normalisation keeps differs. After every update the same rows are classified in both
modes, so that a gap between them cannot be called overfitting.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bncore.axes import split_axes
from bncore.experiments.arguments import held_out, labelled, number_between, whole_number
from bncore.keras.framework import keras, tf
from bncore.keras.recorded import Minibatches, Recorder, diverged, gradient_step
from bncore.moments import Array, batch_moments
from bncore.population import population_statistics
from bncore.training.jobs import Chunk

MODES = ("training_mode", "inference_mode", "validation")


def train(
    data: Any,
    labels: Any,
    *,
    keeps: Sequence[float] = (0.999, 0.9),
    batch_size: int = 8,
    epochs: int = 5,
    units: int = 16,
    learning_rate: float = 0.01,
    epsilon: float = 1e-3,
    validation: float = 0.2,
    seed: int = 0,
) -> Iterator[Chunk[Any]]:
    """Train Dense -> BatchNormalization -> relu -> Dense with Adam, once for each keep.

    Args:
        data: (rows, features), as they are (nothing is scaled beforehand).
        labels: (rows,), whole numbers from 0.
        keeps: of the batch normalisation, one training each.
        validation: the share of the rows, after a seeded permutation, that is not trained on.
        seed: of the permutation, the initial weights and the mini-batches.

    Yields chunks counted in updates of all trainings together, with the values
        versions: {"keras": ..., "tensorflow": ...}
        rows: {"training": n, "validation": m}
        most_common: the share of the most common class among the validation rows
        runs[keep]: after every update, float32 (k,): loss (of the mini-batch, before it), and
            the accuracy of
            training_mode   all training rows as one batch, normalised by its own statistics
            inference_mode  all training rows, normalised by the moving statistics
            validation      all validation rows, normalised by the moving statistics
        estimated[keep]: {"inference_mode": ..., "validation": ...}, the accuracies of the trained
            model once its moving statistics have been set to those of the paper's Algorithm 2,
            steps 8 to 10, over all training batches (:mod:`bncore.population`); absent for
            batches of one row, which have no variance
        stopped[keep]: a sentence, where a loss that is not finite has ended that training

    Raises ValueError (TypeError for what is no number) with the first chunk asked for.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(50.0, 1.0, (40, 2)); y = (x[:, 0] > 50).astype(int)
    >>> *_, last = train(x, y, keeps=[0.999], epochs=2)
    >>> last.done == last.total == 8
    True
    """
    training, unseen = held_out(*labelled(data, labels), validation, seed)
    parts = {"training": training, "validation": unseen}
    x, y = parts["training"]
    size = whole_number("batch_size", batch_size, 1)
    if size > len(x):
        raise ValueError(f"batch_size is between 1 and the {len(x)} training rows; got {size}")
    each = whole_number("epochs", epochs, 1) * math.ceil(len(x) / size)
    names = [repr(number_between("keep", keep, 1.0)).removesuffix(".0") for keep in keeps]
    rate = number_between("learning_rate", learning_rate, math.inf)
    total = each * len(names)
    checked = parts["validation"][1]
    yield Chunk(
        0,
        total,
        {
            "versions": {"keras": keras.__version__, "tensorflow": tf.__version__},
            "rows": {name: len(rows) for name, (rows, _) in parts.items()},
            "most_common": float(np.bincount(checked).max() / len(checked)),
        },
        "Preparing the models",
    )
    for number, name in enumerate(names):
        yield Chunk(number * each, total, message=f"Preparing keep {name}")
        model = _model(
            x.shape[1], whole_number("units", units, 1), int(y.max()) + 1, seed,
            momentum=float(name), epsilon=number_between("epsilon", epsilon, math.inf),
        )  # fmt: skip
        recorder = _recorder(model, parts, size, rate)
        batches = Minibatches(len(x), size, seed)
        yield from _run(recorder, batches, name, each, (number * each, total))
        if recorder.broken or size == 1:
            continue
        estimated = _estimated(model, parts, size, seed)
        yield Chunk((number + 1) * each, total, {"estimated": {name: estimated}})


def _run(
    recorder: Recorder, batches: Minibatches, name: str, each: int, span: tuple[int, int]
) -> Iterator[Chunk[Any]]:
    begun, total = span
    for numbers, recorded in recorder.pieces(batches, each):
        done = begun + int(numbers[-1])
        yield Chunk(done, total, {"runs": {name: recorded}}, f"keep {name}")
    if recorder.broken:
        stopped = {name: diverged(f"Keep {name}", recorder.broken)}
        yield Chunk(begun + each, total, {"stopped": stopped})


def _model(features: int, units: int, classes: int, seed: int, **options: float) -> Any:
    def start(number: int) -> Any:
        return keras.initializers.GlorotUniform(seed=seed + number)

    return keras.Sequential(
        [
            keras.Input((features,)),
            keras.layers.Dense(units, use_bias=False, kernel_initializer=start(0)),
            keras.layers.BatchNormalization(**options),
            keras.layers.Activation("relu"),
            keras.layers.Dense(classes, kernel_initializer=start(1)),
        ]
    )


def _recorder(
    model: Any, parts: Mapping[str, tuple[Array, Array]], size: int, rate: float
) -> Recorder:
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(model.trainable_variables)
    x, y = parts["training"]
    rows, classes = tf.constant(x), tf.constant(y)
    unseen, their_classes = map(tf.constant, parts["validation"])

    def watch(_batch: Any) -> dict[str, Any]:
        # Stateless: asking in training mode must not be an update.
        trained, _ = model.stateless_call(
            model.trainable_variables, model.non_trainable_variables, rows, training=True
        )
        outputs = (trained, model(rows, training=False), model(unseen, training=False))
        right = (classes, classes, their_classes)
        return dict(zip(MODES, map(_accuracy, outputs, right), strict=True))

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    step = gradient_step(model, optimizer, loss, watch)
    return Recorder(step, [*model.variables, *optimizer.variables], x, y, size)


def _accuracy(outputs: Any, labels: Any) -> Any:
    found = tf.argmax(outputs, axis=-1, output_type=tf.int32)
    return tf.reduce_mean(tf.cast(tf.equal(found, labels), tf.float32))


def _estimated(
    model: Any, parts: Mapping[str, tuple[Array, Array]], size: int, seed: int
) -> dict[str, float]:
    """Set the moving statistics as Algorithm 2 does, from one epoch's batches, and ask again."""
    dense, layer = model.layers[0], model.layers[1]
    x = parts["training"][0]
    batches = Minibatches(len(x), size, seed).take(math.ceil(len(x) / size))
    fed = [np.asarray(dense(x[rows[rows >= 0]]), np.float64) for rows in batches]
    mean, variance = population_statistics(
        [batch_moments(rows, split_axes(rows.shape, feature_axis=-1)) for rows in fed]
    )
    layer.moving_mean.assign(mean)
    layer.moving_variance.assign(variance)
    return {
        name: float(_accuracy(model(rows, training=False), labels))
        for name, (rows, labels) in zip(
            ("inference_mode", "validation"), parts.values(), strict=True
        )
    }
