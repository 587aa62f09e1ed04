"""What the placement page holds, the data it trains on, and the jobs that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bncore import datasets
from bncore.moments import Array
from bncore.placement import ACTIVATIONS, PLACEMENTS
from bncore.training.jobs import Job
from bncore.training.turns import STUDY
from bncore.variants import OPTIMIZERS
from ui.page.predictions import guesses
from ui.state import fields
from ui.state.numbers import format_number

PARTS = {
    "study": "Side by side",
    "distributions": "Distributions",
    "rates": "Learning rates",
    "bias": "The bias",
}
TITLES = {name: placement.title for name, placement in PLACEMENTS.items()}
OPTIMIZER_TITLES = {name: choice.title for name, choice in OPTIMIZERS.items()}
BLOCKS = {"dense": "Dense (the question's classifier)", "conv": "Convolutions (digits, 8 × 8)"}
SETS = {
    "two-classes": "Generated: 14 features, 2 classes",
    "breast-cancer": "Breast cancer: 30 features, 2 classes",
    "wine": "Wine: 13 features, 3 classes",
    "iris": "Iris: 4 features, 3 classes",
    "digits": "Digits: 64 pixels, 10 classes",
}
GUESSES = guesses(
    before="before the activation",
    after="after the activation",
    same="no clear difference",
)
FLAT_GUESSES = guesses(
    none="none",
    before="before the activation",
    after="after the activation",
    output="before it, and on the output",
)
RATE_GUESSES = guesses(
    all="all of them",
    normalised="only those with batch norm",
    some="another mixture",
    nobody="none of them",
)
BIAS_GUESSES = guesses(
    zero="zero, up to rounding",
    smaller="smaller, but there",
    alike="about as large as the kernel's",
)
RATES = ("0.001", "0.01", "0.1", "1", "10")
MOST_UPDATES = 40_000
COMPILING_UPDATES = 5_000
"""About as many updates take as long as compiling a variant."""
LIMIT_SECONDS = 300.0


@dataclass(frozen=True)
class PlacementState:
    """The model, its training, and which part is open. The defaults are the question's."""

    part: str = fields.choice("study", tuple(PARTS))
    guess: str = fields.choice("unsure", tuple(GUESSES))
    flat_guess: str = fields.choice("unsure", tuple(FLAT_GUESSES))
    rate_guess: str = fields.choice("unsure", tuple(RATE_GUESSES))
    bias_guess: str = fields.choice("unsure", tuple(BIAS_GUESSES))
    variants: tuple[str, ...] = fields.choices(tuple(PLACEMENTS), tuple(PLACEMENTS), at_least=1)
    replicas: int = fields.integer(8, 1, 16)
    epochs: int = fields.integer(20, 1, 200)
    batch_size: int = fields.integer(16, 1, 512)
    optimizer: str = fields.choice("nesterov", tuple(OPTIMIZERS))
    learning_rate: float = fields.number(0.1, 0, 1e6)
    dropout: float = fields.number(0.5, 0, 0.9)
    use_bias: bool = fields.flag(True)
    activation: str = fields.choice("tanh", ACTIVATIONS)
    units: int = fields.integer(64, 1, 256)
    depth: int = fields.integer(2, 1, 6)
    keep: float = fields.number(0.99, 0, 1)
    epsilon: float = fields.number(1e-3, 0, 1)
    seed: int = fields.integer(0, 0, 2**31 - 1)
    block: str = fields.choice("dense", tuple(BLOCKS))
    classes: str = fields.choice("two-classes", tuple(SETS))
    rows: int = fields.integer(1000, 50, 5000)
    separation: float = fields.number(1.0, 0.01, 10)
    noise: float = fields.number(0.05, 0, 1)
    scaled: bool = fields.flag(True)
    rates: tuple[str, ...] = fields.choices(("0.01", "0.1", "1", "10"), RATES, at_least=1)
    updates: int = fields.integer(200, 1, 5000)


def _preset(**changes: Any) -> dict[str, Any]:
    """All settings but the open part and the predictions: the question's, with some changes."""
    settings = vars(PlacementState())
    return {
        name: value for name, value in settings.items() if not name.endswith(("part", "guess"))
    } | changes


_DEEP: dict[str, Any] = {
    "depth": 6, "dropout": 0.0, "optimizer": "sgd", "epochs": 10, "replicas": 12,
}  # fmt: skip
PRESETS = {
    "The question's classifier": _preset(),
    "Six relu blocks": _preset(**_DEEP, activation="relu", learning_rate=1.0),
    "Six sigmoid blocks": _preset(**_DEEP, activation="sigmoid"),
    "Convolutions on digits": _preset(
        block="conv", activation="relu", units=8, epochs=5, replicas=8, learning_rate=0.05,
        variants=("none", "before", "after"),
    ),
}  # fmt: skip


def data(state: PlacementState) -> tuple[Array, Array]:
    """The rows (or images) and their labels, unscaled."""
    if state.block == "conv":
        return _digit_images()
    if state.classes == "two-classes":
        chosen = datasets.two_classes(state.rows, state.separation, state.noise, state.seed)
    else:
        chosen = datasets.DATASETS[state.classes]()
    assert chosen.labels is not None
    return chosen.values, chosen.labels


def scales(state: PlacementState) -> bool:
    """Whether the features are scaled: images are not, their pixels share one range."""
    return state.scaled and state.block == "dense"


@cache
def _digit_images() -> tuple[Array, Array]:
    chosen = datasets.digits()
    assert chosen.labels is not None
    return chosen.values.reshape(-1, 8, 8, 1) / 16, chosen.labels


def scaled(x: Array) -> Array:
    """Every column with mean 0 and variance 1 over all rows (a constant one is only shifted).

    For what has no validation rows; studies scale by the training rows of each repetition.

    >>> scaled(np.array([[1.0, 5.0], [3.0, 5.0]]))
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    deviation = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)


def architecture(state: PlacementState) -> dict[str, Any]:
    """The arguments that describe the model."""
    names = ("block", "units", "depth", "activation", "dropout", "use_bias", "keep", "epsilon")
    return {name: getattr(state, name) for name in names} | {"seed": state.seed}


def updates_each(state: PlacementState) -> int:
    """How many updates one variant makes."""
    rows = len(data(state)[0])
    return math.ceil((rows - round(rows * 0.2)) / state.batch_size) * state.epochs


def problem(state: PlacementState) -> str:
    """Why these settings cannot be trained, in a sentence; empty where they can."""
    rows = len(data(state)[0])
    if state.batch_size > rows - round(rows * 0.2):
        return f"A batch of {state.batch_size} is larger than the training rows. Choose less."
    made = updates_each(state) * len(state.variants)
    most = MOST_UPDATES // (8 if state.block == "conv" else 1)
    if made > most:
        return (
            f"{len(state.variants)} variants of {updates_each(state):,} updates are {made:,}; at "
            f"most {most:,} are trained here. Choose fewer epochs, larger batches or fewer "
            "variants."
        )
    return ""


def _training(state: PlacementState) -> dict[str, Any]:
    x, labels = data(state)
    names = ("variants", "replicas", "epochs", "batch_size", "optimizer")
    chosen = {name: getattr(state, name) for name in names}
    chosen["scaled"] = scales(state)
    return {"data": x, "labels": labels, **chosen, **architecture(state)}


def study_job(state: PlacementState) -> Job:
    """Variants side by side."""
    arguments = {**_training(state), "learning_rate": state.learning_rate}
    return Job(
        "bncore.keras.placement:study", arguments, "Placement", LIMIT_SECONDS, lane=STUDY,
        parts=len(state.variants),
    )  # fmt: skip


def rates_job(state: PlacementState) -> Job:
    """The same variants with several learning rates; an orphan would only repeat "none".

    A part compiles its variants, so a variant's rates are dealt out only where they take longer.
    """
    variants = tuple(name for name in state.variants if name != "orphan") or ("none",)
    rates = tuple(float(rate) for rate in state.rates)
    arguments = {**_training(state), "variants": variants, "rates": rates}
    parts = len(variants) * (len(rates) if updates_each(state) > COMPILING_UPDATES else 1)
    return Job(
        "bncore.keras.placement:sweep", arguments, "Learning rates", LIMIT_SECONDS, lane=STUDY,
        parts=parts,
    )  # fmt: skip


def bias_job(state: PlacementState) -> Job:
    """What the bias before a batch normalisation does."""
    x, labels = data(state)
    x = scaled(x) if scales(state) else x
    names = ("units", "activation", "updates", "learning_rate", "keep", "epsilon", "seed")
    arguments = {name: getattr(state, name) for name in names}
    size = min(state.batch_size, len(x))
    arguments |= {"data": x.reshape(len(x), -1), "labels": labels, "batch_size": size}
    return Job("bncore.keras.bias:effect", arguments, "Bias")


def code(state: PlacementState, name: str) -> str:
    """A variant as one writes it."""
    placement = PLACEMENTS[name]
    keep, epsilon = format_number(state.keep), format_number(state.epsilon)
    norm = f"BatchNormalization(momentum={keep}, epsilon={epsilon})"
    bias = "" if state.use_bias else ", use_bias=False"
    lines = [f"{norm}  # made, and never added" for _ in range(placement.orphan * state.depth)]
    lines.append("model = Sequential()")
    for _ in range(state.depth):
        made = (
            f'Conv2D({state.units}, 3, padding="same"{bias})'
            if state.block == "conv"
            else f"Dense({state.units}{bias})"
        )
        parts = [made, *[norm] * placement.before, f'Activation("{state.activation}")']
        parts += [norm] * placement.after
        parts += [f"Dropout({state.dropout:g})"] * (state.block == "dense" and state.dropout > 0)
        lines += [f"model.add({part})" for part in parts]
    lines += ["model.add(GlobalAveragePooling2D())"] * (state.block == "conv")
    lines.append(f"model.add(Dense({int(data(state)[1].max()) + 1}))")
    lines += [f"model.add({norm})"] * placement.output
    return "\n".join([*lines, "# softmax and cross-entropy in one, from the logits"])
