"""The recorded loop: mini-batches, and what one compiled program makes of a step."""

import numpy as np
import pytest

pytestmark = pytest.mark.keras

recorded = pytest.importorskip("bncore.keras.recorded")
tf = recorded.tf


@pytest.mark.parametrize(("rows", "size"), [(5, 5), (5, 2), (60, 8), (1, 1), (7, 6)])
def test_every_epoch_is_a_permutation_with_the_smaller_batch_last(rows, size):
    epoch = -(-rows // size)
    drawn = recorded.Minibatches(rows, size, seed=1).take(20 * epoch).reshape(20, -1)
    for order in drawn:
        assert sorted(order[:rows]) == list(range(rows))
        assert (order[rows:] == recorded.PAD).all()
    if rows > 2:
        assert len({tuple(order) for order in drawn}) > 10  # a new permutation every epoch


def test_batches_are_the_same_however_they_are_asked_for():
    whole = recorded.Minibatches(7, 3, seed=2).take(6000)
    piecewise = recorded.Minibatches(7, 3, seed=2)
    parts = [piecewise.take(count) for count in (1, 0, 16, 2000, 3983)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert (recorded.Minibatches(7, 3, seed=3).take(6000) != whole).any()


def counting_step(variable, strange=False):
    """Adds the batch's sum to a variable; with an operation that XLA does not have, if asked."""

    def step(x, y):
        total = tf.reduce_sum(x) + tf.reduce_sum(y)
        if strange:
            total = tf.ensure_shape(tf.numpy_function(lambda t: t, [total], tf.float32), ())
        variable.assign_add(total)
        return {"sum": tf.convert_to_tensor(variable), "rows": x[0]}

    return step


@pytest.mark.parametrize("strange", [False, True])
def test_recorder_keeps_every_update_with_and_without_xla(strange):
    x = np.arange(10, dtype=np.float32).reshape(5, 2)
    variable = tf.Variable(0.5)
    loop = recorded.Recorder(counting_step(variable, strange), [variable], x, 0 * x, 2, capacity=8)
    assert loop.xla is not strange
    batches = recorded.Minibatches(5, 2, seed=4).take(7)
    first = loop.run(batches[:4])
    second = loop.run(batches[4:])
    sums = [x[batch[batch != recorded.PAD]].sum() for batch in batches]
    got = np.concatenate([first["sum"], second["sum"]])
    np.testing.assert_array_equal(got, np.float32(0.5) + np.cumsum(sums))
    rows = np.concatenate([first["rows"], second["rows"]])
    np.testing.assert_array_equal(rows, x[batches[:, 0]])
    assert loop.run(batches[:0])["sum"].shape == (0,)
    loop.reset()
    assert variable.numpy() == 0.5
    np.testing.assert_array_equal(loop.run(batches[:4])["sum"], first["sum"])


def test_without_recording_the_updates_are_the_same():
    x = np.ones((4, 3), np.float32)
    variable = tf.Variable(0.0)
    loop = recorded.Recorder(counting_step(variable), [variable], x, x, 4, record=False)
    assert loop.run(np.tile(np.arange(4, dtype=np.int32), (10, 1))) == {}
    assert variable.numpy() == 240.0


def test_more_updates_than_the_program_holds_are_refused():
    x = np.ones((2, 1), np.float32)
    variable = tf.Variable(0.0)
    loop = recorded.Recorder(counting_step(variable), [variable], x, x, 2, capacity=3)
    with pytest.raises(ValueError, match="at most 3 updates in one run; got 4"):
        loop.run(np.zeros((4, 2), np.int32))
