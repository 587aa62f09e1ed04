"""Addresses of earlier versions, when one page held several questions, go on working.

A link or a file names the page and, among its settings, which part of it was open. Here that is
translated into the page of today; a setting that belonged to another part is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bncore.datasets import axis_question
from ui.state.arrays import FrozenArray


@dataclass(frozen=True)
class Moved:
    """Where a part of a page went, what its settings are called there, and what they meant unsaid.

    `kept` are the settings of the page of today that keep their names; `defaults` are those of the
    earlier page, where today's differ.
    """

    page: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Earlier:
    """A page as it was: the setting that told which part was open, the first one, and all parts."""

    chosen_by: str
    first: str
    parts: Mapping[str, Moved]

    @property
    def every(self) -> frozenset[str]:
        """The settings that the page had."""
        each = (name for part in self.parts.values() for name in (*part.renamed, *part.kept))
        return frozenset(each) | {self.chosen_by}

    @property
    def gone(self) -> frozenset[str]:
        """Those that the page of today does not have."""
        today = self.parts[self.first]
        return self.every - today.kept - frozenset(today.renamed.values())

    def part(self, settings: Mapping[str, Any]) -> Moved:
        """The part that was open."""
        chosen = str(settings.get(self.chosen_by, self.first))
        return self.parts.get(chosen, self.parts[self.first])


def _names(*words: str) -> frozenset[str]:
    return frozenset(" ".join(words).split())


_CELLS = _names("data kept layout epsilon gamma beta shown")
_BLOCK = _names(
    "units activation keep epsilon batch_size seed block classes rows separation noise scaled"
)
_TRAINED = _BLOCK | _names("variants depth dropout use_bias replicas epochs optimizer")
_STUDIED = _TRAINED | {"learning_rate"}
MOVED: Mapping[str, Earlier] = {
    "axes": Earlier("family", "batch", {
        "batch": Moved("axes", {}, _CELLS),
        **dict.fromkeys(("layer", "instance", "group"), Moved(
            "norms", {}, _CELLS | {"family", "groups"},
            {
                "data": FrozenArray(axis_question().values),
                "shown": ("input", "statistics", "x_hat", "parameters", "output"),
            },
        )),
    }),
    "modes": Earlier("part", "both", {
        "both": Moved(
            "modes",
            {"gap_guess": "guess"},
            _names("data batch_size keeps updates epsilon seed looked_at"),
        ),
        "stuck": Moved(
            "stuck",
            {
                "stuck_guess": "guess",
                "stuck_keep": "keep",
                "cured_keep": "second_keep",
                "stuck_batch": "batch_size",
            },
            _names("classes epochs learning_rate seed"),
        ),
        "freezing": Moved("freezing", {"freezing_guess": "guess"}, frozenset({"data", "model"})),
        "poison": Moved(
            "bad-number",
            {"poison_guess": "guess"},
            _names("data bad feature keep before after"),
            {"feature": 0},
        ),
    }),
    "placement": Earlier("part", "study", {
        "study": Moved("placement", {}, _STUDIED | {"guess"}),
        "distributions": Moved("distributions", {"flat_guess": "guess"}, _STUDIED),
        "rates": Moved(
            "rates",
            {"rate_guess": "guess"},
            _TRAINED | {"rates"},
            {
                "epochs": 20, "replicas": 8, "optimizer": "nesterov", "activation": "tanh",
                "depth": 2, "dropout": 0.5,
            },
        ),
        "bias": Moved("bias", {"bias_guess": "guess"}, _BLOCK | {"learning_rate", "updates"}),
    }),
}  # fmt: skip


def translated(page: str, settings: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Today's page and settings for those of an earlier version; None where nothing has changed.

    A setting that no part of that page ever had is kept, for whoever reads it to complain about.

    >>> translated("modes", {"part": "stuck", "stuck_keep": "0.9", "keeps": "0.5"})
    ('stuck', {'keep': '0.9'})
    >>> translated("modes", {"keeps": "0.5"}) is None
    True
    """
    earlier = MOVED.get(page)
    if earlier is None or earlier.gone.isdisjoint(settings):
        return None
    moved = earlier.part(settings)
    known = {name: name for name in moved.kept} | dict(moved.renamed)
    read = {
        known.get(name, name): value
        for name, value in settings.items()
        if name in known or name not in earlier.every
    }
    return moved.page, {**moved.defaults, **read}
