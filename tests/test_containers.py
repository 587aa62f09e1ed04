"""Dockerfile and compose.yaml: linted, and true to what is in the repository.

They cannot be built where the tests run.
"""

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())


def lint(*command: object) -> str:
    """What a linter complains of; "" if it is content."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=120, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def lint_dockerfile(file: Path) -> str:
    return lint(BIN / "hadolint", "--no-color", file)


def lint_compose(file: Path) -> str:
    schema = ("--builtin-schema", "vendor.compose-spec")
    return lint(sys.executable, "-m", "check_jsonschema", *schema, file)


def test_hadolint_finds_nothing_to_say():
    assert lint_dockerfile(ROOT / "Dockerfile") == ""


def test_hadolint_would_find_a_root_user(tmp_path):
    file = tmp_path / "Dockerfile"
    file.write_text(DOCKERFILE.replace("USER 1000", "USER root"))
    assert "DL3002" in lint_dockerfile(file)


def test_the_compose_file_follows_the_schema():
    assert lint_compose(ROOT / "compose.yaml") == ""


def test_the_schema_would_find_a_wrong_word(tmp_path):
    file = tmp_path / "compose.yaml"
    file.write_text((ROOT / "compose.yaml").read_text().replace("depends_on:", "depends:"))
    assert "depends" in lint_compose(file)


def test_what_is_copied_is_there_and_is_what_the_app_needs():
    copied = re.findall(r"^COPY (\S+) ", DOCKERFILE, re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    from tests.test_architecture import sources  # what counts as the product

    parts = {path.relative_to(ROOT).parts[0] for _, path in sources()}
    assert parts <= set(copied)


def test_the_healthcheck_and_the_ports_agree():
    port = re.search(r"^EXPOSE (\d+)", DOCKERFILE, re.MULTILINE)[1]
    assert f"--server.port={port}" in DOCKERFILE
    assert f"http://127.0.0.1:{port}/healthz" in DOCKERFILE
    assert [each.rsplit(":", 1)[1] for each in COMPOSE["services"]["web"]["ports"]] == [port]
    assert f"app_port: {port}" in (ROOT / "docs/deploy.md").read_text()


def test_the_web_server_is_what_make_runs():
    command = json.loads(re.findall(r"^CMD (\[.*\])", DOCKERFILE, re.MULTILINE)[-1])
    assert command[:5] == ["python", "-m", "streamlit", "run", "app.py"]
    assert "-m streamlit run app.py" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("name", [n for n in COMPOSE["services"] if n != "web"])
def test_the_other_roles_are_modules_of_ours(name):
    command = COMPOSE["services"][name]["command"]
    assert command[:2] == ["python", "-m"]
    assert find_spec(command[2])


def test_nobody_outside_reaches_scheduler_and_workers():
    services, networks = COMPOSE["services"], COMPOSE["networks"]
    for name in ("scheduler", "workers"):
        assert "ports" not in services[name]
        assert [networks[each]["internal"] for each in services[name]["networks"]] == [True]
