"""Links and files of the time when one page held four questions about where the layer goes."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from ui.page.moved import translated
from ui.page.registry import ROOT
from ui.questions.bias.state import BiasState
from ui.questions.distributions.state import DistributionsState
from ui.questions.placement.state import PlacementState
from ui.questions.rates.state import RatesState
from ui.state import address, fields

# The record of that page, with its defaults; beside them a value that it allowed.
THEN = {
    "part": ("study", "bias"),
    "guess": ("unsure", "after"),
    "flat_guess": ("unsure", "output"),
    "rate_guess": ("unsure", "nobody"),
    "bias_guess": ("unsure", "alike"),
    "variants": (("none", "before", "after", "output", "orphan"), ("none", "after")),
    "replicas": (8, 16),
    "epochs": (20, 10),  # which is today's default for one of the pages
    "batch_size": (16, 512),
    "optimizer": ("nesterov", "sgd"),
    "learning_rate": (0.1, 1e6),
    "dropout": (0.5, 0.9),
    "use_bias": (True, False),
    "activation": ("tanh", "relu"),
    "units": (64, 256),
    "depth": (2, 6),
    "keep": (0.99, 1.0),
    "epsilon": (0.001, 0.25),
    "seed": (0, 2**31 - 1),
    "block": ("dense", "conv"),
    "classes": ("two-classes", "digits"),
    "rows": (1000, 5000),
    "separation": (1.0, 0.01),
    "noise": (0.05, 1.0),
    "scaled": (True, False),
    "rates": (("0.01", "0.1", "1", "10"), ("0.001",)),
    "updates": (200, 5000),
}
DEFAULTS = {name: default for name, (default, _) in THEN.items()}
TODAY = {
    "study": ("placement", PlacementState, "guess"),
    "distributions": ("distributions", DistributionsState, "flat_guess"),
    "rates": ("rates", RatesState, "rate_guess"),
    "bias": ("bias", BiasState, "bias_guess"),
}
NO_GUESS = {"guess": "unsure"}  # a link brings no prediction of its sender
DATA = {"units", "activation", "keep", "epsilon", "batch_size", "seed", "block", "classes", "rows",
        "separation", "noise", "scaled"}  # fmt: skip
MODEL = DATA | {"variants", "depth", "dropout", "use_bias", "replicas", "epochs", "optimizer"}
USED = {
    "study": MODEL | {"learning_rate", "guess"},
    "distributions": MODEL | {"learning_rate", "flat_guess"},
    "rates": MODEL | {"rates", "rate_guess"},
    "bias": DATA | {"learning_rate", "updates", "bias_guess"},
}
SINCE = {"study": {"placed": "alike"}, "bias": {"push": 0.0, "mode": "training"}}


def meant(part, then):
    """The record of today for the settings of then: what the part used, under its name of today.

    What can be looked at since is as it is at first.
    """
    guess = TODAY[part][2]
    used = {"guess" if name == guess else name: then[name] for name in USED[part]}
    return used | SINCE.get(part, {})


def record(found):
    return {name: getattr(found, name) for name in fields.specs(type(found))}


def opened(link):
    """What today's pages make of the settings in an old address."""
    page, query = translated("placement", link) or ("placement", link)
    kind = next(kind for name, kind, _ in TODAY.values() if name == page)
    reading = address.from_query(kind, {k: fields.encode_value(v) for k, v in query.items()})
    return page, reading


@pytest.mark.parametrize("name", [name for name in THEN if name != "part"])
@pytest.mark.parametrize("part", TODAY)
def test_every_setting_in_a_link_means_what_it_meant(part, name):
    other = THEN[name][1]
    link = {name: fields.encode_value(other)} | ({} if part == "study" else {"part": part})
    page, reading = opened(link)
    assert page == TODAY[part][0]
    assert reading.ignored == ()
    assert record(reading.record) == meant(part, DEFAULTS | {name: other}) | NO_GUESS


@pytest.mark.parametrize("part", TODAY)
def test_all_settings_at_once_mean_what_they_meant(part):
    then = {name: other for name, (_, other) in THEN.items()} | {"part": part}
    page, reading = opened({name: fields.encode_value(value) for name, value in then.items()})
    assert (page, reading.ignored) == (TODAY[part][0], ())
    assert record(reading.record) == meant(part, then) | NO_GUESS


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("part", TODAY)
def test_a_file_means_what_it_meant(part, changed):
    then = {name: values[changed] for name, values in THEN.items()} | {"part": part}
    content = {"format": address.FILE_FORMAT, "page": "placement", "state": then}
    page, kind, _ = TODAY[part]
    reading = address.from_file(page, kind, json.dumps(content), translated)
    assert reading.ignored == ()
    assert record(reading.record) == meant(part, then)


def test_a_file_of_another_part_is_refused_by_name():
    content = {"format": address.FILE_FORMAT, "page": "placement", "state": {"part": "bias"}}
    with pytest.raises(fields.FieldError, match="belongs to the page 'bias'"):
        address.from_file("placement", PlacementState, json.dumps(content), translated)


def test_what_never_was_a_setting_is_still_told():
    _, reading = opened({"part": "rates", "colour": "red"})
    assert reading.ignored == ("colour: there is no such setting",)


@pytest.mark.parametrize("part", TODAY)
def test_an_old_address_opens_the_page_of_today(part):
    app = AppTest.from_file(ROOT / "ui" / "shell.py", default_timeout=300).run()
    app.query_params.update(part=part, depth="1" if part != "bias" else "2", units="7")
    app.switch_page("../pages/placement.py").run()
    assert not app.exception
    name, _, _ = TODAY[part]
    found = app.session_state[f"bnlab:page:{name}"]
    assert found.history.present["units"] == 7
    assert found.notice == ()
