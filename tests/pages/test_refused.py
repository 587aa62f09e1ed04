"""What an experiment's record refuses cannot be trained, and its sentence says why."""

import dataclasses

import pytest

from ui.questions.bad_number.state import BadNumberState
from ui.questions.batch_axis.state import BatchAxisState
from ui.questions.freezing.state import FreezingState
from ui.questions.modes.state import ModesState
from ui.questions.moving.state import MovingState
from ui.state.address import to_query
from ui.state.arrays import FrozenArray

PAGES = {
    "bad-number": BadNumberState,
    "batch-axis": BatchAxisState,
    "freezing": FreezingState,
    "modes": ModesState,
    "moving": MovingState,
}


@pytest.mark.parametrize("name", PAGES)
def test_numbers_beyond_float32_cannot_be_trained(visit, name):
    data = FrozenArray([[1e39, 1.0], [2.0, 3.0], [1.0, 5.0], [0.0, 2.0], [4.0, 2.0]])
    page = visit(name, **to_query(dataclasses.replace(PAGES[name](), data=data)))
    assert page.app.button(key=f"{name}-train").disabled
    assert "data holds values beyond float32" in page.captions
