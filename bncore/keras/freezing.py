"""Experiment: what freezes a batch normalisation? Every way is really tried.

A model that is one batch normalisation is built, compiled, fitted and asked, and what moved and
which statistics were used is read off the results: nothing here knows beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from bncore.evidence import FLOAT32, normalised, output_rounding, stayed, which
from bncore.experiments.freezing import Freezing, FreezingFound, FreezingRow, ways
from bncore.keras.framework import VERSIONS, keras
from bncore.moments import Array
from bncore.training.jobs import Chunk

_GIVEN = {"True": True, "False": False}


def freeze(asked: Freezing) -> Iterator[Chunk[FreezingFound]]:
    """Try every way, a row each.

    Raises ValueError where the loss is not finite, so that nothing can be told.

    >>> chunk = next(freeze(Freezing([[1.0, 2.0], [3.0, 6.0]])))
    >>> row = chunk.values.rows[0]
    >>> row.frozen, row.gamma_moved, row.statistics_moved, row.fit, row.predict
    ('never', True, True, 'batch', 'moving')
    """
    all_ways = ways()
    for number, way in enumerate(all_ways):
        found = FreezingFound(versions=VERSIONS, rows={number: _tried(asked, *way)})
        model, training, frozen = way
        message = f"{model}, training {training}, frozen {frozen}"
        yield Chunk(number + 1, len(all_ways), found, message)


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


def _model(asked: Freezing, kind: str, training: str) -> Any:
    layer = keras.layers.BatchNormalization(momentum=asked.keep, epsilon=asked.epsilon)
    features = asked.data.shape[1]
    if kind == "functional":
        inputs = keras.Input((features,))
        return keras.Model(inputs, _called(layer, inputs, training)), layer
    layer.build((None, features))
    subclass = PassingOn if training == "passed on" else Subclassed
    return subclass(layer, training), layer


def _tried(asked: Freezing, kind: str, training: str, frozen: str) -> FreezingRow:
    x, rate = asked.data, asked.learning_rate
    model, layer = _model(asked, kind, training)
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
    if frozen.startswith("compiled again"):
        compile()
    if frozen != "never":
        layer.trainable = False
    if frozen.endswith("compiled again"):
        compile()
    before = _weights(layer)
    loss = fit()
    after = _weights(layer)
    if not np.isfinite(loss):
        raise ValueError(
            f"the loss of fit is {loss} with these data, so nothing can be told about freezing; "
            "take smaller numbers, or an epsilon above 0"
        )
    told = _Told(x, before, asked.epsilon)
    return FreezingRow(
        kind,
        training,
        frozen,
        gamma_moved=_moved(before, after, {"gamma": told.gamma_steps(targets, rate)}),
        statistics_moved=_moved(before, after, told.statistics_steps(asked.keep)),
        fit=told.whose_loss(loss, targets),
        **_outputs_of(model, x, layer, asked.epsilon),
    )


class _Told:
    """What a layer with these weights returns with the batch's own statistics and the moving ones.

    Both in float64: predictions, with which what Keras did is compared.
    """

    def __init__(self, x: Array, weights: dict[str, Array], epsilon: float) -> None:
        self.x, self.weights = x.astype(np.float64), weights
        self.statistics = {
            "batch": (self.x.mean(axis=0), self.x.var(axis=0)),
            "moving": (weights["moving_mean"], weights["moving_variance"]),
        }
        gamma, beta = weights["gamma"], weights["beta"]
        self.outputs = {
            whose: normalised(self.x, mean, variance, epsilon, gamma, beta)
            for whose, (mean, variance) in self.statistics.items()
        }
        self.x_hat = {
            whose: normalised(self.x, mean, variance, epsilon, np.array(1.0), np.array(0.0))
            for whose, (mean, variance) in self.statistics.items()
        }
        self.rounding = max(
            output_rounding(self.x, variance, epsilon, gamma, beta)
            for _, variance in self.statistics.values()
        )

    def whose_output(self, output: Array) -> str:
        """Whose statistics made this output."""
        far = {
            whose: float(np.abs(expected - output).max())
            for whose, expected in self.outputs.items()
        }
        return which(far, self.rounding)

    def whose_loss(self, loss: float, targets: Array) -> str:
        """Whose statistics made the mean squared error that fit reported."""
        misses = {whose: output - targets for whose, output in self.outputs.items()}
        far = {whose: abs(float((miss**2).mean()) - loss) for whose, miss in misses.items()}
        largest = max(float(np.abs(miss).max()) for miss in misses.values())
        return which(far, 2 * largest * self.rounding + FLOAT32 * abs(loss))

    def gamma_steps(self, targets: Array, rate: float) -> list[Array]:
        """What SGD would take from gamma, for either output."""
        return [
            rate * 2 * ((output - targets) * self.x_hat[whose]).mean(axis=0) / self.x.shape[1]
            for whose, output in self.outputs.items()
        ]

    def statistics_steps(self, keep: float) -> dict[str, list[Array]]:
        """What an update would add to the moving mean and the moving variance."""
        batch, moving = self.statistics["batch"], self.statistics["moving"]
        names = ("moving_mean", "moving_variance")
        return {
            name: [(1 - keep) * (new - old)]
            for name, new, old in zip(names, batch, moving, strict=True)
        }


def _moved(
    before: dict[str, Array], after: dict[str, Array], steps: dict[str, list[Array]]
) -> bool | None:
    """Whether any of these weights changed; None where none did, and none could have shown it."""
    left = [stayed(before[name], after[name], *found) for name, found in steps.items()]
    if False in left:
        return True
    return False if True in left else None


def _outputs_of(model: Any, x: Array, layer: Any, epsilon: float) -> dict[str, str]:
    """Whose statistics make the output of each way to ask the model."""
    ways = {
        "predict": partial(model.predict, x, batch_size=len(x), verbose=0),
        "call": partial(model, x),
        "call_training": partial(model, x, training=True),
    }
    found = {}
    for name, way in ways.items():
        told = _Told(x, _weights(layer), epsilon)
        try:
            found[name] = told.whose_output(np.asarray(way()))
        except (TypeError, ValueError) as error:
            found[name] = f"error: {type(error).__name__}"
    return found


def _weights(layer: Any) -> dict[str, Array]:
    return {weight.name: np.array(weight.numpy()) for weight in layer.weights}
