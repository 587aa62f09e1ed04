"""Every claim about speed, held against a computation of this file."""

import math
import statistics

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bncore.experiments.speed import Measured, SpeedFound
from tests.claims import check_all
from ui.questions.speed import answers
from ui.questions.speed.state import GUESSES, WAYS, SpeedState
from ui.questions.speed.words import WORDS


def shown(error):
    return f"{error:.2g}" if math.isfinite(error) else "not finite"


def moments(values, name):
    return values.ways[name].moments.tolist()


def forward(values, name):
    return values.ways[name].forward.tolist()


def enough(values):
    """Nothing is said of times after fewer than three rounds."""
    assert min(len(forward(values, name)) for name in WAYS) >= 3


def check_pair(c, text, state, values):
    enough(values)
    engine, naive = (statistics.median(moments(values, name)) for name in ("engine", "naive"))
    assert f"({1e3 * engine:.3g} ms, {1e3 * naive:.3g} ms" in text
    for name in ("engine", "naive"):
        assert shown(values.ways[name].variance_error) in text
    return f"needs {engine / naive:.2g} times NumPy's time" in text


def check_less(c, text, state, values):
    assert check_pair(c, text, state, values)
    assert all(e < n for e in moments(values, "engine") for n in moments(values, "naive"))


def check_more(c, text, state, values):
    assert check_pair(c, text, state, values)
    assert all(e > n for e in moments(values, "engine") for n in moments(values, "naive"))


def check_level(c, text, state, values):
    assert not check_pair(c, text, state, values)
    pairs = [(e, n) for e in moments(values, "engine") for n in moments(values, "naive")]
    assert any(e <= n for e, n in pairs)
    assert any(e >= n for e, n in pairs)


def check_fastest(c, text, state, values):
    enough(values)
    best = forward(values, c["name"])
    others = [name for name in WAYS if name != c["name"]]
    assert all(max(best) < min(forward(values, name)) for name in others)
    assert f"fastest is **{GUESSES[c['name']]}**: {1e3 * statistics.median(best):.3g} ms" in text
    for name in others:
        ratio = statistics.median(forward(values, name)) / statistics.median(best)
        assert f"{GUESSES[name]} {ratio:.2g} times as long" in text
    assert ("You predicted it" in text) == (state.guess == c["name"])


def check_no_fastest(c, text, state, values):
    enough(values)
    for name in WAYS:
        others = [time for other in WAYS if other != name for time in forward(values, other)]
        assert max(forward(values, name)) >= min(others)
    low = min(WAYS, key=lambda name: statistics.median(forward(values, name)))
    reach = max(forward(values, low))
    assert set(c["names"]) == {low} | {n for n in WAYS if min(forward(values, n)) <= reach}
    assert len(c["names"]) > 1
    assert "You predicted it" not in text
    assert ("You predicted" in text) == (state.guess != "unsure")


def check_unfinished(c, text, state, values):
    rounds = [len(forward(values, name)) if name in values.ways else 0 for name in WAYS]
    assert c["rounds"] == min(rounds) < 3
    assert f"after {min(rounds)} of 5 rounds" in text


def ranked(error):
    return error if math.isfinite(error) else math.inf


def check_errors(c, text, state, values):
    found = {name: ranked(row.x_hat_error) for name, row in values.ways.items()}
    assert found[c["best"]] == min(found.values())
    assert found[c["worst"]] == max(found.values())
    assert f"**{GUESSES[c['best']]}** (off by {shown(found[c['best']])} dev" in text
    assert f"**{GUESSES[c['worst']]}** ({shown(found[c['worst']])})" in text


def check_worse(c, text, state, values):
    short, naive = (values.ways[name].variance_error for name in ("short", "naive"))
    finite = math.isfinite(values.ways["short"].x_hat_error)
    assert ranked(short) > 10 * ranked(naive) or not finite
    assert state.mean**2 < 10  # nothing cancels
    assert f"is {shown(short)}, against {shown(naive)} in two" in text
    assert "times as large" not in text


def digits(text, state):
    assert state.mean**2 >= 10
    assert f"about {state.mean * state.mean:,.0f} times as large" in text
    assert f"{state.dtype} keeps {'7' if state.dtype == 'float32' else '16'} digits" in text


def check_lost(c, text, state, values):
    short, naive = (values.ways[name].variance_error for name in ("short", "naive"))
    assert ranked(short) > 10 * ranked(naive)
    assert ("loses digits" in text) == (short < 0.1)
    assert f"its error is {shown(short)} of it, against {shown(naive)}" in text
    digits(text, state)


def check_negative(c, text, state, values):
    assert not math.isfinite(values.ways["short"].x_hat_error)
    digits(text, state)


def check_kept(c, text, state, values):
    short, naive = (values.ways[name].variance_error for name in ("short", "naive"))
    assert ranked(short) <= 10 * ranked(naive)
    assert math.isfinite(values.ways["short"].x_hat_error)
    assert f"(error {shown(short)}, two passes {shown(naive)})" in text


def check_single(c, text, state, values):
    assert state.dtype == "float64"
    assert text.endswith(f"hence its {shown(values.ways['tensorflow'].x_hat_error)}.")


def check_memory(c, text, state, values):
    for name, row in values.ways.items():
        held, _, missing = text.partition("Not measured")
        if row.peak is None:
            assert GUESSES[name] in missing
        else:
            assert f"{GUESSES[name]} {row.peak / values.nbytes:.1f}" in held


CHECKS = {
    "less": check_less, "more": check_more, "level": check_level, "fastest": check_fastest,
    "no fastest": check_no_fastest, "unfinished": check_unfinished, "errors": check_errors,
    "short lost": check_lost, "short negative": check_negative, "short kept": check_kept,
    "short worse": check_worse,
    "single": check_single, "memory": check_memory,
}  # fmt: skip

ROUNDS = st.lists(st.sampled_from([0.0, 0.5, 1.0, 6.0]), min_size=2, max_size=5)
TIMES = st.builds(
    lambda base, more: [1e-3 * (base + each) for each in more],
    st.sampled_from([1, 2, 4, 9]),
    ROUNDS,
)
ERRORS = st.sampled_from([0.0, 1e-16, 1e-7, 2e-7, 1e-3, 6400.0, math.nan, math.inf])
ROWS = st.tuples(TIMES, TIMES, ERRORS, ERRORS, st.sampled_from([None, 0, 2000, 4300]))
QUICK = ([0.001] * 3, [0.002] * 3, 1e-7, 1e-7, 2000)
WIDE = ([0.001, 0.001, 0.02], [0.002, 0.002, 3.0], 1e-7, 1e-7, None)
BRIEF = ([0.01] * 2, [2.5] * 2, 1e-7, 1e-3, 2000)
SLOW = ([0.01] * 3, [2.5] * 3, 1e-7, 1e-3, 2000)


@settings(max_examples=300)
@given(
    st.lists(ROWS, min_size=5, max_size=5) | st.lists(ROWS, min_size=1, max_size=4),
    st.sampled_from(["float32", "float64"]),
    st.sampled_from([0.0, 1.0, 1e4]),
    st.sampled_from(list(GUESSES)),
)
@example([SLOW, SLOW, QUICK, SLOW, SLOW], "float32", 1e4, "engine")
@example([QUICK, SLOW, SLOW, SLOW, SLOW], "float64", 1e4, "engine")
@example([SLOW, SLOW, WIDE, SLOW, SLOW], "float32", 1e4, "naive")
@example([SLOW, SLOW, SLOW, SLOW, BRIEF], "float32", 1e4, "naive")
@example([SLOW, SLOW, QUICK, QUICK, SLOW], "float32", 1e4, "naive")
@example([SLOW] * 5, "float32", 0.0, "layer")
def test_every_claim_about_speed(rows, dtype, mean, guess):
    found = {}
    for name, (parts, whole, variance, x_hat, peak) in zip(WAYS, rows, strict=False):
        rounds = min(len(parts), len(whole))
        moments = [] if name == "layer" else parts[:rounds]
        times = np.array(moments), np.array(whole[:rounds])
        found[name] = Measured("CPU", variance, x_hat, peak, *times)
    values = SpeedFound(nbytes=1000, ways=found)
    state = SpeedState(dtype=dtype, mean=mean, guess=guess)
    kinds = check_all(answers, WORDS, CHECKS, state, values)
    assert ("memory" in kinds) == (len(rows) == 5)
    assert ("single" in kinds) == (len(rows) == 5 and dtype == "float64")
