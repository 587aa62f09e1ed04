"""Experiments: where does the layer go? Variants side by side, each in k initialisations.

The k replicas of a variant train together in one compiled program (``bncore.keras.stacked``).
All variants start from the same weights and see the same mini-batches.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bncore.keras.arguments import between, held_out, labelled, whole
from bncore.keras.framework import keras, tf
from bncore.keras.layers import weights_of
from bncore.keras.optimizers import make_optimizer
from bncore.keras.recorded import Minibatches, Recorder
from bncore.keras.stacked import Architecture, plain_model, stacked_model
from bncore.moments import Array
from bncore.placement import ACTIVATIONS, BINS, BLOCKS, PLACEMENTS, RANGES, SATURATED
from bncore.training.jobs import Chunk

ALL = tuple(PLACEMENTS)


def study(
    data: Any,
    labels: Any,
    *,
    variants: Sequence[str] = ALL,
    replicas: int = 8,
    epochs: int = 20,
    batch_size: int = 16,
    optimizer: str = "nesterov",
    learning_rate: float = 0.1,
    validation: float = 0.2,
    **architecture: Any,
) -> Iterator[Chunk]:
    """Train every variant for some epochs; losses, accuracies and distributions after each.

    Args:
        data: (rows, features), or (rows, height, width, channels) for the "conv" block.
        labels: (rows,), whole numbers from 0.
        variants: names in ``bncore.placement.PLACEMENTS``.
        replicas: k, the number of initialisations of each variant.
        optimizer: a name in ``bncore.variants.OPTIMIZERS``.
        validation: the share of the rows, after a seeded permutation, that is not trained on.
        **architecture: block, units, depth, activation, dropout, use_bias, keep, epsilon, seed
            (see ``bncore.keras.stacked.Architecture``).

    Yields chunks counted in epochs of all variants together, with the values
        versions: {"keras": ..., "tensorflow": ...}; rows: {"training": n, "validation": m}
        most_common: the share of the most common class among the validation rows
        weights[variant]: a list of {"layer", "name", "shape", "count", "trainable"}, of the
            plain model
        orphans[variant]: {"made": how many, "listed": how many of them are in model.layers,
            "moved": how many have changed at the end}
        runs[variant]: one entry per epoch from 0 (before training) on,
            loss, accuracy (e, k): means over the epoch's rows, in training mode; NaN at 0
            validation_loss, validation_accuracy (e, k): inference mode, after the epoch
            flat (e, depth, k): the share of saturated activations (``SATURATED``), or for relu
                of dead units (zero for every validation row)
            pre, act (e, depth, BINS): how many of replica 0's values on the validation rows are
                in each of ``BINS`` equal bins of ``RANGES``; those beyond count at the ends
        stopped[variant]: a sentence, where every replica of it has diverged

    A replica whose loss is not finite has NaN (the first one: empty histograms) from there on;
    the others go on.
    Raises ValueError (TypeError for what is no number) with the first chunk asked for.

    >>> x = np.random.default_rng(0).normal(size=(40, 3)); y = (x[:, 0] > 0).astype(int)
    >>> *_, last, _ = study(x, y, variants=["none"], replicas=2, epochs=3, units=4)
    >>> last.done, last.values["runs"]["none"]["loss"].shape
    (3, (1, 2))
    """
    parts = held_out(*labelled(data, labels, (2, 4)), validation, architecture.get("seed", 0))
    shape = _architecture(parts, architecture)
    chosen, total = _chosen(variants), whole("epochs", epochs, 1)
    rate = between("learning_rate", learning_rate, math.inf)
    everything = total * len(chosen)
    yield Chunk(0, everything, _facts(parts, shape, chosen), "Preparing the models")
    programs = {}
    for name in chosen:
        yield Chunk(0, everything, message=f"Preparing: {PLACEMENTS[name].title}")
        programs[name] = _Program(
            name, shape, parts, whole("replicas", replicas, 1), batch_size, optimizer, rate
        )
        first = {name: programs[name].before()}
        yield Chunk(0, everything, {"runs": first}, f"Ready: {PLACEMENTS[name].title}")
    done = 0
    for _ in range(total):
        for name, program in programs.items():
            done += 1
            if not program.alive:
                continue
            values: dict[str, Any] = {"runs": {name: program.epoch()}}
            if not program.alive:
                values["stopped"] = {name: program.ending}
            yield Chunk(done, everything, values)
    orphans = {name: program.orphans() for name, program in programs.items()}
    yield Chunk(everything, everything, {"orphans": orphans})


def sweep(
    data: Any,
    labels: Any,
    *,
    rates: Sequence[float] = (0.01, 0.1, 1.0, 10.0),
    variants: Sequence[str] = ("none", "before", "after", "output"),
    replicas: int = 4,
    epochs: int = 10,
    batch_size: int = 16,
    optimizer: str = "sgd",
    validation: float = 0.2,
    **architecture: Any,
) -> Iterator[Chunk]:
    """Train every variant with every learning rate from the same weights, one program each.

    Arguments as for `study`. Yields one chunk per variant and rate with the values ``versions``,
    ``rows``, ``most_common`` and
        rates[variant][rate]: {"loss", "accuracy" (training mode, last epoch),
            "validation_accuracy", "diverged"}, all (k,); "diverged" is the first update whose
            loss is not finite (-1: none)

    >>> x = np.random.default_rng(0).normal(size=(40, 3)); y = (x[:, 0] > 0).astype(int)
    >>> *_, last = sweep(x, y, rates=[0.1], variants=["none"], replicas=2, epochs=1, units=4)
    >>> last.values["rates"]["none"]["0.1"]["diverged"]
    array([-1, -1])
    """
    parts = held_out(*labelled(data, labels, (2, 4)), validation, architecture.get("seed", 0))
    shape, chosen = _architecture(parts, architecture), _chosen(variants)
    rates = [between("learning rate", rate, math.inf) for rate in rates]
    if not rates:
        raise ValueError("rates names at least one learning rate")
    count, total = whole("epochs", epochs, 1), len(chosen) * len(rates)
    yield Chunk(0, total, _facts(parts, shape, chosen), "Preparing the models")
    done = 0
    for name in chosen:
        yield Chunk(done, total, message=f"Preparing: {PLACEMENTS[name].title}")
        program = _Program(
            name, shape, parts, whole("replicas", replicas, 1), batch_size, optimizer, rates[0]
        )
        for rate in rates:
            program.begin(rate)
            last = program.before()
            for _ in range(count):
                if program.alive:
                    last = program.epoch()
                yield Chunk(done, total, message=f"{PLACEMENTS[name].title}, rate {rate:g}")
            done += 1
            kept = ("loss", "accuracy", "validation_accuracy")
            found = {key: last[key][-1] for key in kept} | {"diverged": program.diverged.copy()}
            yield Chunk(done, total, {"rates": {name: {f"{rate:g}": found}}})


class _Program:
    """A variant: its replicas, their compiled epoch, and what is asked after each."""

    def __init__(
        self,
        name: str,
        shape: Architecture,
        parts: tuple[tuple[Array, Array], tuple[Array, Array]],
        replicas: int,
        batch_size: int,
        optimizer: str,
        rate: float,
    ) -> None:
        (x, y), (unseen, their) = parts
        self._size = whole("batch_size", batch_size, 1)
        if self._size > len(x):
            raise ValueError(f"batch_size is between 1 and the {len(x)} training rows")
        self._shape, self._replicas, self._seed = shape, replicas, shape.seed
        self._title = PLACEMENTS[name].title
        self._stacked = stacked_model(shape, PLACEMENTS[name], replicas)
        self._orphans = [[w.numpy() for w in o.weights] for o in self._stacked.orphans]
        self._optimizer = make_optimizer(keras, optimizer, rate)
        model = self._stacked.model
        self._optimizer.build(model.trainable_variables)
        variables = [*model.variables, *self._optimizer.variables]
        self._recorder = Recorder(self._step, variables, x, y, self._size)
        self._rows, self._unseen, self._their = len(x), tf.constant(unseen), tf.constant(their)
        # As fit does: the smaller last batch counts with its size in the epoch's mean.
        begins = range(0, len(x), self._size)
        self._sizes = [min(self._size, len(x) - begin) for begin in begins]
        self._evaluate = tf.function(self._evaluation)
        self.begin(rate)

    def begin(self, rate: float) -> None:
        """Everything as before the first update, with this learning rate."""
        self._recorder.reset()
        self._optimizer.learning_rate.assign(rate)
        self._batches = Minibatches(self._rows, self._size, self._seed)
        self._made = 0
        self.diverged = np.full(self._replicas, -1)

    @property
    def alive(self) -> bool:
        """Whether any replica still has a finite loss."""
        return bool((self.diverged < 0).any())

    @property
    def ending(self) -> str:
        """Why there is nothing more to train."""
        return (
            f"{self._title.capitalize()}: stopped, since all {self._replicas} initialisations have "
            "diverged (a loss that is not finite), the first at update "
            f"{self.diverged.min():,}, the last at update {self.diverged.max():,}. Choose a "
            "smaller learning rate."
        )

    def before(self) -> dict[str, Array]:
        """The entry of epoch 0."""
        nothing = np.full((1, self._replicas), np.nan, np.float32)
        return {"loss": nothing, "accuracy": nothing, **self._seen()}

    def epoch(self) -> dict[str, Array]:
        """Train for one epoch, and look."""
        missing, parts = len(self._sizes), []
        while missing:
            count = min(missing, self._recorder.capacity)
            parts.append(self._recorder.run(self._batches.take(count)))
            missing -= count
        recorded = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        for replica in np.flatnonzero(self.diverged < 0):
            broken = np.flatnonzero(~np.isfinite(recorded["loss"][:, replica]))
            if broken.size:
                self.diverged[replica] = self._made + broken[0] + 1
        self._made += len(recorded["loss"])
        means = {
            key: np.average(column, axis=0, weights=self._sizes)[None]
            for key, column in recorded.items()
        }
        return self._without_diverged({**means, **self._seen()})

    def _without_diverged(self, seen: dict[str, Array]) -> dict[str, Array]:
        """NaN for replicas that have diverged; no histogram of the first one if it has."""
        going = self.diverged < 0
        for key in ("loss", "accuracy", "validation_loss", "validation_accuracy", "flat"):
            seen[key] = np.where(going, seen[key], np.nan).astype(np.float32)
        for key in ("pre", "act"):
            seen[key] = seen[key] * going[0]
        return seen

    def orphans(self) -> dict[str, int]:
        """Whether the layers beside the model belong to it, and whether they changed."""
        listed = [o in self._stacked.model.layers for o in self._stacked.orphans]
        moved = [
            not all(map(np.array_equal, before, [w.numpy() for w in o.weights]))
            for before, o in zip(self._orphans, self._stacked.orphans, strict=True)
        ]
        return {"made": len(listed), "listed": sum(listed), "moved": sum(moved)}

    def _step(self, x: Any, y: Any) -> Mapping[str, Any]:
        model = self._stacked.model
        with tf.GradientTape() as tape:
            logits = model(x, training=True)
            losses = _losses(logits, y)
            # A sum: the gradient of a replica's weights is that of its own mean loss.
            together = tf.reduce_sum(losses)
        gradients = tape.gradient(together, model.trainable_variables)
        self._optimizer.apply_gradients(
            list(zip(gradients, model.trainable_variables, strict=True))
        )
        return {"loss": losses, "accuracy": _accuracies(logits, y)}

    def _evaluation(self, x: Any, y: Any) -> dict[str, Any]:
        found = self._stacked.probed(x, training=False)
        logits = found.pop("logits")
        depth, units = self._shape.depth, self._shape.units
        size = (-1, self._replicas, units)
        values = {name: tf.reshape(tensor, size) for name, tensor in found.items()}
        flat = [_flat(values[f"act{i}"], self._shape.activation) for i in range(depth)]
        first = {name: tensor[:, 0] for name, tensor in values.items()}
        ends = {"pre": RANGES["pre"], "act": RANGES[self._shape.activation]}
        return {
            "validation_loss": _losses(logits, y),
            "validation_accuracy": _accuracies(logits, y),
            "flat": tf.stack(flat),
            **{
                name: tf.stack([_counts(first[f"{name}{i}"], *ends[name]) for i in range(depth)])
                for name in ends
            },
        }

    def _seen(self) -> dict[str, Array]:
        found = self._evaluate(self._unseen, self._their)
        return {name: tensor.numpy()[None] for name, tensor in found.items()}


def _losses(logits: Any, y: Any) -> Any:
    """Mean cross-entropy of each replica, (k,)."""
    repeated = tf.repeat(y[:, None], logits.shape[1], axis=1)
    each = tf.nn.sparse_softmax_cross_entropy_with_logits(repeated, logits)
    return tf.reduce_mean(each, axis=0)


def _accuracies(logits: Any, y: Any) -> Any:
    right = tf.equal(tf.argmax(logits, -1, output_type=tf.int32), y[:, None])
    return tf.reduce_mean(tf.cast(right, tf.float32), axis=0)


def _flat(activations: Any, activation: str) -> Any:
    """The share of saturated activations, or of dead units, of each replica, (k,)."""
    if activation in SATURATED:
        low, high = SATURATED[activation]
        outside = tf.logical_or(activations < low, activations > high)
        return tf.reduce_mean(tf.cast(outside, tf.float32), axis=(0, 2))
    dead = tf.reduce_all(activations <= 0, axis=0)
    return tf.reduce_mean(tf.cast(dead, tf.float32), axis=-1)


def _counts(values: Any, low: float, high: float) -> Any:
    """How many values lie in each of BINS equal bins; those beyond count at the ends."""
    place = tf.cast(tf.floor((tf.reshape(values, (-1,)) - low) / (high - low) * BINS), tf.int32)
    return tf.math.bincount(tf.clip_by_value(place, 0, BINS - 1), minlength=BINS, maxlength=BINS)


def _facts(
    parts: tuple[tuple[Array, Array], tuple[Array, Array]],
    shape: Architecture,
    chosen: Sequence[str],
) -> dict[str, Any]:
    (x, _), (unseen, their) = parts
    return {
        "versions": {"keras": keras.__version__, "tensorflow": tf.__version__},
        "rows": {"training": len(x), "validation": len(unseen)},
        "most_common": float(np.bincount(their).max() / len(their)),
        "weights": {name: weights_of(plain_model(shape, PLACEMENTS[name])[0]) for name in chosen},
    }


def _architecture(
    parts: tuple[tuple[Array, Array], tuple[Array, Array]], given: Mapping[str, Any]
) -> Architecture:
    (x, y), (_, unseen) = parts
    classes = int(max(y.max(), unseen.max())) + 1
    shape = Architecture(x.shape[1:], classes, **given)
    if shape.activation not in ACTIVATIONS:
        raise ValueError(f"activation is one of {', '.join(ACTIVATIONS)}; got {shape.activation!r}")
    if shape.block not in BLOCKS:
        raise ValueError(f"block is one of {', '.join(BLOCKS)}; got {shape.block!r}")
    rank = {"dense": 2, "conv": 4}[shape.block]
    if x.ndim != rank:
        raise ValueError(f"the {shape.block} block takes data of rank {rank}; got {x.shape}")
    whole("units", shape.units, 1)
    whole("depth", shape.depth, 1)
    between("dropout", shape.dropout, 0.99)
    between("keep", shape.keep, 1.0)
    between("epsilon", shape.epsilon, math.inf)
    return shape


def _chosen(variants: Sequence[str]) -> list[str]:
    unknown = [name for name in variants if name not in PLACEMENTS]
    if unknown or not variants:
        raise ValueError(f"variants are some of {', '.join(PLACEMENTS)}; got {list(variants)!r}")
    return list(dict.fromkeys(variants))
