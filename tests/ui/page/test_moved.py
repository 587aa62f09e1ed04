"""A link or a file of an earlier version opens today's page, and means what it meant."""

import json

import pytest

import bncore
from ui.page.moved import translated
from ui.questions.bad_number.state import BadNumberState
from ui.questions.freezing.state import FreezingState
from ui.questions.modes.state import ModesState
from ui.questions.stuck.state import StuckState
from ui.state import address, fields
from ui.state.arrays import FrozenArray
from ui.state.fields import FieldError

SIXTY = FrozenArray(bncore.DATASETS["sixty-rows"]().values)
MODES = {  # every setting of the page "modes" as it was: its default, and another value
    "data": (SIXTY, FrozenArray([[1.0, 2.5], [3.0, 4.0], [5.0, 7.0]])),
    "batch_size": (4, 7),
    "keeps": (("0.9", "0.99", "0.999"), ("0", "0.5")),
    "updates": (1000, 50),
    "epsilon": (0.001, 0.25),
    "seed": (0, 5),
    "looked_at": ("0.99", "0.9"),
    "gap_guess": ("unsure", "shrinks"),
    "classes": ("breast-cancer", "wine"),
    "stuck_keep": (0.999, 0.95),
    "cured_keep": (0.9, 0.5),
    "stuck_batch": (8, 16),
    "epochs": (5, 9),
    "learning_rate": (0.01, 0.125),
    "stuck_guess": ("unsure", "lagging"),
    "model": ("functional", "subclassed"),
    "freezing_guess": ("unsure", "trainable"),
    "bad": ("nan", "inf"),
    "feature": (0, 1),
    "keep": (0.99, 0.75),
    "before": (200, 3),
    "after": (2000, 30),
    "poison_guess": ("unsure", "all"),
}
MODES_PARTS = {  # today's page, its record, and what its settings were called (None: are new)
    "both": ("modes", ModesState, {"guess": "gap_guess", "tried": None}),
    "stuck": (
        "stuck",
        StuckState,
        {
            "guess": "stuck_guess",
            "keep": "stuck_keep",
            "second_keep": "cured_keep",
            "batch_size": "stuck_batch",
        },
    ),
    "freezing": (
        "freezing",
        FreezingState,
        {"guess": "freezing_guess", "training": None, "frozen": None},
    ),
    "poison": ("bad-number", BadNumberState, {"guess": "poison_guess", "looked_at": None}),
}


def linked(page, settings):
    """The page and the reading of an address, as the shell and the page read it."""
    query = {name: fields.encode_value(value) for name, value in settings.items()}
    name, moved = translated(page, query) or (page, query)
    return name, {key: str(value) for key, value in moved.items()}


def as_file(page, settings):
    values = {
        name: value.array.tolist() if isinstance(value, FrozenArray) else value
        for name, value in settings.items()
    }
    return json.dumps({"format": "batch-norm-lab/1", "page": page, "state": values})


def assert_means(reading, old, names, of="link"):
    """Every setting of the record is the old one; a link brings no prediction of its sender."""
    assert reading.ignored == ()
    for name in fields.specs(type(reading.record)):
        was = names.get(name, name)
        new = was is None or (name, of) == ("guess", "link")
        wanted = getattr(type(reading.record)(), name) if new else old[was]
        assert getattr(reading.record, name) == wanted, name


def old_modes(*changed):
    return {name: pair[name in changed] for name, pair in MODES.items()}


@pytest.mark.parametrize("part", list(MODES_PARTS))
def test_every_setting_of_modes_alone_in_a_link(part):
    page, kind, names = MODES_PARTS[part]
    for name, (_, other) in MODES.items():
        found, query = linked("modes", {"part": part, name: other})
        assert found == page
        assert_means(address.from_query(kind, query), old_modes(name), names)


@pytest.mark.parametrize("part", list(MODES_PARTS))
def test_all_settings_of_modes_in_a_link_and_in_a_file(part):
    page, kind, names = MODES_PARTS[part]
    old = old_modes(*MODES)
    found, query = linked("modes", {"part": part, **old})
    assert found == page
    assert_means(address.from_query(kind, query), old, names)
    text = as_file("modes", {"part": part, **old})
    assert_means(address.from_file(page, kind, text, translated), old, names, of="file")


@pytest.mark.parametrize("part", list(MODES_PARTS))
def test_a_file_of_modes_with_nothing_changed(part):
    page, kind, names = MODES_PARTS[part]
    text = as_file("modes", {"part": part, **old_modes()})
    assert_means(address.from_file(page, kind, text, translated), old_modes(), names, of="file")
    other = "stuck" if page != "stuck" else "modes"
    with pytest.raises(FieldError, match=f"belongs to the page '{page}'"):
        address.from_file(other, kind, text, translated)


def test_no_setting_of_modes_is_lost():
    kept = {
        names.get(name, name)
        for _, kind, names in MODES_PARTS.values()
        for name in fields.specs(kind)
    }
    assert kept == set(MODES) | {None}


def test_where_no_part_was_named_the_first_one_of_modes_was_open():
    """Somebody looked at the gap, after a classifier with other epochs."""
    found, query = linked("modes", {"epochs": 9, "batch_size": 7})
    assert (found, query) == ("modes", {"batch_size": "7"})
    assert translated("modes", query) is None


def test_what_modes_never_had_is_complained_about():
    _, query = linked("modes", {"part": "stuck", "nonsense": 1})
    assert address.from_query(StuckState, query).ignored == ("nonsense: there is no such setting",)


def test_the_values_that_are_tried_differ_from_the_defaults():
    assert all(default != other for default, other in MODES.values())
