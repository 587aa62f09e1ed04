"""What is claimed of a moving variance, against averages simulated in float32 by another hand."""

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bncore
from bncore import settling
from bncore.estimators import BIASED, KERAS_2, UNBIASED
from bncore.paths import CANDIDATES, Case
from bncore.settling import Kind, Settling, distance, first_update, settling_of, told_apart

X = bncore.DATASETS["question-2018"]().values
FACTORS = {
    "biased": lambda n, epsilon: 1.0,
    "n/(n-1)": lambda n, epsilon: n / (n - 1),
    "n/(n-(1+epsilon))": lambda n, epsilon: n / (n - (1 + epsilon)),
}


def simulated(data, id, keep, epsilon, updates, subtract=False):
    """The moving variance after every update, as a layer computes it: NumPy, float32 throughout."""
    x = np.asarray(data, np.float32)
    n, keep32, new32 = len(x), np.float32(keep), np.float32(1 - keep)
    with np.errstate(all="ignore"):
        variance = np.square(x - x.mean(axis=0, dtype=np.float32)).mean(axis=0, dtype=np.float32)
        stored = variance * np.float32(FACTORS[id](n, epsilon))
        moving, path = np.ones_like(stored), []
        for _ in range(updates):
            step = (moving - stored) * new32
            moving = moving - step if subtract else keep32 * moving + new32 * stored
            path.append(moving)
    return np.stack(path)


@pytest.mark.parametrize("estimator", CANDIDATES, ids=lambda e: e.id)
@pytest.mark.parametrize("data", [X, X[:, :1]], ids=["all columns", "first column"])
def test_no_slider_position_gives_a_wrong_name(estimator, data):
    case = Case.of(data, 5, 0.99, 1e-3)
    path = simulated(data, estimator.id, 0.99, 1e-3, 1500)
    claims = [settling_of(value, case, at + 1) for at, value in enumerate(path)]
    for claim in claims:
        assert estimator in claim.possible
        if claim.kind == "reached":
            assert claim.possible == (estimator,)
            assert claim.miss < claim.apart / 4
    kinds = [claim.kind for claim in claims]
    assert kinds == sorted(kinds, key=["open", "near", "reached"].index)  # it never goes back
    assert {"open", "near", "reached"} == set(kinds)


def test_when_it_is_told_apart_is_known_before():
    path = simulated(X, "n/(n-1)", 0.99, 1e-3, 1400)
    case = Case.of(X, 5, 0.99, 1e-3)
    before = settling_of(path[1099], case, 1100)
    assert before.possible == (UNBIASED, KERAS_2)
    assert 1100 < before.when < 1300
    assert settling_of(path[before.when - 2], case, before.when - 1).kind == "open"
    assert settling_of(path[before.when - 1], case, before.when).possible == (UNBIASED,)


def test_what_is_left_of_the_initial_value_is_no_other_estimator():
    """The biased variance and 7e-4 of the 1: nearer to the corrected ones."""
    data = np.random.default_rng(0).normal(0, 0.3, (1000, 2))
    held = simulated(data, "biased", 0.99, 1e-3, 960)[-1]
    claim = settling_of(held, Case.of(data, 1000, 0.99, 1e-3), 960)
    assert claim.possible == (BIASED,)
    assert claim.kind == "near"


def test_what_float32_cannot_tell_apart_never_is():
    case = Case.of(X, 5, 0.99, 2e-5)
    claim = settling_of(simulated(X, "n/(n-1)", 0.99, 2e-5, 3000)[-1], case, 3000)
    assert (claim.kind, claim.possible, claim.when) == ("open", (UNBIASED, KERAS_2), None)
    same = settling_of(simulated(X, "n/(n-1)", 0.5, 0.0, 100)[-1], Case.of(X, 5, 0.5, 0.0), 100)
    assert same.apart == 0
    assert same.when is None


def test_what_rounding_may_hide_is_near_and_not_reached():
    """keep 0.9999 may stop 1.3e-3 from the target."""
    case = Case.of(X, 5, 0.9999, 1e-3)
    claim = settling_of(case.targets["biased"] * (1 + 3e-4), case, 400_000)
    assert (claim.kind, claim.possible, claim.when) == ("near", (BIASED,), None)
    assert 1e-3 < claim.rounding < 2e-3


def test_no_time_is_given_where_one_of_the_three_would_never_be_told_apart():
    """Variances near float32's smallest number: biased and Keras 2's come apart, n/(n-1) from
    neither of the two."""
    data = np.random.default_rng(1).normal(size=(17, 2)) * np.array([1e-18, 1e-30])
    case = Case.of(data, 17, 0.25, 0.5)
    assert first_update(case, lambda t: told_apart(case, BIASED, KERAS_2, t))
    assert settling_of(case.exact(UNBIASED, 1), case, 1).when is None


def test_another_rule_is_on_no_path():
    case = Case.of(X, 5, 0.99, 1e-3)
    assert settling_of(case.targets["n/(n-1)"] * 1.25, case, 5000).kind == "unlike"
    assert settling_of(np.full(6, np.nan), case, 5000).kind == "unlike"
    one = simulated(X, "biased", 0.99, 1e-3, 2000)[-1].astype(float)
    one[3] *= 1.001  # a thousandth, in one small column
    assert settling_of(one, case, 2000).kind == "unlike"


def test_a_constant_feature_is_left_out_and_alone_gives_nothing():
    x = X.copy()
    x[:, 2] = 0.5
    path = simulated(x, "biased", 0.99, 1e-3, 2000)
    assert settling_of(path[-1], Case.of(x, 5, 0.99, 1e-3), 2000).kind == "reached"
    assert settling_of(np.zeros(2), Case.of(np.ones((5, 2)), 5, 0.99, 1e-3), 9).kind == "nothing"


@pytest.mark.parametrize("scale", [1e-18, 1e-30])
def test_what_float32_cannot_hold_is_not_on_its_way(scale):
    path = simulated(X * scale, "biased", 0.99, 1e-3, 50)
    assert settling_of(path[-1], Case.of(X * scale, 5, 0.99, 1e-3), 50).kind == "nothing"


def test_the_short_formula_leaves_more_and_hides_the_names():
    """E[x^2] - E[x]^2 of data far from 0, as XLA's fused kernel computes it."""
    x = (X + 100).astype(np.float32)
    short = np.square(x).mean(axis=0) - np.square(x.mean(axis=0))
    value = short * np.float32(1.25)
    assert settling_of(value, Case.of(x, 5, 0.0, 1e-3), 1).kind == "unlike"
    assert settling_of(value, Case.of(x, 5, 0.0, 1e-3, short=True), 1).kind == "open"


@pytest.mark.parametrize("id", list(FACTORS))
def test_mini_batches_are_judged_by_the_batches_there_were(id):
    sixty = bncore.DATASETS["sixty-rows"]().values
    case, rng = Case.of(sixty, 4, 0.99, 1e-3), np.random.default_rng(3)
    moving, variances = np.ones(sixty.shape[1], np.float32), []
    for update in range(1, 1501):
        if update % 15 == 1:
            rows = rng.permutation(60).reshape(15, 4)
        variances.append(sixty[rows[(update - 1) % 15]].astype(np.float32).var(axis=0))
        stored = variances[-1] * np.float32(FACTORS[id](4, 1e-3))
        moving = np.float32(0.99) * moving + np.float32(0.01) * stored
    claim = settling_of(moving, case, 1500, np.array(variances))
    assert claim.kind == "averages"
    assert [e.id for e in claim.possible] == [id]


KEEPS = st.one_of(
    st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.999, 1 - 1e-5, 1 - 1e-7, 1 - 1e-9, 1.0]),
    st.floats(0, 0.995),
)
SCALES = st.sampled_from([1e-30, 1e-18, 1e-6, 1e-3, 0.3, 1.0, 50.0, 1e6, 1e18, 1e20])


@given(
    seed=st.integers(0, 10_000),
    rows=st.sampled_from([2, 3, 5, 17, 150, 1000]),
    scale=st.tuples(SCALES, SCALES),
    offset=st.sampled_from([0.0, 1.0, 300.0]),
    keep=KEEPS,
    epsilon=st.sampled_from([0.0, 1e-8, 1e-5, 1e-3, 0.1, 0.5, 3.0]),
    id=st.sampled_from(list(FACTORS)),
    subtract=st.booleans(),
    updates=st.integers(1, 1500),
)
def test_claims_hold_against_a_simulation(
    seed, rows, scale, offset, keep, epsilon, id, subtract, updates
):
    if id == "n/(n-(1+epsilon))" and rows - (1 + epsilon) == 0:
        return
    rng = np.random.default_rng(seed)
    data = (rng.normal(size=(rows, 2)) + offset) * np.array(scale)
    path = simulated(data, id, keep, epsilon, updates, subtract)
    case = Case.of(data, rows, keep, epsilon)
    claim = settling_of(path[-1], case, updates)
    CHECKS[claim.kind](claim, case, path, id)


def check_names(claim, case, path, id):
    assert id in [estimator.id for estimator in claim.possible]


def check_reached(claim, case, path, id):
    assert [estimator.id for estimator in claim.possible] == [id]
    target = case.variance * FACTORS[id](case.rows, case.epsilon)
    rest = [case.variance * FACTORS[other](case.rows, case.epsilon) for other in FACTORS
            if other != id and FACTORS[other](case.rows, case.epsilon) != 0]  # fmt: skip
    value, good = path[-1].astype(float), case.usable
    off = np.abs(value - target)[good]
    assert (off <= 1.001e-3 * np.abs(target[good])).all()
    assert all((off < np.abs(value - other)[good]).all() for other in rest)


def check_near(claim, case, path, id):
    assert [estimator.id for estimator in claim.possible] == [id]
    check_can_get_there(claim, case, path, id)


def check_open(claim, case, path, id):
    check_names(claim, case, path, id)
    check_can_get_there(claim, case, path, id)


def check_can_get_there(claim, case, path, id):
    """Where "after about ..." is said, the simulation arrives, and is judged so."""
    if claim.when is None or claim.when > 4000:
        return
    target = case.variance * FACTORS[id](case.rows, case.epsilon)
    with np.errstate(over="ignore"):
        target = target
    moving = path[-1]
    for _ in range(claim.when - claim.update):
        moving = (np.float32(case.keep) * moving
                  + np.float32(1 - case.keep) * target)  # fmt: skip
    later = settling_of(moving, case, claim.when)
    assert id in [estimator.id for estimator in later.possible]
    if claim.kind == "near":
        assert later.kind == "reached"
    else:
        assert len(later.possible) < len(claim.possible)


def check_stays(claim, case, path, id):
    assert (path == 1).all()


def check_nothing(claim, case, path, id):
    """Constant, or lost in float32: the smallest normal number, or an overflow."""
    lost = (1 - case.keep) * case.variance < 2e-38
    assert (lost | (case.variance * case.rows * 3 > 3e38)).all() or case.rows == 2


def check_unlike(claim, case, path, id):
    raise AssertionError(f"{id} was fed, and is on no path: {claim}")


CHECKS = {
    name.removeprefix("check_"): check for name, check in list(globals().items())
    if name.startswith("check_")
}  # fmt: skip
CHECKS["averages"] = check_names


def test_every_kind_of_claim_is_checked():
    assert set(get_args(Kind)) <= set(CHECKS)


def test_first_update_is_the_first():
    case = Case.of(X, 5, 0.99, 1e-3)
    found = first_update(case, lambda t: case.share(t) <= 0.001)
    assert found == math.ceil(math.log(0.001) / math.log(0.99))
    assert [first_update(case, lambda t, n=n: t >= n) for n in (1, 2, 3)] == [1, 2, 3]
    assert first_update(case, lambda t: False) is None
    assert first_update(Case.of(X, 5, 1.0, 1e-3), lambda t: True) is None


def test_apart_is_relative_and_symmetric():
    case = Case.of(X, 5, 0.99, 1e-3)
    assert distance(case, BIASED, UNBIASED) == pytest.approx(0.2)
    assert distance(case, UNBIASED, BIASED) == distance(case, BIASED, UNBIASED)
    assert not told_apart(case, BIASED, BIASED, 10**6)


def relative_rounding(case, update):
    """The least, over estimators that are open and features, of what float32 may leave."""
    return min((case.rounding(e, update) / case.targets[e.id]).min() for e in (UNBIASED, KERAS_2))


def test_an_open_claim_says_how_near_the_two_are_and_what_rounding_may_leave():
    case = Case.of(X, 5, 0.99, 1e-3)
    claim = settling_of(simulated(X, "n/(n-1)", 0.99, 1e-3, 1100)[-1], case, 1100)
    assert (claim.kind, claim.possible) == ("open", (UNBIASED, KERAS_2))
    assert claim.apart == distance(case, UNBIASED, KERAS_2) < distance(case, BIASED, UNBIASED)
    assert claim.share == pytest.approx(0.99**1100)
    assert claim.left == pytest.approx(0.99**1100 / case.variance.min(), rel=1e-3)
    assert claim.rounding == pytest.approx(relative_rounding(case, 1100), rel=1e-9)


def test_what_stays_open_says_what_rounding_leaves_in_the_end():
    case = Case.of(X, 5, 0.99, 2e-5)
    claim = settling_of(simulated(X, "n/(n-1)", 0.99, 2e-5, 3)[-1], case, 3)
    assert claim.when is not None  # the biased one will be out, the two others stay
    late = settling_of(simulated(X, "n/(n-1)", 0.99, 2e-5, 800)[-1], case, 800)
    assert (late.possible, late.when) == ((UNBIASED, KERAS_2), None)
    assert late.rounding == pytest.approx(relative_rounding(case, 10**5), rel=1e-6)
    assert late.rounding < 0.99 * relative_rounding(case, 800)


def test_no_update_is_named_that_has_been():
    """Mini-batches may happen to hide what is told apart by now as a rule."""
    case = Case.of(X, 5, 0.99, 1e-3)
    pair = (UNBIASED, KERAS_2)
    when = settling._open(Settling("unlike", 1), case, pair).when
    assert when > 1
    named = [settling._open(Settling("unlike", at), case, pair).when for at in (when - 1, when)]
    assert named == [when, None]


def test_near_says_when_it_arrives_and_what_rounding_may_leave_now():
    case = Case.of(X, len(X), 0.9, 1e-3)
    path = simulated(X, "biased", 0.9, 1e-3, 300)
    found = [settling_of(row, case, update) for update, row in enumerate(path, start=1)]
    arrived = next(claim.update for claim in found if claim.kind == "reached")
    assert {claim.when for claim in found if claim.kind == "near"} == {arrived}
    for claim in found:
        if claim.kind in ("near", "reached"):
            bound = case.rounding(BIASED, claim.update) / case.targets["biased"]
            assert claim.rounding == pytest.approx(bound.max(), rel=1e-12)
    assert {claim.when for claim in found if claim.kind == "reached"} == {None}


def test_what_stays_is_told_with_its_update():
    assert settling_of(np.ones(6), Case.of(X, len(X), 1.0, 1e-3), 9) == Settling("stays", 9)
