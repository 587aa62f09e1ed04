"""Addresses of earlier versions, when one page held several questions, go on working.

A link or a file names the page and, among its settings, which part of it was open. Here that is
translated into the page of today; a setting that belonged to another part is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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


def _names(*words: str) -> frozenset[str]:
    return frozenset(" ".join(words).split())


_TRAINED = _names(
    "variants replicas epochs batch_size optimizer dropout use_bias activation units depth keep",
    "epsilon seed block classes rows separation noise scaled",
)
_STUDIED = _TRAINED | {"learning_rate"}
MOVED: Mapping[str, Mapping[str, Moved]] = {
    "modes": {
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
        ),
    },
    "placement": {
        "study": Moved("placement", {}, _STUDIED | {"guess"}),
        "distributions": Moved("distributions", {"flat_guess": "guess"}, _STUDIED),
        "rates": Moved(
            "rates",
            {"rate_guess": "guess"},
            _TRAINED | {"rates"},
            {"epochs": 20, "replicas": 8, "optimizer": "nesterov"},
        ),
        "bias": Moved(
            "bias",
            {"bias_guess": "guess"},
            _TRAINED - {"variants", "replicas", "epochs", "optimizer", "dropout", "use_bias"}
            | {"learning_rate", "updates"},
        ),
    },
}
_FIRST = {"modes": "both", "placement": "study"}  # the part that was open where none was named
_PART = "part"


def translated(page: str, settings: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Today's page and settings for those of an earlier version; None where nothing has changed.

    A setting that no part of that page ever had is kept, for whoever reads it to complain about.

    >>> translated("modes", {"part": "stuck", "stuck_keep": "0.9", "keeps": "0.5"})
    ('stuck', {'keep': '0.9'})
    >>> translated("modes", {"keeps": "0.5"}) is None
    True
    """
    parts = MOVED.get(page, {})
    every = {_PART}.union(*({*part.renamed, *part.kept} for part in parts.values()))
    if not parts or not any(_is_earlier(page, name, every) for name in settings):
        return None
    moved = parts.get(str(settings.get(_PART, _FIRST[page])), parts[_FIRST[page]])
    known = {name: name for name in moved.kept} | dict(moved.renamed)
    read = {
        known.get(name, name): value
        for name, value in settings.items()
        if name in known or name not in every
    }
    return moved.page, {**moved.defaults, **read}


def _is_earlier(page: str, name: str, every: set[str]) -> bool:
    """Whether only an earlier version of this page had a setting of that name."""
    today = MOVED[page][_FIRST[page]]
    return name in every and name not in {*today.kept, *today.renamed.values()}
