"""The page about distributions: it reads the study that “before or after” trains."""

import dataclasses

import numpy as np
import pytest

from bncore.experiments.arguments import Rows
from bncore.experiments.placement import StudyFound, VariantRun
from ui.drawing import palette
from ui.questions.classifier.state import TITLES
from ui.questions.distributions import answers, figures
from ui.questions.distributions.state import DistributionsState

SMALL = {"rows": "120", "units": "6", "epochs": "3", "replicas": "3"}


@pytest.mark.keras
def test_histograms_and_shares_at_every_look(visit):
    page = visit("distributions", variants="before~after", **SMALL).train("distributions")
    assert "Smallest share over all blocks: **" in page.words
    assert "Block 1, saturated (|tanh| > 0.95): before" in page.words
    assert "Block 2, saturated (|tanh| > 0.95): before" in page.words
    assert "Repeated 3 times" in page.captions
    slider = page.app.select_slider(key="distributions-at-18")
    assert slider.options == ["0", "1", "2", "4", "6", "8", "12", "16", "18"]
    charts = len(page.app.get("plotly_chart"))
    assert charts == 6
    slider.set_value(0).run()
    assert not page.app.exception
    assert len(page.app.get("plotly_chart")) == charts


def looked(looks, **more):
    """A run of two blocks whose counts tell at which look, and in which block, they were made."""
    counts = np.arange(2 * looks * 60).reshape(looks, 2, 60)
    updates = 2 ** np.arange(looks)
    seen = {"update": updates, "pre": counts, "act": counts, "flat": np.zeros((looks, 2, 3))}
    return VariantRun(**seen | more)


def found_of(rows=None, **runs):
    return StudyFound(rows=rows or Rows(800, 200), most_common=(0.5,) * 3, runs=runs)


def test_a_variant_that_has_stopped_shows_its_last_look():
    flat = np.array([0.1, 0.2, 0.6])[:, None, None] * np.ones((3, 2, 3))
    study = found_of(none=looked(2), before=looked(3, flat=flat))
    assert figures.looks(study) == [1, 2, 4]
    found = figures.block(study, 1, 2, "tanh", palette.LIGHT)
    assert list(found) == ["pre", "act", "flat"]
    none, before = found["pre"].data
    np.testing.assert_allclose(none.y, looked(2).pre[1, 1] / looked(2).pre[1, 1].sum())
    np.testing.assert_allclose(before.y, looked(3).pre[2, 1] / looked(3).pre[2, 1].sum())
    lines = {trace.name: trace for trace in found["flat"].data if trace.name}
    np.testing.assert_allclose(lines[TITLES["before"]].y, [0.1, 0.2, 0.6])
    assert list(lines[TITLES["none"]].x) == [1, 2]
    assert found["flat"].layout.shapes[-1].x0 == 4
    assert found["flat"].layout.yaxis.tickformat == ".0%"
    assert found["act"].layout.title.text.startswith("After tanh")
    first = figures.block(study, 1, 0, "tanh", palette.LIGHT)
    assert first["pre"].layout.yaxis.range == found["pre"].layout.yaxis.range  # nothing jumps


def flat_values(**shares):
    """Shares of two blocks in four repetitions, each a little different from the others."""
    wobble = np.array([0.01, -0.01, 0.005, -0.005])
    return found_of(**{name: flat(share + wobble) for name, share in shares.items()})


def flat(share, repetitions=4):
    """A run that had this share in its two blocks at the only look."""
    return VariantRun(loss=np.zeros((1, repetitions)), flat=np.full((1, 2, repetitions), share))


def test_words_name_what_is_flat():
    found = found_of(none=flat(0.25, 3))
    text = answers.words(dataclasses.replace(DistributionsState(), activation="relu"), found)
    assert "Block 1, dead units (zero for every validation row): none" in text[0]
    assert "none 25% (25% to 25%)" in text[0]


def test_the_least_flat_variant_is_clearly_below_every_other_one():
    guessed = dataclasses.replace(DistributionsState(), guess="before")
    found = flat_values(none=0.5, before=0.1, orphan=0.0)
    first, *_ = answers.words(guessed, found)
    assert "**“before the activation”**, clearly below the others" in first
    assert "You predicted it." in first
    runs = found.runs
    runs["after"] = flat(runs["before"].flat + 0.02 * np.array([1, -1, 1, -1]))
    first, *_ = answers.words(guessed, found)
    assert "**no clear answer**" in first
    assert "Not told apart: “before the activation”, “after the activation”." in first
    assert "predicted" not in first
    runs["before"] = flat(np.nan)
    assert answers.least_flat(guessed, found) == ("after",)


def test_all_blocks_count_for_the_smallest_share():
    found = flat_values(none=0.3, before=0.1)
    found.runs["before"].flat[:, 1] += 0.8
    assert answers.least_flat(DistributionsState(), found) == ("none",)


def test_shares_that_differ_by_rounding_alone_are_not_called_smallest():
    """Two units of twelve dead, or one, in every repetition: that may be the same share."""
    small = dataclasses.replace(DistributionsState(), activation="relu", units=2, depth=2)
    found = found_of(Rows(80, 20), a=flat(0.25, 3), b=flat(0.0, 3))
    assert answers.least_flat(small, found) == ("a", "b")
    wide = dataclasses.replace(small, units=256, depth=6)
    assert answers.least_flat(wide, found) == ("b",)
