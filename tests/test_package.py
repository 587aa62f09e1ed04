"""`pip install .`: the engine with its recorded runs, for scripts and for workers elsewhere."""

import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

from bncore.records import recorded
from bncore.training.versions import mine
from tools.readme import README

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Run Python code where the wheel is installed, and nothing of this folder is."""
    folder = tmp_path_factory.mktemp("package")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index"]
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True, capture_output=True, timeout=120)
    libraries = Path(np.__file__).parents[1]  # what the wheel depends on, without a download

    def run(code: str) -> str:
        done = subprocess.run(
            [python, "-c", code],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(libraries)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    return run


def test_the_engine_example_in_the_readme_runs_where_the_package_is_installed(installed):
    example = re.search(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)[1]
    told = installed(example + "\nprint(bncore.__file__, m.mean.tolist(), trace.moving.updates)")
    assert str(ROOT) not in told
    assert told.split(maxsplit=1)[1].strip() == "[2.0, 20.0, 200.0, 2000.0] 1"


def test_the_recorded_runs_are_part_of_the_package(installed):
    told = installed("from bncore.records import recorded; print(len(recorded()))")
    assert int(told) == len(recorded())


def test_the_code_that_is_installed_has_the_fingerprint_of_this_folder(installed):
    told = installed("from bncore.training.versions import mine; print(mine()['code'])")
    assert told.strip() == mine()["code"]


def test_the_extras_are_what_requirements_txt_asks_for():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    asked = {str(Requirement(line)) for line in lines if line and line[0] != "#"}
    extras = PROJECT["optional-dependencies"]
    given = {*PROJECT["dependencies"], *extras["training"], *extras["app"]}
    given -= {"batch-norm-lab[training]"}
    assert {str(Requirement(each)) for each in given} == asked
