"""The pages of `faults_app.py`, as an earlier and a later release has them."""

import os
from dataclasses import dataclass

import streamlit as st

from bncore.training.jobs import Job
from tests.experiments.simple import Count
from ui.page.toolbar import toolbar
from ui.state import fields
from ui.state.page import open_page
from ui.training.panel import training_panel

LATER = os.environ.get("BNLAB_TEST_RELEASE") == "later"


@dataclass(frozen=True)
class Earlier:
    total: int = fields.integer(20, 1, 1_000_000)
    n: int = fields.integer(0, 0, 50)
    layout: str = fields.choice("NHWC", ("NHWC", "NCHW"))


@dataclass(frozen=True)
class Later:
    """A field is gone, another one has a new default, a third one fewer choices."""

    total: int = fields.integer(30, 1, 1_000_000)
    layout: str = fields.choice("NHWC", ("NHWC",))


def first() -> None:
    page = open_page("first", Later if LATER else Earlier)
    toolbar(page)
    page.number("total", "Total")
    page.segmented("layout", "Layout")
    if not LATER:
        page.slider("n", "N")
    job = Job(Count(total=page.state.total, seconds=0.05), label="Counting")
    result = training_panel("first", lambda: (job, ""), draw, unit="numbers")
    st.text(f"state: {page.state}")
    st.text(f"result: {result.state if result else None}")


def draw(result) -> None:
    counted = [] if result is None or result.newest is None else result.found["n"]
    st.text(f"counted: {len(counted)}")


def home() -> None:
    st.text("state: home")


def gone() -> None:
    page = open_page("gone", Earlier)
    page.slider("n", "N")
    st.text(f"state: {page.state}")


pages = [st.Page(home, default=True), st.Page(first, url_path="first")]
if not LATER:
    pages.append(st.Page(gone, url_path="gone"))
st.navigation(pages, position="top").run()
