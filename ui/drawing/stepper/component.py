"""`draw_stepper`: buttons and a slider for steps that the browser has all got."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import streamlit as st

from ui.drawing.served import CHOICE, COMMON, joined, loader, themed

_FOLDER = Path(__file__).parent / "parts"


def draw_stepper(
    titles: Sequence[str],
    *,
    key: str,
    at: int,
    jumps: Mapping[str, int],
    on_step: Callable[[int], None],
) -> None:
    """Put them on the page; the server hears where they stand once they rest.

    Args:
        titles: of the steps, in order.
        at: the step to begin with, from 0; another one than before leads there.
        jumps: buttons that go to a step, by their labels.
        on_step: takes the step at which the visitor rests, before the page runs again.
    """

    def take() -> None:
        step = rested_at(st.session_state.get(key), len(titles))
        if step is not None:
            on_step(step)

    data = {"titles": list(titles), "at": at, "jumps": list(jumps.items()), "name": key}
    _MOUNT(key=key, data=data, on_step_change=take)


def rested_at(state: object, count: int) -> int | None:
    """The step of `count` at which the visitor rests; a browser may send anything.

    >>> rested_at({"step": 3}, 16), rested_at({"step": 16}, 16), rested_at({"step": "3"}, 16)
    (3, None, None)
    """
    step = state.get("step") if isinstance(state, Mapping) else None
    return step if type(step) is int and 0 <= step < count else None


def stepped(texts: Sequence[str], *, stepper: str, key: str) -> None:
    """A text for each step, of which the one of the present step can be seen.

    They are the items of one list, which is as high as the highest of them, so that nothing below
    it moves from step to step.
    """
    items = (f"{number}. {_indented(text)}" for number, text in enumerate(texts, 1))
    with st.container(key=f"{stepper}-of-{key}"):
        st.markdown("\n\n".join(items))


def stepped_style() -> str:
    """CSS for such lists: items on one place; before a stepper says which, the first is seen."""
    of = '[class*="-of-"] [data-testid=stMarkdownContainer] > ol'
    return (
        f"{of} {{ display: grid; list-style: none; margin: 0; padding: 0 }}\n"
        f"{of} > li {{ grid-area: 1 / 1; min-width: 0; margin: 0; padding: 0 }}\n"
        f"{of}:not(.led) > li:not(:first-child) {{ visibility: hidden }}"
    )


def _indented(text: str) -> str:
    """The lines of an item of a list; an item has to hold something.

    >>> _indented("one\\n\\ntwo")
    'one\\n\\n    two'
    """
    return (
        "\n".join("    " * bool(n and line) + line for n, line in enumerate(text.split("\n")))
        or "\u200b"
    )


MODULE = joined("stepper", _FOLDER, (COMMON, CHOICE, "stepper"), themed(_FOLDER / "stepper.css"))
_MOUNT = st.components.v2.component(
    "batch_norm_lab_stepper", html='<div class="stepper"></div>', js=loader(MODULE.address)
)
