"""`make` on machines of every kind: which Python it takes, what it says, what it installs.

The machines are stand-ins: a PATH of the test's own with interpreters that are real but claim
another version, and whose `venv` makes an environment in which pip only notes that it was called.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHELL_TOOLS = ("make", "sh", "touch", "sed", "rm", "find", "mkdir", "cat", "grep")
pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")

CLAIM = """
import sys
sys.version_info = type("version_info", (tuple,), {{"major": 3, "minor": {minor}}})((3, {minor}, 9))
"""
VENV = """
import os, pathlib, sys
home = pathlib.Path(sys.argv[-1]) / "bin"
home.mkdir(parents=True, exist_ok=True)
(home / "python").write_text({environment!r})
(home / "python").chmod(0o755)
"""
# What `.venv/bin/python` is: it writes down how it was called, and pip fails if it is told to.
ENVIRONMENT = """#!/bin/sh
echo "{name}: $*" >> calls
case "$*" in "-m pip install"*) cat pip-says 2>/dev/null && exit 1 ;; esac
exit 0
"""


class Machine:
    """A folder with the project's Makefile, and a PATH that has only what is put on it."""

    def __init__(self, folder: Path) -> None:
        self.project, self.path = folder / "project", folder / "bin"
        self.path.mkdir()
        for name in SHELL_TOOLS:
            (self.path / name).symlink_to(shutil.which(name))
        needed = ("Makefile", "tools/install.py", "bncore/training/supported.py")
        for name in (*needed, "requirements.txt", "requirements-dev.txt"):
            target = self.project / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)

    def python(self, name: str, minor: int, **modules: str) -> Path:
        """Put an interpreter on the PATH that says it is Python 3.`minor`."""
        claims = self.path.parent / f"modules-{name}"
        claims.mkdir()
        environment = ENVIRONMENT.format(name=name)
        texts = {
            "sitecustomize": CLAIM.format(minor=minor),
            "venv": VENV.format(environment=environment),
        }
        for module, text in {**texts, **modules}.items():
            (claims / f"{module}.py").write_text(text)
        return self.script(name, f'PYTHONPATH={claims} exec {sys.executable} "$@"')

    def script(self, name: str, line: str) -> Path:
        file = self.path / name
        file.write_text(f"#!/bin/sh\n{line}\n")
        file.chmod(0o755)
        return file

    def make(self, *arguments: str) -> subprocess.CompletedProcess:
        # Without what a `make` around the tests would hand on.
        return subprocess.run(
            [self.path / "make", *arguments],
            cwd=self.project, env={"PATH": str(self.path), "HOME": str(self.project)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
        )  # fmt: skip

    @property
    def calls(self) -> list[str]:
        """How the environments' interpreters were called since the last look."""
        file = self.project / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [line.split(" --server")[0] for line in lines]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


INSTALL = "-m pip install --disable-pip-version-check -r requirements.txt"


def served(name: str) -> str:
    return f"{name}: -m streamlit run app.py"


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        ({"python3": 14, "python3.11": 11, "python3.13": 13}, "python3.13"),
        ({"python3": 14, "python3.11": 11, "python3.12": 12}, "python3.12"),
        ({"python3": 14, "python3.11": 11}, "python3.11"),
        ({"python3": 12}, "python3"),
        ({"python3": 14}, "python3"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else value,
)
def test_the_newest_python_that_everything_supports_is_taken(machine, there, taken):
    for name, minor in there.items():
        machine.python(name, minor)
    done = machine.make("run")
    assert done.returncode == 0, done.stdout
    assert machine.calls == [f"{taken}: {INSTALL}", served(taken)]
    assert f"Installing with Python 3.{there[taken]}.9" in done.stdout


def test_a_python_that_is_named_wins(machine):
    machine.python("python3.13", 13)
    own = machine.python("mine", 11)
    assert machine.make("run", f"PYTHON={own}").returncode == 0
    assert machine.calls == [f"mine: {INSTALL}", served("mine")]


def test_names_that_do_not_run_or_cannot_make_environments_are_passed_over(machine):
    machine.script("python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    machine.python("python3.12", 12, ensurepip="raise ImportError")
    machine.python("python3.11", 11)
    done = machine.make("run")
    assert done.returncode == 0, done.stdout
    assert machine.calls[0] == f"python3.11: {INSTALL}"
    assert "pyenv" not in done.stdout


def test_too_new_is_said_before_everything_but_training_is_installed(machine):
    machine.python("python3", 14)
    done = machine.make("run")
    assert done.returncode == 0
    assert done.stdout.index("Everything but training is installed") < done.stdout.index("http")
    assert (
        "TensorFlow has no package for Python 3.14 yet. To train, install Python 3.13"
        in done.stdout
    )
    assert machine.calls == [f"python3: {INSTALL}", served("python3")]


def test_supported_says_nothing_of_what_is_missing(machine):
    machine.python("python3.13", 13)
    assert "Everything but training" not in machine.make("run").stdout


@pytest.mark.parametrize("target", ["run", "test", "check", "unit"])
def test_too_old_is_refused(machine, target):
    machine.python("python3", 10)
    done = machine.make(target)
    assert done.returncode != 0
    assert "needs Python 3.11 or newer; 'python3' is Python" in done.stdout
    assert f"make {target} PYTHON=/path/to/python3.13" in done.stdout
    assert machine.calls == []


def test_no_python_at_all(machine):
    done = machine.make("run")
    assert done.returncode != 0
    assert "needs Python 3.11 or newer, and there is no 'python3' here" in done.stdout


def test_a_python_without_venv_says_what_to_install(machine):
    machine.python("python3", 13, ensurepip="raise ImportError")
    (machine.path.parent / "modules-python3/sitecustomize.py").write_text(
        CLAIM.format(minor=13) + "\nimport importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name: None if name == 'ensurepip' else find(name)\n"
    )
    done = machine.make("run")
    assert done.returncode != 0
    assert "cannot make virtual environments" in done.stdout
    assert "apt install python3.13-venv" in done.stdout


def test_the_second_start_asks_no_interpreter(machine):
    machine.python("python3.13", 13)
    machine.make("run")
    assert len(machine.calls) == 2
    asked = machine.path.parent / "asked"
    machine.script("python3.13", f"touch {asked}; exit 1")
    assert machine.make("run").returncode == 0
    assert machine.calls == [served("python3.13")]
    assert not asked.exists()


def test_changed_requirements_are_installed_into_what_is_there(machine):
    machine.python("python3.13", 13)
    machine.make("run")
    stamp = machine.project / ".venv/run.stamp"
    os.utime(stamp, (0, 0))
    _ = machine.calls
    assert machine.make("run").returncode == 0
    assert machine.calls == [
        "python3.13: -m pip --version",
        f"python3.13: {INSTALL}",
        served("python3.13"),
    ]


def test_an_environment_whose_python_is_gone_is_made_anew(machine):
    machine.python("python3.12", 12)
    machine.make("run")
    environment = machine.project / ".venv/bin/python"
    environment.unlink()
    environment.symlink_to("/no/such/python")
    environment.unlink()
    machine.python("python3.13", 13)
    _ = machine.calls
    assert machine.make("run").returncode == 0
    assert machine.calls == [f"python3.13: {INSTALL}", served("python3.13")]


def test_pip_that_fails_is_told_and_taken_up_again(machine):
    machine.python("python3.13", 13)
    trouble = machine.project / "pip-says"
    trouble.write_text("ERROR: connection broken\n")
    done = machine.make("run")
    assert done.returncode != 0
    assert "ERROR: connection broken" in done.stdout
    assert "run the same command again: what has come is kept" in done.stdout
    assert "Traceback" not in done.stdout
    assert not any("streamlit" in call for call in machine.calls)
    trouble.unlink()
    assert machine.make("run").returncode == 0
    assert machine.calls == [
        "python3.13: -m pip --version",
        f"python3.13: {INSTALL}",
        served("python3.13"),
    ]


FULL = """
import shutil, types
shutil.disk_usage = lambda path: types.SimpleNamespace(total=9e9, used=8e9, free={free})
"""


def test_a_small_disk_is_told_before_anything_is_loaded(machine):
    machine.python("python3.13", 13)
    fill(machine, 1.2e9)
    done = machine.make("run")
    assert done.returncode != 0
    assert "needs about 4 GB of free disk, and there are 1.2 GB at" in done.stdout
    assert machine.calls == []


def test_a_disk_that_fills_up_is_told(machine):
    machine.python("python3.13", 13)
    (machine.project / "pip-says").write_text("ERROR: [Errno 28] No space left on device\n")
    machine.make("run")
    fill(machine, 1e7)
    done = machine.make("run")
    assert done.returncode != 0
    assert "the disk has 0.0 GB left, and about 4 GB are needed in all" in done.stdout


def fill(machine, free):
    customize = machine.path.parent / "modules-python3.13/sitecustomize.py"
    customize.write_text(CLAIM.format(minor=13) + FULL.format(free=free))


def test_the_tests_install_on_top_of_the_app(machine):
    machine.python("python3.13", 13)
    assert machine.make("check").returncode == 0
    assert machine.calls == [
        f"python3.13: {INSTALL}",
        "python3.13: -m pip --version",
        f"python3.13: {INSTALL.replace('.txt', '-dev.txt')}",
        "python3.13: -m ruff check .",
        "python3.13: -m ruff format --check .",
        "python3.13: -m mypy",
    ]


def test_any_browser_that_is_there_is_used(machine):
    machine.python("python3.13", 13)
    machine.make("unit")
    machine.script("google-chrome", "exit 1")
    _ = machine.calls
    assert machine.make("browser").returncode == 0
    assert machine.calls == []


def test_without_a_browser_one_is_installed(machine):
    machine.python("python3.13", 13)
    machine.make("unit")
    _ = machine.calls
    assert machine.make("browser").returncode == 0
    assert machine.calls == ["python3.13: -m playwright install --with-deps chromium"]


def test_clean_and_run_in_one_go(machine):
    machine.python("python3.12", 12)
    machine.make("run")
    machine.python("python3.13", 13)
    _ = machine.calls
    done = machine.make("clean", "run")
    assert done.returncode == 0, done.stdout
    assert machine.calls == [f"python3.13: {INSTALL}", served("python3.13")]


def test_help_names_every_target_that_people_type(machine):
    text = machine.make("help").stdout
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    assert [t for t in targets if t not in ("help", "browser") and f"make {t}" not in text] == []
