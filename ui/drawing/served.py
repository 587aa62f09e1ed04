"""A component's code, which the browser fetches once instead of with every message."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import streamlit as st

from ui.drawing.palette import variables

CODE = "bnlab/code"
"""Where the modules are served from."""

_SHARED = ("common", "svg", "moments", "choice")
COMMON, SVG, MOMENTS, CHOICE = (Path(__file__).parent / name for name in _SHARED)
"""The parts that several components begin with."""

DOTS = Path(__file__).parent / "dots.css"
"""The style of dots on a number line, and of the slider that moves them."""


def root() -> str:
    """The path under which the server's routes stand, without a slash at its end."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def loader(address: str) -> str:
    """What travels with each message instead of the module at this address."""
    return _LOADER % address


@dataclass(frozen=True)
class Module:
    """The browser's side of a component as one text; its content is a part of its address.

    >>> Module("grid", "let a").address == Module("grid", "let b").address
    False
    """

    name: str
    text: str

    @cached_property
    def version(self) -> str:
        """A name for the content."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def address(self) -> str:
        """Where the browser finds it."""
        return f"{root()}/{CODE}/{self.name}/{self.version}.js"


def joined(name: str, folder: Path, parts: Sequence[str | Path], style: str) -> Module:
    """The files `parts` of a folder one behind the other, with `style` before them as STYLE."""
    sources = [(folder / part).with_suffix(".js").read_text(encoding="utf-8") for part in parts]
    return Module(name, "\n".join([f"const STYLE = {json.dumps(style)};", *sources]))


def themed(*sheets: Path) -> str:
    """Style sheets, with the colours of both themes as variables before them."""
    written = (sheet.read_text(encoding="utf-8") for sheet in sheets)
    return "\n".join([f":host {{ display: block; {variables()}}}", *written])


_LOADER = """
let coming;
export default (mounted) => {
  let [gone, end] = [false, null];
  coming ??= import(new URL("%s", document.baseURI).href);
  coming.then((module) => { if (!gone) end = module.default(mounted); }, () => {
    mounted.parentElement.querySelector("div").textContent =
      "This picture could not be loaded. Reload the page.";
  });
  return () => { gone = true; end?.(); };
}
"""
