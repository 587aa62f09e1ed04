"""The player in a real Chromium: 10,000 updates of three layers with six features, at 1440 px."""

from __future__ import annotations

from functools import cache
from statistics import median
from typing import Any

import numpy as np

from benchmarks.figures import Figure
from benchmarks.visiting import TRAINS, visiting

ROUNDS = 5

# Frames while it plays from start to end in 4 s, and the script's own time for each step of a
# scrub; sent: messages and requests meanwhile.
_MEASURE = """async () => {
  const root = (function find(node) {
    if (node.shadowRoot) { const found = find(node.shadowRoot); if (found) return found; }
    if (node.matches?.(".player")) return node;
    for (const child of node.children ?? []) { const found = find(child); if (found) return found; }
  })(document.body);
  let sent = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) { sent += 1; return send.call(this, data); };
  const before = performance.getEntriesByType("resource").length;
  const key = (name) => root.querySelector(".slider").dispatchEvent(
    new KeyboardEvent("keydown", { key: name, bubbles: true }));
  const frames = [];
  key("Home");
  await new Promise((done) => requestAnimationFrame(done));
  key(" ");
  let last;
  await new Promise((done) => {
    const tick = (now) => {
      if (last !== undefined) frames.push(now - last);
      last = now;
      if (root.querySelector(".bar button").title === "Play" && frames.length > 10) done();
      else requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  const steps = [];
  for (let n = 0; n < 200; n++) {
    const began = performance.now();
    key(n % 2 ? "ArrowRight" : "ArrowLeft");
    steps.push(performance.now() - began);
    if (n % 10 === 9) await new Promise((done) => requestAnimationFrame(done));
  }
  return { frames, steps, sent, asked: performance.getEntriesByType("resource").length - before };
}"""


# In milliseconds: from the moment at which the page says so (null: from a click) until the player
# has all of a run.
_ARRIVES = """([said, last]) => {
  const find = (node, name) => {
    if (node.matches?.(name)) return node;
    for (const child of [...(node.shadowRoot?.children ?? []), ...node.children]) {
      const found = find(child, name);
      if (found) return found;
    }
  };
  let began = null;
  const start = () => { began ??= performance.now(); };
  if (said === null) addEventListener("click", start, { capture: true, once: true });
  window.arrived = new Promise((done) => {
    const tick = () => {
      const progress = document.querySelector(".st-key-moving-progress")?.textContent;
      if (said !== null && progress?.includes(said)) start();
      const whole = find(document.body, ".slider")?.getAttribute("aria-valuemax") === last;
      if (began !== null && whole) done(performance.now() - began);
      else requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
}"""


@cache
def _arrivals() -> tuple[float, list[float]]:
    """Of a run that ends, and of two that are asked for again in turns, in seconds."""
    with visiting(TRAINS) as (url, page):
        page.goto(f"{url}/moving?updates=9000")
        train = page.locator(".st-key-moving-train button")
        train.click(timeout=300_000)
        page.get_by_text("Done: 9,000 updates").wait_for(timeout=300_000)
        page.get_by_text("Change the settings").click()
        updates = page.locator('[class*="st-key-moving-updates"] input')
        updates.fill("10000")
        updates.press("Enter")
        page.get_by_text("3 layers, 10,000 updates").wait_for()
        page.evaluate(_ARRIVES, ["Done: 10,000", "10000"])
        train.click()
        ended = page.evaluate("window.arrived")
        page.wait_for_timeout(3000)
        again = []
        for button, updates in [("undo", "9000"), ("redo", "10000")] * ROUNDS:
            page.evaluate(_ARRIVES, [None, updates])
            page.locator(f".st-key-moving-{button} button").click()
            again.append(page.evaluate("window.arrived") / 1e3)
            page.wait_for_timeout(1000)
        return ended / 1e3, again


def end() -> Figure:
    """From the run's end, as the page says it, to the picture of the whole run."""
    seconds = _arrivals()[0]
    return Figure("player-end", "from a run's end to its picture", seconds, "s", "<=", 0.4)


def again() -> Figure:
    """From Undo or Redo, to settings whose run is there, to the picture of that run: the median."""
    first, *_ = seconds = _arrivals()[1]
    return Figure(
        "player-again", "a known run's picture, from the click", median(seconds), "s", "<=", 0.2,
        f"the first of {len(seconds)} {first:.2f} s, the longest {max(seconds):.2f} s",
    )  # fmt: skip


@cache
def _measured() -> dict[str, Any]:
    with visiting(TRAINS) as (url, page):
        page.goto(f"{url}/moving")
        page.locator(".st-key-moving-train button").click(timeout=300_000)
        page.locator(".player .slider").wait_for(timeout=300_000)
        page.wait_for_timeout(2000)
        found: dict[str, Any] = page.evaluate(_MEASURE)
        return found


def frames() -> Figure:
    """Which share of the frames comes within 20 ms of the one before, while it plays."""
    found = _measured()
    share = 100 * float(np.mean(np.array(found["frames"]) <= 20))
    note = f"{len(found['frames'])} frames; {found['sent']} messages, {found['asked']} requests"
    return Figure("player-frames", "frames within 20 ms while playing", share, "%", ">=", 95, note)


def scrub() -> Figure:
    """The script's own time for one step, 95th percentile."""
    slow = float(np.percentile(_measured()["steps"], 95))
    return Figure("player-scrub", "one step of a scrub: script", slow, "ms", "<=", 16)
