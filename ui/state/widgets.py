"""The widgets that edit a page's record, each bound to a field by its declaration."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import streamlit as st

from ui.state import fields
from ui.state.fields import Spec
from ui.state.number_fields import number_field
from ui.state.sync import is_current, view


class Widgets(ABC):
    """Shows fields of a record, and takes over what a person changes.

    What a widget shows and returns is the record's value, except where the page narrows a field
    further than its declaration (`slider(..., maximum=n)`, `select(..., options=...)`): use the
    value that the widget returned.
    """

    specs: dict[str, Spec]

    @property
    @abstractmethod
    def state(self) -> Any:
        """The present record."""

    @abstractmethod
    def key(self, field_name: str) -> str:
        """The widget key of a field."""

    @abstractmethod
    def commit(self, **changes: Any) -> None:
        """Change fields."""

    @abstractmethod
    def attempt(self, changes: Mapping[str, Any], label: str = "") -> bool:
        """Change fields, or say above the page why not; whether they were changed."""

    def select(
        self,
        name: str,
        label: str,
        *,
        labels: Mapping[str, str] | None = None,
        options: Sequence[str] | None = None,
        **extra: Any,
    ) -> str:
        """A drop-down for a `choice` field. `labels` are the words shown for the options."""
        return self._one_of(st.selectbox, name, label, labels, options, extra)

    def segmented(
        self,
        name: str,
        label: str,
        *,
        labels: Mapping[str, str] | None = None,
        options: Sequence[str] | None = None,
        **extra: Any,
    ) -> str:
        """A row of buttons for a `choice` field with few options."""
        extra = {"required": True, **extra}
        return self._one_of(st.segmented_control, name, label, labels, options, extra, "default")

    def radio(
        self,
        name: str,
        label: str,
        *,
        labels: Mapping[str, str] | None = None,
        options: Sequence[str] | None = None,
        **extra: Any,
    ) -> str:
        """Radio buttons for a `choice` field."""
        return self._one_of(st.radio, name, label, labels, options, extra)

    def pills(
        self,
        name: str,
        label: str,
        *,
        labels: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> tuple[str, ...]:
        """Pills, any number at once, for a `choices` field."""
        options = self.specs[name].options  # type: ignore[attr-defined]
        value = list(getattr(self.state, name))
        bound = self._bind(
            name, label, value, lambda v: {"default": v}, from_widget=tuple,
            read=lambda held: [option for option in options if option in held],
        )  # fmt: skip
        shown = _shown(labels)
        st.pills(label, options, selection_mode="multi", format_func=shown, **bound, **extra)
        return tuple(getattr(self.state, name))

    def toggle(self, name: str, label: str, **extra: Any) -> bool:
        """A switch for a `flag` field."""
        bound = self._bind(name, label, getattr(self.state, name), lambda v: {"value": v})
        st.toggle(label, **bound, **extra)
        return bool(getattr(self.state, name))

    def slider(
        self,
        name: str,
        label: str,
        *,
        minimum: float | None = None,
        maximum: float | None = None,
        step: float | None = None,
        **extra: Any,
    ) -> Any:
        """A slider for a `number` or `integer` field, between its bounds or narrower ones."""
        spec = self.specs[name]
        kind = int if spec.whole else float  # type: ignore[attr-defined]
        low = kind(spec.minimum if minimum is None else minimum)  # type: ignore[attr-defined]
        high = kind(spec.maximum if maximum is None else maximum)  # type: ignore[attr-defined]
        value = min(max(kind(getattr(self.state, name)), low), high)
        if low == high:  # nothing to slide over; Streamlit would raise
            st.text_input(label, fields.encode_value(value), disabled=True, help=extra.get("help"))
            return value
        bound = self._bind(name, label, value, lambda v: {"value": v}, form=(low, high, step))
        st.slider(label, low, high, step=None if step is None else kind(step), **bound, **extra)
        return value

    def number(self, name: str, label: str, **extra: Any) -> Any:
        """A typed number for a `number` or `integer` field; 1.5 and 1,5 both work.

        Text that is not a number, or not an allowed one, stays as typed with the reason under
        it, and the record keeps its last value.
        """

        def set_value(value: float | None) -> None:
            self.commit(**{name: value})

        spec = self.specs[name]
        return number_field(
            label,
            getattr(self.state, name),
            key=self.key(name),
            check=spec.check,
            on_commit=set_value,
            optional=getattr(spec, "optional", False),
            **extra,
        )

    def text(self, name: str, label: str, **extra: Any) -> str:
        """A line of text for a `text` field."""
        bound = self._bind(name, label, getattr(self.state, name), lambda v: {"value": v})
        st.text_input(label, **bound, **extra)
        return str(getattr(self.state, name))

    def button(self, label: str, changes: Mapping[str, Any], **extra: Any) -> None:
        """A button that sets fields: a preset, a random fill, one step."""

        def put() -> None:
            self.attempt(changes)

        st.button(label, on_click=put, **{"key": self.key(f"button-{label}"), **extra})

    def _one_of(
        self,
        widget: Callable[..., Any],
        name: str,
        label: str,
        labels: Mapping[str, str] | None,
        options: Sequence[str] | None,
        extra: Mapping[str, Any],
        start: str = "index",
    ) -> str:
        allowed = tuple(options or self.specs[name].options)  # type: ignore[attr-defined]
        value = getattr(self.state, name)
        value = value if value in allowed else allowed[0]

        def initial(v: str) -> dict[str, Any]:
            return {start: allowed.index(v) if start == "index" else v}

        bound = self._bind(name, label, value, initial, form=allowed)
        widget(label, allowed, format_func=_shown(labels), **bound, **extra)
        return str(value)

    def _bind(
        self,
        name: str,
        label: str,
        shown: Any,
        start: Callable[[Any], dict[str, Any]],
        *,
        form: Hashable = None,
        from_widget: Callable[[Any], Any] = lambda value: value,
        read: Callable[[Any], Any] = lambda held: held,
    ) -> dict[str, Any]:
        """Show a value in the field's widget, and take over what the widget changes."""
        key = self.key(name)
        arguments = view(key, shown, start, form, read)

        def take() -> None:
            if not is_current(key, arguments):
                return
            changed = from_widget(st.session_state[arguments["key"]])
            if not self.attempt({name: changed}, label):
                # Told back to the same widget: another one in its place would not have the focus.
                st.session_state[arguments["key"]] = shown

        return {**arguments, "on_change": take}


def _shown(labels: Mapping[str, str] | None) -> Callable[[str], str]:
    return lambda option: (labels or {}).get(option, option)
