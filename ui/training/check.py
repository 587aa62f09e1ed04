"""A live comparison with a real layer, run on the training service after the page has painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from bncore.experiments.experiment import Experiment
from bncore.training.fingerprint import fingerprint
from bncore.training.jobs import Job, TrainingService
from bncore.training.turns import CHECK
from ui.state.number_fields import escape_markdown
from ui.training.news import follow
from ui.training.runs import Result, Run
from ui.training.service import NoTrainingServiceError, training_service
from ui.training.visitor import visitor

KEPT = 32
AGREES = 1e-3  # of a feature's own size: float32 keeps 7 digits, and centring may cost some of them
NOT_ABOUT_THE_NUMBERS = frozenset({"declined", "cancelled", "lost"})
"""Ends of a check after which it is asked again with the next run of the page."""


@dataclass(frozen=True)
class Said:
    """What a check found: an agreement, none, or (None) nothing that could be compared."""

    agrees: bool | None
    text: str


FoundT = TypeVar("FoundT")


def checked_against(
    name: str,
    ask: Callable[[], Experiment[FoundT] | None],
    words: Callable[[FoundT], Said],
    note: str = "",
    asking: str = "",
) -> None:
    """Say how far the numbers on the screen are from a real layer's on exactly these data.

    `words` holds the values of the check against the screen; `note` stands under the sentence.
    `asking` stands in its place until it is there, and is about as long as the usual one: whoever
    presses something below must find it where it was.

    The check runs by itself, in a fragment, so that an edited cell is painted before anyone waits
    for Keras. Its results are kept by what was asked. `ask` gives None where no layer takes what is
    on the screen, and raises what the experiment's record raises.
    """
    try:
        asked = ask()
    except (ValueError, TypeError) as error:
        _refused(str(error))
        return
    if asked is None:
        st.caption("Some numbers here are not finite, so there is nothing to compare.")
        return
    try:
        service = training_service()
    except NoTrainingServiceError as error:
        st.caption(str(error))
        return
    run = _run(name, service, Job(asked, "Check against a real layer", 30, lane=CHECK))

    @st.fragment
    def watch() -> None:
        run.poll(service)
        with st.container(gap=None):
            follow(run, service, key=f"{name}-news")
            _show(run.result(), service, words, note, asking)

    with st.container(key=f"{name}-checked"):
        watch()


def _run(name: str, service: TrainingService, job: Job[Any]) -> Run:
    """The run of this job in this session; an unfinished one of other arguments is given up."""
    runs: dict[str, Run] = st.session_state.setdefault(f"bnlab:check:{name}", {})
    key = fingerprint(job)
    if key in runs and runs[key].status.state in NOT_ABOUT_THE_NUMBERS:
        del runs[key]
    if key not in runs:
        for other in [k for k, run in runs.items() if not run.status.finished]:
            service.cancel(runs.pop(other).job_id)
        while len(runs) >= KEPT:
            runs.pop(next(iter(runs)))
        runs[key] = Run(job, service.submit(job, visitor=visitor()))
    return runs[key]


def _show(
    result: Result[Any],
    service: TrainingService,
    words: Callable[[Any], Said],
    note: str,
    asking: str,
) -> None:
    readiness = service.readiness()
    if result.state == "done":
        said = words(result.found)
        box, icon = _BOXES[said.agrees]
        box(said.text, icon=f":material/{icon}:")
    elif readiness.state == "unavailable":
        st.warning(readiness.message, icon=":material/cloud_off:")
    elif not result.finished:
        starting = readiness.state == "starting"
        state = "Waiting for Keras to be loaded" if starting else "Asking the real layer"
        st.info(f"**{state}** … {asking}".rstrip(), icon=":material/hourglass_top:")
    else:
        _refused(result.message)
    # Under every box, so that what follows keeps its place when the answer arrives.
    if note:
        st.caption(note)


def _refused(message: str) -> None:
    st.warning(f"No comparison: {escape_markdown(message)}", icon=":material/block:")


_BOXES = {
    True: (st.success, "verified"),
    False: (st.warning, "difference"),
    None: (st.warning, "block"),
}
