"""A live comparison with a real layer, run on the training service after the page has painted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from bncore.training.fingerprint import fingerprint
from bncore.training.jobs import Job, TrainingService
from bncore.training.turns import CHECK
from ui.news import follow
from ui.number_fields import escape_markdown
from ui.runs import Result, Run
from ui.service import NoTrainingServiceError, training_service
from ui.visitor import visitor

KEPT = 32
AGREES = 1e-3  # relative: float32 keeps 7 digits, and centring may cost some of them
NOT_ABOUT_THE_NUMBERS = frozenset({"declined", "cancelled", "lost"})
"""Ends of a check after which it is asked again with the next run of the page."""
Words = Callable[[Mapping[str, Any]], str]


def checked_against(
    name: str,
    function: str,
    arguments: Mapping[str, Any] | None,
    words: Words | None = None,
) -> None:
    """Say how far the engine is from the real layer on exactly these data.

    `words` makes the sentence from the values of the check; the default one is for an output and
    its mean and variance.

    The check runs by itself, in a fragment, so that an edited cell is painted before anyone waits
    for Keras. Its results are kept by their arguments. `arguments` is None where no layer takes
    what is on the screen.
    """
    if arguments is None:
        st.caption("Some numbers here are not finite, so there is nothing to compare.")
        return
    try:
        service = training_service()
    except NoTrainingServiceError as error:
        st.caption(str(error))
        return
    run = _run(name, service, Job(function, arguments, "Check against a real layer", 30, CHECK))

    @st.fragment
    def watch() -> None:
        run.poll(service)
        with st.container(gap=None):
            follow(run, service, key=f"{name}-news")
            _show(run.result(), service, words or output_words)

    with st.container(key=f"{name}-checked"):
        watch()


def _run(name: str, service: TrainingService, job: Job) -> Run:
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
        runs[key] = Run(job, service.submit(job, visitor()))
    return runs[key]


def output_words(values: Mapping[str, Any]) -> str:
    """How far output, mean and variance are from the real layer's."""
    return (
        f"Checked against {values['framework']} {values['version']}, "
        f"`{values['layer']}`: largest difference of the output "
        f"**{values['difference']['output']:.2g}**, of mean and variance "
        f"**{_relative(values):.2g}** of their size."
    )


def _show(result: Result, service: TrainingService, words: Words) -> None:
    readiness = service.readiness()
    if result.state == "done":
        agreement = agree(result.values)
        if agreement is None:
            st.warning(
                "Nothing to compare: with these numbers a layer returns some that are not finite. "
                "float32 holds numbers up to 3.4e38.",
                icon=":material/block:",
            )
        elif agreement:
            st.success(words(result.values), icon=":material/verified:")
        else:
            st.warning(
                f"{words(result.values)} That is far: float32 keeps about 7 digits, and these "
                "numbers need more.",
                icon=":material/difference:",
            )
    elif readiness.state == "unavailable":
        st.warning(readiness.message, icon=":material/cloud_off:")
    elif not result.finished:
        starting = readiness.state == "starting"
        st.info(
            "The comparison starts when the workers have loaded Keras."
            if starting
            else "Asking the real layer …",
            icon=":material/hourglass_top:",
        )
    else:
        st.warning(f"No comparison: {escape_markdown(result.message)}", icon=":material/block:")
    # Under every box, so that what follows keeps its place when the answer arrives.
    st.caption("The real layer computes in float32, the numbers above are float64.")


def agree(values: Mapping[str, Any]) -> bool | None:
    """Whether the differences that a check found are float32's; None where it cannot be said.

    A difference is compared with the largest of the layer's own numbers, or with 1.

    >>> agree({"difference": 1e-7}), agree({"difference": 1.0}), agree({"difference": np.nan})
    (True, False, None)
    >>> agree({"difference": {"z": 0.1}, "z": np.array([1e6])})
    True
    """
    found = values["difference"]
    differences = found if isinstance(found, Mapping) else {"output": found}
    sizes = {name: float(np.abs(values.get(name, 1.0)).max(initial=1.0)) for name in differences}
    if not np.isfinite([*differences.values(), *sizes.values()]).all():
        return None
    return all(differences[name] <= AGREES * sizes[name] for name in differences)


def _relative(values: Mapping[str, Any]) -> float:
    """The difference of mean and variance over the largest of each: float32 keeps 7 digits."""
    shares = [0.0]
    for name in ("mean", "variance"):
        size = float(np.abs(values[name]).max(initial=0))
        shares.append(values["difference"][name] / size if size else 0.0)
    return max(shares)
