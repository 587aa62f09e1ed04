"""Where TensorFlow cannot be installed, everything but training works, and the app says why."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bncore.training.supported import NEWEST, OLDEST, without_tensorflow
from ui.page.registry import PAGES

ROOT = Path(__file__).resolve().parent.parent

# In a process of its own: TensorFlow is not to be found, as on a Python that is too new for it.
ALL_PAGES = """
import json, sys
sys.modules.update(dict.fromkeys(("tensorflow", "keras", "tf_keras")))

from streamlit.testing.v1 import AppTest
import bncore.training.supported as supported
from bncore.training.service import start
from ui.page.registry import PAGES
from ui.training.service import install

supported.NEWEST = (3, 9)
service = start()
install(service)
found = {}
app = AppTest.from_file("ui/shell.py", default_timeout=60).run()
for entry in PAGES:
    if entry.url_path:
        app.switch_page("../" + entry.path).run()
    assert not app.exception, (entry.path, app.exception)
    said = [message.value for message in [*app.warning, *app.caption, *app.error]]
    reasons = {text for text in said if text.startswith("Training is not available")}
    enabled = [b.key for b in app.button if b.key.endswith("-train") and not b.disabled]
    found[entry.url_path] = enabled, sorted(reasons)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def pages():
    """What each page shows: the Train buttons that can be pressed, and why it cannot train."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ALL_PAGES],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


def test_every_page_opens_and_none_offers_to_train(pages):
    assert list(pages) == [entry.url_path for entry in PAGES]
    assert [page for page, (enabled, _) in pages.items() if enabled] == []


def test_pages_that_train_or_compare_say_why_they_cannot(pages):
    home = PAGES[0].url_path
    here = ".".join(map(str, sys.version_info[:2]))
    reason = (
        f"Training is not available: TensorFlow has no package for Python {here} yet. "
        "To train, install Python 3.9 and run `make clean run`. Everything else works."
    )
    assert {page: said for page, (_, said) in pages.items() if said != [reason]} == {home: []}


def minor(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


@pytest.mark.parametrize("version", [(3, 11), (3, 13), (3, 14), (3, 15)])
@pytest.mark.parametrize(
    "machine",
    [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("darwin", "x86_64")],
)
@pytest.mark.parametrize("package", ["tensorflow", "tf_keras", "keras"])
def test_the_markers_agree_with_what_is_said(package, machine, version):
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    requirement = Requirement(next(line for line in lines if re.match(rf"{package}\W", line)))
    environment = {
        "python_version": minor(version),
        "sys_platform": machine[0],
        "platform_machine": machine[1],
    }
    installed = requirement.marker.evaluate(environment)
    assert installed == (without_tensorflow(version, *machine) == "")


def test_every_file_names_the_same_versions():
    between = [f"python3.{number}" for number in range(NEWEST[1], OLDEST[1] - 1, -1)]
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"NEWEST_FIRST := (.*)", makefile)[1].split() == between
    assert f"sys.version_info < {OLDEST}" in makefile
    assert f'requires-python = ">={minor(OLDEST)}"' in (ROOT / "pyproject.toml").read_text()
    readme = (ROOT / "README.md").read_text()
    assert f"Python {minor(OLDEST)} to {minor(NEWEST)}" in readme
