"""A page's state as text: in the address bar (short, only what differs) and in a file (JSON).

Pure functions between a frozen record and text. Reading never fails: a part that is damaged or
not allowed is replaced by the default and named in `Reading.ignored`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ui.state import fields
from ui.state.arrays import FrozenArray
from ui.state.fields import FieldError

State = TypeVar("State")
Translate = Callable[[str, Mapping[str, Any]], tuple[str, dict[str, Any]] | None]
FILE_FORMAT = "batch-norm-lab/1"
LONGEST_LINK = 60_000  # characters; the server itself reads no address above 64 KiB
_MOST_TOLD = 12  # sentences; who wrote a thousand wrong settings knows by then
_TRACKING = ("utm_", "fbclid", "gclid")  # added to links by mail programs; nobody's mistake


@dataclass(frozen=True)
class Reading(Generic[State]):
    """What a link or file held: the record, and a sentence for every part that was ignored."""

    record: State
    ignored: tuple[str, ...] = ()


def to_query(record: Any) -> dict[str, str]:
    """The query parameters of a record: fields that differ from their defaults, as text.

    Without what is its visitor's own.
    """
    return {
        field.name: fields.encode_value(value)
        for field in dataclasses.fields(record)
        if (value := getattr(record, field.name)) != field.default
        and not fields.is_own(field.metadata["spec"])
    }


def from_query(kind: type[State], query: Mapping[str, str]) -> Reading[State]:
    """The record that `query` describes, each field checked by its own declaration."""
    declared = fields.specs(kind)
    length = sum(len(name) + len(text) for name, text in query.items())
    if length > LONGEST_LINK:
        return Reading(
            kind(), (f"the link: it has {length} characters; at most {LONGEST_LINK} are read",)
        )
    own = {name for name, spec in declared.items() if fields.is_own(spec)}
    texts = {k: v for k, v in query.items() if k not in own and not k.startswith(_TRACKING)}
    return _read(kind, texts, lambda name, text: declared[name].decode(text))


def to_file(page: str, record: Any) -> str:
    """The record as a JSON file, complete and readable."""
    values = {
        field.name: value.array.tolist() if isinstance(value, FrozenArray) else value
        for field in dataclasses.fields(record)
        for value in [getattr(record, field.name)]
    }
    content = {"format": FILE_FORMAT, "page": page, "state": values}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def from_file(
    page: str, kind: type[State], text: str, translated: Translate = lambda page, settings: None
) -> Reading[State]:
    """The record that a file holds; FieldError where it is not a file of this page at all.

    `translated` gives today's page and settings for those of an earlier version, or None.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FieldError("this file is not JSON; choose one saved by this page") from error
    if not isinstance(content, dict) or content.get("format") != FILE_FORMAT:
        raise FieldError("this file was not saved by Batch Norm Lab; choose one saved by this page")
    owner, settings = str(content.get("page")), content.get("state")
    if isinstance(settings, dict):
        owner, settings = translated(owner, settings) or (owner, settings)
    if owner != page or not isinstance(settings, dict):
        raise FieldError(f"this file belongs to the page {owner[:40]!r}")
    return _read(kind, settings, lambda _name, value: value)


def _read(kind: type[State], values: Mapping[str, Any], decode: Any) -> Reading[State]:
    declared = fields.specs(kind)
    kept: dict[str, Any] = {}
    ignored = []
    for name, value in values.items():
        if name not in declared:
            shown = "".join(c if c.isprintable() else "?" for c in name[:40])
            ignored.append(f"{shown}: there is no such setting")
            continue
        try:
            kept[name] = declared[name].check(decode(name, value))
        except (FieldError, TypeError, OverflowError) as error:
            ignored.append(f"{name}: {error}")
    if len(ignored) > _MOST_TOLD:
        ignored[_MOST_TOLD:] = [f"and {len(ignored) - _MOST_TOLD} more"]
    try:
        return Reading(kind(**kept), tuple(ignored))
    except ValueError as error:  # a rule between fields, stated in the record's __post_init__
        return Reading(kind(), (*ignored, f"all settings: {error}"))
