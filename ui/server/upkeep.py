"""What a server does by itself, from its start to its end, for its visitors' time."""

from __future__ import annotations

import asyncio

from ui.server.memory import collect_when_quiet
from ui.server.prepared import keep_prepared
from ui.server.warmup import warm_up


async def keep_up() -> None:
    """Run every page once; then collect garbage and run the presets while nobody is waiting."""
    await warm_up()
    await asyncio.gather(collect_when_quiet(), keep_prepared())
