"""What README and CONTRIBUTING say is true today."""

import re
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui.questions
from tools import readme
from ui.page import registry

ROOT = Path(__file__).resolve().parent.parent


def test_the_tables_of_the_readme_are_up_to_date():
    text = readme.README.read_text()
    assert readme.with_tables(text) == text, "run: python -m tools.readme"


@pytest.fixture
def guide(tmp_path, monkeypatch):
    """The page that CONTRIBUTING.md adds, added: its files elsewhere, its row in the registry."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    steps = text.split("## Add a page in an afternoon")[1].split("## Rules")[0]
    block = re.compile(r"`([\w./]+)`:\n   ```python\n(.*?)^   ```", re.DOTALL | re.MULTILINE)
    files = {path: re.sub(r"^   ", "", code, flags=re.M) for path, code in block.findall(steps)}
    row = files.pop("ui/page/registry.py")
    for path, code in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(code)
    rooms = [*ui.questions.__path__, str(tmp_path / "ui" / "questions")]
    monkeypatch.setattr("ui.questions.__path__", rooms)
    monkeypatch.setattr(registry, "PAGES", (*registry.PAGES, eval(row, vars(registry))))
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("ui.questions.memory")]:
        del sys.modules[name]


def test_the_page_in_contributing_runs(guide):
    app = AppTest.from_file(guide / "pages" / "memory.py", default_timeout=300).run()
    assert not app.exception
    assert app.title[0].value == "Memory"
    assert any("**459 updates**" in text.value for text in app.markdown)
    app.text_input(key="memory-keep").set_value("0,5").run()
    assert any("**7 updates**" in text.value for text in app.markdown)


def test_its_test_passes_and_it_costs_three_files(guide):
    tests = guide / "tests" / "pages" / "test_memory.py"
    names = {}
    exec(compile(tests.read_text(), str(tests), "exec"), names)
    for test in [names[name] for name in names if name.startswith("test_")]:
        test()
    assert len(list(guide.rglob("*.py"))) == 3


def test_paths_named_in_the_documents_exist():
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text()
        named = re.findall(r"`((?:tests|tools|ui|bncore|pages|benchmarks|docs)/[\w./]*)`", text)
        named += re.findall(r"\]\((docs/[\w./-]+)\)", text)
        ours = [path for path in named if "memory" not in path]
        missing = [path for path in ours if not (ROOT / path).exists()]
        assert ours
        assert not missing


def test_every_requirement_is_explained():
    contributing = (ROOT / "CONTRIBUTING.md").read_text()
    for name in ("requirements.txt", "requirements-dev.txt"):
        packages = re.findall(r"^([a-z][\w-]+)", (ROOT / name).read_text(), re.MULTILINE)
        assert packages
        assert not [package for package in packages if package not in contributing]


def test_the_engine_example_in_the_readme_runs():
    block = re.search(r"^```python\n(.*?)^```", readme.README.read_text(), re.DOTALL | re.MULTILINE)
    names: dict = {}
    exec(block[1], names)
    assert names["m"].mean.tolist() == [2, 20, 200, 2000]
    assert names["trace"].moving.updates == 1
