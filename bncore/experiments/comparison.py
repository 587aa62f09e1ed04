"""What is compared: variants of one model that differ in where the normalisation stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, fields
from typing import Any

from bncore.experiments.arguments import (
    Rows,
    batch_size_of,
    labelled,
    number_between,
    one_of,
    rows_held_out,
    settings,
    whole_number,
)
from bncore.experiments.experiment import Part, hold
from bncore.placement import BLOCK_ACTIVATIONS, BLOCKS, PLACEMENTS
from bncore.variants import OPTIMIZERS


@dataclass(frozen=True, eq=False, kw_only=True)
class Blocks:
    """What the models of all variants are made of.

    "dense": ``depth`` times Dense(units) -> activation -> Dropout, then Dense(classes).
    "conv": ``depth`` times Conv2D(units, 3x3, same) -> activation, global average pooling,
    Dense(classes).

    Args:
        keep, epsilon: of the batch normalisations.
        seed: of the initial weights, the splits, the batches and the dropout masks.
    """

    block: str = "dense"
    units: int = 64
    depth: int = 2
    activation: str = "tanh"
    dropout: float = 0.5
    use_bias: bool = True
    keep: float = 0.99
    epsilon: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        """Check each field."""
        hold(
            self,
            block=one_of("block", self.block, BLOCKS),
            activation=one_of("activation", self.activation, BLOCK_ACTIVATIONS),
            dropout=number_between("dropout", self.dropout, 0.99),
            **settings(self),
        )


@dataclass(frozen=True, eq=False)
class Architecture(Blocks):
    """The models of all variants: inputs are (features,), or (height, width, channels)."""

    inputs: tuple[int, ...]
    classes: int


@dataclass(frozen=True, eq=False)
class Comparison(Blocks):
    """Variants of one model, trained on the same rows: what study and sweep are asked for.

    Args:
        data: (rows, features), or (rows, height, width, channels) for the "conv" block.
        labels: (rows,), whole numbers from 0.
        variants: names in ``bncore.placement.PLACEMENTS``.
        replicas: k, how often each variant is trained: every time from weights of its own, on a
            split of its own, with an order of the batches of its own.
        optimizer: a name in ``bncore.variants.OPTIMIZERS``.
        validation: the share of the rows, after a seeded permutation, that is not trained on.
        scaled: bring every feature to mean 0 and variance 1, by each replica's training rows.
        part: (i, n) makes the i-th of n parts; (0, 1) makes all. Facts are told of all variants, in
            the order given, and progress counts all.
    """

    data: Any
    labels: Any
    _: KW_ONLY
    variants: Sequence[str] = tuple(PLACEMENTS)
    replicas: int = 8
    epochs: int = 20
    batch_size: int = 16
    optimizer: str = "nesterov"
    validation: float = 0.2
    scaled: bool = False
    part: Part = (0, 1)

    def __post_init__(self) -> None:
        """Check each field."""
        super().__post_init__()
        x, y = labelled(self.data, self.labels, (2, 4))
        rank = {"dense": 2, "conv": 4}[self.block]
        if x.ndim != rank:
            raise ValueError(f"the {self.block} block takes data of rank {rank}; got {x.shape}")
        hold(
            self,
            data=x,
            labels=y,
            variants=_known(self.variants),
            optimizer=one_of("optimizer", self.optimizer, OPTIMIZERS),
        )
        size = batch_size_of(self.batch_size, self.rows.training, "training rows")
        hold(self, batch_size=size, part=_part(self.part, self.pieces))

    @property
    def pieces(self) -> int:
        """Into how many parts the work can be split."""
        return len(self.variants)

    @property
    def rows(self) -> Rows:
        """How many each replica trains on, and how many it validates with."""
        return rows_held_out(len(self.data), self.validation)

    @property
    def architecture(self) -> Architecture:
        """The models of all variants."""
        blocks = {each.name: getattr(self, each.name) for each in fields(Blocks)}
        return Architecture(self.data.shape[1:], int(self.labels.max()) + 1, **blocks)

    @property
    def mine(self) -> Sequence[str]:
        """The variants of this part: every n-th; where n is larger, one, which others share."""
        number, of = self.part
        return self.variants[number % len(self.variants) :: of]


def _known(variants: Iterable[str]) -> tuple[str, ...]:
    """Some of the variants that there are, each once."""
    given = tuple(variants)
    if not given or any(name not in PLACEMENTS for name in given):
        raise ValueError(f"variants are some of {', '.join(PLACEMENTS)}; got {list(given)!r}")
    return tuple(dict.fromkeys(given))


def _part(part: Part, most: int) -> Part:
    number, of = (whole_number("part", value, 0) for value in part)
    if not number < of <= most:
        raise ValueError(f"part is (i, n): one of n parts, i from 0, n at most {most}; got {part}")
    return number, of
