"""The diagram of the classifier: what is said of each slot, against the recorded study."""

import dataclasses

import numpy as np
import pytest

from bncore.experiments.arguments import Rows
from bncore.experiments.placement import StudyFound, VariantRun
from bncore.placement import PLACEMENTS
from tests.pages.test_placement import SMALL
from ui.questions.placement.slots import diagram
from ui.questions.placement.state import PlacementState


def found_of(**accuracies):
    """Each variant's validation accuracy of its repetitions, after epoch 1."""
    runs = {
        name: VariantRun(
            *[np.array([np.zeros(len(last)), last])] * 4,
        )
        for name, last in accuracies.items()
    }
    return StudyFound(rows=Rows(80, 20), most_common=(0.5, 0.5), runs=runs)


def said(name, found, told=True, **changes):
    state = dataclasses.replace(PlacementState(), **changes)
    return diagram(state, found, told).places[name].said


def test_each_slot_says_what_was_measured():
    found = found_of(none=[0.5, 0.6], before=[0.861, 0.863], after=[np.nan, 0.7])
    assert said("before", found) == (
        "Before the activation: the layer normalises what arrives at the activation, in each of 2 "
        "blocks. Validation accuracy 0.862 after epoch 1, mean of 2 repetitions."
    )
    assert "0.550 after epoch 1, mean of 2 repetitions." in said("none", found)
    assert "0.700 after epoch 1, mean of 1 repetition that did not diverge." in said("after", found)
    assert "in each of" not in said("before", found, depth=1)
    lost = found_of(none=[np.nan, np.nan])
    assert said("none", lost).endswith("It diverged in every repetition (2 of 2).")
    lost = found_of(none=[np.nan])
    assert said("none", lost).endswith("It diverged in every repetition (1 of 1).")


def test_before_the_picture_has_moved_no_slot_tells_what_came_of_it():
    found = found_of(none=[0.5, 0.6], before=[0.861, np.nan])
    for name in PLACEMENTS:
        text = said(name, found, told=False)
        assert not {"0.55", "0.861", "diverge", "accuracy"} & set(text.replace(",", " ").split())
        assert "Play" in text or name not in found.runs


def test_a_variant_that_was_not_trained_says_so():
    found = found_of(none=[0.5])
    made = diagram(PlacementState(), found, told=True)
    for name, place in made.places.items():
        assert ("not trained" in place.said) == (place.color is None) == (name != "none")


@pytest.mark.parametrize("block", ["dense", "conv"])
def test_the_diagram_is_the_model_and_its_code_names_the_lines_that_differ(block):
    state = dataclasses.replace(PlacementState(), block=block, activation="relu", depth=3)
    made = diagram(state, found_of(none=[0.5], orphan=[0.5]), told=True)
    flat = [part for group in made.groups for part in group.parts]
    assert flat.index("before") < flat.index("relu") < flat.index("after")
    assert flat.index("output") == flat.index("softmax") - 1
    assert made.groups[1].label == "3 ×"
    assert [group.parts for group in made.groups if group.outside] == [("none",), ("orphan",)]
    for name, place in made.places.items():
        assert ("BatchNormalization" in place.line) == (name != "none")
    assert made.places["output"].line.count("Dense(") == 1
    assert made.places["orphan"].line in made.places["orphan"].code
    assert made.places["output"].also == ("before",)
    assert made.places["orphan"].color == 1


def components(page):
    """What the browser is told: of the slots, and of the player."""
    (slots,), (player,) = (
        [each for each in page.told if name in each] for name in ("places", "curves")
    )
    return slots, player


@pytest.mark.keras
def test_a_recorded_study_opens_with_the_link_s_slot_and_keeps_its_secret(visit):
    visit("placement", **SMALL).train("placement")
    page = visit("placement", placed="after", **SMALL)
    slots, player = components(page)
    assert slots["chosen"] == player["looking"]["curve"] == page.query["placed"] == "after"
    assert (player["secret"], player["opens"]) == (True, 1)
    assert all(place["said"].endswith("what came of it.") for place in slots["places"].values())
    slots, player = components(page.reveal())
    assert not player["secret"]
    assert all("Validation accuracy 0." in place["said"] for place in slots["places"].values())
