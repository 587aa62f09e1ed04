"""What a study allows to say. Pure: its recorded values in, verdicts, words and tables out.

The figure of the differences, the table and the sentences all show the verdicts of `verdicts`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bncore.comparisons import Pair, Verdict, accuracies_judged
from bncore.moments import Array
from bncore.placement import contrasts
from ui.guesses import told
from ui.views.placement import state as settings
from ui.views.placement.state import TITLES, PlacementState

CURVES = {
    "loss": "Training loss (training mode)",
    "validation_loss": "Validation loss",
    "accuracy": "Training accuracy (training mode)",
    "validation_accuracy": "Validation accuracy",
}
JUDGED = "validation_accuracy"
NOT_CLEAR = "no clear difference"
ALL_LOST = "every repetition of both diverged"


def common_epoch(values: Mapping[str, Any]) -> int:
    """The last epoch that every variant has made: a stopped run ends in the middle of one.

    Less than 0 where a variant has not begun.
    """
    return _common(values, "loss") - 1


def _common(values: Mapping[str, Any], measure: str) -> int:
    """How many entries every variant has; one whose replicas all diverged holds nobody up."""
    lengths = {name: len(run[measure]) for name, run in values["runs"].items()}
    going = [lengths[name] for name in lengths if name not in values.get("stopped", {})]
    return min(going) if going else max(lengths.values())


def ends(values: Mapping[str, Any], measure: str) -> dict[str, Array]:
    """The last common entry of a measure for each variant: NaN where a replica diverged."""
    count = _common(values, measure)
    return {name: run[measure][:count][-1] for name, run in values["runs"].items()}


def overlap(values: Mapping[str, Any]) -> float:
    """Validation rows over training rows: how much the splits of the same rows have in common."""
    return float(values["rows"]["validation"] / values["rows"]["training"])


def counted(values: Mapping[str, Any]) -> dict[str, Array]:
    """What each repetition of each variant counts with in a comparison, (k,).

    One that diverged predicts nothing, and counts as naming the most common class always. To leave
    it out would compare only those that went well.
    """
    chance = np.array(values["most_common"])
    return {name: np.where(np.isnan(a), chance, a) for name, a in ends(values, JUDGED).items()}


def verdicts(values: Mapping[str, Any]) -> dict[Pair, Verdict]:
    """Every comparison of the page, in validation accuracy, at the last common epoch."""
    return accuracies_judged(counted(values), contrasts(values["runs"]), **values["rows"])


def words(state: PlacementState, values: Mapping[str, Any]) -> list[str]:
    """The answer: before or after, then every placement against none, then the orphan."""
    accuracy = ends(values, JUDGED)
    sentences = [
        _order(state, verdict, _lost(pair, accuracy))
        if pair == ("before", "after")
        else f"{TITLES[pair[0]].capitalize()}, against {pair[1]}: "
        f"{_told(verdict, _lost(pair, accuracy))}."
        for pair, verdict in verdicts(values).items()
    ]
    orphan = values.get("orphans", {}).get("orphan")
    if orphan:
        sentences.append(_orphan(orphan, accuracy))
    return sentences or ["Nothing to compare: choose “none” and another placement, or two others."]


def _order(state: PlacementState, found: Verdict, lost: str) -> str:
    """Before or after, and the prediction beside it where there is a verdict."""
    if lost == ALL_LOST:
        return f"Before or after the activation: **no verdict**, {ALL_LOST}."
    told_difference = f"“Before” less “after”: {difference(found)}{lost}."
    if np.isnan(found.margin):
        return f"Before or after the activation: **no verdict**. {told_difference}"
    answer = "same" if not found.clear else "before" if found.difference > 0 else "after"
    shown = settings.GUESSES[answer] + (" is better" if found.clear else "")
    return f"Before or after the activation: **{shown}**. {told_difference}" + told(
        state.guess, answer, settings.GUESSES
    )


def _told(found: Verdict, lost: str) -> str:
    if lost == ALL_LOST:
        return f"nothing to compare, {ALL_LOST}"
    text = difference(found)
    if found.clear:
        text = f"**{text}**"
    elif not found.identical and found.count > 1:
        text += f", {NOT_CLEAR}"
    return text + lost


def _lost(pair: Pair, accuracy: Mapping[str, Array]) -> str:
    """What is to be said where repetitions diverged, in brackets."""
    lost = [int(np.isnan(accuracy[name]).sum()) for name in pair]
    count = len(accuracy[pair[0]])
    if lost == [count, count]:
        return ALL_LOST
    if not any(lost):
        return ""
    each = ", ".join(f"“{name}” {n} of {count}" for name, n in zip(pair, lost, strict=True))
    return f" (diverged: {each}; they count as always naming the most common class)"


def difference(found: Verdict) -> str:
    """A paired difference in points of accuracy, with its interval.

    It has as many digits as show on which side of zero the interval ends.

    >>> difference(Verdict(0.016, 0.013, False, True, 8))
    '+1.6 points (± 1.3)'
    >>> difference(Verdict(0.01304, 0.01296, False, True, 8))
    '+1.304 points (± 1.296)'
    """
    if found.identical:
        return "identical, number for number"
    value, margin = 100 * found.difference, 100 * found.margin
    if np.isnan(margin):
        return f"{value:+.2g} points (one repetition: this may be chance)"
    fewest = max(0, 1 - math.floor(math.log10(margin))) if margin else 2  # two of the margin's
    digits = next(
        (n for n in range(fewest, 12) if _excludes_zero(value, margin, n) == found.clear), fewest
    )
    return f"{round(value, digits) + 0.0:+.{digits}f} points (± {margin:.{digits}f})"


def _excludes_zero(value: float, margin: float, digits: int) -> bool:
    return abs(round(value, digits)) > round(margin, digits)


def _orphan(found: Mapping[str, int], accuracy: Mapping[str, Array]) -> str:
    sentence = (
        f"The orphan: {found['made']} layers were made, **{found['listed']} of them are in "
        f"`model.layers`** and the weights of {found['moved']} changed. A layer that is made and "
        "not added to the model does nothing, and no error says so"
    )
    if "none" in accuracy and np.array_equal(accuracy["orphan"], accuracy["none"], equal_nan=True):
        sentence += "; its results are those of “none”, number for number"
    return f"{sentence}."


def method(values: Mapping[str, Any]) -> str:
    """How the differences are found, and what makes one clear."""
    count = len(contrasts(values["runs"]))
    together = f"all {count} comparisons of this page together" if count > 1 else "this comparison"
    return (
        f"Differences: of validation accuracy after epoch {common_epoch(values)}, the last that "
        "every variant made; repetition by repetition, then their mean. ± holds for "
        f"{together} with 95 % (Student's t; corrected by Bonferroni, and by Nadeau and Bengio "
        "2003 since all splits share the same rows). **Clear** means that this interval excludes "
        "zero; on labels of pure noise at most one page in twenty shows that. Losses are shown "
        "and not compared: they also measure how confident a model is, and differ even there."
    )


def repeated(state: PlacementState, values: Mapping[str, Any]) -> str:
    """What each repetition has of its own, and what is the same for all."""
    rows = values["rows"]
    masks = ", dropout masks" if state.block == "dense" and state.dropout > 0 else ""
    scaling = " (scaled by its own training rows)" if settings.scales(state) else ""
    return (
        f"Repeated {state.replicas} times, each with its own initial weights{masks}, split into "
        f"{rows['training']:,} training and {rows['validation']:,} validation rows{scaling}, and "
        "order of the batches. Every variant gets the same ones. Not repeated: the "
        f"{rows['training'] + rows['validation']:,} rows with their labels, and the settings."
    )


def table(values: Mapping[str, Any]) -> pd.DataFrame:
    """The common epoch in numbers, and the differences from none."""
    columns = {measure: ends(values, measure) for measure in CURVES}
    found = verdicts(values)
    return pd.DataFrame(
        [
            {
                "batch normalisation": TITLES[name],
                "accuracy, against none": _against_none(name, columns[JUDGED], found),
                **{title: _mean_and_range(columns[key][name]) for key, title in CURVES.items()},
                "diverged": f"{int(np.isnan(columns['loss'][name]).sum())} of "
                f"{len(columns['loss'][name])}",
            }
            for name in values["runs"]
        ]
    )


def _against_none(name: str, accuracy: Mapping[str, Array], found: Mapping[Pair, Verdict]) -> str:
    if (name, "none") in found:
        verdict = found[name, "none"]
        if _lost((name, "none"), accuracy) == ALL_LOST:
            return "–"
        return difference(verdict) + (", clear" if verdict.clear else "")
    same = name == "orphan" and np.array_equal(
        accuracy[name], accuracy.get("none", ()), equal_nan=True
    )
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
