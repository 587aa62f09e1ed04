"""Experiments: where does the layer go? Variants side by side, each repeated k times.

The k replicas of a variant train together in one compiled program (``bncore.keras.stacked``). Each
of them has its own initial weights, its own split into training and validation rows and its own
order of the batches (``bncore.keras.repetitions``); replica i has the same ones in every variant.
No variant depends on another one. So n workers may make a ``part`` each, and all parts together
bring the same numbers, bit for bit, as one worker that makes everything. The replicas of a variant
are not dealt out: a dropout draws the masks of all of them at once, so that fewer of them would see
others.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from time import perf_counter
from typing import Any, cast

from bncore.experiments.arguments import number_between, whole_number
from bncore.keras.framework import keras, tf
from bncore.keras.layers import weights_of
from bncore.keras.repetitions import Repetitions, repetitions
from bncore.keras.replicas import Replicas, no_entries
from bncore.keras.stacked import Architecture, plain_model
from bncore.moments import Array
from bncore.placement import BLOCK_ACTIVATIONS, BLOCKS, PLACEMENTS
from bncore.training.jobs import Chunk

ALL = tuple(PLACEMENTS)
PAUSE_SECONDS = 0.1


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
    scaled: bool = False,
    part: tuple[int, int] = (0, 1),
    **architecture: Any,
) -> Iterator[Chunk[Any]]:
    """Train every variant for some epochs; losses and accuracies after each, distributions between.

    Args:
        data: (rows, features), or (rows, height, width, channels) for the "conv" block.
        labels: (rows,), whole numbers from 0.
        variants: names in ``bncore.placement.PLACEMENTS``.
        replicas: k, how often each variant is trained: every time from weights of its own, on a
            split of its own, with an order of the batches of its own.
        optimizer: a name in ``bncore.variants.OPTIMIZERS``.
        validation: the share of the rows, after a seeded permutation, that is not trained on.
        scaled: bring every feature to mean 0 and variance 1, by each replica's training rows.
        part: (i, n) trains every n-th variant from number i on; (0, 1) trains all. Facts are told
            of all variants, in the order given, and ``total`` counts all.
        **architecture: block, units, depth, activation, dropout, use_bias, keep, epsilon, seed
            (see ``bncore.keras.stacked.Architecture``).

    Yields chunks counted in epochs of all variants together (some without values, for whoever
    wants to stop), with the values
        versions: {"keras": ..., "tensorflow": ...}; rows: {"training": n, "validation": m}
        most_common: k numbers, the share of the most common class among each replica's validation
            rows
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
            pre, act (l, depth, BINS): how many of replica 0's values on its validation rows are
                in each of ``BINS`` equal bins of ``RANGES``; those beyond count at the ends
        stopped[variant]: a sentence, where every replica of it has diverged

    A replica whose loss is not finite has NaN (the first one: empty histograms) from there on;
    the others go on.
    Raises ValueError (TypeError for what is no number) with the first chunk asked for.

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(40, 3)); y = (x[:, 0] > 0).astype(int)
    >>> *_, last, _ = study(x, y, variants=["none"], replicas=2, epochs=3, units=4)
    >>> last.done, last.values["runs"]["none"]["loss"].shape
    (3, (1, 2))
    """
    rows = repetitions(
        data, labels, count=replicas, validation=validation, seed=architecture.get("seed", 0),
        scaled=scaled,
    )  # fmt: skip
    shape = _architecture(rows, architecture)
    chosen, total = _chosen(variants), whole_number("epochs", epochs, 1)
    rate = number_between("learning_rate", learning_rate, math.inf)
    mine, everything = _dealt(chosen, _part(part, len(chosen))), total * len(chosen)
    facts = _facts(rows, shape, chosen)
    facts |= {
        "orphans": {name: {} for name in chosen},
        "runs": {name: no_entries(shape.depth, rows.count) for name in chosen},
    }
    yield Chunk(0, everything, facts, "Preparing the models")
    programs = {}
    for name in mine:
        yield Chunk(0, everything, message=f"Preparing: {PLACEMENTS[name].title}")
        programs[name] = Replicas(name, shape, rows, batch_size, optimizer)
        yield Chunk(0, everything, message=f"Compiling: {PLACEMENTS[name].title}")
        programs[name].compile(rate)
        first = {name: programs[name].before()}
        yield Chunk(0, everything, {"runs": first}, f"Ready: {PLACEMENTS[name].title}")
    done = 0
    for _ in range(total):
        for name, program in programs.items():
            if program.alive:
                recorded = yield from _paced(program.epoch(), done, everything)
                values: dict[str, Any] = {"runs": {name: recorded}}
                if not program.alive:
                    values["stopped"] = {name: program.ending}
                yield Chunk(done + 1, everything, values)
            done += 1
    orphans = {name: program.orphans() for name, program in programs.items()}
    yield Chunk(done, everything, {"orphans": orphans})


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
    scaled: bool = False,
    part: tuple[int, int] = (0, 1),
    **architecture: Any,
) -> Iterator[Chunk[Any]]:
    """Train every variant with every learning rate from the same weights, one program each.

    Arguments as for `study`; where ``part`` is one of more parts than there are variants, a
    variant's rates are dealt out as well. Yields chunks counted in trainings, with the values
    ``versions``, ``rows``, ``most_common``, ``weights`` and
        rates[variant][rate]: {} before its training, then {"loss", "accuracy" (training mode,
            last epoch), "validation_accuracy", "diverged"}, all (k,); "diverged" is the first
            update whose loss is not finite (-1: none)

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(40, 3)); y = (x[:, 0] > 0).astype(int)
    >>> *_, last = sweep(x, y, rates=[0.1], variants=["none"], replicas=2, epochs=1, units=4)
    >>> last.values["rates"]["none"]["0.1"]["diverged"]
    array([-1, -1])
    """
    rows = repetitions(
        data, labels, count=replicas, validation=validation, seed=architecture.get("seed", 0),
        scaled=scaled,
    )  # fmt: skip
    shape, chosen = _architecture(rows, architecture), _chosen(variants)
    rates = [number_between("learning rate", rate, math.inf) for rate in rates]
    if not rates:
        raise ValueError("rates names at least one learning rate")
    count, total = whole_number("epochs", epochs, 1), len(chosen) * len(rates)
    part = _part(part, total)
    names = [f"{rate:g}" for rate in rates]
    order: dict[str, Any] = {"rates": {name: {rate: {} for rate in names} for name in chosen}}
    yield Chunk(0, total, _facts(rows, shape, chosen) | order, "Preparing the models")
    done = 0
    for name in _dealt(chosen, part):
        title = PLACEMENTS[name].title
        yield Chunk(done, total, message=f"Preparing: {title}")
        program = Replicas(name, shape, rows, batch_size, optimizer)
        yield Chunk(done, total, message=f"Compiling: {title}")
        program.compile(rates[0])
        for rate in _dealt_again(rates, chosen.index(name), len(chosen), part):
            program.begin(rate)
            last, message = program.before(), f"{title}, rate {rate:g}"
            for _ in range(count):
                if program.alive:
                    last = yield from _paced(program.epoch(), done, total, message)
                yield Chunk(done, total, message=message)
            done += 1
            kept = ("loss", "accuracy", "validation_accuracy")
            found = {key: last[key][-1] for key in kept} | {"diverged": program.diverged.copy()}
            yield Chunk(done, total, {"rates": {name: {f"{rate:g}": found}}})


def _dealt(chosen: Sequence[str], part: tuple[int, int]) -> Sequence[str]:
    """The variants of a part: every n-th; where n is larger, one, which other parts may have too.

    >>> _dealt("abcde", (1, 2)), _dealt("abc", (4, 5))
    ('bd', 'b')
    """
    number, of = part
    return chosen[number % len(chosen) :: of]


def _dealt_again(
    rates: Sequence[float], place: int, variants: int, part: tuple[int, int]
) -> Sequence[float]:
    """The rates that a part trains of the variant at this place: all, where it alone has it.

    >>> [_dealt_again([1, 2, 3], 1, 3, (number, 5)) for number in (1, 4)]
    [[1, 3], [2]]
    """
    number, of = part
    sharing = len(range(place, of, variants)) if of > variants else 1
    return rates[number // variants :: sharing] if sharing > 1 else rates


def _part(part: Any, most: int) -> tuple[int, int]:
    number, of = (whole_number("part", value, 0) for value in part)
    if not number < of <= most:
        raise ValueError(f"part is (i, n): one of n parts, i from 0, n at most {most}; got {part}")
    return number, of


def _paced(
    work: Generator[None, None, dict[str, Array]], done: int, total: int, message: str = ""
) -> Generator[Chunk[Any], None, dict[str, Array]]:
    """What the work returns; now and then a chunk without values, for whoever wants to stop it."""
    told = perf_counter()
    while True:
        try:
            next(work)
        except StopIteration as end:
            return cast("dict[str, Array]", end.value)
        if perf_counter() - told > PAUSE_SECONDS:
            yield Chunk(done, total, message=message)
            told = perf_counter()


def _facts(rows: Repetitions, shape: Architecture, chosen: Sequence[str]) -> dict[str, Any]:
    return {
        "versions": {"keras": keras.__version__, "tensorflow": tf.__version__},
        "rows": {"training": rows.training.shape[1], "validation": rows.validation.shape[1]},
        "most_common": rows.most_common,
        "weights": {name: weights_of(plain_model(shape, PLACEMENTS[name])[0]) for name in chosen},
    }


def _architecture(rows: Repetitions, given: Mapping[str, Any]) -> Architecture:
    x = rows.x
    shape = Architecture(x.shape[1:], int(rows.y.max()) + 1, **given)
    if shape.activation not in BLOCK_ACTIVATIONS:
        allowed = ", ".join(BLOCK_ACTIVATIONS)
        raise ValueError(f"activation is one of {allowed}; got {shape.activation!r}")
    if shape.block not in BLOCKS:
        raise ValueError(f"block is one of {', '.join(BLOCKS)}; got {shape.block!r}")
    rank = {"dense": 2, "conv": 4}[shape.block]
    if x.ndim != rank:
        raise ValueError(f"the {shape.block} block takes data of rank {rank}; got {x.shape}")
    whole_number("units", shape.units, 1)
    whole_number("depth", shape.depth, 1)
    number_between("dropout", shape.dropout, 0.99)
    number_between("keep", shape.keep, 1.0)
    number_between("epsilon", shape.epsilon, math.inf)
    return shape


def _chosen(variants: Sequence[str]) -> list[str]:
    unknown = [name for name in variants if name not in PLACEMENTS]
    if unknown or not variants:
        raise ValueError(f"variants are some of {', '.join(PLACEMENTS)}; got {list(variants)!r}")
    return list(dict.fromkeys(variants))
