"""Experiments: the same layer, the same batch, in training and in inference mode.

Each update is one forward pass of a stock Keras 3 layer in training mode. Nothing is learned, so
that whatever changes between two updates is the moving statistics.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bncore.experiments.arguments import as_float32, number_between, whole_number
from bncore.keras.framework import keras, tf
from bncore.keras.recorded import Minibatches, Recorder
from bncore.moments import Array
from bncore.training.jobs import Chunk

POISONS: Mapping[str, float] = {"nan": math.nan, "inf": math.inf, "1e20": 1e20}


def gap(
    data: Any,
    *,
    keeps: Sequence[float] = (0.9, 0.99, 0.999),
    batch_size: int = 4,
    updates: int = 1000,
    epsilon: float = 1e-3,
    seed: int = 0,
) -> Iterator[Chunk[Any]]:
    """What one batch becomes in both modes, after every update of layers that keep differently.

    The batch that is asked about is the first ``batch_size`` rows; the updates see seeded
    mini-batches of all rows.

    Args:
        data: (rows, features); 1 <= batch_size <= rows.
        keeps: of the layers, one each; all of them see the same batches.

    Yields chunks counted in updates, with the values
        versions: {"keras": ..., "tensorflow": ...}
        training: the output in training mode, float32 (batch_size, features): it follows from
            the batch alone
        first: the output of the new layer in inference mode, (batch_size, features)
        update: numbers of the updates, 1-based, int32 (k,)
        inference[keep]: the output in inference mode after each update, (k, batch_size, features)
        moving_mean[keep], moving_variance[keep]: (k, features)

    Raises ValueError (TypeError for what is no number) with the first chunk asked for.

    >>> chunks = list(gap([[1.0], [3.0]], keeps=[0.0], batch_size=2, updates=1))
    >>> chunks[0].values["training"].round(2), chunks[-1].values["inference"]["0"].round(2)
    (array([[-1.],
           [ 1.]], dtype=float32), array([[[-1.],
            [ 1.]]], dtype=float32))
    """
    x = _rows(data)
    size, total = whole_number("batch_size", batch_size, 1), whole_number("updates", updates, 1)
    if size > len(x):
        raise ValueError(f"batch_size is between 1 and the {len(x)} rows of the data; got {size}")
    seed = whole_number("seed", seed, 0)
    checked = [number_between("keep", keep, 1.0) for keep in keeps]
    layers = {f"{keep:g}": _layer(x.shape[1], keep, epsilon) for keep in checked}
    if not layers:
        raise ValueError("keeps names at least one keep")
    batch = tf.constant(x[:size])
    any_layer = next(iter(layers.values()))
    values = {
        "versions": {"keras": keras.__version__, "tensorflow": tf.__version__},
        "training": _in_training_mode(any_layer, batch),
        "first": np.asarray(any_layer(batch, training=False)),
    }
    yield Chunk(0, total, values, "Preparing the layers")

    def watch() -> dict[str, Any]:
        return {
            f"{name}:{keep}": tensor
            for keep, layer in layers.items()
            for name, tensor in (
                ("inference", layer(batch, training=False)),
                *_statistics(layer).items(),
            )
        }

    batches = Minibatches(len(x), size, seed)
    recorder = _recorder(list(layers.values()), watch, x, size)
    for numbers, recorded in recorder.pieces(batches, total):
        yield Chunk(int(numbers[-1]), total, {"update": numbers, **_nested(recorded)})


def poison(
    data: Any,
    *,
    value: str = "nan",
    feature: int = 0,
    before: int = 200,
    after: int = 2000,
    keep: float = 0.99,
    epsilon: float = 1e-3,
    seed: int = 0,
) -> Iterator[Chunk[Any]]:
    """One bad number in one batch, and what the layer holds for ever after.

    Args:
        data: (rows, features). The bad number stands in row 0 of ``feature``, in one update
            between ``before`` and ``after`` clean ones. Every batch is the whole data.
        value: a name in ``POISONS``.

    Yields chunks counted in updates, with the values ``versions``, ``update`` (int32 (k,)),
    ``moving_mean`` and ``moving_variance`` (float32 (k, features)), and with the last chunk
    ``output``: of the clean data in inference mode, (rows, features).

    Raises ValueError (TypeError for what is no number) with the first chunk asked for.

    >>> chunks = list(poison([[1.0, 2.0], [3.0, 6.0]], before=1, after=5))
    >>> chunks[-2].values["moving_mean"][-1].round(3)
    array([  nan, 0.272], dtype=float32)
    """
    x = _rows(data)
    if value not in POISONS:
        raise ValueError(f"value is one of {', '.join(POISONS)}; got {value!r}")
    column = whole_number("feature", feature, 0)
    if column >= x.shape[1]:
        raise ValueError(f"feature is from 0 to {x.shape[1] - 1}; got {column}")
    clean, healing = whole_number("before", before, 0), whole_number("after", after, 0)
    layer = _layer(x.shape[1], number_between("keep", keep, 1.0), epsilon)
    total = clean + 1 + healing
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__}
    yield Chunk(0, total, {"versions": versions}, "Preparing the layer")
    batches = Minibatches(len(x), len(x), whole_number("seed", seed, 0))
    recorder = _recorder([layer], lambda: _statistics(layer), x, len(x))
    bad = x.copy()
    bad[0, column] = POISONS[value]
    done = 0
    for rows, count in ((x, clean), (bad, 1), (x, healing)):
        recorder.load(rows, rows)
        for numbers, recorded in recorder.pieces(batches, count):
            numbers += done
            yield Chunk(int(numbers[-1]), total, {"update": numbers, **recorded})
        done += count
    yield Chunk(total, total, {"output": np.asarray(layer(tf.constant(x), training=False))})


def _layer(features: int, keep: float, epsilon: float) -> Any:
    layer = keras.layers.BatchNormalization(
        momentum=keep, epsilon=number_between("epsilon", epsilon, math.inf)
    )
    layer.build((None, features))
    return layer


def _statistics(layer: Any) -> dict[str, Any]:
    return {
        name: tf.convert_to_tensor(getattr(layer, name))
        for name in ("moving_mean", "moving_variance")
    }


def _in_training_mode(layer: Any, batch: Any) -> Array:
    """The output in training mode, without the update that comes with it."""
    output, _ = layer.stateless_call(
        layer.trainable_variables, layer.non_trainable_variables, batch, training=True
    )
    return np.asarray(output)


def _recorder(
    layers: Sequence[Any], watch: Callable[[], Mapping[str, Any]], x: Array, size: int
) -> Recorder:
    def step(rows: Any, targets: Any) -> Mapping[str, Any]:
        for layer in layers:
            layer(rows, training=True)
        return watch()

    variables = [variable for layer in layers for variable in layer.variables]
    return Recorder(step, variables, x, x, size)


def _nested(recorded: Mapping[str, Array]) -> dict[str, dict[str, Array]]:
    """``{"moving_mean:0.9": a}`` -> ``{"moving_mean": {"0.9": a}}``."""
    nested: dict[str, dict[str, Array]] = {}
    for key, values in recorded.items():
        name, keep = key.split(":")
        nested.setdefault(name, {})[keep] = values
    return nested


def _rows(data: Any) -> Array:
    x = as_float32(data, "data")
    if x.ndim != 2:
        raise ValueError(f"data has shape (rows, features); got {x.shape}")
    return x
