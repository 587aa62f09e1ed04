"""Trainings of recorders: what is counted, and what happens to all where one diverges."""

import numpy as np
import pytest

pytestmark = pytest.mark.keras

trainings = pytest.importorskip("bncore.keras.trainings")
from dataclasses import dataclass  # noqa: E402

from bncore.experiments.experiment import Found, growing, joined  # noqa: E402
from bncore.keras.recorded import Minibatches, Recorder  # noqa: E402

tf = pytest.importorskip("bncore.keras.framework").tf
X = np.ones((2, 1), np.float32)


@dataclass(frozen=True, eq=False)
class Counted(Found):
    numbers: np.ndarray = growing()


def counting(breaks_at=None):
    """A step whose loss is the number of its update, and not finite from `breaks_at` on."""
    made = tf.Variable(0.0)

    def step(x, y):
        made.assign_add(1.0)
        broken = made >= (np.inf if breaks_at is None else breaks_at)
        return {"loss": tf.where(broken, np.nan, tf.convert_to_tensor(made))}

    return Recorder(step, [made], X, X, 2)


def batches():
    return Minibatches(2, 2, seed=0)


def pieces(recorders, updates=100):
    return list(trainings.pieces(recorders, batches(), updates))


def test_every_update_is_counted_once_in_pieces_that_begin_small():
    found = pieces({"one": counting(), "other": counting()})
    assert len(found[0].numbers) == trainings.FIRST
    np.testing.assert_array_equal(np.concatenate([p.numbers for p in found]), np.arange(1, 101))
    for name in ("one", "other"):
        losses = np.concatenate([p.recorded[name]["loss"] for p in found])
        np.testing.assert_array_equal(losses, np.arange(1, 101))
    assert not any(piece.broken for piece in found)


@pytest.mark.parametrize("breaks_at", [1, 5, 17, 60])
def test_all_end_before_the_first_loss_that_is_not_finite(breaks_at):
    found = pieces({"later": counting(90), "first": counting(breaks_at)})
    assert [piece.broken for piece in found if piece.broken] == [("first", breaks_at)]
    assert found[-1].broken
    for name in ("later", "first"):
        losses = np.concatenate([p.recorded[name]["loss"] for p in found])
        np.testing.assert_array_equal(losses, np.arange(1, breaks_at))


def test_progress_counts_the_updates_that_were_made():
    course = trainings.Course(Counted, 200)
    chunks = []
    for name, recorder in (("broken", counting(8)), ("sound", counting())):
        chunks += course.train(
            {name: recorder},
            batches(),
            100,
            lambda piece: Counted(numbers=piece.numbers),
            title=lambda each: f"The {each} one",
            message=name,
        )
    assert course.stopped == {"broken"}
    (told,) = [chunk for chunk in chunks if chunk.values.stopped]
    assert told.done == 7
    assert told.values.stopped["broken"].startswith("The broken one: stopped, since the loss of ")
    assert "update 8 " in told.values.stopped["broken"]
    assert (chunks[-1].done, chunks[-1].total) == (107, 200)
    whole = joined(chunk.values for chunk in chunks)
    assert whole.numbers.tolist() == [*range(1, 8), *range(1, 101)]
    assert {chunk.message for chunk in chunks if len(chunk.values.numbers)} == {"broken", "sound"}


def test_what_records_no_loss_is_not_stopped():
    made = tf.Variable(0.0)

    def step(x, y):
        made.assign_add(1.0)
        return {"made": tf.convert_to_tensor(made)}

    found = pieces({"quiet": Recorder(step, [made], X, X, 2)}, 20)
    losses = np.concatenate([piece.recorded["quiet"]["made"] for piece in found])
    np.testing.assert_array_equal(losses, np.arange(1, 21))
