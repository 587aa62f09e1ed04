"""What every recorded run has in common, whatever its page plays."""

import dataclasses

import numpy as np
import pytest

import bncore
from bncore.experiments.arguments import Rows
from bncore.experiments.bad_number import BadNumberFound
from bncore.experiments.batch_axis import AxisFound, InOrders
from bncore.experiments.bias import BiasFound, Gradients
from bncore.experiments.iris import IrisFound
from bncore.experiments.modes import LayerPath, ModesFound
from bncore.experiments.moving import MovingFound, RecordedLayer
from bncore.experiments.placement import StudyFound, VariantRun
from bncore.experiments.validation_gap import GapFound, GapRun
from ui.questions.bad_number.recording import recording as bad_number
from ui.questions.bad_number.state import BadNumberState
from ui.questions.batch_axis.recording import recording as batch_axis
from ui.questions.batch_axis.state import BatchAxisState
from ui.questions.bias.recording import recording as bias
from ui.questions.distributions.recording import recording as distributions
from ui.questions.iris.recording import recording as iris
from ui.questions.iris.state import IrisState
from ui.questions.modes.recording import recording as modes
from ui.questions.modes.state import ModesState
from ui.questions.moving.recording import recording as moving
from ui.questions.moving.state import MovingState
from ui.questions.placement.recording import recording as placement
from ui.questions.stuck.recording import recording as stuck

WHOLE = 3
UPDATE = np.arange(1, WHOLE + 1)


def held(columns, made):
    return np.ones((made, columns))


def study(**measures):
    run = VariantRun(**measures)
    return StudyFound(rows=Rows(80, 20), most_common=(0.5, 0.5), runs={"none": run})


def of_moving(made):
    state = dataclasses.replace(MovingState(), updates=WHOLE, variants=("keras-3",))
    layer = RecordedLayer(*[held(6, made)] * 4)
    return moving(state, MovingFound({}, {}, UPDATE[:made], {"keras-3": layer}))


def of_bad_number(made):
    state = dataclasses.replace(BadNumberState(), before=1, after=WHOLE - 2)
    moved = [held(6, made)] * 2
    return bad_number(state, BadNumberFound({}, {}, UPDATE[:made], *moved, held(6, 5)))


def of_batch_axis(made):
    state = dataclasses.replace(BatchAxisState(), updates=WHOLE)
    runs = InOrders(held(5, made), held(5, made - 1))
    return batch_axis(state, AxisFound(moving_mean=runs, batch_mean=runs), "0")


def of_iris(made):
    data = bncore.DATASETS["iris"]()
    state = dataclasses.replace(IrisState(), epochs=1, batch_size=len(data.values) // WHOLE)
    found = IrisFound({}, {}, (), UPDATE[:made], *[held(4, made)] * 4)
    return iris(state, data, list("abcd"), found)


def of_modes(made):
    state = dataclasses.replace(ModesState(), updates=WHOLE, keeps=("0.9",))
    batch = np.ones((state.batch_size, state.data.shape[1]))
    path = LayerPath(*[np.ones((made, *batch.shape))])
    found = ModesFound(training=batch, first=batch, update=UPDATE[:made], layers={"0.9": path})
    return modes(state, found)


def of_placement(made):
    column = held(2, made + 1)  # epoch 0 is before training
    measures = ("loss", "accuracy", "validation_loss", "validation_accuracy")
    return placement(study(**dict.fromkeys(measures, column)), WHOLE)


def of_distributions(made):
    counts = np.ones((made, 2, 60))
    looks = study(update=UPDATE[:made], pre=counts, act=counts, flat=np.ones((made, 2, 2)))
    return distributions(looks, "tanh", WHOLE)


def of_bias(made):
    norms = Gradients(np.ones(made), np.ones(made))
    return bias(BiasFound(gradients={"normalised": norms, "inference": norms}), WHOLE)


def of_stuck(made):
    runs = {"0.9": GapRun(*[np.ones(made)] * 4)}
    return stuck(GapFound(rows=Rows(80, 20), most_common=0.5, runs=runs, estimated={}), WHOLE)


@pytest.mark.parametrize(
    "played",
    [
        of_moving, of_bad_number, of_batch_axis, of_iris, of_modes, of_placement,
        of_distributions, of_bias, of_stuck,
    ],
)  # fmt: skip
def test_a_run_that_goes_on_has_room_for_its_end(played):
    """Were there too much or too little, the picture would jump when the run ends."""
    half, whole = played(WHOLE - 1), played(WHOLE)
    assert half.total == whole.total == whole.steps[-1]
    assert half.steps[-1] == WHOLE - 1
