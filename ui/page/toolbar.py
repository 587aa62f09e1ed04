"""The title and the row of buttons above every page: undo, redo, reset, share, read more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ui.page.moved import translated
from ui.page.registry import QUESTIONS, PageEntry
from ui.state import address
from ui.state.fields import FieldError
from ui.state.number_fields import escape_markdown
from ui.state.page import Page

_LONG_LINK = 6000  # characters; servers and mail programs cut or refuse longer ones
_MAX_FILE_BYTES = 1_000_000
_OPEN = "bnlab:dialog"  # (page, which one) while a dialog of the toolbar is open


def toolbar(page: Page[Any], title: str = "") -> None:
    """The page's title; undo, redo, reset, share and read more beside it, or under it.

    Then what was ignored in a damaged link.
    """
    # In one container: a notice that comes and goes moves no other part of the page to another
    # place, where it would be made anew and lose the focus.
    with st.container():
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            if title:
                st.title(title, width="content")
            with st.container(
                horizontal=True, gap="small", width="content", key=page.key("toolbar")
            ):
                _buttons(page)
        _opened(page)
        _notice(page)


def _notice(page: Page[Any]) -> None:
    if page.notice:
        listed = "\n".join(f"- {escape_markdown(line)}" for line in page.notice)
        st.warning(
            "This was not allowed here and is ignored; the default or the previous value is "
            f"used instead.\n{listed}",
            icon=":material/link_off:",
        )


def _buttons(page: Page[Any]) -> None:
    can_undo, can_redo, can_reset = page.toolbar_state
    _button(page, "Undo", "undo", page.undo, not can_undo)
    _button(page, "Redo", "redo", page.redo, not can_redo)
    _button(page, "Reset", "restart_alt", page.reset, not can_reset)
    _button(page, "Share", "link", partial(_open, page, "share"))
    if _sources(page):
        _button(page, "Read more", "menu_book", partial(_open, page, "read-more"))


def link(page: Page[Any]) -> str:
    """The full address that brings the present state back."""
    base = (st.context.url or f"/{page.name}").split("?")[0]
    query = urlencode(page.query(), safe=address.SAFE)
    return f"{base}?{query}" if query else base


def _button(
    page: Page[Any], label: str, icon: str, action: Callable[[], None], disabled: bool = False
) -> None:
    st.button(
        label,
        key=page.key(label.lower().replace(" ", "-")),
        icon=f":material/{icon}:",
        on_click=action,
        disabled=disabled,
        type="tertiary",
    )


# Share and Read more are dialogs. A popover's body stands at the end of the document, behind
# everything else for whoever goes on by Tab; a dialog takes the focus, and Escape gives it back.


def close_all_but(name: str) -> None:
    """Close a dialog of another page than `name`, which is about to run: Back leaves both.

    For the script that runs before all pages, Home included, which has no toolbar.
    """
    if st.session_state.get(_OPEN, (name, ""))[0] != name:
        _close()


def _open(page: Page[Any], box: str) -> None:
    st.session_state[_OPEN] = (page.name, box)


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def _opened(page: Page[Any]) -> None:
    """The dialog that was opened here: also in a run that something else than it has caused."""
    _, box = st.session_state.get(_OPEN, ("", ""))
    if box == "share":
        st.dialog("Share", on_dismiss=_close)(_share)(page)
    elif box:
        st.dialog("Read more", on_dismiss=_close)(_read_more)(page)


def _sources(page: Page[Any]) -> PageEntry | None:
    """The page's entry, where it is a question's: it has sources."""
    return next((entry for entry in QUESTIONS if entry.url_path == page.name), None)


def _read_more(page: Page[Any]) -> None:
    if entry := _sources(page):
        st.markdown(f"**{entry.question}**")
        st.markdown("\n".join(f"- {source}" for source in entry.sources))


def _share(page: Page[Any]) -> None:
    if _OPEN not in st.session_state:  # a file was opened: the page shows what it holds
        st.rerun()
    url = link(page)
    second = " and the run that is pinned beside it" * (address.PIN in page.query())
    st.markdown(f"**Link to exactly this state**{second}")
    if page.pin_left_out:
        st.caption(
            "The pinned run is not in the link: with its data the link would be longer than "
            f"{address.LONGEST_LINK:,} characters."
        )
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
    _close()
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
