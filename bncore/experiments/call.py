"""An experiment that is not a record yet: a generator's name and its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bncore.experiments.experiment import Experiment


@dataclass(frozen=True)
class Call(Experiment[Mapping[str, Any]]):
    """The generator "bncore.keras.module:name" and its keyword arguments."""

    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
