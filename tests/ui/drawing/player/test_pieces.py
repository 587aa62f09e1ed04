"""A run that goes on is sent in pieces, which together are the whole, bit for bit."""

import gzip
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.drawing.player.test_recording import decoded
from ui.drawing.player import Curve, Quantity, Recording, pieces, shelf
from ui.drawing.player.recording import Later, arrays_of, encoded


class Found:
    """A result that can be held weakly."""


def recording(**values):
    """Curves of one quantity; one that has not begun is not there."""
    return Recording(
        unit="update",
        steps=np.arange(max(map(len, values.values()))),
        features=("0", "1"),
        curves=tuple(Curve(key, key) for key in "ab"),
        quantities=(Quantity("mean", "Mean", {k: v for k, v in values.items() if len(v)}),),
    )


def told(before, made, live=True, found=None):
    return pieces.sent(before, found or Found(), "player", made, live=live)


def contents(sent):
    return [gzip.decompress(shelf.get(name)) for name in sent.names]


def fetched(sent):
    """All pieces joined, as the browser does it."""
    parts = [decoded(content) for content in contents(sent)]
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: np.concatenate([part[name] for part in parts if name in part]) for name in names}


@st.composite
def runs(draw):
    """Two curves whose rows come at different times; at the end both are whole."""
    whole = {
        key: np.random.default_rng(number).normal(size=(draw(st.integers(1, 40)), 2))
        for number, key in enumerate("ab")
    }
    whole["a"][draw(st.integers(0, len(whole["a"]) - 1))] = np.nan
    lengths = [
        sorted(draw(st.lists(st.integers(0, len(each)), min_size=4, max_size=4)))
        for each in whole.values()
    ]
    looks = [dict(zip("ab", each, strict=True)) for each in zip(*lengths, strict=True)]
    begun = [each for each in looks if any(each.values())]
    return whole, [*begun, {key: len(each) for key, each in whole.items()}]


@given(runs())
def test_the_pieces_are_the_whole_and_none_holds_what_another_has(run):
    whole, looks = run
    sent = None
    for number, ends in enumerate(looks):
        rows = {key: whole[key][:end] for key, end in ends.items()}
        before = sent
        sent = told(before, recording(**rows), live=number < len(looks) - 1)
        if before is not None:
            assert sent.names[: len(before.names)] == before.names
    alone = arrays_of(recording(**whole))
    found = fetched(sent)
    assert found.keys() == alone.keys()
    for name, array in alone.items():
        assert found[name].tobytes() == array.tobytes()
        assert found[name].shape == array.shape
    numbers = [sum(map(np.size, decoded(each).values())) for each in contents(sent)]
    assert sum(numbers) == sum(map(np.size, alone.values()))  # no row is sent twice


def test_nothing_new_is_no_piece_and_the_same_record_is_not_looked_at_again():
    made, found = recording(a=np.ones((9, 2))), Found()
    sent = told(None, made, found=found)
    assert told(sent, made).names == sent.names
    numbers = Later("a", lambda key: pytest.fail("made again"))
    untouched = replace(made, quantities=(Quantity("mean", "Mean", numbers),))
    assert told(sent, untouched, found=found) is sent


def test_a_long_run_waits_until_it_has_grown_by_a_share_and_its_end_does_not():
    values = np.random.default_rng(0).normal(size=(1001, 2))
    sent = told(None, recording(a=values[:1000]))
    assert told(sent, recording(a=values)).names == sent.names
    last = told(sent, recording(a=values), live=False)
    assert len(last.names) == 2
    assert fetched(last)["mean/a"].tobytes() == values.tobytes()


@pytest.mark.parametrize(
    "other",
    [
        np.ones((4, 2)),  # shorter
        np.r_[np.ones((4, 2)), np.zeros((5, 2))],  # other numbers
        np.ones((9, 2), np.float32),
        np.ones((9, 3)),
    ],
)
def test_what_does_not_go_on_is_sent_anew(other):
    sent = told(None, recording(a=np.ones((5, 2))))
    anew = told(sent, recording(a=other))
    assert len(anew.names) == 1
    assert contents(anew) == [encoded(arrays_of(recording(a=other)))]


def test_whoever_opens_a_finished_run_gets_it_whole_and_under_one_name():
    made, found = recording(a=np.ones((9, 2))), Found()
    visitors = [told(None, made, live=False, found=found).names for _ in range(2)]
    assert visitors[0] == visitors[1]
    assert len(visitors[0]) == 1


def test_a_piece_that_was_dropped_makes_it_begin_anew(monkeypatch):
    monkeypatch.setattr(shelf, "_shelf", type(shelf._shelf)())
    values = np.random.default_rng(0).normal(size=(9, 2))
    sent = told(None, recording(a=values[:5]))
    shelf._shelf.clear()
    anew = told(sent, recording(a=values))
    assert len(anew.names) == 1
    assert fetched(anew)["mean/a"].tobytes() == values.tobytes()
