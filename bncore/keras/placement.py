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

from collections.abc import Generator, Iterator
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

from bncore.experiments.placement import (
    Study,
    StudyFound,
    Sweep,
    SweepFound,
    Trained,
    VariantRun,
)
from bncore.keras.framework import VERSIONS
from bncore.keras.layers import weights_of
from bncore.keras.repetitions import repetitions
from bncore.keras.replicas import Replicas
from bncore.keras.stacked import plain_model
from bncore.placement import PLACEMENTS
from bncore.training.jobs import Chunk

PAUSE_SECONDS = 0.1


def study(asked: Study) -> Iterator[Chunk[StudyFound]]:
    """Train every variant; counted in epochs of all variants together.

    Some chunks come without values, for whoever wants to stop. A replica whose loss is not finite
    has NaN from there on; the others go on.

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(40, 3)); y = (x[:, 0] > 0).astype(int)
    >>> *_, last, _ = study(Study(x, y, variants=["none"], replicas=2, epochs=3, units=4))
    >>> last.done, last.values.runs["none"].loss.shape
    (3, (1, 2))
    """
    rows, everything = repetitions(asked), asked.epochs * len(asked.variants)
    found = partial(
        StudyFound, versions=VERSIONS, rows=asked.rows, most_common=rows.most_common
    )  # fmt: skip
    facts = found(
        runs={name: VariantRun() for name in asked.variants},
        weights={
            name: weights_of(plain_model(asked.architecture, PLACEMENTS[name])[0])
            for name in asked.variants
        },
        orphans=dict.fromkeys(asked.variants),
    )
    yield Chunk(0, everything, facts, "Preparing the models")
    programs = {}
    for name in asked.mine:
        yield Chunk(0, everything, message=f"Preparing: {PLACEMENTS[name].title}")
        programs[name] = Replicas(asked, name, rows)
        yield Chunk(0, everything, message=f"Compiling: {PLACEMENTS[name].title}")
        programs[name].compile(asked.learning_rate)
        first = found(runs={name: programs[name].before()})
        yield Chunk(0, everything, first, f"Ready: {PLACEMENTS[name].title}")
    done = 0
    for _ in range(asked.epochs):
        for name, program in programs.items():
            if program.alive:
                run = yield from _paced(program.epoch(), done, everything)
                values = found(runs={name: run})
                if not program.alive:
                    values = replace(values, stopped={name: program.ending})
                yield Chunk(done + 1, everything, values)
            done += 1
    orphans = {name: program.orphans() for name, program in programs.items()}
    yield Chunk(done, everything, found(orphans=orphans))


def sweep(asked: Sweep) -> Iterator[Chunk[SweepFound]]:
    """Train every variant with every learning rate; counted in trainings.

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(40, 3)); y = (x[:, 0] > 0).astype(int)
    >>> short = {"variants": ["none"], "replicas": 2, "epochs": 1, "units": 4}
    >>> *_, last = sweep(Sweep(x, y, rates=[0.1], **short))
    >>> last.values.rates["none"]["0.1"].diverged
    array([-1, -1])
    """
    rows, total = repetitions(asked), asked.pieces
    found = partial(
        SweepFound, versions=VERSIONS, rows=asked.rows, most_common=rows.most_common
    )  # fmt: skip
    order = found(rates={name: dict.fromkeys(asked.names) for name in asked.variants})
    yield Chunk(0, total, order, "Preparing the models")
    done = 0
    for name, rates in asked.dealt.items():
        title = PLACEMENTS[name].title
        yield Chunk(done, total, message=f"Preparing: {title}")
        program = Replicas(asked, name, rows)
        yield Chunk(done, total, message=f"Compiling: {title}")
        program.compile(rates[0])
        for rate in rates:
            program.begin(rate)
            last, message = program.before(), f"{title}, rate {rate:g}"
            for _ in range(asked.epochs):
                if program.alive:
                    last = yield from _paced(program.epoch(), done, total, message)
                yield Chunk(done, total, message=message)
            done += 1
            end = Trained(
                loss=last.loss[-1],
                accuracy=last.accuracy[-1],
                validation_accuracy=last.validation_accuracy[-1],
                diverged=program.diverged.copy(),
            )
            yield Chunk(done, total, found(rates={name: {f"{rate:g}": end}}))


def _paced(
    work: Generator[None, None, VariantRun], done: int, total: int, message: str = ""
) -> Generator[Chunk[Any], None, VariantRun]:
    """What the work returns; now and then a chunk without values, for whoever wants to stop it."""
    told = perf_counter()
    while True:
        try:
            next(work)
        except StopIteration as end:
            run: VariantRun = end.value
            return run
        if perf_counter() - told > PAUSE_SECONDS:
            yield Chunk(done, total, message=message)
            told = perf_counter()
