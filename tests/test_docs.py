"""What README and CONTRIBUTING say is true today."""

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tools import readme

ROOT = Path(__file__).resolve().parent.parent


def test_the_tables_of_the_readme_are_up_to_date():
    text = readme.README.read_text()
    assert readme.with_tables(text) == text, "run: python -m tools.readme"


def test_the_page_in_contributing_runs():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    block = re.search(r"^   ```python\n(.*?)^   ```", text, re.DOTALL | re.MULTILINE)
    assert block, "CONTRIBUTING.md shows a page"
    source = re.sub(r"^   ", "", block[1], flags=re.MULTILINE)
    app = AppTest.from_string(source, default_timeout=300).run()
    assert not app.exception
    assert [box.label for box in app.selectbox] == ["Layout"]


def test_paths_named_in_the_documents_exist():
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text()
        named = re.findall(r"`((?:tests|tools|ui|bncore|pages|benchmarks|docs)/[\w./]*)`", text)
        named += re.findall(r"\]\((docs/[\w./-]+)\)", text)
        ours = [path for path in named if not path.endswith("mine.py")]
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
