"""A component's code, which the browser fetches once instead of with every message."""

from __future__ import annotations

import streamlit as st


def root() -> str:
    """The path under which the server's routes stand, without a slash at its end."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def loader(address: str) -> str:
    """What travels with each message instead of the module at this address."""
    return _LOADER % address


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
