"""The arrows between the parts run one way, and the web process stays free of Keras.

Each rule is a row of RULES; `test_each_rule_can_fail` feeds each of them a line that breaks it.
"""

import ast
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KERAS = r"(keras|tensorflow|tf_keras)(\.|$)"
KERAS_PLACES = r"bncore\.keras(\.|$)|bncore\.backends\.tensorflow$"


@dataclass(frozen=True)
class Rule:
    """Modules that match `importer`, except those that match `exempt`, import no `imported`."""

    why: str
    importer: str
    imported: str
    example: tuple[str, str]
    exempt: str = r"$^"

    def forbids(self, importer: str, imported: str) -> bool:
        applies = re.match(self.importer, importer) and not re.match(self.exempt, importer)
        return bool(applies and re.match(self.imported, imported))


RULES = (
    Rule(
        "the engine knows nothing of screens",
        importer=r"bncore(\.|$)",
        imported=r"(streamlit|plotly|ui|pages|app)(\.|$)",
        example=("bncore.moments", "import plotly.graph_objects as go"),
    ),
    Rule(
        "Keras and TensorFlow stay where they belong",
        importer=r"",
        exempt=KERAS_PLACES,
        imported=KERAS,
        example=("bncore.training.worker", "def f():\n    from tensorflow import nn"),
    ),
    Rule(
        "what imports Keras is named by a string and imported in a worker",
        importer=r"",
        exempt=r"bncore\.keras(\.|$)|bncore\.backends(\.|$)",
        imported=KERAS_PLACES,
        example=("ui.training.panel", "from bncore.keras import moving"),
    ),
    Rule(
        "what pages share does not know the pages",
        importer=r"ui(\.|$)",
        imported=r"(pages|app)(\.|$)",
        example=("ui.page.registry", "import pages.home"),
    ),
    Rule(
        "a page stands alone",
        importer=r"pages\.",
        imported=r"(pages|app)(\.|$)",
        example=("pages.axes", "from pages.moving import figure"),
    ),
    Rule(
        "only the server starts the training service",
        importer=r"(ui|pages)(\.|$)",
        imported=r"bncore\.training\.service(\.|$)",
        example=("pages.moving", "from bncore.training.service import start"),
    ),
)


def imports(module: str, source: str) -> set[str]:
    """The absolute names that `source`, the text of `module`, imports anywhere in it."""
    package = module.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *filter(None, [node.module])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def violations(module: str, source: str) -> list[str]:
    """Which rules `source` breaks."""
    return [
        f"{module} imports {name}: {rule.why}"
        for name in sorted(imports(module, source))
        for rule in RULES
        if rule.forbids(module, name)
    ]


def sources() -> list[tuple[str, Path]]:
    """Every module of the product with its dotted name."""
    paths = [ROOT / "app.py"]
    for part in ("bncore", "ui", "pages"):
        paths += sorted((ROOT / part).rglob("*.py"))
    relative = [(path.relative_to(ROOT).with_suffix(""), path) for path in paths]
    return [(".".join(name.parts).removesuffix(".__init__"), path) for name, path in relative]


@pytest.mark.parametrize(("module", "path"), sources(), ids=lambda value: str(value)[-40:])
def test_the_arrows_run_one_way(module, path):
    assert violations(module, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.why)
def test_each_rule_can_fail(rule):
    module, source = rule.example
    assert any(rule.why in line for line in violations(module, source))


def test_relative_imports_are_seen_through():
    assert "bncore.keras.layers" in imports("bncore.moments", "from .keras import layers")
    assert violations("bncore.training.jobs", "from ..keras.layers import Corrected")


# Whoever measures durations and deadlines by the time of day is wrong when the clock is set.
TIME_OF_DAY = re.compile(r"^(time\.time(_ns)?|(datetime\.)*(datetime|date)\.(now|utcnow|today))$")
TELLS_TIME_OF_DAY = {
    "bncore.training.steady": "it makes a steady clock of it",
    "bncore.training.store": "which file was used last, for processes that share it",
}


def times_of_day(source: str) -> list[str]:
    """Where a module reads the time of day."""
    tree = ast.parse(source)
    found = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    found += [
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    return [name for name in found if TIME_OF_DAY.match(name)]


@pytest.mark.parametrize(("module", "path"), sources(), ids=lambda value: str(value)[-40:])
def test_durations_are_measured_by_a_steady_clock(module, path):
    assert module in TELLS_TIME_OF_DAY or times_of_day(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time\nlimit = time.time() + 5",
        "from time import time",
        "import threading, time\nclock = time.time",
        "from datetime import datetime\nbegan = datetime.now()",
        "import datetime\nbegan = datetime.datetime.utcnow()",
    ],
)
def test_a_time_of_day_is_found(source):
    assert times_of_day(source)


def test_a_steady_clock_is_no_time_of_day():
    assert times_of_day("import time\nlimit = time.monotonic() + time.perf_counter()") == []


ALL_PAGES = """
import sys
from streamlit.testing.v1 import AppTest
from ui.page.registry import PAGES

shell = AppTest.from_file("ui/shell.py", default_timeout=300).run()
assert not shell.exception, shell.exception
for entry in PAGES[1:]:
    shell.switch_page("../" + entry.path).run()
    assert not shell.exception, (entry.path, shell.exception)
    assert shell.title, entry.path
{extra}
found = sorted({{"keras", "tensorflow", "tf_keras"}} & set(sys.modules))
print("found:", ",".join(found))
"""


def modules_after_all_pages(extra: str = "") -> str:
    code = ALL_PAGES.format(extra=extra)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.rpartition("found:")[2].strip()


def test_no_page_brings_keras_into_the_web_process():
    assert modules_after_all_pages() == ""


def test_the_search_for_keras_can_fail():
    stand_in = "import types; sys.modules['keras'] = types.ModuleType('keras')"
    assert modules_after_all_pages(stand_in) == "keras"


def test_the_server_itself_is_free_of_keras():
    code = "import sys, app; print({'keras', 'tensorflow', 'tf_keras'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT, capture_output=True, text=True, timeout=900, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "set()"
