"""What the server logs, and how: lines for people, or JSON for machines (BNLAB_LOG=json).

Neither holds what visitors typed: of an error the JSON line has the kind and the places in the
code, and leaves its message out, which may quote the input.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from datetime import UTC, datetime
from types import TracebackType

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
"""What every record has; whatever else one has was given as `extra`."""
_THEIRS = ("streamlit", "uvicorn", "distributed")
"""Loggers that bring handlers of their own."""


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, event, and what was given as `extra`.

    >>> record = logging.makeLogRecord({"msg": "run ended", "levelname": "INFO", "name": "x"})
    >>> json.loads(JsonLines().format(record))["event"]
    'run ended'
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _USUAL},
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up(environ: dict[str, str] | None = None) -> None:
    """Turn all loggers of this process to JSON lines where BNLAB_LOG=json says so."""
    wanted = (os.environ if environ is None else dict(environ)).get("BNLAB_LOG", "").strip()
    if wanted != "json":
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _THEIRS:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def _places(trace: TracebackType | None) -> list[str]:
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)
    ]
