"""The components' code comes by a route, under a name made from its content."""

import pytest

from tests.ui.server.test_player import ask
from ui.server.code import MODULES, code_route


@pytest.mark.parametrize("name", list(MODULES))
def test_a_module_is_kept_for_good_under_its_own_address_alone(name):
    module = MODULES[name]
    status, headers, content = ask(module.address, [code_route()])
    assert (status, content.decode()) == (200, module.text)
    assert headers["content-type"].startswith("text/javascript")
    assert "immutable" in headers["cache-control"]
    assert module.text.startswith("const STYLE = ")  # its style sheet is in it
    for other in (module.address.replace(module.version, "0" * 16), f"/bnlab/code/other/{name}.js"):
        status, headers, _ = ask(other, [code_route()])
        assert (status, headers["cache-control"]) == (404, "no-store")
