"""The asker's classifier: the settings that the pages about it share, from a block to a study.

Each record extends the one above it, and each page one of them: what a visitor changes follows to
every page that has that setting (`ui.state.following`).
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields as declared
from typing import Any

from bncore.placement import BLOCK_ACTIVATIONS, PLACEMENTS
from bncore.variants import OPTIMIZERS
from ui.state import fields

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


@dataclass(frozen=True)
class Block:
    """One block of the model, and the data. The defaults are the question's."""

    units: int = fields.integer(64, 1, 256)
    activation: str = fields.choice("tanh", BLOCK_ACTIVATIONS)
    keep: float = fields.number(0.99, 0, 1)
    epsilon: float = fields.number(1e-3, 0, 1)
    batch_size: int = fields.integer(16, 1, 512)
    seed: int = fields.integer(0, 0, 2**31 - 1)
    block: str = fields.choice("dense", tuple(BLOCKS))
    classes: str = fields.choice("two-classes", tuple(SETS))
    rows: int = fields.integer(1000, 50, 5000)
    separation: float = fields.number(1.0, 0.01, 10)
    noise: float = fields.number(0.05, 0, 1)
    scaled: bool = fields.flag(True)


@dataclass(frozen=True)
class Classifier(Block):
    """The whole model: how many blocks, and the variants of where batch normalisation stands."""

    variants: tuple[str, ...] = fields.choices(tuple(PLACEMENTS), tuple(PLACEMENTS), at_least=1)
    depth: int = fields.integer(2, 1, 6)
    dropout: float = fields.number(0.5, 0, 0.9)
    use_bias: bool = fields.flag(True)


@dataclass(frozen=True)
class Training(Classifier):
    """How often and how long each variant is trained. A page may have other defaults."""

    replicas: int = fields.integer(8, 1, 16)
    epochs: int = fields.integer(20, 1, 200)
    optimizer: str = fields.choice("nesterov", tuple(OPTIMIZERS))


@dataclass(frozen=True)
class Study(Training):
    """All variants side by side with one learning rate: a run that two pages read."""

    learning_rate: float = fields.number(0.1, 0, 1e6)


_SHALLOW: dict[str, Any] = {"depth": 2, "dropout": 0.5, "activation": "tanh"}
_DEEP: dict[str, Any] = {
    "depth": 6, "dropout": 0.0, "optimizer": "sgd", "epochs": 10, "replicas": 12,
}  # fmt: skip
_PRESETS: dict[str, dict[str, Any]] = {
    "The question's classifier": _SHALLOW,
    "Six relu blocks": _DEEP | {"activation": "relu", "learning_rate": 1.0},
    "Six sigmoid blocks": _DEEP | {"activation": "sigmoid"},
    "Convolutions on digits": _SHALLOW | {
        "block": "conv", "activation": "relu", "units": 8, "epochs": 5, "replicas": 8,
        "learning_rate": 0.05, "variants": ("none", "before", "after"),
    },
}  # fmt: skip


def presets(kind: type[Training]) -> dict[str, dict[str, Any]]:
    """All settings of a page but the prediction, by title: its defaults, with some changes.

    >>> presets(Study)["Six relu blocks"]["learning_rate"]
    1.0
    >>> "learning_rate" in presets(Training)["Six relu blocks"]
    False
    """
    settings = {field.name: field.default for field in declared(kind) if field.name != "guess"}
    return {
        title: settings | {name: value for name, value in changes.items() if name in settings}
        for title, changes in _PRESETS.items()
    }
