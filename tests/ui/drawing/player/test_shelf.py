"""Recordings as bytes under names that nobody can guess."""

import gc
import gzip

from ui.drawing.player import shelf


class Found:
    """A result that can be held weakly."""


def test_equal_content_has_one_name_and_other_content_another():
    names = [shelf.put(data) for data in (b"a", b"a", b"b")]
    assert names[0] == names[1] != names[2]
    assert gzip.decompress(shelf.get(names[2])) == b"b"
    assert len(names[0]) == 64


def test_a_name_cannot_be_made_from_the_content_alone(monkeypatch):
    name = shelf.put(b"content")
    monkeypatch.setattr(shelf, "_secret", b"of another server")
    assert shelf.put(b"content") != name


def test_two_pages_that_show_one_result_have_a_name_each():
    found = Found()
    names = [shelf.put_once(found, page, page.encode) for page in ("placement", "distributions")]
    assert [gzip.decompress(shelf.get(name)) for name in names] == [b"placement", b"distributions"]


def test_the_longest_unused_is_dropped_and_comes_back_when_it_is_shown_again(monkeypatch):
    monkeypatch.setattr(shelf, "_shelf", type(shelf._shelf)())
    monkeypatch.setattr(shelf, "KEEP_BYTES", 60)
    first, second = Found(), Found()
    one = shelf.put_once(first, "player", lambda: b"one")
    two = shelf.put_once(second, "player", lambda: b"two")
    assert shelf.get(one)  # used again
    shelf.put(b"three")
    assert (shelf.get(two), shelf.get(one) is None) == (None, False)
    assert shelf.put_once(second, "player", lambda: b"two") == two
    assert shelf.get(two)


def test_a_result_that_is_gone_holds_no_name():
    found = Found()
    shelf.put_once(found, "player", lambda: b"gone")
    before = len(shelf._names)
    del found
    gc.collect()
    assert len(shelf._names) < before
