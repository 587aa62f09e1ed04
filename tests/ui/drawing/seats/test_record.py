"""What the picture of the seats is given."""

import numpy as np
import pytest

from ui.drawing.seats.record import WEIGHTS, SeatedLayer, record


def layer(kept=(3, 1), returned=(3, 3, 2)) -> SeatedLayer:
    weights = {name: np.arange(np.prod(kept), dtype="f4").reshape(kept) + 1 for name in WEIGHTS}
    return SeatedLayer("axis=0", weights, np.arange(np.prod(returned)).reshape(returned), 1e-6)


@pytest.mark.parametrize(
    ("kept", "gamma"),
    [((3, 1), [[1, 1], [2, 2], [3, 3]]), ((1, 2), [[1, 2], [1, 2], [1, 2]])],
)
def test_every_weight_has_a_number_for_each_seat_and_feature(kept, gamma):
    told = record(np.zeros((3, 2)), [layer(kept)], 0.001)
    assert [told["layers"][0][name] for name in WEIGHTS] == [gamma] * 4
    assert np.shape(told["layers"][0]["returned"]) == (3, 3, 2)
    assert (told["rows"], told["epsilon"]) == ([[0, 0]] * 3, 0.001)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [({"returned": (2, 3, 2)}, "3 rows on 2 seats"), ({"kept": (2, 1)}, "broadcast")],
)
def test_what_does_not_fit_is_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        layer(**changes)
