"""What a study and a sweep take, and how their work is dealt out."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bncore
from bncore.experiments.placement import Study, Sweep
from bncore.placement import PLACEMENTS

DATA = bncore.datasets.two_classes(rows=65)
VARIANTS = st.lists(st.sampled_from(list(PLACEMENTS)), min_size=1, unique=True)
RATES = st.lists(st.sampled_from([0.001, 0.01, 0.1, 1.0, 10.0]), min_size=1, unique=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"variants": ["beside"]}, "none, before, after, output, orphan"),
        ({"variants": []}, "none, before"),
        ({"activation": "sine"}, "tanh, relu, sigmoid"),
        ({"block": "conv"}, "rank 4"),
        ({"batch_size": 100}, "52 training rows"),
        ({"optimizer": "lion"}, "optimizer is one of"),
        ({"replicas": 0}, "replicas"),
    ],
)
def test_bad_arguments_say_what_is_allowed(arguments, words):
    with pytest.raises(ValueError, match=words):
        Study(DATA.values, DATA.labels, **{"units": 2, "epochs": 1, **arguments})


@pytest.mark.parametrize("part", [(2, 2), (0, 3), (-1, 2), (0, 0)])
def test_a_part_that_there_is_not(part):
    with pytest.raises(ValueError, match="part"):
        Study(DATA.values, DATA.labels, variants=("none", "before"), part=part)


@given(VARIANTS, RATES, st.data())
def test_all_parts_together_make_everything_once(variants, rates, data):
    settings = {"variants": variants, "rates": rates}
    of = data.draw(st.integers(1, len(variants) * len(rates)))
    parts = [Sweep(DATA.values, DATA.labels, part=(i, of), **settings) for i in range(of)]
    made = Counter(
        (name, rate) for part in parts for name in part.mine for rate in part.dealt[name]
    )
    assert made == {(name, rate): 1 for name in variants for rate in rates}


@given(VARIANTS, st.data())
def test_the_variants_of_a_study_are_dealt_out(variants, data):
    of = data.draw(st.integers(1, len(variants)))
    parts = [Study(DATA.values, DATA.labels, part=(i, of), variants=variants) for i in range(of)]
    assert sorted(name for part in parts for name in part.mine) == sorted(variants)
