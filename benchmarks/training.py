"""Recorded training against the script as its author wrote it, and against a bare loop.

Every function runs in this process, which needs TensorFlow, Keras and tf_keras: "warm" means that
they are imported and the programs compiled, as in a training worker after its first run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import cache

import numpy as np

import bncore
from benchmarks.figures import Figure, in_turns, seconds

UPDATES = 10_000


def script_seconds(epochs: int = 200) -> float:
    """Seconds of the 2018 script (``fit`` for 10,000 epochs), scaled from ``epochs``.

    The script: one BatchNormalization, mean squared error, SGD, 5 rows in batches of 5. Two
    epochs are made before the clock starts, so that building the training function is not
    counted against it.
    """
    from bncore.keras.framework import keras

    x = bncore.DATASETS["question-2018"]().values
    model = keras.Sequential([keras.Input((6,)), keras.layers.BatchNormalization()])
    model.compile(loss="mse", optimizer="sgd")
    options = {"batch_size": 5, "verbose": 0}
    model.fit(x, x, epochs=2, **options)
    return seconds(lambda: model.fit(x, x, epochs=epochs, **options)) * UPDATES / epochs


def recorded_seconds(rounds: int = 5) -> float:
    """Seconds of our 10,000 recorded updates, handed out in chunks: median, warm."""
    run, _ = _runs()
    return in_turns(run, lambda: None, rounds)[0]


def training_speedup() -> Figure:
    """How many times faster than the script."""
    times = script_seconds() / recorded_seconds()
    return Figure("training-speedup", "2018 script / 10,000 recorded", times, "x", ">=", 1000)


def recording_overhead(rounds: int = 15) -> Figure:
    """Seconds recorded, in chunks, over those of the bare compiled loop.

    The bare loop makes the same updates from the same mini-batches in one call and keeps
    nothing.
    """
    recorded, bare = in_turns(*_runs(), rounds)
    return Figure("recording-overhead", "recorded / bare loop", recorded / bare, "x", "<=", 2)


@cache
def _runs() -> tuple[Callable[[], object], Callable[[], object]]:
    """Two functions without arguments: our recorded run, and the bare one."""
    from bncore.experiments.moving import Moving
    from bncore.keras import layers, moving
    from bncore.keras.framework import keras
    from bncore.keras.recorded import Minibatches, Recorder, gradient_step

    x = bncore.DATASETS["question-2018"]().values
    data = x.astype(np.float32)
    model, _ = layers.batch_norm_model("keras-3", (6,), keep=0.99, epsilon=1e-3)
    optimizer = keras.optimizers.SGD(0.01)
    optimizer.build(model.trainable_variables)
    step = gradient_step(model, optimizer, keras.losses.MeanSquaredError(), lambda batch: {})
    variables = [*model.variables, *optimizer.variables]
    loop = Recorder(step, variables, data, data, 5, capacity=UPDATES, record=False)

    def recorded() -> None:
        deque(moving.train(Moving(x, updates=UPDATES, batch_size=5)), maxlen=1)

    def bare() -> None:
        loop.reset()
        loop.run(Minibatches(len(x), 5, seed=0).take(UPDATES))

    return recorded, bare
