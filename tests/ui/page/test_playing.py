"""Runs that were pinned: what is said of them, and what the player gets."""

import dataclasses
import gzip
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bncore.experiments.moving import Moving
from bncore.training.jobs import Job
from ui.drawing.player import Curve, Level, Look, Quantity, Recording, shelf
from ui.drawing.player.pinned import Pinned, ends
from ui.drawing.player.recording import arrays_of, encoded
from ui.page import pins, playing
from ui.page.playing import MOST_SAID, differences, differing
from ui.state.page import MOST_PINS as MOST
from ui.training.runs import Result

DATA = np.arange(6.0).reshape(3, 2)


class Found:
    """A record that can be held weakly."""


def recording(steps=4, features=2, factor=1.0) -> Recording:
    values = factor * np.arange(steps * features, dtype=np.float32).reshape(steps, features)
    return Recording(
        "update",
        np.arange(steps),
        tuple(f"feature {n}" for n in range(features)),
        (Curve("a", "A"),),
        (
            Quantity("mean", "Mean", {"a": values}, over=Level("over", np.full(features, factor))),
            Quantity("taken", "", {"a": values}, pictured=False),
        ),
    )


def test_settings_that_differ_are_named_with_what_they_were():
    pinned = Job(Moving(DATA, keep=0.9, updates=5, variants=("keras-3", "unbiased")))
    now = Job(Moving(DATA + 1, keep=0.99, updates=5))
    assert differing(pinned, now) == "other data, variants keras-3, unbiased, keep 0.9"
    assert differing(pinned, pinned) == ""


def test_results_are_told_where_they_differ_by_more_than_a_thousandth():
    then = {("Mean", "A"): np.array([1.0, 2.0]), ("Gone", "A"): np.array([0.0])}
    now = {("Mean", "A"): np.array([1.0009, 2.5]), ("New", "A"): np.array([0.0])}
    assert list(differences(then, now, 0)) == []
    assert list(differences(then, now, 1)) == ["Mean, A: 2.5 now, 2 then"]
    assert list(differences(then, now, 9)) == ["Mean, A: 2.5 now, 2 then"]  # the last there is
    none = {("Mean", "A"): np.array([np.nan])}
    assert list(differences(none, none, 0)) == []
    assert differences(then, none, 0) == ["Mean, A: nan now, 1 then"]


def test_a_pinned_run_is_fetched_under_the_name_that_its_player_had():
    found = Found()
    name = shelf.put_once(found, "p", lambda: encoded(arrays_of(recording())))
    told = Pinned.of(found, recording).told("keep 0.9", "p", "/records")
    assert told["src"] == f"/records/{name}"
    assert told["label"] == "keep 0.9"
    assert [curve["key"] for curve in told["curves"]] == ["a"]
    assert gzip.decompress(shelf.get(name)) == encoded(arrays_of(recording()))


def test_a_pinned_run_is_drawn_over_the_numbers_of_its_own_data():
    told = Pinned.of(Found(), partial(recording, factor=3.0)).told("other data", "p", "/records")
    assert told["overs"]["mean"]["values"] == [3, 3]


def test_only_pictured_curves_have_an_end():
    assert {key: value.tolist() for key, value in ends(recording()).items()} == {
        ("Mean", "A"): [6.0, 7.0]
    }


@pytest.mark.parametrize(
    ("other", "why_not"),
    [
        (recording(steps=9), ""),
        (recording(steps=2), ""),
        (recording(features=3), "its data have a different number of features"),
    ],
)
def test_what_can_stand_in_one_picture(other, why_not):
    assert Pinned.of(Found(), recording).why_not_beside(other) == why_not


def test_other_steps_cannot():
    sparse = Recording(
        "update", np.array([0, 5, 9]), ("a", "b"), (Curve("a", "A"),),
        (Quantity("mean", "Mean", {"a": np.zeros((3, 2))}),),
    )  # fmt: skip
    assert Pinned.of(Found(), recording).why_not_beside(sparse) == "it has other steps"


class Screen:
    """The page of a run that has ended; what its player was given is noted instead of drawn."""

    def __init__(self, monkeypatch):
        self.drawn, self.moved = [], False
        monkeypatch.setattr(playing, "draw_player", self._note)
        self.shown = SimpleNamespace(result=None, play=None, keep=None)
        monkeypatch.setattr(pins, "another", lambda job: (self.elsewhere.get(job.asked.keep), None))
        monkeypatch.setattr(
            playing,
            "another",
            lambda job: (
                self.elsewhere.get(job.asked.keep),
                lambda: self.asked.append(job.asked.keep),
            ),
        )
        self.elsewhere, self.asked = {}, []
        self.app = AppTest.from_function(script, default_timeout=300, args=(self.shown,))

    def _note(self, *_, pinned, **__):
        self.drawn = [label for label, _ in pinned]
        return Look(None, self.moved)

    def show(self, keep, play=recording, opened=False):
        """The run with this keep."""
        self.shown.result, self.shown.keep = done(keep, opened), keep
        self.shown.play = play
        self.app.run()
        assert not self.app.exception
        return self

    @property
    def pin(self):
        return self.app.button(key="probe-pin")

    @property
    def words(self):
        return "\n".join(each.value for each in (*self.app.markdown, *self.app.caption))


def done(keep, opened=False):
    """A run that has ended."""
    return Result(Job(Moving(DATA, keep=keep)), Found(), "done", 1, 1, "", 1.0, opened)


def script(shown):
    from dataclasses import dataclass

    import numpy as np

    from bncore.experiments.moving import Moving
    from bncore.training.jobs import Job
    from ui.page.playing import player
    from ui.state import fields
    from ui.state.page import open_page

    @dataclass(frozen=True)
    class Probe:
        keep: float = fields.number(0.0, 0, 2)  # more than a layer takes
        guess: str = fields.prediction({"unsure": "", "1": ""})

    def job(state):
        return Job(Moving(np.arange(6.0).reshape(3, 2), keep=state.keep))

    def problem(state):
        return "Choose more than 0.01." if state.keep == 0.01 else ""

    page = open_page("probe", Probe, pins=True)
    if shown.keep is not None and page.state.keep != shown.keep:
        page.commit(keep=shown.keep)
    player(page, shown.result, lambda state, result: shown.play(), job, problem=problem)


@pytest.fixture
def screen(monkeypatch):
    return Screen(monkeypatch)


def test_a_pinned_run_is_drawn_beside_the_others_alone(screen):
    screen.show(keep=0.9).pin.click().run()
    assert (screen.drawn, screen.pin.disabled) == ([], True)
    screen.show(keep=0.5)
    assert (screen.drawn, screen.pin.disabled) == (["keep 0.9"], False)


def test_a_pinned_run_that_does_not_fit_is_not_drawn_but_told(screen):
    screen.show(0.9, partial(recording, features=3)).pin.click().run()
    screen.show(0.5)
    assert screen.drawn == []
    assert "number of features" in screen.words
    screen.show(0.5, partial(recording, features=3))
    assert screen.drawn == ["keep 0.9"]


def test_before_the_picture_has_moved_no_pinned_run_gives_its_end_away(screen):
    screen.show(0.9).pin.click().run()
    screen.show(0.5, opened=True)
    assert (screen.drawn, list(screen.app.button)) == ([], [])
    screen.moved = True
    screen.show(0.5, opened=True)
    assert screen.drawn == ["keep 0.9"]
    assert "**Pinned run: keep 0.9**" in screen.words


def test_no_more_runs_are_pinned_than_can_be_told_apart(screen):
    for number in range(MOST):
        screen.show(number / 10)
        assert not screen.pin.disabled
        screen.pin.click().run()
    screen.show(0.9)
    assert len(screen.drawn) == MOST
    assert screen.pin.disabled
    next(each for each in screen.app.button if "-unpin-" in each.key).click().run()
    assert len(screen.drawn) == MOST - 1
    assert not screen.pin.disabled


def pictures(count, factor=1.0):
    """A recording of so many quantities, each of which ends at this factor."""
    column = {"a": np.full((4, 1), factor)}
    quantities = (Quantity(f"q{number}", f"Quantity {number}", column) for number in range(count))
    return Recording("update", np.arange(4), ("all",), (Curve("a", "A"),), tuple(quantities))


@pytest.mark.parametrize("beyond", [0, 1, 2])
def test_of_many_differences_the_first_are_listed_and_the_others_counted(screen, beyond):
    screen.show(0.9, partial(pictures, MOST_SAID + beyond)).pin.click().run()
    screen.show(0.5, partial(pictures, MOST_SAID + beyond, 2.0))
    said = [line for line in screen.words.splitlines() if line.startswith("- ")]
    assert said[:MOST_SAID] == [f"- Quantity {n}, A: 2 now, 1 then" for n in range(MOST_SAID)]
    assert said[MOST_SAID:] == ([f"- and {beyond} more"] if beyond else [])


def opened(screen, pin, keep=0.5):
    """A visitor opens a link with a pinned run, of a page whose own run is here."""
    screen.app.query_params["pin"] = pin
    screen.app.query_params["keep"] = str(keep)
    return screen.show(keep)


def test_a_link_brings_a_second_run_that_the_server_has(screen):
    screen.elsewhere[0.9] = done(0.9, opened=True)
    opened(screen, "keep=0.9")
    assert screen.drawn == ["keep 0.9"]
    assert "**Pinned run: keep 0.9**" in screen.words


def test_a_second_run_that_is_not_here_is_trained_after_a_press(screen):
    opened(screen, "keep=0.9")
    assert screen.drawn == []
    assert "The link brought its settings." in screen.words
    start = next(each for each in screen.app.button if each.label == "Train the pinned run")
    start.click().run()
    assert screen.asked == [0.9]
    screen.elsewhere[0.9] = dataclasses.replace(done(0.9), state="running")
    screen.show(0.5)
    assert "It is being trained" in screen.words
    screen.elsewhere[0.9] = done(0.9)
    screen.show(0.5)
    assert screen.drawn == ["keep 0.9"]


def test_a_second_run_that_failed_says_so(screen):
    screen.elsewhere[0.9] = dataclasses.replace(done(0.9), state="failed", message="It broke.")
    opened(screen, "keep=0.9")
    assert "It ended without a whole result. It broke." in screen.words
    assert screen.drawn == []


@pytest.mark.parametrize(
    ("pin", "why"), [("keep=0.01", "Choose more than 0.01."), ("keep=2", "keep is from 0 to 1")]
)
def test_a_second_run_that_cannot_be_trained_says_why_and_can_be_taken_away(screen, pin, why):
    opened(screen, pin)
    assert "It cannot be trained: " in screen.words
    assert why in screen.words
    assert not [each for each in screen.app.button if each.label == "Train the pinned run"]
    next(each for each in screen.app.button if "-unpin-" in each.key).click().run()
    assert "Pinned run" not in screen.words
