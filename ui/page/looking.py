"""What a visitor chooses to look at in a player becomes a part of the page's record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from ui.state.fields import FieldError
from ui.state.page import Page


def takes(page: Page[Any], **fields: str) -> Callable[[Mapping[str, Any]], None]:
    """`on_look` of a player: puts each choice into its field of the record (feature="feature")."""

    def take(chosen: Mapping[str, Any]) -> None:
        with suppress(FieldError):  # a browser may send anything
            page.look(**{fields[name]: value for name, value in chosen.items() if name in fields})

    return take
