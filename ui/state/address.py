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
from urllib.parse import parse_qsl, urlencode

from ui.state import fields
from ui.state.arrays import FrozenArray
from ui.state.fields import FieldError

State = TypeVar("State")
Translate = Callable[[str, Mapping[str, Any]], tuple[str, dict[str, Any]] | None]
FILE_FORMAT = "batch-norm-lab/1"
LONGEST_LINK = 60_000  # characters; the server itself reads no address above 64 KiB
_MOST_TOLD = 12  # sentences; who wrote a thousand wrong settings knows by then
_MOST_SETTINGS = 100
PIN = "pin"
"""The parameter of a link that holds a second run: what differs from the settings beside it."""
SAFE = "~"
"""What stands in an address as it is: between the entries of a list."""
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
    return _read(kind, declared, texts, lambda name, text: declared[name].decode(text))


def with_pin(query: Mapping[str, str], pin: str) -> dict[str, str]:
    """The query parameters of a page, and of the run that is pinned beside it, if any."""
    return {**query, PIN: pin} if pin else dict(query)


def fits(query: Mapping[str, str]) -> bool:
    """Whether a server reads an address with these parameters."""
    return len(urlencode(query, safe=SAFE)) <= LONGEST_LINK


def to_pin(record: Any, pinned: Any) -> str:
    """The settings of a pinned run that differ from a record's, as the text of one parameter.

    Empty where none does. What is its visitor's own stands in no link.
    """
    return urlencode(
        {
            field.name: fields.encode_value(value)
            for field in dataclasses.fields(record)
            if (value := getattr(pinned, field.name)) != getattr(record, field.name)
            and not fields.is_own(field.metadata["spec"])
        },
        safe=SAFE,
    )


def from_pin(record: State, text: str) -> Reading[State | None]:
    """The record of the pinned run that `to_pin` wrote; None where any part of it is not allowed.

    Half a pinned run would be compared under a wrong name. Without text there is none.
    """
    if not text:
        return Reading(None)
    declared = fields.specs(type(record))
    own = {name for name, spec in declared.items() if fields.is_own(spec)}
    if len(text) > LONGEST_LINK:
        said = f"{PIN}: it has {len(text)} characters; at most {LONGEST_LINK} are read"
        return Reading(None, (said,))
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_SETTINGS)
    except ValueError:
        return Reading(None, (f"{PIN}: it has more than {_MOST_SETTINGS} settings",))
    texts = {name: value for name, value in pairs if name not in own}
    present = {name: getattr(record, name) for name in declared}
    read = _read(
        lambda **changed: type(record)(**{**present, **changed}),
        declared,
        texts,
        lambda name, value: declared[name].decode(value),
    )
    if read.ignored:
        return Reading(None, tuple(f"{PIN}: {line}" for line in read.ignored))
    return Reading(read.record)


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
    return _read(kind, fields.specs(kind), settings, lambda _name, value: value)


def _read(
    kind: Callable[..., State], declared: Mapping[str, Any], values: Mapping[str, Any], decode: Any
) -> Reading[State]:
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
