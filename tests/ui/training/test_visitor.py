"""Who is one visitor, and who is another."""

import pytest
import streamlit as st

from ui.training.visitor import token_of, visitor


class Context:
    def __init__(self, cookie: str = "") -> None:
        self.cookies = {"_streamlit_xsrf": cookie} if cookie else {}


@pytest.fixture
def seen_with(monkeypatch):
    def seen_with(cookie: str = "", session: dict | None = None) -> str:
        monkeypatch.setattr(st, "context", Context(cookie))
        monkeypatch.setattr(st, "session_state", {} if session is None else session)
        return visitor()

    return seen_with


def test_all_tabs_of_a_browser_are_one_visitor_whatever_the_mask(seen_with):
    tabs = {seen_with("2|01020304|6060|1700000000"), seen_with("2|ffffffff|9e9d|1700000009")}
    assert len(tabs) == 1
    assert seen_with("2|01020304|6061|1700000000") not in tabs
    assert b"ab" not in tabs.pop().encode()


def test_without_a_cookie_each_session_is_a_visitor(seen_with):
    session: dict = {}
    assert seen_with(session=session) == seen_with(session=session)
    assert seen_with() != seen_with()


@pytest.mark.parametrize("cookie", ["2||61|0", "2|zz|61|0", "1|2", "||||", "2|0102|6|0"])
def test_a_cookie_that_is_no_token_is_none(seen_with, cookie):
    assert token_of(cookie) == b""
    assert len(seen_with(cookie)) == 16
