"""What a study allows to say. Pure: its recorded values in, verdicts, words and tables out.

The figure of the differences, the table and the sentences all show the verdicts of `verdicts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bncore.comparisons import Pair, Verdict, accuracies_judged
from bncore.moments import Array
from bncore.placement import contrasts
from ui.page.claims import Claim, claim, worded
from ui.questions.classifier.state import TITLES
from ui.questions.classifier.study import common_epoch, ends
from ui.questions.placement.state import PlacementState
from ui.questions.placement.words import WORDS, difference

CURVES = {
    "loss": "Training loss (training mode)",
    "validation_loss": "Validation loss",
    "accuracy": "Training accuracy (training mode)",
    "validation_accuracy": "Validation accuracy",
}
JUDGED = "validation_accuracy"


def counted(values: Mapping[str, Any]) -> dict[str, Array]:
    """What each repetition of each variant counts with in a comparison, (k,).

    One that diverged predicts nothing, and counts as naming the most common class always. To leave
    it out would compare only those that went well.
    """
    chance = np.array(values["most_common"])
    return {name: np.where(np.isnan(a), chance, a) for name, a in ends(values, JUDGED).items()}


def verdicts(values: Mapping[str, Any]) -> dict[Pair, Verdict]:
    """Every comparison of the page, in validation accuracy, at the last common epoch.

    Identical is only what is so as it was recorded: one that diverged equals no other's guessing.
    """
    accuracy = ends(values, JUDGED)
    judged = accuracies_judged(counted(values), contrasts(values["runs"]), **values["rows"])
    return {
        (a, b): replace(found, identical=np.array_equal(accuracy[a], accuracy[b], equal_nan=True))
        for (a, b), found in judged.items()
    }


def words(state: PlacementState, values: Mapping[str, Any]) -> list[str]:
    """The answer: before or after, then every placement against none, then the orphan."""
    return worded(claims(state, values), WORDS)


def claims(state: PlacementState, values: Mapping[str, Any]) -> list[Claim]:
    """What each comparison shows, and what the orphan did."""
    accuracy, made = ends(values, JUDGED), []
    for pair, verdict in verdicts(values).items():
        lost = tuple(int(np.isnan(accuracy[name]).sum()) for name in pair)
        facts = {"verdict": verdict, "pair": pair, "lost": lost, "count": len(accuracy[pair[0]])}
        if pair != ("before", "after"):
            made.append(claim("against", **facts))
        elif _all_lost(pair, accuracy) or np.isnan(verdict.margin):
            made.append(claim("no order", **facts))
        else:
            made.append(claim("order", **facts, answer=_answer(verdict), guess=state.guess))
    orphan = values.get("orphans", {}).get("orphan")
    if orphan:
        made.append(claim("orphan", **orphan, same=_same(values, "orphan", "none")))
    return made or [claim("nothing to compare")]


def _answer(found: Verdict) -> str:
    if not found.clear:
        return "same"
    return "before" if found.difference > 0 else "after"


def _all_lost(pair: Pair, accuracy: Mapping[str, Array]) -> bool:
    return all(bool(np.isnan(accuracy[name]).all()) for name in pair)


def _same(values: Mapping[str, Any], first: str, second: str) -> bool:
    """Whether two variants have the same results, number for number."""
    if not {first, second} <= set(values["runs"]):
        return False
    found = (ends(values, measure) for measure in CURVES)
    return all(np.array_equal(last[first], last[second], equal_nan=True) for last in found)


def method(values: Mapping[str, Any]) -> str:
    """How the differences are found, and what makes one clear; empty where nothing is compared."""
    found = verdicts(values)
    if not found:
        return ""
    together = f"all {len(found)} comparisons of this page together"
    going = " that did not diverge" * bool(values.get("stopped"))
    told = (
        f"Differences: of validation accuracy after epoch {common_epoch(values)}, the last that "
        f"every variant{going} made"
    )
    if all(np.isnan(verdict.margin) for verdict in found.values()):
        return f"{told}. One repetition has no interval, so that nothing can be clear."
    return (
        f"{told}; repetition by repetition, then their mean. ± holds for "
        f"{together if len(found) > 1 else 'this comparison'} with 95 % (Student's t; corrected by "
        "Bonferroni, and by Nadeau and Bengio 2003 since all splits share the same rows). "
        "**Clear** means that this interval excludes zero; on labels of pure noise at most one "
        "page in twenty shows that. Losses are shown and not compared: they also measure how "
        "confident a model is, and differ even there."
    )


def table(values: Mapping[str, Any]) -> pd.DataFrame:
    """The common epoch in numbers, and the differences from none."""
    columns = {measure: ends(values, measure) for measure in CURVES}
    found = verdicts(values)
    return pd.DataFrame(
        [
            {
                "batch normalisation": TITLES[name],
                "accuracy, against none": _against_none(name, values, columns[JUDGED], found),
                **{title: _mean_and_range(columns[key][name]) for key, title in CURVES.items()},
                "diverged": f"{int(np.isnan(columns['loss'][name]).sum())} of "
                f"{len(columns['loss'][name])}",
            }
            for name in values["runs"]
        ]
    )


def _against_none(
    name: str, values: Mapping[str, Any], accuracy: Mapping[str, Array],
    found: Mapping[Pair, Verdict],
) -> str:  # fmt: skip
    if (name, "none") in found:
        verdict = found[name, "none"]
        if _all_lost((name, "none"), accuracy):
            return "–"
        return difference(verdict) + (", clear" if verdict.clear else "")
    same = name == "orphan" and _same(values, "orphan", "none")
    return "identical" if same else "–"


def _mean_and_range(values: Array) -> str:
    """The mean and, in brackets, the least and the largest of those that did not diverge.

    >>> _mean_and_range(np.array([0.5, 0.75, np.nan]))
    '0.625 (0.500 to 0.750)'
    """
    found = values[np.isfinite(values)]
    if not found.size:
        return "–"
    return f"{found.mean():.3f} ({found.min():.3f} to {found.max():.3f})"
