"""The four norms beside each other: whose cells share a mean, and which norms are the same."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import bncore
from ui.questions.axes import norms
from ui.questions.axes.state import AxisState, NormsState
from ui.state.arrays import FrozenArray


@st.composite
def states(draw):
    """Any rank, any layout, groups that divide the channels and groups that do not."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    return AxisState(
        data=FrozenArray(np.random.default_rng(3).normal(size=shape)),
        layout=draw(st.sampled_from(["channels last", "channels first"])),
        groups=draw(st.integers(1, 4)),
        kept=(0,),  # what other pages keep is not asked here
    )


def sharing(state, family):
    """The sets of cells that share a mean, by a walk through all cells."""
    shape, found = state.data.shape, {}
    at = 1 if state.layout == "channels first" else len(shape) - 1
    for place in itertools.product(*map(range, shape)):
        key = {
            "batch": lambda p: p[at],
            "layer": lambda p: p[0],
            "instance": lambda p: (p[0], p[at]),
            "group": lambda p: (p[0], p[at] * state.groups // shape[at]),
        }[family](place)
        found.setdefault(key, set()).add(place)
    return set(map(frozenset, found.values()))


@settings(max_examples=60, database=None)
@given(states())
def test_norms_are_called_the_same_where_they_share_the_same_cells(state):
    found = norms.norms(state)
    if len(state.data.shape) == 1:
        return  # one number for each sample: no walk through channels
    drawn = [name for name, p in found.items() if not isinstance(p, str)]
    alike = {
        frozenset((bncore.FAMILIES[a].title, bncore.FAMILIES[b].title))
        for a, b in itertools.combinations(drawn, 2)
        if sharing(state, a) == sharing(state, b)
    }
    claims = norms.claims(found)
    said = {frozenset(each.numbers.values()) for each in claims if each.kind == "same cells"}
    assert said == alike
    assert (claims[0].kind == "all differ") == (not alike)
    assert claims[0].kind != "all differ" or claims[0].numbers["count"] == len(drawn)
    assert all(each.kind in norms.WORDS for each in claims)


@settings(max_examples=60, database=None)
@given(states())
def test_a_block_shows_the_cells_that_share_a_mean(state):
    found = norms.norms(state)
    for block in norms.blocks(state, found):
        if block.problem:
            assert block.groups is None
            assert len(state.data.shape) == 1 or block.id == "group"
            continue
        cells = list(np.ndindex(state.data.shape))
        index = [int(block.groups.index[cell]) for cell in cells]
        for group, mean in enumerate(block.groups.mean.ravel()):
            mine = [cell for cell, of in zip(cells, index, strict=True) if of == group]
            if len(state.data.shape) > 1:
                assert frozenset(mine) in sharing(state, block.id)
            np.testing.assert_allclose(np.mean([state.data.array[c] for c in mine]), mean)
            each = " each" * (block.groups.mean.size > 1)
            assert f" of {len(mine)} cell{'s' * (len(mine) > 1)}{each}; " in block.summary


def test_what_is_said_of_each_norm_and_of_all():
    state = NormsState()
    found = norms.norms(state)
    assert [block.summary for block in norms.blocks(state, found)] == [
        "one mean per channel: 4 means of 12 cells each; keeps moving statistics",
        "one mean per sample: 2 means of 24 cells each; no moving statistics",
        "one mean per sample and channel: 8 means of 6 cells each; no moving statistics",
        "one mean per sample and group: 4 means of 12 cells each; no moving statistics",
    ]
    assert norms.words(found) == "No two of these 4 norms group the cells in the same way."
    one = norms.norms(NormsState(groups=1))
    assert norms.words(one) == (
        "**Layer norm and group norm share the same cells here**: the same means, the same x̂."
    )


def test_a_norm_that_does_not_fit_leaves_the_others():
    state = NormsState(groups=3)
    batch, layer, instance, group = norms.blocks(state, norms.norms(state))
    assert not any(each.problem for each in (batch, layer, instance))
    assert "3 groups do not divide 4 channels" in group.problem
