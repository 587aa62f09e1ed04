"""Every experiment is a pair: a record of what is asked, and a generator that takes it."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bncore.experiments
from bncore.experiments.experiment import Experiment, Found, growing, joined
from bncore.training.jobs import Chunk


def experiments() -> list[type[Experiment]]:
    for module in pkgutil.iter_modules(bncore.experiments.__path__, "bncore.experiments."):
        importlib.import_module(module.name)
    return sorted(
        (
            kind
            for kind in Experiment.__subclasses__()
            if kind.__module__.startswith("bncore.experiments.")
        ),
        key=lambda kind: kind.__name__,
    )


def test_there_are_experiments():
    assert "Freezing" in [kind.__name__ for kind in experiments()]


@pytest.mark.keras
@pytest.mark.parametrize("kind", experiments(), ids=lambda kind: kind.__name__)
def test_every_record_has_a_generator_that_takes_it_and_yields_what_it_promises(kind):
    module, _, name = kind.run_by.partition(":")
    assert module.startswith("bncore.keras.")
    generator = getattr(importlib.import_module(module), name)
    assert inspect.isgeneratorfunction(generator)
    hints = get_type_hints(generator)
    assert hints["asked"] is kind
    (base,) = [base for base in kind.__orig_bases__ if get_origin(base) is Experiment]
    (found,) = get_args(base)
    assert hints["return"] == Iterator[Chunk[found]]
    assert next(iter(inspect.signature(generator).parameters)) == "asked"


@pytest.mark.parametrize("kind", experiments(), ids=lambda kind: kind.__name__)
def test_every_record_is_frozen_and_knows_what_comes_back(kind):
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    (base,) = [base for base in kind.__orig_bases__ if get_origin(base) is Experiment]
    (found,) = get_args(base)
    assert is_dataclass(found)
    assert found.__dataclass_params__.frozen
    assert fields(kind)


@dataclass(frozen=True, eq=False)
class Inner:
    curve: np.ndarray = growing()
    title: str = ""


@dataclass(frozen=True, eq=False)
class Grown(Found):
    numbers: np.ndarray = growing()
    inner: dict[str, Inner] = field(default_factory=dict)
    end: float | None = None


@given(st.lists(st.integers(0, 3), max_size=5))
def test_pieces_of_a_record_grow_to_the_whole(sizes):
    parts = [Grown(numbers=np.ones((size, 2)), end=float(size)) for size in sizes]
    whole = joined([Grown(versions={"keras": "3"}), None, *parts, Grown()])
    assert whole.versions == {"keras": "3"}
    assert whole.end == (sizes[-1] if sizes else None)
    assert whole.numbers.shape == ((sum(sizes), 2) if sizes else (0,))


def test_records_inside_mappings_grow_by_name():
    whole = joined(
        Grown(inner={name: Inner(np.full(2, number), title)})
        for number, (name, title) in enumerate([("a", "A"), ("b", ""), ("a", "")])
    )
    assert whole.inner["a"].curve.tolist() == [0, 0, 2, 2]
    assert (whole.inner["a"].title, whole.inner["b"].title) == ("A", "")


def test_nothing_is_an_empty_mapping():
    assert joined([]) == joined([None, None]) == {}
