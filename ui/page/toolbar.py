"""The row of buttons above every page: undo, redo, reset, share, read more."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ui.page.moved import translated
from ui.page.registry import QUESTIONS
from ui.state import address
from ui.state.fields import FieldError
from ui.state.number_fields import escape_markdown
from ui.state.page import Page

_LONG_LINK = 6000  # characters; servers and mail programs cut or refuse longer ones
_MAX_FILE_BYTES = 1_000_000


def toolbar(page: Page[Any]) -> None:
    """Undo, redo, reset, share and read more; under it, what was ignored in a damaged link."""
    with st.container(horizontal=True, gap="small", key=page.key("toolbar")):
        can_undo, can_redo, can_reset = page.toolbar_state
        _button(page, "Undo", "undo", page.undo, not can_undo)
        _button(page, "Redo", "redo", page.redo, not can_redo)
        _button(page, "Reset", "restart_alt", page.reset, not can_reset)
        share = st.popover(
            "Share",
            icon=":material/link:",
            type="tertiary",
            key=page.key("share"),
            on_change="rerun",
        )
        _read_more(page)
    if share.open:  # the link can be long: send it only to those who look at it
        with share:
            _share(page)
    if page.notice:
        listed = "\n".join(f"- {escape_markdown(line)}" for line in page.notice)
        st.warning(
            "This was not allowed here and is ignored; the default or the previous value is "
            f"used instead.\n{listed}",
            icon=":material/link_off:",
        )


def link(page: Page[Any]) -> str:
    """The full address that brings the present state back."""
    base = (st.context.url or f"/{page.name}").split("?")[0]
    query = urlencode(page.query(), safe="~")
    return f"{base}?{query}" if query else base


def _button(page: Page[Any], label: str, icon: str, action: Any, disabled: bool) -> None:
    st.button(
        label,
        key=page.key(label.lower()),
        icon=f":material/{icon}:",
        on_click=action,
        disabled=disabled,
        type="tertiary",
    )


def _read_more(page: Page[Any]) -> None:
    """The sources of the page's question, where it is a question's."""
    entry = next((entry for entry in QUESTIONS if entry.url_path == page.name), None)
    if entry is None:
        return
    with st.popover(
        "Read more", icon=":material/menu_book:", type="tertiary", key=page.key("read-more")
    ):
        st.markdown(f"**{entry.question}**")
        st.markdown("\n".join(f"- {source}" for source in entry.sources))


def _share(page: Page[Any]) -> None:
    url = link(page)
    st.markdown("**Link to exactly this state**")
    if len(url) > _LONG_LINK:
        st.caption(
            f"This link has {len(url)} characters, and some programs cut such links: "
            "a file is safer."
        )
    st.code(url, language=None, wrap_lines=True, height=120 if len(url) > 200 else "content")
    st.markdown("**The same as a file**")
    st.download_button(
        "Save file",
        address.to_file(page.name, page.state),
        file_name=f"batch-norm-lab-{page.name}.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
        key=page.key("save"),
    )
    uploads = page.key("file")
    st.file_uploader(
        "Open file",
        type="json",
        key=uploads,
        on_change=_open_file,
        args=(page, uploads),
        help="A file saved here. What it holds replaces the present state; Undo brings it back.",
    )


def _open_file(page: Page[Any], uploads: str) -> None:
    uploaded = st.session_state.get(uploads)
    if uploaded is None:
        return
    try:
        if not isinstance(uploaded, UploadedFile):  # a forged name, or a server started anew
            raise FieldError("it is not on the server any more; choose it again")
        if uploaded.size > _MAX_FILE_BYTES:
            raise FieldError(
                f"this file has {uploaded.size} bytes; at most {_MAX_FILE_BYTES} are read"
            )
        text = uploaded.getvalue().decode("utf-8", errors="replace")
        reading = address.from_file(page.name, page.kind, text, translated)
    except FieldError as error:
        reading = address.Reading(page.state, (f"file: {error}",))
    page.load(reading)
