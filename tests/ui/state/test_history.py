"""Undo and redo, for any sequence of actions."""

from hypothesis import given
from hypothesis import strategies as st

from ui.state.history import LIMIT, History

actions = st.lists(st.integers(0, 3) | st.sampled_from(["undo", "redo"]), max_size=30)


def play(history, steps):
    for step in steps:
        history = getattr(history, step)() if isinstance(step, str) else history.commit(step)
    return history


@given(actions, st.integers(0, 3))
def test_undo_takes_back_a_commit_and_redo_brings_it_again(steps, value):
    before = play(History(0), steps)
    after = before.commit(value)
    if value == before.present:
        assert after is before
    else:
        assert after.undo().present == before.present
        assert after.undo().redo() == after
        assert not after.can_redo


@given(actions)
def test_the_browser_buttons_walk_the_same_history(steps):
    history = play(History(0), steps)
    if history.can_undo:
        assert history.visit(history.past[-1]) == history.undo()
    elif history.can_redo:
        assert history.visit(history.future[0]) == history.redo()


def test_the_past_is_bounded():
    history = play(History(-1), range(3 * LIMIT))
    assert len(history.past) == LIMIT
    assert history.undo().present == 3 * LIMIT - 2


def test_the_ends_stay_where_they_are():
    assert History(1).undo() == History(1).redo() == History(1)


@given(actions, st.integers(0, 3))
def test_what_is_amended_is_no_step(steps, value):
    before = play(History(0), steps)
    after = before.amend(value)
    assert after.present == value
    assert (after.past, after.future) == (before.past, before.future)


def test_a_new_address_is_a_step():
    assert History(1).visit(2).undo().present == 1
