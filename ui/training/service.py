"""The training service of this server, as pages reach it.

The server starts it (app.py) and installs it here; tests install a local one. Pages never start
one: a process started from a page would run the page again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bncore.training.jobs import TrainingService

_installed: TrainingService | None = None


class NoTrainingServiceError(RuntimeError):
    """This server runs without a training service."""


def install(service: TrainingService | None) -> None:
    """Make `service` the one that pages use; None takes it away."""
    global _installed
    _installed = service


def training_service() -> TrainingService:
    """The training service, or NoTrainingServiceError with what to do."""
    if _installed is None:
        raise NoTrainingServiceError(
            "Training is not available here: this server was started without its training "
            "service. Start it with `make run` or `streamlit run app.py`."
        )
    return _installed
