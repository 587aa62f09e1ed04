"""What a server does by itself, from its start to its end, for its visitors' time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ui.page.registry import HOME
from ui.server.calm import calm
from ui.server.memory import collect_when_quiet
from ui.server.prepared import keep_prepared
from ui.server.warmup import visit, warm_up

PATIENCE_SECONDS = 10.0


async def keep_up(start_workers: Callable[[], None]) -> None:
    """Run Home, where people come first; when nobody waits, start the workers and run each page.

    Then collect garbage and run the presets while nobody is waiting.
    """
    await visit(HOME.url_path)  # while the first browser loads the client
    await calm(PATIENCE_SECONDS)
    start_workers()
    await warm_up()
    await asyncio.gather(collect_when_quiet(), keep_prepared())
