"""Training away from the web process: jobs in, events out, stoppable at any time.

A page describes a run as a `Job` (the name of an experiment and its arguments) and reads back
`Event`s. Who runs it is a `TrainingService`: worker processes on this machine, a cluster
elsewhere, or (tests and scripts) a thread. Nothing in this package imports Keras or TensorFlow.
"""

from bncore.training.jobs import (
    FINAL,
    Chunk,
    Event,
    Job,
    Readiness,
    Status,
    TrainingService,
)

__all__ = ["FINAL", "Chunk", "Event", "Job", "Readiness", "Status", "TrainingService"]
