"""Experiment: one bad number in one batch. Nothing is learned: only the statistics change."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from bncore.experiments.bad_number import BadNumber, BadNumberFound
from bncore.keras.forward import forward_recorder, new_layer, statistics
from bncore.keras.framework import VERSIONS, tf
from bncore.keras.recorded import Minibatches
from bncore.keras.trainings import Course, Piece
from bncore.training.jobs import Chunk


def feed(asked: BadNumber) -> Iterator[Chunk[BadNumberFound]]:
    """Clean updates, a bad one, clean ones; counted in updates.

    >>> *_, end, _ = feed(BadNumber([[1.0, 2.0], [3.0, 6.0]], before=1, after=5))
    >>> end.values.moving_mean[-1].round(3)
    array([  nan, 0.272], dtype=float32)
    """
    x = asked.data
    course = Course(BadNumberFound, asked.before + 1 + asked.after)
    yield course.chunk(BadNumberFound(versions=VERSIONS), "Preparing the layer")
    layer = new_layer(x.shape[1], asked.keep, asked.epsilon)
    recorder = forward_recorder([layer], lambda: statistics(layer), x, len(x))
    batches = Minibatches(len(x), len(x), asked.seed)
    for rows, count in ((x, asked.before), (asked.bad, 1), (x, asked.after)):
        recorder.load(rows, rows)
        yield from course.train({"": recorder}, batches, count, partial(_found, course.done))
    output = np.asarray(layer(tf.constant(x), training=False))
    yield course.chunk(BadNumberFound(output=output))


def _found(before: int, piece: Piece) -> BadNumberFound:
    held = piece.recorded[""]
    return BadNumberFound(
        update=before + piece.numbers,
        moving_mean=held["moving_mean"],
        moving_variance=held["moving_variance"],
    )
