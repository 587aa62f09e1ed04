"""The grid in a real Chromium: what a look at a cell or a drag costs, and what an edit sends."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from benchmarks.figures import Figure
from benchmarks.visiting import visiting
from ui.state.arrays import FrozenArray, encode_array

# The largest matrix that the page takes: with all that follows from it, 1,664 cells.
SHAPE = (16, 32)

# From the pointer's event to the end of the script that lights the cells and writes the sentence,
# the layout that this asks for included.
_POINT = """async () => {
  const cells = [];
  (function find(node) {
    if (node.matches?.("td.cell")) cells.push(node);
    for (const child of [...(node.shadowRoot?.children ?? []), ...node.children]) find(child);
  })(document.body);
  const taken = [];
  for (let n = 0; n < 300; n++) {
    const cell = cells[(n * 7919) % cells.length];
    const began = performance.now();
    cell.dispatchEvent(new PointerEvent("pointerover", { bubbles: true, composed: true }));
    taken.push(performance.now() - began);
    await new Promise((done) => requestAnimationFrame(done));
  }
  const input = cells[0];
  const dragged = [];
  const drag = (type, clientY) => input.dispatchEvent(new PointerEvent(type, {
    bubbles: true, composed: true, pointerId: 1, pointerType: "mouse", clientX: 0, clientY }));
  Element.prototype.setPointerCapture = () => {}; // there is no such pointer
  drag("pointerdown", 1000);
  for (let n = 1; n <= 100; n++) {
    const began = performance.now();
    drag("pointermove", 1000 - 4 * n);
    dragged.push(performance.now() - began);
    await new Promise((done) => requestAnimationFrame(done));
  }
  dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  return { cells: cells.length, taken, dragged };
}"""


@cache
def _measured() -> dict[str, Any]:
    data = FrozenArray(np.random.default_rng(0).normal(size=SHAPE).round(2))
    with visiting() as (url, page):
        received: list[int] = []
        page.on(
            "websocket", lambda s: s.on("framereceived", lambda data: received.append(len(data)))
        )
        page.goto(f"{url}/axes?data={encode_array(data)}")
        page.locator("[data-panel=output] td.cell").last.wait_for(timeout=300_000)
        page.wait_for_timeout(2000)
        found: dict[str, Any] = page.evaluate(_POINT)
        page.goto(f"{url}/axes")
        page.locator("[data-panel=output] td.cell").last.wait_for()
        page.wait_for_timeout(2000)
        received.clear()
        page.locator("[data-panel=input] td.cell").first.dblclick()
        page.locator("input.editor").fill("7")
        page.keyboard.press("Enter")
        page.wait_for_timeout(2000)
    return {**found, "largest": max(received), "received": sum(received)}


def sentence() -> Figure:
    """The script's own time from the pointer to light and sentence, 95th percentile."""
    found = _measured()
    slow = float(np.percentile(found["taken"], 95))
    note = f"{found['cells']:,} cells; median {np.median(found['taken']):.2g} ms"
    return Figure(
        "cell-sentence", "light and sentence of a cell: script", slow, "ms", "<=", 16, note
    )


def drag() -> Figure:
    """The script's own time for a step of a drag, all that follows repainted, 95th percentile."""
    found = _measured()
    slow = float(np.percentile(found["dragged"], 95))
    note = f"{found['cells']:,} cells; median {np.median(found['dragged']):.2g} ms"
    return Figure("cell-drag", "one step of a dragged cell: script", slow, "ms", "<=", 16, note)


def edit_bytes() -> Figure:
    """What the server sends of the grid after an edit of the matrix of question 1."""
    found = _measured()
    note = f"all messages of the edit: {found['received'] / 1000:.1f} kB"
    size = found["largest"] / 1000
    return Figure("cell-edit-bytes", "the grid's message after an edit", size, "kB", "<=", 6, note)
