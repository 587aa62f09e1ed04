"""Every claim of the page about both modes, held against a computation of this file."""

import dataclasses
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.claims import check_all
from ui.questions.modes import (
    ModesState,
    both,
    both_words,
    freezing,
    freezing_words,
    poison,
    stuck,
    stuck_words,
)
from ui.questions.modes import state as page
from ui.state.arrays import FrozenArray

GAP = {"vanishes": "vanishes", "shrinks": "shrinks", "stays": "stays as it is", "grows": "grows"}

CELLS = st.sampled_from([0.0, 1.0, -1.0, 2.5, -3.0, 0.1, 100.0, 1e-4, 1e20, -1e20])
TABLES = st.tuples(st.integers(1, 6), st.integers(1, 3)).flatmap(
    lambda shape: st.lists(
        st.lists(CELLS, min_size=shape[1], max_size=shape[1]), min_size=shape[0],
        max_size=shape[0],
    )
)  # fmt: skip


def recorded_gap(x, size, epsilon, keeps, updates, scale):
    """What a float32 layer returns in both modes: written out here, nothing of the app's."""
    x32, batch = np.asarray(x, np.float32), np.asarray(x, np.float32)[:size]
    eps = np.float32(epsilon)
    with np.errstate(all="ignore"):
        training = (batch - batch.mean(axis=0)) / np.sqrt(batch.var(axis=0) + eps)
        inference, held = {}, {}
        for keep in keeps:
            mean, variance = np.zeros(x32.shape[1], np.float32), np.ones(x32.shape[1], np.float32)
            path, variances = [], []
            parts = [x32[begin : begin + size] for begin in range(0, len(x32), size)]
            for rows in itertools.islice(itertools.cycle(parts), updates):
                old, new = np.float32(keep), np.float32(1 - float(keep))
                mean = old * mean + new * rows.mean(axis=0)
                variance = old * variance + new * rows.var(axis=0)
                path.append((batch - mean) / np.sqrt(variance + eps) * np.float32(scale))
                variances.append(variance)
            inference[keep], held[keep] = np.array(path), np.array(variances)
        first = batch / np.sqrt(np.float32(1) + eps)
    return {
        "first": first, "training": training, "inference": inference, "moving_variance": held,
        "update": np.arange(1, updates + 1),
    }  # fmt: skip


def gap_ends(values):
    return {
        keep: float(np.mean([abs(a - b) for a, b in zip(path[-1].ravel(),
                                                      values["training"].ravel(), strict=True)]))
        for keep, path in values["inference"].items()
    }  # fmt: skip


def settled_gap(x, size, epsilon):
    """From the expectation over all batches of an epoch: exact, but for the roots."""
    gap = []
    for column in np.asarray(x).T:
        variance = expected_variance(column, size)
        column = [Fraction(value) for value in column]
        mean, own = sum(column) / len(column), sum(column[:size]) / size
        batch = float(_variance(column[:size]))
        for value in column[:size]:
            a = _divided(value - mean, variance, epsilon)
            gap.append(abs(a - _divided(value - own, batch, epsilon)))
    return float(np.mean(gap))


def _variance(part):
    mean = sum(part) / len(part)
    return sum((value - mean) ** 2 for value in part) / len(part)


def _divided(value, variance, epsilon):
    under = variance + epsilon
    return float(value) / math.sqrt(under) if under else math.nan


def check_not_finite(c, text, state, values):
    ends = [np.abs(values["first"] - values["training"]).mean(), *gap_ends(values).values()]
    assert not np.isfinite(ends).all()
    if c["why"] == "division":
        assert state.epsilon == 0
        assert "needs an ε above 0" in text
    if c["why"] == "beyond":
        largest = np.abs(state.data.array.astype(float)).max()
        assert largest**2 > 1e38
        assert "3.4e38" in text


def check_outcome(c, text, state, values):
    first = float(np.abs(values["first"] - values["training"]).mean())
    last = gap_ends(values)[min(values["inference"], key=float)]
    assert c["keep"] == min(values["inference"], key=float)
    assert (f"({c['keep']}): **it {GAP[c['found']]}") in text
    right = {
        "vanishes": last <= 0.0101 * min(first, 1) and last < first,
        "shrinks": last < first * 0.901,
        "stays": 0.899 * first <= last <= 1.101 * first or max(first, last) < 1.01e-5,
        "grows": last > 1.099 * first,
    }
    assert right[c["found"]]
    assert ("You predicted it" in text) == (state.gap_guess == c["found"])


def check_apart(c, text, state, values):
    first = float(np.abs(values["first"].astype(float) - values["training"]).mean())
    assert c["first"] == pytest.approx(first, rel=1e-4)
    assert f"**{c['first']:.3g}** apart" in text
    assert c["updates"] == len(values["update"])
    assert c["ends"] == pytest.approx(gap_ends(values), rel=1e-4)
    assert all(f"**{gap:.3g}** with keep {keep}" in text for keep, gap in c["ends"].items())


def check_not_predicted(c, text, state, values):
    """The layer's own output is off, or a spacing of float32 is 1 % of the deviation, or more."""
    x, size = state.data.array, page.size_of_batch(state)
    exact = _exact(x[:size], state.epsilon)
    off = not np.abs(exact - values["training"]).max() <= 9e-4
    deviation = np.sqrt([expected_variance(column, size) + state.epsilon for column in x.T])
    coarse = np.spacing(np.abs(x).max(axis=0).astype(np.float32)) > 0.009 * deviation
    assert off or coarse.any() or len(clean_but_beyond(state))


def check_float32_holds(x, size, epsilon):
    for column in x.T[np.ptp(x, axis=0) > 0]:
        deviation = math.sqrt(expected_variance(column, size) + epsilon)
        assert np.spacing(np.float32(np.abs(column).max())) < 0.021 * deviation


def batches(rows, size):
    return [size] * (rows // size) + [rows % size] * bool(rows % size)


def expected_variance(column, size):
    """Of a batch, over all choices of its rows: exact."""
    column = [Fraction(value) for value in column]
    each = []
    for n in batches(len(column), size):
        chosen = list(itertools.combinations(column, n))
        each.append(sum(map(_variance, chosen)) / len(chosen))
    return float(sum(each) / len(each))


def _exact(x, epsilon):
    under = x.var(axis=0) + epsilon
    return (x - x.mean(axis=0)) / np.sqrt(np.where(under > 0, under, np.nan))


def check_no_gap(c, text, state, values):
    x, size = state.data.array, page.size_of_batch(state)
    assert settled_gap(x, size, state.epsilon) <= 1.1e-5
    assert c["whole"] == (size == len(x)) == ("whole data set" in text)


def check_gap(c, text, state, values):
    x, size = state.data.array, page.size_of_batch(state)
    assert c["left"] == pytest.approx(settled_gap(x, size, state.epsilon), rel=1e-6)
    assert c["left"] > 1e-5
    check_float32_holds(x, size, state.epsilon)
    assert c["whole"] == pytest.approx(settled_gap(x, len(x), state.epsilon), abs=1e-9)
    assert f"**{c['left']:.3g}** (dotted line)" in text
    assert (c["size"], c["rows"], c["rest"]) == (size, len(x), len(x) % size)
    assert size < len(x)
    assert (f"has {c['rest']} row" in text) == (len(x) % size > 0)
    assert f"this batch of {size}," in text


def check_unsettled(c, text, state, values):
    assert list(c["keeps"]) == [keep for keep in values["inference"] if float(keep) < 0.9]
    assert page.size_of_batch(state) < len(state.data.array)  # otherwise every batch is the same
    for keep in c["keeps"]:
        assert f"{1 / (1 - float(keep)):.3g} with keep {keep}" in text


def check_one_row(c, text, state, values):
    assert len(values["training"]) == 1
    assert c["largest"] == max(abs(float(value)) for value in values["training"].ravel())
    assert ("up to rounding" in text) == (c["largest"] > 0)


GAP_CHECKS = {
    "not finite": check_not_finite, "outcome": check_outcome, "apart": check_apart,
    "not predicted": check_not_predicted, "no gap": check_no_gap, "gap": check_gap,
    "unsettled": check_unsettled, "one row": check_one_row,
}  # fmt: skip


@settings(max_examples=60)
@given(
    x=TABLES,
    size=st.integers(1, 7),
    epsilon=st.sampled_from([0.0, 1e-3, 1.0]),
    keeps=st.lists(st.sampled_from(page.KEEPS), min_size=1, max_size=2, unique=True),
    updates=st.sampled_from([1, 2, 40]),
    guess=st.sampled_from(list(page.GAP_GUESSES)),
    scale=st.sampled_from([1.0, 1.0, 3.0]),
    noise=st.sampled_from([0.0, 0.0, 0.5]),
)
@example([[1.0], [2.0], [4.0]], 2, 1e-3, ["0"], 40, "shrinks", 1.0, 0.0)
@example([[1.0], [2.0]], 1, 1e-3, ["0.9"], 40, "shrinks", 1.0, 0.5)
@example([[3.0], [3.0]], 1, 1e-3, ["0.9"], 40, "shrinks", 1.0, 0.0)
@example([[1.0], [2.0], [1.0], [2.0]], 2, 1e-3, ["0.9"], 40, "shrinks", 1.0, 0.0)  # 0.2 is left
@example([[1.0], [1e15], [-1e15]], 1, 1e-3, ["0.9"], 1, "stays", 1.0, 0.0)  # other batches lose it
def test_every_claim_about_the_gap(x, size, epsilon, keeps, updates, guess, scale, noise):
    state = dataclasses.replace(
        ModesState(), data=FrozenArray(x), batch_size=size, epsilon=epsilon, keeps=tuple(keeps),
        gap_guess=guess,
    )  # fmt: skip
    values = recorded_gap(x, page.size_of_batch(state), epsilon, keeps, updates, scale)
    if page.size_of_batch(state) == 1:
        values["training"] = values["training"] + np.float32(noise * 1e-4)
    check_all(both, both_words.WORDS, GAP_CHECKS, state, values)


SHARES = st.sampled_from([0.0, 0.3, 0.5, 0.62, 0.65, 0.8, 0.801, 0.85, 0.9, 0.95, 1.0]) | st.floats(
    0, 1
)
RUNS = st.fixed_dictionaries(dict.fromkeys(stuck.CURVES, SHARES))


def of(state, values):
    first, second = (values["runs"][repr(float(keep)).removesuffix(".0")]
                     for keep in (state.stuck_keep, state.cured_keep))  # fmt: skip
    last = [{name: float(run[name][-1]) for name in stuck.CURVES} for run in (first, second)]
    return *last, values["most_common"]


def losses(run):
    return run["training_mode"] - run["validation"], run["training_mode"] - run["inference_mode"]


def check_accuracies(c, text, state, values):
    run, _, common = of(state, values)
    for name, share in run.items():
        assert c[name] == share
        assert f"**{share:.1%}**" in text
    assert f"would be {common:.1%}" in text
    assert f"keep {float(c['keep']):g}" == f"keep {state.stuck_keep:g}"


def held_back(state, values):
    lost, modes = losses(of(state, values)[0])
    assert lost > 0.05
    assert modes > lost / 2
    return lost, modes


def not_held_back(state, values):
    lost, modes = losses(of(state, values)[0])
    assert lost <= 0.05 or modes <= lost / 2
    return lost, modes


def check_nothing_learned(c, text, state, values):
    run, _, common = of(state, values)
    not_held_back(state, values)
    assert run["training_mode"] <= common


def check_not_stuck(c, text, state, values):
    run, _, common = of(state, values)
    lost, _ = not_held_back(state, values)
    assert run["training_mode"] > common
    assert lost <= 0.05
    assert f"{100 * abs(lost):.1f} points {'above' if lost < 0 else 'below'}" in text


def check_other_reason(c, text, state, values):
    run, _, common = of(state, values)
    lost, modes = not_held_back(state, values)
    assert run["training_mode"] > common
    assert lost > 0.05
    assert f"{100 * lost:.1f} points below" in text
    assert f"are {100 * abs(modes):.1f} points apart" in text


def check_lagging(c, text, state, values):
    lost, modes = held_back(state, values)
    updates = len(values["runs"][repr(state.stuck_keep).removesuffix(".0")]["loss"])
    left = math.prod([state.stuck_keep] * updates)
    assert c["left"] == pytest.approx(left)
    assert left > 0.05
    assert c["mostly"] == text.startswith("**Most") == (modes < 0.8 * lost)
    assert f"After {updates:,} update" in text
    if 0 < state.stuck_keep < 1:
        needed = int(text.split("; ")[1].split(" updates")[0].replace(",", ""))
        assert state.stuck_keep**needed <= 0.01 * (1 + 1e-9)
        assert state.stuck_keep ** (needed - 1) > 0.01 * (1 - 1e-9)
    else:
        assert "would leave" not in text
    assert ("You predicted it." in text) == (state.stuck_guess == "lagging")


def check_few_batches(c, text, state, values):
    lost, modes = held_back(state, values)
    updates = len(values["runs"][repr(state.stuck_keep).removesuffix(".0")]["loss"])
    assert math.prod([state.stuck_keep] * updates) <= 0.05
    assert c["mostly"] == text.startswith("**Most") == (modes < 0.8 * lost)
    assert "predicted" not in text
    if state.stuck_keep:
        memory = float(text.split("about ")[1].split(" ")[0].replace(",", ""))
        assert memory == pytest.approx(1 / (1 - state.stuck_keep), abs=0.51)


def check_lose(c, text, state, values):
    lost, modes = held_back(state, values)
    assert text.startswith(f"Validation rows lose {100 * lost:.1f} points")
    assert f"trained on lose {100 * modes:.1f} points" in text


def cured(before, after, common):
    """Clearly more validation rows, more than guessing, and at most half of the loss is left."""
    if not after["validation"] > before["validation"]:
        return "none"
    still = losses({**after})[1]
    half = losses(before)[1] / 2
    good = still <= max(half, 0.05) and after["validation"] > common
    return "cures" if good and after["validation"] > before["validation"] + 0.05 else "helps"


WORDS = {"cures": "**Cure", "helps": "**no cure**", "none": "did not help"}


def check_second_keep(c, text, state, values):
    before, after, common = of(state, values)
    assert c["found"] == cured(before, after, common)
    assert WORDS[c["found"]] in text
    if c["found"] != "none":
        assert ("sooner" in text) == (state.cured_keep < state.stuck_keep)
    assert f"**{after['validation']:.1%}** ({before['validation']:.1%} with keep" in text


def check_averaging(c, text, state, values):
    before, _, common = of(state, values)
    (estimated,) = values["estimated"].values()
    assert c["found"] == cured(before, before | estimated, common)
    assert WORDS[c["found"]] in text
    assert f"**{estimated['validation']:.1%}**" in text
    assert f"({before['validation']:.1%} before)" in text


def check_no_averaging(c, text, state, values):
    assert not values.get("estimated")


STUCK_CHECKS = {
    "accuracies": check_accuracies, "nothing learned": check_nothing_learned,
    "not stuck": check_not_stuck, "other reason": check_other_reason, "lagging": check_lagging,
    "few batches": check_few_batches, "lose": check_lose, "second keep": check_second_keep,
    "averaging": check_averaging, "no averaging": check_no_averaging,
}  # fmt: skip


@settings(max_examples=150)
@given(
    RUNS, RUNS, st.none() | RUNS, SHARES,
    st.lists(st.sampled_from([0.0, 0.5, 0.9, 0.999, 1.0]), min_size=2, max_size=2, unique=True),
    st.sampled_from([1, 2, 100, 300]), st.sampled_from(list(page.STUCK_GUESSES)),
)  # fmt: skip
@example(  # the same validation rows but one: training is what fell
    {"training_mode": 0.95, "inference_mode": 0.5, "validation": 0.8},
    {"training_mode": 0.85, "inference_mode": 0.85, "validation": 0.801},
    None, 0.5, [0.999, 0.9], 100, "lagging",
)  # fmt: skip
@example(
    {"training_mode": 0.9, "inference_mode": 0.3, "validation": 0.3},
    {"training_mode": 0.9, "inference_mode": 0.9, "validation": 0.9},
    {"inference_mode": 0.5, "validation": 0.5}, 0.2, [0.0, 0.9], 100, "overfitting",
)  # fmt: skip
def test_every_claim_about_validation_that_is_stuck(
    first, second, estimated, common, keeps, updates, guess
):
    state = dataclasses.replace(
        ModesState(), stuck_keep=keeps[0], cured_keep=keeps[1], stuck_guess=guess
    )
    names = [f"{keep:g}" for keep in keeps]
    runs = {
        name: {curve: np.full(updates, share) for curve, share in run.items()}
        | {"loss": np.ones(updates)}
        for name, run in zip(names, (first, second), strict=True)
    }
    values = {"runs": runs, "most_common": common}
    if estimated is not None:
        estimated = {name: estimated[name] for name in ("inference_mode", "validation")}
        values["estimated"] = {names[0]: estimated}
    check_all(stuck, stuck_words.WORDS, STUCK_CHECKS, state, values)


WHENS = ("never", "before compile", "after compile", "after compile, compiled again",
         "compiled again, before fit")  # fmt: skip
WAYS = [("functional", t) for t in ("not given", "True", "False")]
WAYS += [("subclassed", t) for t in ("not given", "True", "False", "passed on")]
MOVED = st.sampled_from([True, False, None])
TRUE_RULE = {"never": False, "after compile": False} | dict.fromkeys(
    ("before compile", "after compile, compiled again", "compiled again, before fit"), True
)


def frozen(row):
    moved = [row["gamma_moved"], row["statistics_moved"]]
    if any(moved):
        return False
    return True if moved == [False, False] else None


def row_of(rows, model, training, when):
    (row,) = [r for r in rows if (r["model"], r["training"], r["frozen"])
              == (model, training, when)]  # fmt: skip
    return row


def counted(rows):
    judged = [(frozen(row), TRUE_RULE[row["frozen"]]) for row in rows]
    known = [pair for pair in judged if pair[0] is not None]
    return len(known), sum(found is not rule for found, rule in known)


def check_rule(c, text, state, rows):
    known, wrong = counted(rows)
    assert known > 0
    assert wrong == 0
    assert (
        f"all {len(rows)} comb" if known == len(rows) else f"the {known} of {len(rows)}"
    ) in text


def check_no_rule(c, text, state, rows):
    known, wrong = counted(rows)
    assert wrong > 0
    assert f"wrong in {wrong} of {'all 35' if known == 35 else f'the {known} of 35'} " in text


def check_no_rule_known(c, text, state, rows):
    assert counted(rows) == (0, 0)


ASKED = {
    "training": ("functional", "False", "never"),
    "trainable": ("functional", "not given", "after compile"),
    "compiled": ("functional", "not given", "after compile, compiled again"),
}
SAID = {True: "**Frozen.**", False: "**Not frozen.**", None: "cannot tell.**"}


def check_way(c, text, state, rows):
    row = row_of(rows, *ASKED[c["name"]])
    assert page.FREEZING_GUESSES[c["name"]] in text
    assert text.endswith(SAID[frozen(row)])
    assert ("gamma and the moving statistics moved" in text) == (
        row["gamma_moved"] is True and row["statistics_moved"] is True
    )
    assert ("nothing moved" in text) == (True not in (row["gamma_moved"], row["statistics_moved"]))
    assert ("statistics of the batch" in text) == (row["fit"] == "batch")
    assert ("with the moving statistics" in text) == (row["fit"] == "moving")
    for name in ("gamma_moved", "statistics_moved"):
        if row[name] is None and "nothing moved" in text:
            assert f"{'gamma' if name == 'gamma_moved' else 'the moving statistics'} " in text


def check_prediction(c, text, state, rows):
    found = frozen(row_of(rows, *ASKED[state.freezing_guess]))
    assert ("predicted it" in text) == (found is True)
    assert ("did not freeze" in text) == (found is False)


def check_reverse_trap(c, text, state, rows):
    row = row_of(rows, "subclassed", "not given", "never")
    assert (row["statistics_moved"], row["fit"]) == (False, "moving")


def check_cannot_tell(c, text, state, rows):
    assert any(row[name] is None for row in rows for name in ("gamma_moved", "statistics_moved"))


FREEZING_CHECKS = {
    "rule": check_rule, "no rule": check_no_rule, "no rule known": check_no_rule_known,
    "way": check_way, "prediction": check_prediction, "reverse trap": check_reverse_trap,
    "cannot tell": check_cannot_tell,
}  # fmt: skip


@settings(max_examples=60)
@given(
    st.lists(st.tuples(MOVED, MOVED, st.sampled_from(["batch", "moving", "cannot tell"])),
             min_size=35, max_size=35),
    st.sampled_from(["as drawn", "the rule", "the rule, some unknown", "all unknown"]),
    st.sampled_from(list(page.FREEZING_GUESSES)),
)  # fmt: skip
def test_every_claim_about_freezing(drawn, how, guess):
    rows = []
    for (way, when), (gamma, statistics, fit) in zip(
        itertools.product(WAYS, WHENS), drawn, strict=True
    ):
        if how == "the rule" or (how == "the rule, some unknown" and gamma is not None):
            gamma, statistics = (not TRUE_RULE[when],) * 2
        elif how != "as drawn":
            gamma, statistics = None, False
        rows.append(
            {"model": way[0], "training": way[1], "frozen": when, "gamma_moved": gamma,
             "statistics_moved": statistics, "fit": fit}
        )  # fmt: skip
    state = dataclasses.replace(ModesState(), freezing_guess=guess)
    check_all(freezing, freezing_words.WORDS, FREEZING_CHECKS, state, rows)


def held(values):
    return np.array([values["moving_mean"][-1], values["moving_variance"][-1]], float)


def sick_of(values):
    return [f for f, column in enumerate(held(values).T) if not all(map(math.isfinite, column))]


def clean_but_beyond(state):
    """Features whose squared deviations do not add up in float32, in exact arithmetic."""
    columns = [[Fraction(float(v)) for v in column] for column in state.data.array.T]
    most = Fraction(float(np.finfo(np.float32).max))
    return [f for f, column in enumerate(columns) if _variance(column) * len(column) > most]


def check_ends(c, text, state, values):
    sick, bad, features = sick_of(values), page.poisoned(state), values["moving_mean"].shape[1]
    assert c["updates"] == len(values["update"]) - 1 - state.before
    assert text.startswith(f"{c['updates']:,} clean updates after one ")
    mean, variance = held(values)[:, bad]
    assert f"moving mean **{mean:.5g}** and the moving variance **{variance:.5g}**" in text
    listed = text.split("end: ")[1].split(".")[0]
    assert ("no feature" in listed) == (not sick)
    assert [int(word.strip(",")) for word in listed.split() if word.strip(",").isdigit()] == sick
    true = {"none": not sick, "feature": sick == [bad], "all": len(sick) == features}
    if "You predicted it" in text:
        assert true[state.poison_guess]
    elif "You predicted" in text:
        assert not true[state.poison_guess]


def check_beyond(c, text, state, values):
    assert c["features"] == [f for f in clean_but_beyond(state) if f in sick_of(values)]
    assert c["features"]


def check_outputs(c, text, state, values):
    output, bad = values["output"].astype(float), page.poisoned(state)
    assert bad in sick_of(values)
    assert bad not in clean_but_beyond(state)
    broken = sum(not math.isfinite(value) for value in output.ravel())
    assert f"{broken} of the {output.size} outputs" in text
    shown = text.split("comes out as **")[1].split("**")[0]
    seen = {f"{value + 0.0:.4g}" for value in values["output"][:, bad]}
    assert set(shown.removesuffix(" and others").split(" and ")) <= seen
    assert ("others" in shown) == (len(seen) > 3)
    zero = "every number is 0" in text
    if zero:
        assert math.isinf(held(values)[1, bad])
        assert all(value == 0 for value in output[:, bad])


def check_cure(c, text, state, values):
    assert sick_of(values)


def check_heals(c, text, state, values):
    bad = page.poisoned(state)
    mean, clean = held(values)[0, bad], float(np.mean(state.data.array[:, bad].astype(float)))
    assert math.isfinite(mean)
    assert abs(mean - clean) > 999 * max(abs(clean), 1)
    assert c["share"] == pytest.approx(1 - state.keep)


POISON_CHECKS = {
    "ends": check_ends, "beyond": check_beyond, "outputs": check_outputs, "cure": check_cure,
    "heals": check_heals,
}  # fmt: skip
BAD = {"nan": np.nan, "inf": np.inf, "1e20": 1e20}


@settings(max_examples=80)
@given(
    TABLES, st.sampled_from(list(BAD)), st.integers(0, 3), st.integers(0, 2), st.integers(0, 30),
    st.sampled_from([0.0, 0.5, 0.99, 1.0]), st.sampled_from(list(page.POISON_GUESSES)),
)  # fmt: skip
@example([[1e20, 1.0], [-1e20, 2.0]], "nan", 1, 1, 3, 0.5, "all")
@example([[1.0], [2.0]], "nan", 0, 1, 3, 0.5, "all")
@example([[float(n), 1.0] for n in range(5)], "inf", 0, 1, 3, 0.5, "feature")
def test_every_claim_about_a_bad_number(x, bad, feature, before, after, keep, guess):
    state = dataclasses.replace(
        ModesState(), data=FrozenArray(x), bad=bad, feature=feature, before=before, after=after,
        keep=keep, poison_guess=guess,
    )  # fmt: skip
    clean = np.asarray(x, np.float32)
    poisoned = clean.copy()
    poisoned[0, page.poisoned(state)] = BAD[bad]
    mean, variance = np.zeros(clean.shape[1], np.float32), np.ones(clean.shape[1], np.float32)
    path = []
    with np.errstate(all="ignore"):
        for rows in [clean] * before + [poisoned] + [clean] * after:
            old, new = np.float32(keep), np.float32(1 - keep)
            mean = old * mean + new * rows.mean(axis=0)
            variance = old * variance + new * rows.var(axis=0)
            path.append((mean, variance))
        output = (clean - mean) / np.sqrt(variance + np.float32(1e-3))
    values = {
        "update": np.arange(1, len(path) + 1), "output": output,
        "moving_mean": np.array([m for m, _ in path]),
        "moving_variance": np.array([v for _, v in path]),
    }  # fmt: skip
    check_all(poison, poison.WORDS, POISON_CHECKS, state, values)
