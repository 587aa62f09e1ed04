"""Where does the layer go? Variants side by side, with one learning rate or with several."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bncore.experiments.arguments import Rows, number_between
from bncore.experiments.comparison import Comparison
from bncore.experiments.experiment import Experiment, Found, growing, hold
from bncore.experiments.weights import Weight
from bncore.moments import Array

# ---- what comes back ----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class VariantRun:
    """What was seen of one variant. A replica whose loss is not finite has NaN from there on.

    Args:
        loss, accuracy: (e, k), one entry per epoch from 0 (before training) on: means over the
            epoch's rows, in training mode; NaN at 0.
        validation_loss, validation_accuracy: (e, k), in inference mode, after the epoch.
        update: (l,), how many updates were made until each look at the validation rows
            (``bncore.keras.replicas.looks``), the first one before training.
        flat: (l, depth, k), the share of saturated activations (``bncore.placement.SATURATED``),
            or for relu of dead units (zero for every validation row).
        pre, act: (l, depth, BINS), how many of replica 0's values on its validation rows are in
            each of ``BINS`` equal bins of ``RANGES``; those beyond count at the ends. Empty
            histograms where it has diverged.
    """

    loss: Array = growing()
    accuracy: Array = growing()
    validation_loss: Array = growing()
    validation_accuracy: Array = growing()
    update: Array = growing()
    flat: Array = growing()
    pre: Array = growing()
    act: Array = growing()


@dataclass(frozen=True)
class Orphans:
    """Layers that were made and never added.

    Args:
        made: how many.
        listed: how many of them are in ``model.layers``.
        moved: how many have changed at the end.
    """

    made: int
    listed: int
    moved: int


@dataclass(frozen=True, eq=False)
class Trained:
    """The end of a variant's training with one learning rate, (k,).

    Args:
        loss, accuracy: of the last epoch, in training mode.
        validation_accuracy: after it, in inference mode.
        diverged: the first update whose loss is not finite (-1: none).
    """

    loss: Array
    accuracy: Array
    validation_accuracy: Array
    diverged: Array


@dataclass(frozen=True, eq=False, kw_only=True)
class Compared(Found):
    """What study and sweep tell.

    Args:
        rows: how many each replica trains on and validates with.
        most_common: k numbers, the share of the most common class among each replica's validation
            rows.
    """

    rows: Rows
    most_common: tuple[float, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class StudyFound(Compared):
    """By variant, in the order in which they were asked for: what was seen of it, the weights of
    its plain model, and (None before the end) its orphans. Beside them, ``stopped`` has a sentence
    where every replica has diverged.
    """

    runs: Mapping[str, VariantRun] = field(default_factory=dict)
    weights: Mapping[str, Sequence[Weight]] = field(default_factory=dict)
    orphans: Mapping[str, Orphans | None] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class SweepFound(Compared):
    """By variant and learning rate (`Sweep.names`), how its training ended; None before that."""

    rates: Mapping[str, Mapping[str, Trained | None]] = field(default_factory=dict)


# ---- what is asked ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, kw_only=True)
class Study(Comparison, Experiment[StudyFound], run_by="bncore.keras.placement:study"):
    """Train every variant for some epochs; losses and accuracies after each, distributions between.

    Raises ValueError (TypeError for what is no number).

    >>> Study([[1.0]] * 10, [0, 1] * 5, batch_size=4, variants=["none", "before"], part=(1, 2)).mine
    ('before',)
    """

    learning_rate: float = 0.1


@dataclass(frozen=True, eq=False, kw_only=True)
class Sweep(Comparison, Experiment[SweepFound], run_by="bncore.keras.placement:sweep"):
    """Train every variant with every learning rate from the same weights, one program each.

    Where ``part`` is one of more parts than there are variants, a variant's rates are dealt out
    as well. Raises ValueError (TypeError for what is no number).

    >>> two = {"batch_size": 4, "variants": ["none", "before"], "rates": [0.01, 0.1, 1]}
    >>> [Sweep([[1.0]] * 10, [0, 1] * 5, part=(i, 3), **two).dealt for i in range(3)]
    [{'none': (0.01, 1.0)}, {'before': (0.01, 0.1, 1.0)}, {'none': (0.1,)}]
    """

    rates: Sequence[float] = (0.01, 0.1, 1.0, 10.0)

    def __post_init__(self) -> None:
        """Check each field."""
        rates = tuple(number_between("learning rate", rate, math.inf) for rate in self.rates)
        if not rates:
            raise ValueError("rates names at least one learning rate")
        hold(self, rates=rates)
        super().__post_init__()

    @property
    def pieces(self) -> int:
        """Into how many parts the work can be split."""
        return len(self.variants) * len(self.rates)

    @property
    def names(self) -> tuple[str, ...]:
        """What the results call the rates."""
        return tuple(f"{rate:g}" for rate in self.rates)

    @property
    def dealt(self) -> dict[str, Sequence[float]]:
        """The rates that this part trains of each of its variants: all, where it alone has it."""
        number, of = self.part
        variants, dealt = len(self.variants), dict[str, Sequence[float]]()
        for name in self.mine:
            place = self.variants.index(name)
            sharing = len(range(place, of, variants)) if of > variants else 1
            dealt[name] = self.rates[number // variants :: sharing] if sharing > 1 else self.rates
        return dealt
