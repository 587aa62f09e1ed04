"""The moving-statistics experiment against the frameworks' own training, and the 2018 question."""

import dataclasses
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.keras

moving = pytest.importorskip("bncore.keras.moving")
import bncore  # noqa: E402
from bncore.experiments.experiment import entries, joined  # noqa: E402
from bncore.experiments.moving import Moving, RecordedLayer  # noqa: E402
from bncore.keras import trainings  # noqa: E402
from bncore.keras.framework import keras, tf, tf_keras  # noqa: E402
from bncore.keras.layers import CorrectedBatchNormalization  # noqa: E402
from bncore.keras.recorded import PAD, Minibatches  # noqa: E402
from bncore.variants import OPTIMIZERS, VARIANTS  # noqa: E402

GOLDEN = Path(bncore.__file__).parent / "golden"
QUESTION = bncore.DATASETS["question-2018"]().values


def run(data, **options):
    """All chunks joined: update numbers, and by variant the recorded arrays."""
    found = joined(chunk.values for chunk in moving.train(Moving(data, **options)))
    return found.update, found.layers


def step_by_step(variant, x, y, *, keep, epsilon, optimizer, learning_rate, batches):
    """The same training by ``train_on_batch`` of the framework, nothing of our loop."""
    library = tf_keras if variant == "tf_keras" else keras
    choice = OPTIMIZERS[optimizer]
    settings = {"momentum": keep, "epsilon": epsilon}
    layer = {
        "keras-3": lambda: keras.layers.BatchNormalization(**settings),
        "keras-2": lambda: CorrectedBatchNormalization("n/(n-(1+epsilon))", **settings),
        "unbiased": lambda: CorrectedBatchNormalization("n/(n-1)", **settings),
        "tf_keras": lambda: tf_keras.layers.BatchNormalization(**settings),
    }[variant]()
    if variant == "tf_keras":  # rank 4
        x, y = (data.reshape(len(data), -1, 1, data.shape[-1]) for data in (x, y))
    model = library.Sequential([library.layers.InputLayer(x.shape[1:]), layer])
    optimizer = getattr(library.optimizers, choice.class_name)(learning_rate, **choice.options)
    model.compile(loss="mse", optimizer=optimizer)
    states = {field.name: [] for field in dataclasses.fields(RecordedLayer)}
    for batch in batches:
        rows = batch[batch != PAD]
        if library is keras:
            model.reset_metrics()  # the loss of this batch, not the mean so far
        loss = model.train_on_batch(x[rows], y[rows])
        axes = tuple(range(x.ndim - 1))
        values = [
            layer.moving_mean, layer.moving_variance, x[rows].mean(axes), x[rows].var(axes),
            layer.gamma, layer.beta, loss,
        ]  # fmt: skip
        for name, value in zip(states, values, strict=True):
            states[name].append(tf.convert_to_tensor(value).numpy())
    return {name: np.stack(values) for name, values in states.items()}


CASES = [
    # variant, shape, batch size, keep, epsilon, optimizer, learning rate
    ("keras-3", (5, 6), 5, 0.99, 1e-3, "sgd", 0.01),
    ("keras-3", (7, 3), 3, 0.9, 1e-2, "adam", 0.05),
    ("keras-3", (5, 4, 2), 2, 0.0, 1e-3, "momentum", 0.1),
    ("keras-3", (4, 2, 3, 5), 3, 0.5, 0.1, "rmsprop", 0.01),
    ("keras-3", (3, 2), 1, 1.0, 1e-3, "nesterov", 0.1),
    ("keras-2", (7, 3), 3, 0.9, 1e-2, "nesterov", 0.1),
    ("keras-2", (4, 2, 3, 5), 4, 0.99, 1e-3, "adam", 0.01),
    ("unbiased", (5, 4, 2), 3, 0.7, 1e-3, "sgd", 0.1),
    ("tf_keras", (5, 6), 2, 0.9, 1e-3, "adam", 0.05),
    ("tf_keras", (4, 2, 3, 5), 3, 0.5, 0.1, "momentum", 0.1),
]


@pytest.mark.parametrize(
    ("variant", "shape", "size", "keep", "epsilon", "optimizer", "rate"), CASES
)
def test_equals_train_on_batch(variant, shape, size, keep, epsilon, optimizer, rate):
    rng = np.random.default_rng(7)
    x, y = rng.normal(1, 2, (2, *shape)).astype(np.float32)
    options = {
        "keep": keep, "epsilon": epsilon, "optimizer": optimizer, "learning_rate": rate,
    }  # fmt: skip
    numbers, recorded = run(
        x, target=y, variants=[variant], batch_size=size, updates=25, seed=11, **options
    )
    np.testing.assert_array_equal(numbers, np.arange(1, 26))
    batches = Minibatches(len(x), size, seed=11).take(25)
    expected = step_by_step(variant, x, y, batches=batches, **options)
    for name, values in expected.items():
        got = getattr(recorded[variant], name)
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, values, rtol=2e-5, atol=2e-6, err_msg=name)


@pytest.fixture(scope="module")
def ten_thousand():
    return run(QUESTION, variants=list(VARIANTS), batch_size=5, updates=10_000)


@pytest.mark.parametrize("id", list(VARIANTS))
def test_ten_thousand_updates_end_at_the_estimator(ten_thousand, id):
    numbers, recorded = ten_thousand
    assert len(numbers) == len(recorded[id].moving_variance) == 10_000
    biased, factor = QUESTION.var(axis=0), {"keras-3": 1, "keras-2": 5 / 3.999}.get(id, 5 / 4)
    last = recorded[id].moving_variance[-1]
    np.testing.assert_allclose(last, biased * factor, rtol=1e-5)
    np.testing.assert_allclose(recorded[id].moving_mean[-1], QUESTION.mean(axis=0), rtol=1e-5)
    for other in {1, 5 / 3.999, 5 / 4} - {factor}:  # the tolerance tells the three apart
        assert (np.abs(last / (biased * other) - 1) > 2e-4).all()


def test_the_digits_of_the_question(ten_thousand):
    _, recorded = ten_thousand
    asked = [0.04938692, 0.10489936]  # printed by the asker's Keras for features 0 and 5
    np.testing.assert_allclose(recorded["keras-2"].moving_variance[-1, [0, 5]], asked, rtol=2e-5)
    assert np.abs(recorded["unbiased"].moving_variance[-1, 0] / asked[0] - 1) > 2e-4


def test_training_really_trains(ten_thousand):
    """gamma and beta learn to undo the normalisation; the loss falls to nothing."""
    _, recorded = ten_thousand
    for values in recorded.values():
        assert values.loss[0] > 0.4
        assert values.loss[-1] < 1e-6
        np.testing.assert_allclose(values.gamma[-1] ** 2, QUESTION.var(axis=0) + 1e-3, rtol=1e-3)
        np.testing.assert_allclose(values.beta[-1], QUESTION.mean(axis=0), rtol=1e-3)


@pytest.mark.parametrize(
    ("case", "record", "variant"),
    [
        ("question", "keras-3", "keras-3"),
        ("question", "keras-2.3.1", "keras-2"),
        ("question", "torch", "unbiased"),
        ("question", "torch", "tf_keras"),
        ("images", "keras-3", "keras-3"),
        ("images", "tf_keras", "tf_keras"),
    ],
)
def test_reproduces_golden_records(case, record, variant):
    golden = json.loads((GOLDEN / f"{case}.json").read_text())
    batches = np.asarray(golden["batches"])
    _, recorded = run(
        batches.reshape(-1, *batches.shape[2:]),
        variants=[variant],
        batch_size=batches.shape[1],
        keep=golden["keep_momentum"],
        epsilon=golden["epsilon"],
        updates=golden["updates"],
        shuffle=False,
    )
    (steps,) = (r["steps"] for r in golden["records"] if r["implementation"] == record)
    assert len(steps) > 3
    for step, name in itertools.product(steps, ("moving_mean", "moving_variance")):
        got = getattr(recorded[variant], name)[step["update"] - 1]
        np.testing.assert_allclose(got, step[name], rtol=2e-5, atol=3e-7)


def identical(one, other):
    pairs = [zip(entries(one[v]).values(), entries(other[v]).values(), strict=True) for v in one]
    return all(np.array_equal(a, b) for pair in pairs for a, b in pair)


def test_a_seed_replays_bit_for_bit_however_it_is_cut(monkeypatch):
    options = {"variants": ["keras-3", "tf_keras"], "batch_size": 4, "updates": 700, "keep": 0.9}
    data = bncore.DATASETS["sixty-rows"]().values
    _, first = run(data, seed=5, **options)
    _, other = run(data, seed=6, **options)
    monkeypatch.setattr(trainings, "next_size", lambda *_: 37)
    _, again = run(data, seed=5, **options)
    assert identical(first, again)
    assert not identical(first, other)


def test_a_program_starts_afresh_and_takes_other_data_and_learning_rates():
    options = {"optimizer": "adam", "updates": 40, "batch_size": 2}
    _, first = run(QUESTION, learning_rate=0.01, **options)
    program = list(moving._idle.values())[-1]
    _, faster = run(QUESTION, learning_rate=0.1, **options)
    _, shifted = run(QUESTION + 1, learning_rate=0.01, **options)
    _, again = run(QUESTION, learning_rate=0.01, **options)
    assert list(moving._idle.values())[-1] is program  # it served all four
    assert identical(first, again)
    gamma = [run["keras-3"].gamma[-1] for run in (first, faster, shifted)]
    assert np.abs(gamma[0] - gamma[1]).min() > 0.1
    mean = shifted["keras-3"].batch_mean - first["keras-3"].batch_mean
    np.testing.assert_allclose(mean, 1, atol=1e-6)


def test_two_runs_at_once_do_not_disturb_each_other():
    options = {"updates": 100, "batch_size": 2}
    _, alone = run(QUESTION, **options)
    runs = [moving.train(Moving(QUESTION, **options)) for _ in range(2)]
    in_turns = [chunk for pair in itertools.zip_longest(*runs) for chunk in pair if chunk]
    assert [chunk.done for chunk in in_turns[:4]] == [0, 0, trainings.FIRST, trainings.FIRST]
    for chunk in in_turns[2:]:
        for name, values in entries(chunk.values.layers["keras-3"]).items():
            expected = getattr(alone["keras-3"], name)[chunk.values.update - 1]
            np.testing.assert_array_equal(values, expected)


def test_an_abandoned_run_leaves_no_trace():
    _, whole = run(QUESTION, updates=60)
    abandoned = moving.train(Moving(QUESTION, updates=60))
    next(chunk for chunk in abandoned if chunk.values.layers)
    abandoned.close()
    assert identical(run(QUESTION, updates=60)[1], whole)


def test_chunks_begin_small_and_count_every_update_once():
    chunks = list(moving.train(Moving(QUESTION, variants=["keras-3", "keras-2"], updates=3000)))
    assert [chunk.done for chunk in chunks[:2]] == [0, 0]
    assert all("Preparing" in chunk.message for chunk in chunks[:2])
    chunks = chunks[2:]
    assert chunks[0].done == trainings.FIRST
    assert len(chunks) > 2
    np.testing.assert_array_equal(
        np.concatenate([chunk.values.update for chunk in chunks]), np.arange(1, 3001)
    )
    assert chunks[-1].done == chunks[-1].total == 3000


def test_single_rows_store_zero_except_where_that_is_undefined():
    rows = np.arange(6.0).reshape(3, 2)
    _, recorded = run(
        rows, variants=["keras-3", "keras-2", "tf_keras"], batch_size=1, updates=50, keep=0.5
    )
    for values in recorded.values():
        np.testing.assert_allclose(values.moving_variance[-1], 0, atol=1e-12)
    with pytest.raises(ValueError, match="one element per statistic"):
        Moving(rows, variants=["unbiased"], batch_size=2)
    run(rows[:, None, :].repeat(2, axis=1), variants=["unbiased"], batch_size=2, updates=2)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"data": [1.0, 2.0]}, ValueError, "rank 2 to 4"),
        ({"data": np.zeros((0, 3))}, ValueError, "at least one element"),
        ({"data": [[1.0, np.nan]]}, ValueError, "NaN or infinite"),
        ({"data": [[1.0, 1e39]]}, ValueError, "beyond float32"),
        ({"data": [["a"]]}, TypeError, "real numbers"),
        ({"target": np.zeros((5, 5))}, ValueError, r"shape of the data, \(5, 6\)"),
        ({"variants": []}, ValueError, "one or more"),
        ({"variants": "keras-3"}, ValueError, "list"),
        ({"variants": ["keras-3", "keras-3"]}, ValueError, "different"),
        ({"variants": ["keras-9"]}, ValueError, "variants are keras-3"),
        ({"batch_size": 0}, ValueError, "1 or more"),
        ({"batch_size": 6}, ValueError, "between 1 and the 5 rows"),
        ({"batch_size": 2.5}, TypeError, "whole number"),
        ({"keep": 1.5}, ValueError, "from 0 to 1"),
        ({"keep": "much"}, TypeError, "keep is a number"),
        ({"epsilon": -1e-3}, ValueError, "0 or more"),
        ({"epsilon": np.nan}, ValueError, "finite"),
        ({"updates": 0}, ValueError, "1 or more"),
        ({"updates": True}, ValueError, "whole number"),
        ({"optimizer": "lion"}, ValueError, "optimizer is one of sgd"),
        ({"learning_rate": np.inf}, ValueError, "learning_rate"),
        ({"seed": -1}, ValueError, "0 or more"),
    ],
    ids=str,
)
def test_bad_arguments_are_refused_before_anything_is_built(change, error, message):
    with pytest.raises(error, match=message):
        Moving(**{"data": QUESTION, **change})


def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_what_came_before():
    asked = Moving([[1.0], [2.0]], target=[[9.0], [7.0]], updates=500, learning_rate=1e6)
    chunks = list(moving.train(asked))
    assert "is not finite" in chunks[-1].values.stopped["keras-3"]
    losses = joined(chunk.values for chunk in chunks).layers["keras-3"].loss
    assert np.isfinite(losses).all()
    assert chunks[-1].done == len(losses) < 500
