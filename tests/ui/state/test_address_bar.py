"""Who leads, the address or the record? What a browser does with it is in test_page.py."""

import pytest

from ui.state.address_bar import Reported


@pytest.mark.parametrize(
    ("query", "arrived", "went_back", "leads"),
    [
        ({"keep": "0.9"}, True, False, True),  # a link was opened
        ({}, True, False, False),  # arrived without settings: those of the last visit stay
        ({"keep": "0.9"}, False, False, False),  # an address of a moment ago
        ({}, False, True, True),  # back to the defaults
        ({"keep": "0.9"}, False, True, True),
    ],
)
def test_the_address_leads_where_a_person_changed_it(query, arrived, went_back, leads):
    assert Reported(query, arrived, went_back).leads is leads
