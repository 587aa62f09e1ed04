"""Garbage is collected when nobody waits.

Streamlit would force a full collection after every run, with the interpreter locked. What stays
for good is frozen instead (`warmup.py`), the interpreter's own full collections are put off, and
one is made every so often, at a moment when no page is running.
"""

from __future__ import annotations

import asyncio
import gc

from ui.server.calm import pages_running

EVERY_SECONDS = 20.0
PATIENCE_SECONDS = 10.0
LOOK_SECONDS = 0.005

# Young objects are collected as they come (a run makes some thousands); the oldest generation, in
# effect, only by `collect_when_quiet`.
THRESHOLDS = (5_000, 20, 1_000)


async def collect_when_quiet() -> None:
    """Collect for ever: every `EVERY_SECONDS`, when no page runs or patience is over."""
    gc.set_threshold(*THRESHOLDS)
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        waited = 0.0
        while pages_running() and waited < PATIENCE_SECONDS:
            await asyncio.sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS
        gc.collect()
