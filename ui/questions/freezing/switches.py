"""What was run, as switches in the code and what they led to."""

from __future__ import annotations

from collections.abc import Sequence

from bncore.experiments.freezing import FREEZING, TRAINING, FreezingRow
from ui.drawing.switches import Case
from ui.questions.freezing.answers import AFTER, AGAIN, BEFORE, BEFORE_FIT, is_frozen
from ui.questions.freezing.words import switched

Line = tuple[str, bool]

SWITCHES = {"training in the call": "training", "bn.trainable = False": "frozen"}
"""By the name of a switch, the field with its position."""

_COMPILE = 'model.compile(optimizer="sgd", loss="mse")'
_FIT = "model.fit(data, targets, batch_size=len(data))"
_FREEZE = ("bn.trainable = False", True)


def choices(rows: Sequence[FreezingRow]) -> dict[str, list[str]]:
    """The positions of both switches that were run."""
    given, frozen = {row.training for row in rows}, {row.frozen for row in rows}
    positions = {"training": (TRAINING, given), "frozen": (FREEZING, frozen)}
    return {
        name: [each for each in positions[field][0] if each in positions[field][1]]
        for name, field in SWITCHES.items()
    }


def cases(rows: Sequence[FreezingRow]) -> dict[tuple[str, ...], Case]:
    """What each combination led to, of the rows of one kind of model."""
    return {(row.training, row.frozen): _case(row) for row in rows}


def _case(row: FreezingRow) -> Case:
    changed = {"gamma": row.gamma_moved, "moving statistics": row.statistics_moved}
    return Case(code(row), changed, switched(changed, row.fit, is_frozen(row)))


def code(row: FreezingRow) -> list[Line]:
    """The code of this way, each line with whether a switch put it there."""
    again = (_COMPILE, True)
    between = {
        AFTER: [_FREEZE],
        AGAIN: [_FREEZE, again],
        BEFORE_FIT: [again, _FREEZE],
    }
    return [
        *_model(row),
        *[_FREEZE] * (row.frozen == BEFORE),
        (_COMPILE, False),
        (_FIT, False),
        *between.get(row.frozen, []),
        (f"{_FIT}  # what changes?", False),
    ]


def _model(row: FreezingRow) -> list[Line]:
    given = {"not given": "", "passed on": ", training=training"}
    argument = given.get(row.training, f", training={row.training}")
    switched_on = row.training != "not given"
    if row.model == "functional":
        return [
            ("bn, x = BatchNormalization(), Input((data.shape[1],))", False),
            (f"model = Model(x, bn(x{argument}))", switched_on),
        ]
    passed = row.training == "passed on"
    return [
        ("class Net(Model):", False),
        ("    def __init__(self):", False),
        ("        super().__init__()", False),
        ("        self.bn = BatchNormalization()", False),
        (f"    def call(self, x{', training=None' * passed}):", passed),
        (f"        return self.bn(x{argument})", switched_on),
        ("model = Net()", False),
        ("bn = model.bn", False),
    ]
