"""How many placement pages show a difference where there is none: labels that are pure noise."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

import bncore
from benchmarks.figures import Figure
from bncore.comparisons import accuracies_judged
from bncore.experiments.placement import Study, VariantRun
from bncore.moments import Array
from bncore.placement import contrasts

VARIANTS = ("none", "before", "after", "output")  # an orphan is in no comparison
PAGES, TOGETHER = 200, 20


def noise_pages() -> Figure:
    """The share of pages, with the defaults but k = 8, 6 epochs and another seed each."""
    every = [
        found
        for first in range(0, PAGES, TOGETHER)
        for found in pages(range(first, first + TOGETHER), VARIANTS)
    ]
    shares = shown(every, VARIANTS, training=800, validation=200)
    note = f"{PAGES} pages of {len(contrasts(VARIANTS))} comparisons, k = 8, 6 epochs"
    return Figure("noise-pages", "pages of noise showing a difference", shares, "%", "<=", 5, note)


def shown(
    every: Sequence[Mapping[str, Array]], variants: Sequence[str], *, training: int, validation: int
) -> float:
    """The percentage of pages with any clear difference."""
    pairs = contrasts(variants)
    rows = {"training": training, "validation": validation}
    clear = [
        any(v.clear for v in accuracies_judged(page, pairs, **rows).values()) for page in every
    ]
    return 100 * float(np.mean(clear))


def pages(
    seeds: Sequence[int],
    variants: Sequence[str],
    *,
    replicas: int = 8,
    epochs: int = 6,
    rows: int = 1000,
    units: int = 64,
) -> Iterator[dict[str, Array]]:
    """Validation accuracies (k,) of each variant, for one page after the other.

    A page has data of its own (`bncore.datasets.two_classes` with noise = 1) and all else as a
    study has it. The replicas of all pages train in one program, as those of one page do: what
    takes the time is compiling it.
    """
    from bncore.keras.replicas import Replicas

    asked = replace(_asked(seeds[0], replicas, rows), units=units, epochs=epochs)
    data = _together(seeds, replicas, rows)
    found = {}
    for name in variants:
        program = Replicas(asked, name, data)
        program.compile(asked.learning_rate)
        for _ in range(asked.epochs):
            run = _returned(program.epoch())
        found[name] = run.validation_accuracy[-1].reshape(len(seeds), replicas)
    for number in range(len(seeds)):
        yield {name: accuracies[number] for name, accuracies in found.items()}


def _asked(seed: int, replicas: int, rows: int) -> Study:
    """The study of one page."""
    data = bncore.datasets.two_classes(rows, noise=1.0, seed=seed)
    return Study(data.values, data.labels, replicas=replicas, seed=seed, scaled=True)


def _together(seeds: Sequence[int], replicas: int, rows: int) -> Any:
    """The repetitions of all pages as those of one, each with rows of its own page's data."""
    from bncore.keras.repetitions import Repetitions, repetitions

    each = []
    for number, seed in enumerate(seeds):
        found = repetitions(_asked(seed, replicas, rows))
        begin = np.int32(number * rows)
        each.append(
            replace(found, training=found.training + begin, validation=found.validation + begin)
        )
    arrays = [field.name for field in fields(Repetitions) if field.name != "seed"]
    stacked = {name: np.concatenate([getattr(page, name) for page in each]) for name in arrays}
    return Repetitions(seed=seeds[0], **stacked)


def _returned(work: Any) -> VariantRun:
    """What a generator returns."""
    kept: list[VariantRun] = []

    def whole() -> Iterator[None]:
        kept.append((yield from work))

    deque(whole(), maxlen=0)
    return kept[0]
