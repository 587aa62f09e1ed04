"""What the numbers rest on is read off the records and the frameworks, and off nothing else."""

from dataclasses import replace

import pytest

from bncore import basis as module
from bncore.basis import basis, everything
from bncore.conventions import CONVENTIONS
from bncore.frameworks import FRAMEWORKS
from bncore.records import recorded


def test_every_convention_has_a_basis():
    assert [found.name for found in everything()] == list(CONVENTIONS)


@pytest.mark.parametrize("name", list(CONVENTIONS))
def test_recorded_is_said_of_what_was_recorded(name):
    runs = [(r.case.name, r.version) for r in recorded() if r.convention == name]
    found = basis(name)
    assert [case for case, _ in found.recorded] == [case for case, _ in runs]
    assert all(version in found.version for _, version in runs)
    assert bool(found.packages) == (name in FRAMEWORKS)
    if not runs and not found.live:
        assert found.kind == "engine only"


def test_a_framework_that_is_gone_is_no_longer_live(monkeypatch):
    monkeypatch.setattr(module, "installed", lambda name: "")
    assert "can run live" not in {found.kind for found in everything()}
    assert basis("keras-3").kind == "recorded"
    monkeypatch.setattr(module, "recorded", lambda: ())
    assert {found.kind for found in everything()} == {"engine only"}


def test_live_is_what_is_installed_of_that_very_framework(monkeypatch):
    monkeypatch.setattr(module, "installed", lambda name: f"{name} 1.0")
    assert {found.live for found in everything()} == {f"{name} 1.0" for name in CONVENTIONS}


def test_several_versions_are_told_apart(monkeypatch):
    run = next(r for r in recorded() if r.convention == "keras-3")
    versions = ("keras 3.0", "keras 3.1", "keras 3.0")
    runs = tuple(replace(run, version=version) for version in versions)
    monkeypatch.setattr(module, "recorded", lambda: runs)
    assert basis("keras-3").version == "keras 3.0; keras 3.1"
