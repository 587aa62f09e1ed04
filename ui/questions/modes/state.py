"""What the page about the two modes holds, and the jobs that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import bncore
from bncore.training.jobs import Job
from ui.page.predictions import guesses
from ui.state import fields
from ui.state.arrays import FrozenArray

LARGEST = 512
MOST_RECORDED = 4_000_000  # numbers: 16 MB
PARTS = {
    "both": "One batch, both modes",
    "stuck": "Validation is stuck",
    "freezing": "Freezing",
    "poison": "One bad number",
}
GAP_GUESSES = guesses(
    vanishes="it vanishes",
    shrinks="it shrinks, but something stays",
    stays="it stays as it is",
    grows="it grows",
)
STUCK_GUESSES = guesses(
    overfitting="the model overfits",
    lagging="the moving statistics lag behind",
)
FREEZING_GUESSES = guesses(
    training="bn(x, training=False)",
    trainable="bn.trainable = False",
    compiled="bn.trainable = False, then compile again",
)
POISON_GUESSES = guesses(
    none="nothing: it heals",
    feature="that feature",
    all="every feature",
)
BAD_NUMBERS = {"nan": "NaN", "inf": "infinity", "1e20": "1e20"}
SETS = {"breast-cancer": "Breast cancer (569 × 30)", "wine": "Wine (178 × 13)", "iris": "Iris"}
PRESETS = ("sixty-rows", "question-2018")
KEEPS = ("0", "0.5", "0.9", "0.99", "0.999")


@dataclass(frozen=True)
class ModesState:
    """Which part is open, and the settings of each."""

    part: str = fields.choice("both", tuple(PARTS))
    # one batch, both modes; freezing and the bad number take the same data
    data: FrozenArray = fields.array(bncore.DATASETS["sixty-rows"]().values, (2, 2), LARGEST)
    batch_size: int = fields.integer(4, 1, 256)
    keeps: tuple[str, ...] = fields.choices(("0.9", "0.99", "0.999"), KEEPS, at_least=1)
    updates: int = fields.integer(1000, 1, 20_000)
    epsilon: float = fields.number(1e-3, 0, 1)
    seed: int = fields.integer(0, 0, 2**31 - 1)
    looked_at: str = fields.choice("0.99", KEEPS)
    gap_guess: str = fields.choice("unsure", tuple(GAP_GUESSES))
    # validation is stuck
    classes: str = fields.choice("breast-cancer", tuple(SETS))
    stuck_keep: float = fields.number(0.999, 0, 1)
    cured_keep: float = fields.number(0.9, 0, 1)
    stuck_batch: int = fields.integer(8, 1, 128)
    epochs: int = fields.integer(5, 1, 200)
    learning_rate: float = fields.number(0.01, 0, 10)
    stuck_guess: str = fields.choice("unsure", tuple(STUCK_GUESSES))
    # freezing
    model: str = fields.choice("functional", ("functional", "subclassed"))
    freezing_guess: str = fields.choice("unsure", tuple(FREEZING_GUESSES))
    # one bad number
    bad: str = fields.choice("nan", tuple(BAD_NUMBERS))
    feature: int = fields.integer(0, 0, LARGEST)
    keep: float = fields.number(0.99, 0, 1)
    before: int = fields.integer(200, 0, 10_000)
    after: int = fields.integer(2000, 0, 20_000)
    poison_guess: str = fields.choice("unsure", tuple(POISON_GUESSES))


def size_of_batch(state: ModesState) -> int:
    """The batch size, no larger than the data."""
    return min(state.batch_size, state.data.shape[0])


def looked_at(state: ModesState) -> str:
    """The keep whose outputs are shown: the chosen one, if a layer has it."""
    return state.looked_at if state.looked_at in state.keeps else state.keeps[-1]


def gap_problem(state: ModesState) -> str:
    """Why the gap cannot be recorded, in a sentence; empty where it can."""
    each = size_of_batch(state) * state.data.shape[1] * len(state.keeps)
    if each * state.updates > MOST_RECORDED:
        return (
            f"{state.updates:,} updates of {each:,} outputs each are more than the "
            f"{MOST_RECORDED:,} numbers that can be recorded here. Choose fewer updates, a "
            "smaller batch or fewer layers."
        )
    return ""


def gap_job(state: ModesState) -> Job:
    """One batch in both modes, after every update."""
    arguments = {
        "data": state.data.array,
        "keeps": tuple(float(keep) for keep in state.keeps),
        "batch_size": size_of_batch(state),
        "updates": state.updates,
        "epsilon": state.epsilon,
        "seed": state.seed,
    }
    return Job("bncore.keras.modes:gap", arguments, "Both modes")


def stuck_problem(state: ModesState) -> str:
    """Why the two keeps cannot be trained side by side; empty where they can."""
    if state.stuck_keep == state.cured_keep:
        return f"Both keeps are {state.stuck_keep:g}: choose two that differ."
    updates = math.ceil(stuck_rows(state) / state.stuck_batch) * state.epochs
    if updates > 20_000:
        return f"These are {updates:,} updates; at most 20,000 are trained here. Choose less."
    return ""


def stuck_rows(state: ModesState) -> int:
    """How many rows are trained on."""
    rows = len(bncore.DATASETS[state.classes]().values)
    return rows - round(rows * 0.2)


def stuck_job(state: ModesState) -> Job:
    """A classifier, trained with each of the two keeps."""
    data = bncore.DATASETS[state.classes]()
    arguments = {
        "data": data.values,
        "labels": data.labels,
        "keeps": (state.stuck_keep, state.cured_keep),
        "batch_size": state.stuck_batch,
        "epochs": state.epochs,
        "learning_rate": state.learning_rate,
        "seed": state.seed,
    }
    return Job("bncore.keras.stuck:train", arguments, "Stuck validation")


def freezing_job(state: ModesState) -> Job:
    """Every way to freeze, tried."""
    return Job("bncore.keras.freezing:freeze", {"data": state.data.array}, "Freezing")


def poison_job(state: ModesState) -> Job:
    """One bad number among clean updates."""
    arguments = {
        "data": state.data.array,
        "value": state.bad,
        "feature": poisoned(state),
        "before": state.before,
        "after": state.after,
        "keep": state.keep,
    }
    return Job("bncore.keras.modes:poison", arguments, "One bad number")


def poisoned(state: ModesState) -> int:
    """The feature that gets the bad number, if the data have it."""
    return min(state.feature, state.data.shape[1] - 1)
