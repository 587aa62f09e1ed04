"""Experiment: what does the bias before a batch normalisation do? Its gradient is measured.

In training mode the batch mean takes any constant away again, so a bias in front of it changes
nothing and learns nothing. In inference mode the moving mean is a constant, and the bias counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from bncore.experiments.arguments import labelled, number_between, whole_number
from bncore.keras.framework import keras, tf
from bncore.keras.optimizers import make_optimizer
from bncore.keras.recorded import Minibatches, Recorder, diverged
from bncore.moments import Array
from bncore.training.jobs import Chunk

MODELS = ("normalised", "plain")


def effect(
    data: Any,
    labels: Any,
    *,
    units: int = 64,
    activation: str = "tanh",
    updates: int = 200,
    batch_size: int = 16,
    learning_rate: float = 0.1,
    keep: float = 0.99,
    epsilon: float = 1e-3,
    seed: int = 0,
) -> Iterator[Chunk[Any]]:
    """Train Dense(units) -> BatchNormalization -> activation -> Dense with SGD, bias in use.

    Beside it the same model without the batch normalisation ("plain"), for scale.

    Args:
        data, labels: (rows, features), and (rows,) whole numbers from 0.
        updates, batch_size, learning_rate, seed: of the training; the same batches for both.

    Yields chunks counted in updates of both models, with the values
        versions: {"keras": ..., "tensorflow": ...}
        parameters[model]: {"with": n, "without": m}, counted in real models with and without
            ``use_bias`` in the first layer
        bias_gradient[model], kernel_gradient[model]: Euclidean norms of the gradients of the
            first layer in training mode, at each update, float32 (k,)
        measured[mode]: after training, for "training" and "inference" (the normalised model)
            and "plain": {"bias_gradient", "kernel_gradient": on the first batch,
            "output_change": the largest change of a logit when every bias grows by 1}
        stopped[model]: a sentence, where the loss is not finite

    Raises ValueError (TypeError for what is no number) with the first chunk asked for.

    >>> x = np.random.default_rng(0).normal(size=(32, 3)); y = (x[:, 0] > 0).astype(int)
    >>> *_, last = effect(x, y, units=4, updates=5)
    >>> measured = last.values["measured"]
    >>> measured["training"]["output_change"] < 1e-4 < measured["inference"]["output_change"]
    True
    """
    x, y = labelled(data, labels)
    size, total = whole_number("batch_size", batch_size, 1), whole_number("updates", updates, 1)
    if size > len(x):
        raise ValueError(f"batch_size is between 1 and the {len(x)} rows of the data; got {size}")
    options = {
        "momentum": number_between("keep", keep, 1.0),
        "epsilon": number_between("epsilon", epsilon, math.inf),
    }
    rate = number_between("learning_rate", learning_rate, math.inf)
    sizes = (x.shape[1], whole_number("units", units, 1), int(y.max()) + 1)
    seed = whole_number("seed", seed, 0)

    def build(name: str, use_bias: bool = True) -> Any:
        return _model(sizes, activation, options if name == "normalised" else None, use_bias, seed)

    models = {name: build(name) for name in MODELS}
    values = {
        "versions": {"keras": keras.__version__, "tensorflow": tf.__version__},
        "parameters": {
            name: {
                "with": model.count_params(),
                "without": build(name, use_bias=False).count_params(),
            }
            for name, model in models.items()
        },
    }
    yield Chunk(0, 2 * total, values, "Preparing the models")
    for number, (name, model) in enumerate(models.items()):
        recorder = _recorder(model, x, y, size, rate)
        batches = Minibatches(len(x), size, seed)
        yield from _run(recorder, batches, name, number * total, total)
    batch = tf.constant(x[:size]), tf.constant(y[:size])
    measured = {
        "training": _measured(models["normalised"], *batch, training=True),
        "inference": _measured(models["normalised"], *batch, training=False),
        "plain": _measured(models["plain"], *batch, training=True),
    }
    yield Chunk(2 * total, 2 * total, {"measured": measured})


def _model(
    sizes: tuple[int, int, int],
    activation: str,
    norm: Mapping[str, float] | None,
    use_bias: bool,
    seed: int,
) -> Any:
    def start(number: int) -> Any:
        return keras.initializers.GlorotUniform(seed=seed + number)

    features, units, classes = sizes
    parts = [
        keras.Input((features,)),
        keras.layers.Dense(units, use_bias=use_bias, kernel_initializer=start(0)),
    ]
    if norm is not None:
        parts.append(keras.layers.BatchNormalization(**norm))
    parts.append(keras.layers.Activation(activation))
    parts.append(keras.layers.Dense(classes, kernel_initializer=start(1)))
    return keras.Sequential(parts)


def _recorder(model: Any, x: Array, y: Array, size: int, rate: float) -> Recorder:
    optimizer = make_optimizer(keras, "sgd", rate)
    optimizer.build(model.trainable_variables)

    def step(rows: Any, classes: Any) -> Mapping[str, Any]:
        loss, gradients = _gradients(model, rows, classes, training=True)
        optimizer.apply_gradients(list(zip(gradients, model.trainable_variables, strict=True)))
        return {"loss": loss, **_norms(model, gradients)}

    return Recorder(step, [*model.variables, *optimizer.variables], x, y, size)


def _run(
    recorder: Recorder, batches: Minibatches, name: str, begun: int, total: int
) -> Iterator[Chunk[Any]]:
    for numbers, recorded in recorder.pieces(batches, total):
        norms = {key: {name: recorded[key]} for key in ("bias_gradient", "kernel_gradient")}
        yield Chunk(begun + int(numbers[-1]), 2 * total, norms)
    if recorder.broken:
        stopped = {name: diverged(f"The {name} model", recorder.broken)}
        yield Chunk(begun + total, 2 * total, {"stopped": stopped})


def _gradients(model: Any, rows: Any, classes: Any, training: bool) -> tuple[Any, Any]:
    with tf.GradientTape() as tape:
        logits = model(rows, training=training)
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits)
        loss = tf.reduce_mean(each)
    return loss, tape.gradient(loss, model.trainable_variables)


def _norms(model: Any, gradients: Any) -> dict[str, Any]:
    """Norms of the gradients of the first layer, whose weights come first: kernel, bias."""
    first = [variable.name for variable in model.trainable_variables[:2]]
    by_name = dict(zip(first, gradients[:2], strict=True))
    return {f"{name}_gradient": tf.norm(by_name[name]) for name in ("bias", "kernel")}


def _measured(model: Any, rows: Any, classes: Any, training: bool) -> dict[str, float]:
    def logits() -> Array:
        # Stateless: asking in training mode must not be an update.
        output, _ = model.stateless_call(
            model.trainable_variables, model.non_trainable_variables, rows, training=training
        )
        return np.asarray(output)

    before = [variable.numpy() for variable in model.non_trainable_variables]
    _, gradients = _gradients(model, rows, classes, training)
    for variable, value in zip(model.non_trainable_variables, before, strict=True):
        variable.assign(value)
    norms = {name: float(norm) for name, norm in _norms(model, gradients).items()}
    bias, plain = model.layers[0].bias, logits()
    bias.assign_add(tf.ones_like(bias))
    change = float(np.abs(logits() - plain).max())
    bias.assign_sub(tf.ones_like(bias))
    return {**norms, "output_change": change}
