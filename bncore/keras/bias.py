"""Experiment: what does the bias before a batch normalisation do? Its gradient is measured.

In training mode the batch mean takes any constant away again, so a bias in front of it changes
nothing and learns nothing. In inference mode the moving mean is a constant, and the bias counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from bncore.experiments.bias import (
    MODELS,
    Bias,
    BiasFound,
    BothModes,
    Gradients,
    Measured,
    Normalisation,
    Parameters,
)
from bncore.keras.framework import VERSIONS, keras, tf
from bncore.keras.layers import glorot, stateless_output
from bncore.keras.optimizers import make_optimizer
from bncore.keras.recorded import Minibatches, Recorder
from bncore.keras.trainings import Course, Piece
from bncore.moments import Array
from bncore.training.jobs import Chunk


def effect(asked: Bias) -> Iterator[Chunk[BiasFound]]:
    """Train both models, and measure what their bias does; counted in updates of both.

    >>> x = np.random.default_rng(0).normal(size=(32, 3)); y = (x[:, 0] > 0).astype(int)
    >>> *_, last = effect(Bias(x, y, units=4, updates=5))
    >>> found = last.values.measured
    >>> found.training.output_change < 1e-4 < found.inference.output_change
    True
    """
    models = {name: _model(asked, name) for name in MODELS}
    parameters = {
        name: Parameters(model.count_params(), _model(asked, name, use_bias=False).count_params())
        for name, model in models.items()
    }
    course = Course(BiasFound, 2 * asked.updates)
    found = BiasFound(versions=VERSIONS, parameters=parameters)
    yield course.chunk(found, "Preparing the models")
    for name, model in models.items():
        yield from course.train(
            {name: _recorder(asked, model, both_modes=name == "normalised")},
            Minibatches(len(asked.data), asked.batch_size, asked.seed),
            asked.updates,
            _found,
            title=lambda name: f"The {name} model",
        )
    measured = BothModes(
        training=_measured(asked, models["normalised"], training=True),
        inference=_measured(asked, models["normalised"], training=False),
        plain=_measured(asked, models["plain"], training=True),
    )
    trained = _normalisation(asked, models["normalised"])
    yield course.chunk(BiasFound(measured=measured, normalisation=trained))


def _found(piece: Piece) -> BiasFound:
    (name, recorded), *_ = piece.recorded.items()
    found = {name: Gradients(recorded["bias"], recorded["kernel"])}
    if name == "normalised":
        found["inference"] = Gradients(recorded["inference bias"], recorded["inference kernel"])
    return BiasFound(gradients=found)


def _model(asked: Bias, name: str, use_bias: bool = True) -> Any:
    dense = keras.layers.Dense
    parts = [
        keras.Input(asked.data.shape[1:]),
        dense(asked.units, use_bias=use_bias, kernel_initializer=glorot(asked.seed, 0)),
    ]
    if name == "normalised":
        parts.append(keras.layers.BatchNormalization(momentum=asked.keep, epsilon=asked.epsilon))
    parts.append(keras.layers.Activation(asked.activation))
    classes = int(asked.labels.max()) + 1
    parts.append(dense(classes, kernel_initializer=glorot(asked.seed, 1)))
    return keras.Sequential(parts)


def _recorder(asked: Bias, model: Any, both_modes: bool) -> Recorder:
    optimizer = make_optimizer(keras, "sgd", asked.learning_rate)
    optimizer.build(model.trainable_variables)

    def step(rows: Any, classes: Any) -> Mapping[str, Any]:
        other = _inference(model, rows, classes) if both_modes else {}
        loss, gradients = _gradients(model, rows, classes, training=True)
        optimizer.apply_gradients(list(zip(gradients, model.trainable_variables, strict=True)))
        return {"loss": loss, **_norms(model, gradients), **other}

    variables = [*model.variables, *optimizer.variables]
    return Recorder(step, variables, asked.data, asked.labels, asked.batch_size)


def _gradients(model: Any, rows: Any, classes: Any, training: bool) -> tuple[Any, Any]:
    with tf.GradientTape() as tape:
        logits = model(rows, training=training)
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits)
        loss = tf.reduce_mean(each)
    return loss, tape.gradient(loss, model.trainable_variables)


def _inference(model: Any, rows: Any, classes: Any) -> dict[str, Any]:
    _, gradients = _gradients(model, rows, classes, training=False)
    return {f"inference {name}": norm for name, norm in _norms(model, gradients).items()}


def _norms(model: Any, gradients: Any) -> dict[str, Any]:
    """Norms of the gradients of the first layer, whose weights come first: kernel, bias."""
    first = [variable.name for variable in model.trainable_variables[:2]]
    by_name = dict(zip(first, gradients[:2], strict=True))
    return {name: tf.norm(by_name[name]) for name in ("bias", "kernel")}


def _normalisation(asked: Bias, model: Any) -> Normalisation:
    first, layer = model.layers[:2]
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    return Normalisation(
        z=np.asarray(first(asked.data[: asked.batch_size])),
        **{name: getattr(layer, name).numpy() for name in names},
    )


def _measured(asked: Bias, model: Any, training: bool) -> Measured:
    size = asked.batch_size
    rows, classes = tf.constant(asked.data[:size]), tf.constant(asked.labels[:size])

    def logits() -> Array:
        return np.asarray(stateless_output(model, rows, training=training))

    before = [variable.numpy() for variable in model.non_trainable_variables]
    _, gradients = _gradients(model, rows, classes, training)
    for variable, value in zip(model.non_trainable_variables, before, strict=True):
        variable.assign(value)
    norms = _norms(model, gradients)
    bias, plain = model.layers[0].bias, logits()
    bias.assign_add(tf.ones_like(bias))
    change = float(np.abs(logits() - plain).max())
    bias.assign_sub(tf.ones_like(bias))
    return Measured(float(norms["bias"]), float(norms["kernel"]), change)
