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
from bncore.keras.replicas import Replicas
from bncore.keras.stacked import Architecture, plain_model
from bncore.moments import Array
from bncore.placement import ACTIVATIONS, BLOCKS, PLACEMENTS
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
    """Train every variant for some epochs; losses and accuracies after each, distributions between.

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
        and one entry per look at the validation rows (``bncore.keras.replicas.looks``), from the
        first one, before training, on,
            update (l,): how many updates were made until then
            flat (l, depth, k): the share of saturated activations (``SATURATED``), or for relu
                of dead units (zero for every validation row)
            pre, act (l, depth, BINS): how many of replica 0's values on the validation rows are
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
        programs[name] = Replicas(
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
        program = Replicas(
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
