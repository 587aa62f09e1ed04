"""Experiment: what freezes a batch normalisation? Every way is really tried.

A model that is one batch normalisation is built, compiled, fitted and asked, and what moved and
which statistics were used is read off the results: nothing here knows beforehand.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from bncore.keras.arguments import as_float32, between
from bncore.keras.framework import keras, tf
from bncore.moments import Array
from bncore.training.jobs import Chunk

MODELS = ("functional", "subclassed")
TRAINING = ("not given", "True", "False", "passed on")
FREEZING = ("never", "before compile", "after compile", "after compile, compiled again")
_GIVEN = {"True": True, "False": False}


def freeze(
    data: Any, *, keep: float = 0.9, epsilon: float = 1e-3, learning_rate: float = 0.1
) -> Iterator[Chunk]:
    """Fit one epoch of one batch in every combination, after one epoch that is never frozen.

    The three choices: how the model is written (``MODELS``), which ``training`` its code gives to
    the layer (``TRAINING``; only a subclassed model can pass on its own), and when
    ``layer.trainable = False`` is set (``FREEZING``).

    Args:
        data: (rows, features), 2 rows or more; the targets are the rows in reversed order.
        keep, epsilon: of the layer. learning_rate: of SGD on the mean squared error.

    Yields one chunk per combination with the value ``rows``: {"i": row}, where a row holds
        model, training, frozen: the combination, in the words of the three tuples
        gamma_moved, statistics_moved: whether the second epoch changed them
        fit: "batch" or "moving": whose statistics made the loss that ``fit`` reported
        predict, call, call_training: the same for ``model.predict(x)``, ``model(x)`` and
            ``model(x, training=True)`` afterwards ("error: ..." where that raises)

    Raises ValueError (TypeError for what is no number) with the first chunk asked for.

    >>> chunk = next(freeze([[1.0, 2.0], [3.0, 6.0]]))
    >>> row = chunk.values["rows"]["0"]
    >>> row["frozen"], row["gamma_moved"], row["statistics_moved"], row["fit"], row["predict"]
    ('never', True, True, 'batch', 'moving')
    """
    x = as_float32(data, "data")
    if x.ndim != 2 or len(x) < 2:
        raise ValueError(f"data has shape (rows, features) with 2 rows or more; got {x.shape}")
    options = {
        "momentum": between("keep", keep, 1.0),
        "epsilon": between("epsilon", epsilon, np.inf),
    }
    rate = between("learning_rate", learning_rate, np.inf)
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__}
    cases = [
        case
        for case in itertools.product(MODELS, TRAINING, FREEZING)
        if case[:2] != ("functional", "passed on")
    ]
    for number, (kind, training, frozen) in enumerate(cases):
        row = _tried(x, kind, training, frozen, options, rate)
        values = {"versions": versions, "rows": {str(number): row}}
        yield Chunk(number + 1, len(cases), values, f"{kind}, training {training}, frozen {frozen}")


class Subclassed(keras.Model):  # type: ignore[misc]
    """A model whose ``call`` hands to the layer what is written there, and nothing else."""

    def __init__(self, layer: Any, written: str) -> None:
        super().__init__()
        self.layer, self.written = layer, written

    def call(self, inputs: Any) -> Any:
        """The layer's output."""
        return _called(self.layer, inputs, self.written)


class PassingOn(Subclassed):
    """A model whose ``call`` takes ``training`` and passes it on, as Keras' guide tells to."""

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The layer's output."""
        return self.layer(inputs, training=training)


def _called(layer: Any, inputs: Any, written: str) -> Any:
    return layer(inputs, training=_GIVEN[written]) if written in _GIVEN else layer(inputs)


def _model(kind: str, training: str, features: int, options: dict[str, float]) -> Any:
    layer = keras.layers.BatchNormalization(**options)
    if kind == "functional":
        inputs = keras.Input((features,))
        return keras.Model(inputs, _called(layer, inputs, training)), layer
    layer.build((None, features))
    subclass = PassingOn if training == "passed on" else Subclassed
    return subclass(layer, training), layer


def _tried(
    x: Array, kind: str, training: str, frozen: str, options: dict[str, float], rate: float
) -> dict[str, Any]:
    model, layer = _model(kind, training, x.shape[1], options)
    targets = x[::-1].copy()

    def compile() -> None:
        model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse")

    def fit() -> float:
        # One batch an epoch: the loss that fit reports was made before its only update.
        history = model.fit(x, targets, batch_size=len(x), shuffle=False, verbose=0)
        return float(history.history["loss"][0])

    layer.trainable = frozen != "before compile"
    compile()
    fit()
    if frozen != "never":
        layer.trainable = False
    if frozen.endswith("again"):
        compile()
    before = _weights(layer)
    loss = fit()
    after = _weights(layer)
    if not np.isfinite(loss):
        raise ValueError(
            f"the loss of fit is {loss} with these data, so nothing can be told about freezing; "
            "take smaller numbers, or an epsilon above 0"
        )
    losses = {
        whose: float(np.mean((output - targets) ** 2))
        for whose, output in _outputs(x, before, options["epsilon"]).items()
    }
    return {
        "model": kind,
        "training": training,
        "frozen": frozen,
        "gamma_moved": not np.array_equal(before["gamma"], after["gamma"]),
        "statistics_moved": any(
            not np.array_equal(before[name], after[name])
            for name in ("moving_mean", "moving_variance")
        ),
        "fit": min(losses, key=lambda whose: abs(losses[whose] - loss)),
        **_asked(model, x, layer, options["epsilon"]),
    }


def _asked(model: Any, x: Array, layer: Any, epsilon: float) -> dict[str, str]:
    """Whose statistics make the output of each way to ask the model."""
    ways = {
        "predict": partial(model.predict, x, verbose=0),
        "call": partial(model, x),
        "call_training": partial(model, x, training=True),
    }
    found = {}
    for name, way in ways.items():
        candidates = _outputs(x, _weights(layer), epsilon)
        try:
            output = np.asarray(way())
        except (TypeError, ValueError) as error:
            found[name] = f"error: {type(error).__name__}"
            continue
        far = {whose: float(np.abs(candidates[whose] - output).max()) for whose in candidates}
        found[name] = min(far, key=lambda whose: far[whose])
    return found


def _outputs(x: Array, weights: dict[str, Array], epsilon: float) -> dict[str, Array]:
    """What the layer returns with the batch's own statistics, and with the moving ones."""
    statistics = {
        "batch": (x.mean(axis=0), x.var(axis=0)),
        "moving": (weights["moving_mean"], weights["moving_variance"]),
    }
    return {
        whose: (x - mean) / np.sqrt(variance + epsilon) * weights["gamma"] + weights["beta"]
        for whose, (mean, variance) in statistics.items()
    }


def _weights(layer: Any) -> dict[str, Array]:
    return {weight.name: np.array(weight.numpy()) for weight in layer.weights}
