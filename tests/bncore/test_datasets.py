"""The data sets are what they say, and nobody can change them for the others."""

import numpy as np
import pytest
from sklearn import datasets as sklearn

import bncore
from bncore import datasets


@pytest.mark.parametrize("name", ["iris", "digits", "wine", "breast_cancer"])
def test_a_set_of_scikit_learn_is_its_own(name):
    source = getattr(sklearn, f"load_{name}")()
    found = getattr(datasets, name).__wrapped__()
    assert found.title == name.replace("_", " ").capitalize()
    assert found.axes == ("batch", "features")
    assert found.features == tuple(source.feature_names)
    assert {type(feature) for feature in found.features} == {str}
    np.testing.assert_array_equal(found.values, source.data)
    np.testing.assert_array_equal(found.labels, source.target)


def test_nobody_can_write_into_what_all_share():
    found = datasets.iris.__wrapped__()
    for array in (found.values, found.labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("name", list(bncore.DATASETS))
def test_every_axis_has_a_name_and_every_row_a_label(name):
    found = bncore.DATASETS[name]()
    assert len(found.axes) == found.values.ndim
    assert found.features == () or len(found.features) == found.values.shape[-1]
    assert found.labels is None or len(found.labels) == len(found.values)


def test_the_images_are_the_same_in_both_layouts():
    last, first = datasets.images("NHWC"), datasets.images("NCHW")
    np.testing.assert_array_equal(np.moveaxis(last.values, -1, 1), first.values)
    assert last.axes == ("batch", "height", "width", "channels")
    assert first.axes == ("batch", "channels", "height", "width")
