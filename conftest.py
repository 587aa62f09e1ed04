"""What the machine cannot run is left out: modules that drive a framework that is not installed
(collected for their doctests), and where there is no TensorFlow, the tests that train."""

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

import pytest
from hypothesis import Phase, settings

from bncore.frameworks import FRAMEWORKS, installed

# A busy machine takes longer than Hypothesis' 200 ms an example: that is no failure.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
# For mutants: that a test fails is all that is asked; the smallest example takes minutes.
settings.register_profile(
    "first failure", deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)

WITHOUT_TENSORFLOW = not find_spec("tensorflow")

# Workers give way to everything else on the machine, which may be busy while tests wait for them.
os.environ.setdefault("BNLAB_NICE", "0")
# No server of a test runs the presets by itself, but in the test about that.
os.environ["BNLAB_PREPARE"] = "0"

collect_ignore = [
    framework.make.split(":")[0].replace(".", "/") + ".py"
    for name, framework in FRAMEWORKS.items()
    if not installed(name)
]
collect_ignore += ["bncore/training/loaded.py"]  # loads Keras wherever it is imported
if not find_spec("numba"):
    collect_ignore += ["bncore/compiled.py"]
if WITHOUT_TENSORFLOW:
    collect_ignore += ["bncore/keras", "tests/bncore/keras", "bncore/backends/tensorflow.py"]


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share something dear run in one process, where they share it."""
    for item in items:
        if (group := shared(item)) is not None:
            item.add_marker(pytest.mark.xdist_group(group))
    if WITHOUT_TENSORFLOW:
        skip_training(items)


@pytest.fixture(autouse=True)
def keras_as_if_elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the app Keras runs in processes of its own. Here it shares one with the pages, and
    Streamlit clears Keras' session before every run of a page: in the middle of a training, and
    with a collection of all garbage, which is three quarters of a page test's time."""
    if request.node.get_closest_marker("keras") and not WITHOUT_TENSORFLOW:
        import_module("bncore.keras.framework")
    if backend := getattr(sys.modules.get("keras"), "backend", None):
        monkeypatch.setattr(backend, "clear_session", lambda: None)


@pytest.fixture(autouse=True, scope="module")
def graphs_end_with_their_module(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a module's experiments compiled is given back: gigabytes, by the end of a run."""
    yield
    modules = {"tests/bncore/keras", "tests/pages", "bncore/keras"}
    folder = request.path.parent.relative_to(request.config.rootpath)
    if (keras := sys.modules.get("keras")) and folder.as_posix() in modules:
        keras.backend.clear_session()


def shared(item: pytest.Item) -> str | None:
    """What a test shares with others: the app's server, TensorFlow, or the fixtures of its file."""
    path = item.path.relative_to(item.config.rootpath)
    if "server" in getattr(item, "fixturenames", ()) and "browser" in path.parts:
        return "the app"
    if "browser" in path.parts or item.get_closest_marker("cluster"):
        return str(path)
    if item.get_closest_marker("keras") or path.is_relative_to("bncore/keras"):
        return "tensorflow"
    return None


def skip_training(items: list[pytest.Item]) -> None:
    """Skip what needs TensorFlow where there is none, and say so."""
    skip = pytest.mark.skip(reason="TensorFlow is not installed")
    for item in items:
        if any(item.get_closest_marker(name) for name in ("keras", "cluster")):
            item.add_marker(skip)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options that a folder's own conftest could only add where that folder is named."""
    parser.addoption(
        "--rounds", type=int, default=1, help="of key presses on every slider (tests/browser)"
    )
