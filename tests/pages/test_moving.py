import dataclasses

import numpy as np
import pytest

import bncore
from bncore.experiments.moving import MovingFound, RecordedLayer
from ui.drawing.player.component import RECORDS
from ui.questions.moving import answers
from ui.questions.moving import state as view
from ui.questions.moving.recording import drawn_feature, recording
from ui.questions.moving.state import MovingState
from ui.state.address import to_query
from ui.state.arrays import FrozenArray


@pytest.mark.keras
def test_three_layers_reach_three_variances(visit):
    page = visit("moving", guess="unbiased").train("moving")
    text = page.words
    assert "Stock Keras 3 stores **the biased one**." in text
    assert "You predicted: the unbiased one, n/(n-1)." in text
    assert "**Keras 3, stock layer** reached **biased**" in text
    assert "on a Keras 3 layer** reached **n/(n-(1+epsilon))**" in text
    assert (
        "**Unbiased formula on a Keras 3 layer** reached **n/(n-1)**: n = 5, so this layer " in text
    )
    assert "multiplies by 5/4: 25 % too large" in text


@pytest.mark.keras
def test_the_fused_kernel_of_tf_keras_reaches_the_unbiased_one(visit):
    page = visit("moving", variants="tf_keras", updates="2000").train("moving")
    assert "(fused)** reached **n/(n-1)**" in page.words


@pytest.mark.keras
def test_the_first_column_is_not_told_apart_too_early(visit):
    state = first_column(updates=1120, variants=("unbiased",), batch_size=5)
    page = visit("moving", **to_query(state)).train("moving")
    assert "are not told apart yet after 1,120 updates; they will be after about" in page.words
    assert "reached" not in page.words
    ask_about(page, 300)
    assert "not there yet after 300 updates" in page.words


@pytest.mark.keras
def test_any_update_can_be_looked_at(visit):
    page = visit("moving", variants="keras-3", updates="300").train("moving")
    ask_about(page, 1)
    assert "not there yet after 1 update: 0.99 of the" in page.words


READING = "What you chose after the picture had moved is a reading"
GUESSED = "Stock Keras 3 stores **the biased one**."


@pytest.mark.keras
def test_the_page_opens_with_a_run_and_keeps_its_answer_until_the_picture_moves(visit):
    settings = {"variants": "keras-3", "updates": "3000"}
    visit("moving", **settings).train("moving")
    page = visit("moving", **settings)
    assert "**Predict, then play:**" in page.words
    assert GUESSED not in page.words
    page.app.radio(key="moving-guess").set_value("unbiased").run()
    assert GUESSED not in page.words
    page.app.button(key="moving-reveal").click().run()
    assert GUESSED + " You predicted: the unbiased one" in page.words
    assert READING not in page.captions
    page.app.radio(key="moving-guess").set_value("biased").run()
    assert GUESSED + " You predicted: the unbiased one" in page.words  # as it was
    assert READING in page.captions
    page.train("moving")
    assert GUESSED + " You predicted: the unbiased one" in page.words


@pytest.mark.keras
def test_the_answer_comes_when_the_picture_has_moved(visit):
    settings = {"variants": "keras-3", "updates": "3000"}
    visit("moving", **settings).train("moving")
    page = visit("moving", **settings)
    page.app.session_state["moving-player"] = {"moved": "another picture"}
    assert GUESSED not in page.words
    page.app.run()
    page.app.session_state["moving-player"] = {"moved": record_address(page)}
    page.app.run()
    assert GUESSED in page.words
    page.app.radio(key="moving-guess").set_value("biased").run()
    assert "You predicted" not in page.words  # who had not predicted does not do it afterwards
    assert READING in page.captions


def ask_about(page, update):
    """As the player does, when its button is pressed."""
    asked = {"of": record_address(page), "step": update}
    page.app.session_state["moving-player"] = {"asked": asked}
    page.app.run()


def record_address(page):
    return f"/{RECORDS}/{page.app.session_state['bnlab:player:moving-player'].names[0]}"


def test_the_page_opens_with_a_run_that_can_be_made(visit):
    assert not visit("moving").app.button(key="moving-train").disabled


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"batch_size": 6}, "5 rows"),
        ({"batch_size": 1}, "1/0"),
        ({"batch_size": 4}, "one row"),
        ({"updates": 200_000}, "Choose at most"),
    ],
)
def test_what_cannot_be_trained_says_why(changes, says):
    assert says in view.problem(dataclasses.replace(MovingState(), **changes))


def test_a_batch_of_one_row_is_fine_without_the_unbiased_layer():
    state = dataclasses.replace(MovingState(), batch_size=1, variants=("keras-3",))
    assert view.problem(state) == ""


def record(state, update, estimator):
    """A recorded run as the engine computes it, in the shape the experiment sends."""
    x = state.data.array
    split = bncore.split_axes(x.shape, -1)
    m = bncore.batch_moments(x, split)
    convention = dataclasses.replace(
        bncore.CONVENTIONS["keras-3"], keep=state.keep, estimator=bncore.ESTIMATORS[estimator]
    )
    path = bncore.moving_trajectory([m] * update, convention, split)
    return RecordedLayer(
        moving_mean=path.mean[1:].copy(),
        moving_variance=path.variance[1:].copy(),
        batch_mean=np.tile(m.mean, (update, 1)),
        batch_variance=np.tile(m.variance, (update, 1)),
        gamma=np.ones((update, x.shape[1])),
        beta=np.zeros((update, x.shape[1])),
        loss=np.ones(update),
    )


def test_the_csv_holds_the_recorded_numbers():
    recorded = record(MovingState(), 3, "n/(n-1)")
    text = answers.as_csv(MovingFound({}, {}, np.arange(1, 4), {"unbiased": recorded})).splitlines()
    assert len(text) == 4
    assert text[0].startswith("variant,update,moving_mean[0]")
    assert text[0].endswith(",beta[5],loss")


def test_two_features_are_two_columns_of_the_csv():
    names = [field.name for field in dataclasses.fields(RecordedLayer)]
    pair = np.array([[1.0, 2.0]])
    layer = RecordedLayer(*[pair] * (len(names) - 1), loss=np.array([0.5]))
    found = MovingFound({}, {}, np.array([7]), {"keras-3": layer, "unbiased": layer})
    columns = [f"{name}[{number}]" for name in names[:-1] for number in (0, 1)]
    numbers = ",".join(["1.0,2.0"] * (len(names) - 1))
    assert answers.as_csv(found).splitlines() == [
        f"variant,update,{','.join(columns)},loss",
        f"keras-3,7,{numbers},0.5",
        f"unbiased,7,{numbers},0.5",
    ]


def test_a_feature_that_the_data_do_not_have_is_the_last_one():
    state = dataclasses.replace(MovingState(), feature=999)
    assert drawn_feature(state) == 5
    assert drawn_feature(dataclasses.replace(state, feature=2)) == 2


def test_the_engine_notices_a_run_that_is_not_its_own(monkeypatch):
    state = MovingState()
    own = record(state, 50, "n/(n-1)")
    assert answers.engine_difference(state, "unbiased", own) < 1e-12
    assert answers.engine_difference(state, "unbiased", record(state, 50, "biased")) > 1e-4
    own.moving_variance[30, 2] *= 1.01  # one number of one feature, once
    assert answers.engine_difference(state, "unbiased", own) == pytest.approx(0.01, rel=0.1)
    own = record(state, 50, "n/(n-1)")
    real = answers.update_moving
    monkeypatch.setattr(answers, "update_moving", lambda held, *rest: real(
        dataclasses.replace(held, variance=2 * held.variance), *rest))  # fmt: skip
    assert answers.engine_difference(state, "unbiased", own) > 0.1


@pytest.mark.parametrize("broken", ["moving_mean", "moving_variance", "batch_mean"])
def test_whatever_is_recorded_otherwise_shows_in_the_sentence(broken):
    state = MovingState()
    own = record(state, 50, "n/(n-1)")
    assert "own size: 0." in answers.engine_words(state, "unbiased", own)
    getattr(own, broken)[30, 2] += 1
    text = answers.engine_words(state, "unbiased", own)
    assert float(text.split("own size: ")[1].removesuffix(".")) > 1e-3


def test_the_sentence_about_the_engine_is_the_engines(monkeypatch):
    state = MovingState()
    own = record(state, 50, "n/(n-1)")
    real = answers.update_moving
    monkeypatch.setattr(answers, "update_moving", lambda held, *rest: real(
        dataclasses.replace(held, mean=held.mean + 1), *rest))  # fmt: skip
    text = answers.engine_words(state, "unbiased", own)
    assert float(text.split("own size: ")[1].removesuffix(".")) > 0.1


def test_the_engine_follows_batches_of_unequal_size():
    x = np.arange(15.0).reshape(5, 3) ** 2
    state = MovingState(data=FrozenArray(x), batch_size=3, keep=0.5)
    batches = [x[:3], x[3:]] * 4
    mean, variance, rows = np.zeros(3), np.ones(3), []
    for batch in batches:
        mean = 0.5 * mean + 0.5 * batch.mean(axis=0)
        variance = 0.5 * variance + 0.5 * batch.var(axis=0, ddof=1)
        rows.append((mean, variance, batch.mean(axis=0), batch.var(axis=0)))
    names = ("moving_mean", "moving_variance", "batch_mean", "batch_variance")
    columns = map(np.array, zip(*rows, strict=True))
    recorded = RecordedLayer(**dict(zip(names, columns, strict=True)))
    assert answers.engine_difference(state, "unbiased", recorded) < 1e-12
    assert answers.engine_difference(state, "keras-2", recorded) > 1e-5


def said(state, variant, value, update):
    """The verdict about one moving variance."""
    shape = (update, state.data.shape[1])
    recorded = RecordedLayer(
        moving_variance=np.broadcast_to(value, shape), batch_variance=np.zeros(shape)
    )
    return answers.verdict(state, variant, recorded, update)


def test_a_constant_feature_has_no_verdict():
    state = MovingState(data=FrozenArray(np.ones((5, 2))))
    text = said(state, "keras-3", np.zeros(2), 10_000)
    assert "no verdict" in text
    assert "features 0, 1: constant" in text.lower()


def first_column(**changes):
    data = FrozenArray(MovingState().data.array[:, :1])
    return MovingState(**{"data": data, **changes})


def test_the_answer_says_by_how_much_it_is_too_large():
    state = first_column()
    target = answers.settled(state)
    text = said(state, "unbiased", target["n/(n-1)"], 5000)
    assert "reached **n/(n-1)**: n = 5, so this layer multiplies by 5/4: 25 % too large." in text
    text = said(state, "keras-2", target["n/(n-(1+epsilon))"], 5000)
    assert "multiplies by 5/3.999: 25.03 % too large." in text
    assert "n/(n-1) is 0.025 % off" in text
    assert "multiplies by 1: it stores the biased" in said(state, "keras-3", target["biased"], 5000)


def test_while_the_initial_value_is_larger_than_the_distance_no_name_is_given():
    """The unbiased layer and what is left of the 1, 2e-7 from Keras 2's target."""
    state = first_column()
    value = answers.settled(state)["n/(n-1)"] * (1 - 0.99**1120) + 0.99**1120
    text = said(state, "unbiased", value, 1120)
    assert "n/(n-1) and n/(n-(1+epsilon)) are not told apart yet after 1,120 updates" in text
    assert "they will be after about 1,14" in text
    assert "It is not biased." in text
    assert "reached" not in text


@pytest.mark.parametrize(
    ("changes", "value", "says"),
    [
        ({"keep": 1.0}, 1.0, "stays at 1 for ever"),
        ({"keep": 1 - 1e-9}, 1.0, "stays at 1 for ever. With keep 0.999999999 an update"),
        ({"keep": 1 - 1e-7}, 1.0, "cannot all be told apart, however long it is trained"),
        ({"data": FrozenArray(MovingState().data.array[:, :1] * 1e-30)}, 0.4, "never get there"),
        ({"data": FrozenArray(MovingState().data.array[:, :1] * 1e20)}, np.inf, "above 3.4e+38"),
    ],
)
def test_what_never_gets_there_is_not_on_its_way(changes, value, says):
    text = said(first_column(**changes), "keras-3", np.array([value]), 100)
    assert says in text
    assert "yet" not in text
    assert "reached" not in text


def test_equal_targets_are_called_the_same():
    state = first_column(epsilon=0.0)
    text = said(state, "unbiased", answers.settled(state)["n/(n-1)"], 5000)
    assert "n/(n-1) and n/(n-(1+epsilon)) are the same here (epsilon 0)" in text


def test_a_division_by_0_is_named():
    state = MovingState(data=FrozenArray([[0.0], [2.0]]), batch_size=2, epsilon=1.0)
    assert "a correction divides by 0" in said(state, "keras-2", np.array([np.inf]), 10)


def test_mini_batches_say_where_theory_settles():
    sixty = FrozenArray(bncore.DATASETS["sixty-rows"]().values)
    assert answers.settling(MovingState()) == ""
    said = answers.settling(MovingState(data=sixty, batch_size=4))
    assert "0.7627" in said
    assert "1.0169" in said
    single = answers.settling(MovingState(data=sixty, batch_size=1))
    assert "nan" not in single
    assert "not defined for a batch of one row" in single


def test_mini_batches_never_reach():
    sixty = FrozenArray(bncore.DATASETS["sixty-rows"]().values)
    state = MovingState(data=sixty, batch_size=4)
    variances = np.tile(sixty.array.astype(np.float32).var(axis=0), (2000, 1))
    path = np.ones_like(variances[0]) * 0.99**2000 + (1 - 0.99**2000) * variances[0] * 4 / 3
    recorded = RecordedLayer(moving_variance=np.tile(path, (2000, 1)), batch_variance=variances)
    text = answers.verdict(state, "unbiased", recorded, 2000)
    assert "averages **n/(n-1)** of each mini-batch: n = 4" in text
    assert "31 % from its expected final value" in text  # 4/3 of 1 against 60/59
    recorded.moving_variance[:] *= 1.03
    assert "no verdict" in answers.verdict(state, "unbiased", recorded, 2000)


def test_a_constant_column_beside_others_does_not_hide_the_verdict():
    x = np.array(MovingState().data.array)
    x[:, 2] = 0.5
    state = MovingState(data=FrozenArray(x))
    text = said(state, "keras-3", answers.settled(state)["biased"] * (1 + 1e-6), 10_000)
    assert "reached **biased**" in text
    assert "feature 2: constant" in text


def test_nothing_is_predicted_of_a_layer_that_has_not_settled():
    def guessed(state, value, update):
        recorded = RecordedLayer(moving_variance=np.broadcast_to(value, (update, 6)))
        return answers.guess_words(state, recorded)

    x = np.array(MovingState().data.array)
    unbiased = FrozenArray((x - x.mean(axis=0)) / x.std(axis=0, ddof=1))
    state = MovingState(data=unbiased, guess="unbiased", keep=1.0)
    assert guessed(state, np.ones(6), 100) == ""
    there = MovingState(guess="biased")
    assert "predicted it" in guessed(there, answers.settled(there)["biased"], 10_000)


def test_no_layer_at_all_is_refused_in_the_words_of_the_screen(visit):
    page = visit("moving")
    page.app.pills(key="moving-variants").set_value([]).run()
    assert r"Layers to train\: choose at least 1" in page.app.warning[0].value
    assert not page.app.button(key="moving-train").disabled


def played(state, found):
    """The player's recording, and its quantities by key."""
    made = recording(state, found)
    assert len(made.steps) == len(found.update) + 1
    return made, {quantity.key: quantity for quantity in made.quantities}


@pytest.mark.parametrize("variant", ["keras-3", "unbiased", "keras-2"])
@pytest.mark.parametrize("batch_size", [2, 3, 5])
def test_each_played_update_follows_from_the_one_before(variant, batch_size):
    """Five rows by two: the third batch holds one."""
    keep = 0.75
    state = dataclasses.replace(MovingState(), batch_size=batch_size, keep=keep)
    ruled = {"keras-3": lambda n: 1, "unbiased": lambda n: n / (n - 1),
             "keras-2": lambda n: n / (n - (1 + state.epsilon))}[variant]  # fmt: skip
    sizes = {2: [2, 2, 1], 3: [3, 2], 5: [5]}[batch_size]
    batch = np.random.default_rng(1).uniform(1, 2, (2, 6, 6)).astype(np.float32)
    mean, variance, rows = np.zeros(6), np.ones(6), []
    for update in range(6):
        n = sizes[update % len(sizes)]
        with np.errstate(divide="ignore"):
            stored = batch[1, update] * (np.float64(ruled(n)) if n > 1 else np.inf)
        if variant == "keras-3":
            stored = batch[1, update]
        mean = keep * mean + (1 - keep) * batch[0, update]
        variance = keep * variance + (1 - keep) * stored
        rows.append((mean, variance))
    held = [np.array(column) for column in zip(*rows, strict=True)]
    layer = RecordedLayer(*held, batch_mean=batch[0], batch_variance=batch[1])
    made, found = played(state, MovingFound({}, {}, np.arange(1, 7), {variant: layer}))
    last = 3 if batch_size == 2 and variant != "keras-3" else 7  # a batch of one: 1/0
    named = {formula.name: formula for formula in made.formulas}
    for name, first in (("mean", 0), ("variance", 1)):
        formula = named.pop(f"moving {name}")
        assert formula.of == name
        values, taken = (found[key].values[variant] for key in (name, formula.taken))
        assert (values[0] == first).all()
        follows = formula.keep * values[: last - 1] + (1 - formula.keep) * taken[1:last]
        np.testing.assert_allclose(values[1:last], follows, rtol=1e-6)
    (stored,) = named.values()
    kept, seen = (found[key].values[variant][1:last] for key in (stored.of, stored.taken))
    factors = [[ruled(sizes[update % len(sizes)])] for update in range(last - 1)]
    np.testing.assert_allclose(kept, seen * factors, rtol=1e-6)
    assert stored.keep is None


def test_the_variance_is_drawn_over_the_biased_one():
    state = MovingState()
    layer = record(state, 3, "biased")
    _, found = played(state, MovingFound({}, {}, np.arange(1, 4), {"keras-3": layer}))
    quantity = found["variance"]
    np.testing.assert_allclose(quantity.over.values, state.data.array.var(axis=0), rtol=1e-5)
    lines = {level.label: level.values for level in quantity.levels}
    np.testing.assert_allclose(lines["n/(n-1)"], state.data.array.var(axis=0, ddof=1), rtol=1e-5)


@pytest.mark.keras
def test_a_kept_run_stays_beside_the_next_ones(visit):
    page = visit("moving", variants="keras-3", updates="300").train("moving")
    page.app.button(key="moving-pin").click().run()
    assert "Pinned. Change a setting and train" in page.captions
    page.app.text_input(key="moving-keep").set_value("0.9").run()
    assert "Pinned run" not in page.words  # nothing to stand beside yet
    page.train("moving")
    assert "**Pinned run: keep 0.99**" in page.words
    assert "Moving variance, Keras 3: 0.0395 now, 0.08" in page.words
    other = next(b for b in page.app.button if b.key.startswith("moving-unpin-"))
    other.click().run()
    assert "Pinned run" not in page.words


@pytest.mark.keras
def test_a_kept_run_that_does_not_fit_says_why(visit):
    page = visit("moving", variants="keras-3", updates="30").train("moving")
    page.app.button(key="moving-pin").click().run()
    page.app.session_state["moving-data"] = True
    page.app.run()
    next(b for b in page.app.button if b.label.startswith("Iris")).click().run()
    page.train("moving")
    assert (
        "It is not in the picture: its data have a different number of features." in page.captions
    )


@pytest.mark.keras
def test_a_press_that_overtakes_the_page_trains_the_new_settings(visit):
    page = visit("moving", updates="40")
    page.app.text_input(key="moving-updates").set_value("60")
    page.train("moving")  # in the same run: the button still is the one of 40 updates
    assert page.app.get("progress")[0].proto.text.startswith("Done: 60 updates")
