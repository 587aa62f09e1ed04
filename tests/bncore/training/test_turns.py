"""Whose turn it is: fair, bounded, and nobody is forgotten."""

import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bncore.training.turns import CHECK, CHECKS_IN_A_ROW, LANES, RUN, STUDY, Turns

VISITORS = ("ada", "bob", "cyd", "dan")
requests = st.tuples(st.sampled_from(VISITORS), st.sampled_from(LANES))
workers = st.integers(1, 4)


def filled(asked, workers=1) -> Turns:
    turns = Turns(workers)
    for number, (visitor, lane) in enumerate(asked):
        turns = turns.add(f"{visitor}{number}", lane, visitor)
    return turns


def one_by_one(turns: Turns) -> list[str]:
    """The keys in the order in which they run where one ends before the next begins."""
    keys = []
    while (taken := turns.take())[0] is not None:
        keys.append(taken[0])
        turns = taken[1].ended(taken[0])
    return keys


@given(st.lists(requests, max_size=20))
def test_everybody_has_a_turn_and_only_one(asked):
    turns = filled(asked)
    assert sorted(one_by_one(turns)) == sorted(f"{v}{n}" for n, (v, _) in enumerate(asked))


@given(st.lists(requests.filter(lambda asked: asked[1] != STUDY), max_size=20))
def test_the_place_that_is_shown_is_the_place_in_which_it_runs(asked):
    turns, ran = filled(asked), one_by_one(filled(asked))
    for lane in (CHECK, RUN):
        keys = {f"{v}{n}" for n, (v, each) in enumerate(asked) if each == lane}
        places = {key: turns.place(key) for key in keys}
        assert places == {key: n for n, key in enumerate((k for k in ran if k in keys), 1)}


@given(st.lists(requests, max_size=20), st.integers(-1, 2))
def test_the_order_is_that_of_one_turn_after_the_other(asked, studies):
    line, one_by_one, room = filled(asked).runs, [], studies
    while line.waiting:
        chosen = line.next(room)
        if chosen is None:
            room += 1
            continue
        one_by_one.append(chosen[0].key)
        room -= chosen[0].lane == STUDY
        line = line.without(*chosen)
    assert filled(asked).runs.order(studies) == tuple(one_by_one)


@given(st.lists(requests, max_size=20), workers)
def test_places_are_those_of_take_with_more_workers(asked, workers):
    """As long as nothing ends, whoever is taken is the first of a line."""
    turns = filled(asked, workers)
    while (taken := turns.take())[0] is not None:
        assert turns.place(taken[0]) == 1
        assert taken[1].place(taken[0]) is None
        turns = taken[1]


@given(st.lists(requests, max_size=30), workers, st.randoms())
def test_never_more_than_there_are_workers_and_one_is_left_to_what_is_short(asked, workers, chance):
    turns, done = filled(asked, workers), 0
    while True:
        key, turns = turns.take()
        if key is None:
            if not turns.running:
                break
            done += 1
            turns = turns.ended(chance.choice(turns.running).key)
        assert len(turns.running) <= workers
        assert sum(entry.lane == STUDY for entry in turns.running) <= max(1, workers - 1)
    assert done == len(asked)


@given(st.lists(st.sampled_from(VISITORS), max_size=30))
def test_between_two_turns_of_one_visitor_everybody_else_who_waits_has_one(owners):
    ran = [key[:3] for key in one_by_one(filled([(visitor, RUN) for visitor in owners]))]
    for visitor in set(owners):
        turns = [n for n, each in enumerate(ran) if each == visitor]
        for one, next_one in itertools.pairwise(turns):
            still_waiting = set(ran[next_one:]) - {visitor}
            assert still_waiting <= set(ran[one + 1 : next_one])


@given(st.integers(1, 40), st.integers(1, 40))
def test_neither_checks_nor_runs_starve(checks, runs):
    ran = one_by_one(filled([("ada", CHECK)] * checks + [("bob", RUN)] * runs))
    first_run = next(n for n, key in enumerate(ran) if key.startswith("bob"))
    assert first_run == min(checks, CHECKS_IN_A_ROW)
    assert ran[0].startswith("ada")


def test_ten_tabs_of_one_visitor_do_not_make_the_others_wait():
    turns = filled([("ada", RUN)] * 10).add("late", RUN, "bob")
    assert turns.place("late") == 2


def test_a_second_worker_is_never_given_to_a_second_study():
    turns = filled([("ada", STUDY), ("bob", STUDY), ("cyd", RUN)], workers=2)
    _, turns = turns.take()
    assert turns.place("bob1") == 2  # behind cyd's run, which need not wait for ada's study
    key, turns = turns.take()
    assert key == "cyd2"
    assert turns.ended("cyd2").take()[0] is None
    assert turns.ended("ada0").take()[0] == "bob1"


def test_who_is_alone_has_all_workers():
    turns = replace(filled([("ada", STUDY), ("ada", STUDY)], workers=2), reserved=0)
    assert turns.take()[1].take()[0] == "ada1"


def test_a_check_does_not_wait_for_a_study_that_fills_its_share():
    turns = filled([("ada", STUDY), ("ada", STUDY)], workers=2)
    _, turns = turns.take()
    assert turns.take()[0] is None
    assert turns.add("check", CHECK, "bob").take()[0] == "check"


def test_a_shared_job_runs_at_the_first_turn_of_any_of_its_visitors():
    turns = filled([("ada", RUN)] * 5).join("ada4", "bob")
    assert turns.place("ada4") == 2
    turns = turns.leave("ada4", "bob")
    assert turns.place("ada4") == 5


def test_a_job_that_nobody_waits_for_is_gone():
    turns = filled([("ada", RUN)]).join("ada0", "ada").leave("ada0", "ada")
    assert turns.place("ada0") == 1  # the other tab
    assert turns.leave("ada0", "ada").take()[0] is None
    assert turns.leave("ada0", "nobody").place("ada0") == 1
    assert turns.drop("ada0").place("ada0") is None


def test_a_job_that_could_not_begin_is_next():
    key, turns = filled([("ada", RUN), ("bob", RUN)]).take()
    turns = turns.back(key)
    assert turns.running == ()
    assert (turns.place("ada0"), turns.place("bob1")) == (1, 2)
    assert turns.back("unknown") == turns


def test_without_workers_nothing_runs():
    assert filled([("ada", RUN)], workers=0).take()[0] is None
