"""Experiment: moving statistics of real layers, side by side, at every update."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bncore.experiments.moving import Moving, MovingFound, RecordedLayer
from bncore.keras.forward import statistics
from bncore.keras.framework import VERSIONS, keras, tf, tf_keras
from bncore.keras.layers import batch_norm_model
from bncore.keras.optimizers import make_optimizer
from bncore.keras.recorded import Minibatches, Recorder, gradient_step
from bncore.keras.trainings import Course, Piece
from bncore.training.jobs import Chunk
from bncore.variants import VARIANTS

_PROGRAMS_KEPT = 16


def train(asked: Moving) -> Iterator[Chunk[MovingFound]]:
    """Train all layers side by side; counted in updates.

    A loss that is not finite ends the run of all of them.

    >>> *_, last = train(Moving([[0.0], [2.0]], updates=700, keep=0.9))
    >>> last.done, last.values.layers["keras-3"].moving_variance[-1].round(4)
    (700, array([1.], dtype=float32))
    """
    course = Course(MovingFound, asked.updates)
    batches = Minibatches(len(asked.data), asked.batch_size, asked.seed, asked.shuffle)
    with _programs(asked) as recorder:
        recorders = {}
        for name in asked.variants:
            yield course.chunk(MovingFound(versions=VERSIONS), f"Preparing {_title(name)}")
            recorders[name] = recorder(name)
        yield from course.train(recorders, batches, asked.updates, _found, title=_title)


def _title(name: str) -> str:
    return VARIANTS[name].title


def _found(piece: Piece) -> MovingFound:
    layers = {name: RecordedLayer(**recorded) for name, recorded in piece.recorded.items()}
    return MovingFound(update=piece.numbers, layers=layers)


class _Program:
    """A model, its optimizer and its compiled loop, to be used again."""

    def __init__(self, name: str, asked: Moving) -> None:
        library = tf_keras if VARIANTS[name].package == "tf_keras" else keras
        model, layer = batch_norm_model(
            name, asked.data.shape[1:], keep=asked.keep, epsilon=asked.epsilon
        )
        self.optimizer = make_optimizer(library, asked.optimizer, asked.learning_rate)
        self.optimizer.build(model.trainable_variables)
        axes = list(range(asked.data.ndim - 1))

        def watch(batch: Any) -> dict[str, Any]:
            mean, variance = tf.nn.moments(batch, axes)
            learned = {
                name: tf.convert_to_tensor(getattr(layer, name)) for name in ("gamma", "beta")
            }
            return {**statistics(layer), "batch_mean": mean, "batch_variance": variance, **learned}

        step = gradient_step(model, self.optimizer, library.losses.MeanSquaredError(), watch)
        variables = [*model.variables, *_variables(self.optimizer)]
        self.recorder = Recorder(step, variables, asked.data, asked.target, asked.batch_size)

    def begin(self, asked: Moving) -> Recorder:
        """The loop at its beginning, with these data and this learning rate."""
        self.recorder.reset()
        self.recorder.load(asked.data, asked.target)
        self.optimizer.learning_rate.assign(asked.learning_rate)
        return self.recorder


def _variables(optimizer: Any) -> list[Any]:
    held = optimizer.variables
    return list(held() if callable(held) and not isinstance(held, list) else held)


# Compiling takes a few tenths of a second a variant, so programs are kept for the next run.
# One that is in use is not in here: two runs at once never share a model.
_idle: OrderedDict[tuple[Any, ...], _Program] = OrderedDict()


@contextmanager
def _programs(asked: Moving) -> Iterator[Callable[[str], Recorder]]:
    """A function that gives the loop of a variant, compiled anew where none is kept."""
    used: list[tuple[tuple[Any, ...], _Program]] = []

    def recorder(name: str) -> Recorder:
        # The data's numbers and the learning rate are variables of the program, not parts of it.
        shape, size = asked.data.shape, asked.batch_size
        key = (name, shape, size, asked.keep, asked.epsilon, asked.optimizer)
        program = _idle.pop(key, None) or _Program(name, asked)
        used.append((key, program))
        return program.begin(asked)

    try:
        yield recorder
    finally:
        for key, program in used:
            _idle[key] = program
        while len(_idle) > _PROGRAMS_KEPT:
            _idle.popitem(last=False)
