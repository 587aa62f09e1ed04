"""Visitors without a browser (benchmarks/load), against the real server: what a class sends."""

import random

import pytest

from benchmarks.load.changes import every_kind
from benchmarks.load.visitor import Visitor
from tests.loops import run
from ui.page.registry import PAGES


@pytest.mark.parametrize("page", [entry.url_path for entry in PAGES])
def test_every_kind_of_change_is_answered_without_an_error(server, page):
    async def visit():
        visitor = Visitor(server.url, page)
        await visitor.open()
        changes = list(every_kind(visitor, random.Random(0)))
        for change in changes:
            await visitor.send(change.state, fragment=change.fragment)
        await visitor.close()
        return visitor, changes

    visitor, changes = run(visit())
    assert visitor.errors == []
    assert not any("Something went wrong" in text for text in visitor.texts())
    assert visitor.traffic.runs > len(changes)
    if page:
        assert {"radio", "button_group"} & {change.kind for change in changes}


def test_an_edited_cell_comes_back_with_its_new_mean(server):
    """The grid's message is the one that the browser sends: the answer changes."""

    async def visit():
        visitor = Visitor(server.url, "axes")
        await visitor.open()
        before = next(visitor.found("bidi_component")).proto.SerializeToString()
        grid = next(c for c in every_kind(visitor, random.Random(1)) if c.kind == "bidi_component")
        await visitor.send(grid.state, fragment=grid.fragment)
        after = next(visitor.found("bidi_component")).proto.SerializeToString()
        await visitor.close()
        return before, after, visitor.query

    before, after, query = run(visit())
    assert before != after
    assert "data=" in query
