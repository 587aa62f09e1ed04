"""What a study allows to say. Pure: its recorded values in, verdicts, words and tables out.

The figure of the differences, the table and the sentences all show the verdicts of `verdicts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

import numpy as np
import pandas as pd

from bncore.comparisons import Pair, Verdict, accuracies_judged
from bncore.experiments.placement import StudyFound, VariantRun
from bncore.moments import Array
from bncore.placement import contrasts
from ui.page.claims import Claim, claim, worded
from ui.questions.classifier.state import TITLES
from ui.questions.classifier.study import Measure, common_epoch, ends
from ui.questions.placement.state import PlacementState
from ui.questions.placement.words import WORDS, difference

MEASURES: tuple[Measure, ...] = (
    lambda run: run.loss,
    lambda run: run.validation_loss,
    lambda run: run.accuracy,
    lambda run: run.validation_accuracy,
)


def judged(run: VariantRun) -> Array:
    """What is compared."""
    return run.validation_accuracy


def counted(found: StudyFound) -> dict[str, Array]:
    """What each repetition of each variant counts with in a comparison, (k,).

    One that diverged predicts nothing, and counts as naming the most common class always. To leave
    it out would compare only those that went well.
    """
    chance = np.array(found.most_common)
    return {name: np.where(np.isnan(a), chance, a) for name, a in ends(found, judged).items()}


def verdicts(found: StudyFound) -> dict[Pair, Verdict]:
    """Every comparison of the page, in validation accuracy, at the last common epoch.

    Identical is only what is so as it was recorded: one that diverged equals no other's guessing.
    """
    accuracy = ends(found, judged)
    every = accuracies_judged(counted(found), contrasts(found.runs), **asdict(found.rows))
    return {
        (a, b): replace(verdict, identical=np.array_equal(accuracy[a], accuracy[b], equal_nan=True))
        for (a, b), verdict in every.items()
    }


def words(state: PlacementState, found: StudyFound) -> list[str]:
    """The answer: before or after, then every placement against none, then the orphan."""
    return worded(claims(state, found), WORDS)


def claims(state: PlacementState, found: StudyFound) -> list[Claim]:
    """What each comparison shows, and what the orphan did."""
    accuracy, made = ends(found, judged), []
    for pair, verdict in verdicts(found).items():
        lost = tuple(int(np.isnan(accuracy[name]).sum()) for name in pair)
        facts = {"verdict": verdict, "pair": pair, "lost": lost, "count": len(accuracy[pair[0]])}
        if pair != ("before", "after"):
            made.append(claim("against", **facts))
        elif _all_lost(pair, accuracy) or np.isnan(verdict.margin):
            made.append(claim("no order", **facts))
        else:
            made.append(claim("order", **facts, answer=_answer(verdict), guess=state.guess))
    orphan = found.orphans.get("orphan")
    if orphan is not None:
        made.append(claim("orphan", **asdict(orphan), same=_same(found, "orphan", "none")))
    return made or [claim("nothing to compare")]


def _answer(found: Verdict) -> str:
    if not found.clear:
        return "same"
    return "before" if found.difference > 0 else "after"


def _all_lost(pair: Pair, accuracy: Mapping[str, Array]) -> bool:
    return all(bool(np.isnan(accuracy[name]).all()) for name in pair)


def _same(found: StudyFound, first: str, second: str) -> bool:
    """Whether two variants have the same results, number for number."""
    if not {first, second} <= set(found.runs):
        return False
    every = (ends(found, measure) for measure in MEASURES)
    return all(np.array_equal(last[first], last[second], equal_nan=True) for last in every)


def method(found: StudyFound) -> str:
    """How the differences are found, and what makes one clear; empty where nothing is compared."""
    every = verdicts(found)
    if not every:
        return ""
    together = f"all {len(every)} comparisons of this page together"
    going = " that did not diverge" * bool(found.stopped)
    told = (
        f"Differences: of validation accuracy after epoch {common_epoch(found)}, the last that "
        f"every variant{going} made"
    )
    if all(np.isnan(verdict.margin) for verdict in every.values()):
        return f"{told}. One repetition has no interval, so that nothing can be clear."
    return (
        f"{told}; each repetition (circles), and their mean (diamond, ±). ± holds for "
        f"{together if len(every) > 1 else 'this comparison'} with 95 % (Student's t; corrected by "
        "Bonferroni, and by Nadeau and Bengio 2003 since all splits share the same rows). "
        "**Clear** means that this interval excludes zero; on labels of pure noise at most one "
        "page in twenty shows that. Losses are shown and not compared: they also measure how "
        "confident a model is, and differ even there."
    )


def table(found: StudyFound) -> pd.DataFrame:
    """The differences from none, and what diverged."""
    losses = ends(found, lambda run: run.loss)
    return pd.DataFrame(
        [
            {
                "batch normalisation": TITLES[name],
                "accuracy, against none": _against_none(name, found),
                "diverged": f"{int(np.isnan(losses[name]).sum())} of {len(losses[name])}",
            }
            for name in found.runs
        ]
    )


def _against_none(name: str, found: StudyFound) -> str:
    verdict = verdicts(found).get((name, "none"))
    if verdict is not None:
        if _all_lost((name, "none"), ends(found, judged)):
            return "–"
        return difference(verdict) + (", clear" if verdict.clear else "")
    same = name == "orphan" and _same(found, "orphan", "none")
    return "identical" if same else "–"
