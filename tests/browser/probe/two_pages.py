"""Two small pages with a state, to test `ui.state.page` in a browser by itself."""

from dataclasses import dataclass

import streamlit as st

from ui.page.toolbar import toolbar
from ui.state import fields
from ui.state.page import open_page


@dataclass(frozen=True)
class Probe:
    data: object = fields.array([[1, 2], [3, 4]])
    layout: str = fields.choice("NHWC", ("NHWC", "NCHW"))
    epsilon: float = fields.number(0.001, 0, 1)
    n: int = fields.integer(0, 0, 50)


def draw(name: str) -> None:
    st.title(name)
    page = open_page(name, Probe)
    toolbar(page)
    page.segmented("layout", "Layout")
    page.number("epsilon", "Epsilon")
    page.slider("n", "N")
    st.button("More", on_click=lambda: page.commit(n=page.state.n + 1))
    page.button("Other data", {"data": [[0.1, -2.5]]})
    st.code(
        f"{page.state.layout} {page.state.epsilon} {page.state.n} {page.state.data.array.sum()}"
    )


def first() -> None:
    draw("first")


def second() -> None:
    draw("second")


pages = [st.Page(first, url_path="first", default=True), st.Page(second, url_path="second")]
st.navigation(pages, position="top").run()
