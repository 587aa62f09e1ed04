"""Logs for machines: one JSON object a line, without what visitors typed."""

import json
import logging
import subprocess
import sys

from ui.server.logs import JsonLines

SECRET = "what-a-visitor-typed"


def line_of(log) -> dict:
    """The JSON line of what `log(logger)` logs."""
    records = []
    logger = logging.Logger("lab")
    handler = logging.Handler()
    handler.emit = records.append
    logger.addHandler(handler)
    log(logger)
    return json.loads(JsonLines().format(records[0]))


def test_what_was_given_as_extra_is_a_field():
    line = line_of(lambda log: log.info("run %s", "ended", extra={"state": "done", "ran": 1.5}))
    assert line["event"] == "run ended"
    assert (line["level"], line["logger"], line["state"], line["ran"]) == (
        "info",
        "lab",
        "done",
        1.5,
    )
    assert line["time"].endswith("+00:00")


def test_an_error_tells_its_kind_and_place_and_not_its_words():
    def fail(log):
        try:
            raise ValueError(f"not a number: {SECRET}")
        except ValueError:
            log.exception("a page failed")

    line = line_of(fail)
    assert (line["event"], line["error"]) == ("a page failed", "ValueError")
    assert line["where"][-1].endswith(" fail")
    assert SECRET not in json.dumps(line)


CODE = """
import logging, sys
from ui.server import logs
logging.getLogger("streamlit").addHandler(logging.StreamHandler())
logs.set_up({"BNLAB_LOG": sys.argv[1]})
logging.getLogger("streamlit.web").warning("one\\ntwo")
logging.getLogger("bncore").info("three")
"""


def output(setting: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", CODE, setting],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stderr.splitlines()


def test_every_logger_of_the_process_writes_json_when_it_is_set():
    lines = [json.loads(line) for line in output("json")]
    assert [line["event"] for line in lines] == ["one\ntwo", "three"]
    assert output("") == ["one", "two"]
