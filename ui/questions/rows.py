"""The rows that some pages feed to a layer: what a visitor puts there follows from page to page."""

from __future__ import annotations

from dataclasses import dataclass

import bncore
from ui.state import fields
from ui.state.arrays import FrozenArray

LARGEST = 512
PRESETS = ("sixty-rows", "question-2018")


@dataclass(frozen=True)
class RowsState:
    """The data, for the records of the pages that extend this one."""

    data: FrozenArray = fields.array(bncore.DATASETS["sixty-rows"]().values, (2, 2), LARGEST)
