"""The route of the grid's code."""

from tests.ui.server.test_player import ask
from ui.drawing.grid import component
from ui.server.code import grid_route


def test_the_module_is_served_for_good_under_a_name_made_of_its_content():
    path = f"/{component.CODE}/{component.version()}.js"
    status, headers, content = ask(path, [grid_route()])
    assert (status, content.decode()) == (200, component.module())
    assert headers["content-type"].startswith("text/javascript")
    assert "immutable" in headers["cache-control"]
    assert ".cell.from" in content.decode()  # its style sheet is in it


def test_code_of_another_version_is_not_there():
    status, headers, _ = ask(f"/{component.CODE}/0123456789abcdef.js", [grid_route()])
    assert (status, headers["cache-control"]) == (404, "no-store")
