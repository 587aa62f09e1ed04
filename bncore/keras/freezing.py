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

from bncore.evidence import FLOAT32, normalised, output_rounding, stayed, which
from bncore.keras.arguments import as_float32, number_between
from bncore.keras.framework import keras, tf
from bncore.moments import Array
from bncore.training.jobs import Chunk

MODELS = ("functional", "subclassed")
TRAINING = ("not given", "True", "False", "passed on")
FREEZING = (
    "never",
    "before compile",
    "after compile",
    "after compile, compiled again",
    "compiled again, before fit",
)
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
        gamma_moved, statistics_moved: whether the second epoch changed them; None where it did
            not, and an update would not have shown either (:mod:`bncore.evidence`)
        fit: "batch", "moving" or "cannot tell": whose statistics made the loss that ``fit``
            reported
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
        "momentum": number_between("keep", keep, 1.0),
        "epsilon": number_between("epsilon", epsilon, np.inf),
    }
    rate = number_between("learning_rate", learning_rate, np.inf)
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
    told = _Told(x, before, options["epsilon"])
    return {
        "model": kind,
        "training": training,
        "frozen": frozen,
        "gamma_moved": _moved(before, after, {"gamma": told.gamma_steps(targets, rate)}),
        "statistics_moved": _moved(before, after, told.statistics_steps(options["momentum"])),
        "fit": told.whose_loss(loss, targets),
        **_asked(model, x, layer, options["epsilon"]),
    }


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


def _asked(model: Any, x: Array, layer: Any, epsilon: float) -> dict[str, str]:
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
