"""The training panel: Train, Stop, progress, and figures that grow while it trains.

    asked = lambda: (Job(experiment(page.state), "Moving statistics"), "")
    result = training_panel("moving", asked, draw, unit="updates")
    if result is not None and result.finished:
        show_table(result.found)

An experiment whose training diverges says so under the name "stopped" ({part: a sentence}), and
the panel shows it.

`draw(result)` is called with what there is so far (None before the first run of this job), and
again when something has come (`news`), in a fragment of its own: the rest of the page is left
alone. It is called once more, in a whole run of the page, at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from bncore.experiments.experiment import entries
from bncore.training.jobs import Job, Readiness, Status, TrainingService
from ui.training.absence import absence_words, session_id, was_away
from ui.training.news import follow, paced
from ui.training.offers import note
from ui.training.runs import Presence, Result, Run, Runs
from ui.training.service import NoTrainingServiceError, training_service
from ui.training.visitor import visitor

_RUNS = "bnlab:training"

FoundT = TypeVar("FoundT")

Draw = Callable[[Result[Any] | None], None]


def training_panel(
    name: str,
    asked: Callable[[], tuple[Job[FoundT] | None, str]],
    draw: Draw | None = None,
    *,
    unit: str = "steps",
    verb: str = "Train",
) -> Result[FoundT] | None:
    """Show the panel for the job that is asked for, and return what its run has brought so far.

    Args:
        name: of the panel; its buttons have the keys "{name}-train" and "{name}-stop".
        asked: the job of the page's present state; or None, and why that cannot be trained, in a
            sentence. It is called again at the moment of a press, which may overtake the page: who
            changes a field and presses at once means the new settings.
        draw: draws a result; called again and again while the run goes on.
        unit: what the experiment counts, in the plural ("updates", "epochs").
        verb: what the button says.
    """
    try:
        service = training_service()
    except NoTrainingServiceError as error:
        st.warning(str(error), icon=":material/cloud_off:")
        if draw is not None:
            draw(None)
        return None
    job, blocked = asked()
    note(session_id(), job)
    runs = _runs(service)
    runs.poll(service)
    if job is not None:
        runs.open(service, job)
    _buttons(name, job, lambda: asked()[0], verb, blocked, runs, service)
    _watched(name, job, draw, unit, verb, runs, service)
    return _result(runs, job)


def another(job: Job[FoundT]) -> tuple[Result[FoundT] | None, Callable[[], None] | None]:
    """What a job beside the panel's own has brought, and what starts it (for callbacks).

    One that this server has recorded is here at once. Nothing starts it while a run goes on, or
    where nothing can be trained.
    """
    try:
        service = training_service()
    except NoTrainingServiceError:
        return None, None
    runs = _runs(service)
    runs.open(service, job)
    return _result(runs, job), None if runs.live else partial(_start, runs, service, job)


def progress_text(
    run: Run | None, readiness: Readiness, unit: str = "steps", verb: str = "Train"
) -> str:
    """How a run stands, in one line.

    >>> progress_text(None, Readiness("ready"))
    'Press Train to start.'
    """
    if run is None:
        return f"Press {verb} to start."
    status = run.status
    count = f"{status.done:,} of {status.total:,} {unit}"
    if status.state == "queued":
        if readiness.state == "starting":
            starting = f"The training workers are starting: {readiness.seconds:.0f} s."
            return readiness.message or starting
        place = status.position or 1
        return "Waiting: next in the queue." if place == 1 else f"Waiting: place {place} in line."
    if status.state == "running":
        text = count if status.total else "started"
        return f"Running: {text}. {status.message}".strip()
    if run.opened:
        ago, took = _age(status.age_seconds or 0.0), f"{status.elapsed_seconds:.1f} s"
        return f"Recorded by this server {ago} ago, in {took}. “{verb} live” runs it again."
    if status.state == "done":
        took = f"{status.elapsed_seconds:.1f} s{_shared(status, verb)}"
        return f"Done: {status.done:,} {unit} in {took}."
    return f"Ended after {count}." if status.total else "Ended before the first result."


def _shared(status: Status, verb: str) -> str:
    """Whose run it was, where it was not made for this visitor alone."""
    if status.age_seconds is None:
        return ""
    if status.age_seconds == 0:
        return ", once for all who asked for the same settings"
    return (
        f", by this server, {_age(status.age_seconds)} before you asked for the same settings. "
        f"Press {verb} to run it again"
    )


def _age(seconds: float) -> str:
    units = (("a moment", 10), (f"{seconds:.0f} s", 90), (f"{seconds / 60:.0f} min", 5400))
    return next((words for words, end in units if seconds < end), f"{seconds / 3600:.0f} h")


# ---- the parts of the panel ------------------------------------------------------------------


def _runs(service: TrainingService) -> Runs:
    """The runs of this session, which are stopped a while after it has gone."""
    if _RUNS not in st.session_state:
        st.session_state[_RUNS] = Presence(Runs(), session=session_id())
    presence: Presence = st.session_state[_RUNS]
    presence.service = service
    _present(presence)
    return presence.runs


@st.cache_resource(scope="session", on_release=Presence.leave, show_spinner=False)
def _present(_presence: Presence) -> Presence:
    """Computed when a browser connects, released when it has gone."""
    _presence.come_back()
    return _presence


def _buttons(
    name: str,
    job: Job[Any] | None,
    now: Callable[[], Job[Any] | None],
    verb: str,
    blocked: str,
    runs: Runs,
    service: TrainingService,
) -> None:
    unavailable = service.readiness().state == "unavailable"
    run = None if job is None else runs.find(job)
    opened = run is not None and run.opened  # then Play comes first
    with st.container(horizontal=True, key=f"{name}-buttons"):
        st.button(
            f"{verb} live" if opened else verb,
            key=f"{name}-train",
            type="secondary" if opened else "primary",
            icon=":material/bolt:" if opened else ":material/play_arrow:",
            disabled=job is None or runs.live is not None or unavailable,
            help=blocked or None,
            on_click=_press,
            args=(runs, service, now),
        )
        st.button(
            "Stop",
            key=f"{name}-stop",
            icon=":material/stop:",
            disabled=runs.live is None,
            on_click=runs.stop,
            args=(service,),
        )
    if blocked:
        st.caption(blocked)


def _press(runs: Runs, service: TrainingService, now: Callable[[], Job[Any] | None]) -> None:
    if (job := now()) is not None:
        _start(runs, service, job)


def _start(runs: Runs, service: TrainingService, job: Job[Any]) -> None:
    runs.start(service, job, visitor())


def _watched(
    name: str,
    job: Job[Any] | None,
    draw: Draw | None,
    unit: str,
    verb: str,
    runs: Runs,
    service: TrainingService,
) -> None:
    """Progress, messages and figures, drawn again by themselves when something has come."""

    @st.fragment
    def watch() -> None:
        _present(st.session_state[_RUNS])
        if runs.poll(service):
            st.rerun()  # the whole page, which shows the end
        run = None if job is None else runs.find(job)
        with paced(runs.live):
            with st.container(key=f"{name}-progress"):
                _progress(name, run, runs, unit, verb, service)
                for sentence in _stopped(None if run is None else run.found):
                    st.warning(sentence, icon=":material/warning:")
            if draw is not None:
                draw(None if run is None else run.result())

    # In a container of its own: when a repetition follows a whole run too closely, Streamlit (1.67)
    # sends that run without the fragment's part, the browser takes the part away, and the fragment
    # comes back in the place of whatever followed it on the page.
    with st.container():
        watch()


def _progress(
    name: str, run: Run | None, runs: Runs, unit: str, verb: str, service: TrainingService
) -> None:
    readiness = service.readiness()
    status = None if run is None else run.status
    share = status.done / status.total if status is not None and status.total else 0.0
    with st.container(gap=None):
        text = progress_text(run, readiness, unit, verb)
        if run is not None and run.opened:
            st.caption(text)
        else:
            st.progress(min(max(share, 0.0), 1.0), text)
        follow(runs.live, service, key=f"{name}-news")
    if readiness.state == "unavailable":
        st.warning(readiness.message, icon=":material/cloud_off:")
    elif status is not None and status.finished:
        away = run is not None and was_away(run.job_id)
        message = "Stopped, because this page was away." if away else status.message
        _ending(status.state, message, run is not None and run.found is not None)
    elif runs.empty and (words := absence_words()):
        st.info(words, icon=":material/history:")
    elif readiness.message and readiness.state == "ready":
        st.caption(f"Versions differ: {readiness.message}.")
    if runs.live is not None and runs.live is not run:
        _other_run(runs.live, verb)


def _stopped(found: Any) -> Iterable[str]:
    """The sentences about what diverged."""
    return () if found is None else entries(found).get("stopped", {}).values()


def _ending(state: str, message: str, some: bool) -> None:
    """The sentence about a run that did not end as planned; whether it had brought something."""
    if state in ("refused", "declined"):
        st.warning(f"Not run: {message}", icon=":material/block:")
    elif state == "failed":
        st.error(f"The run failed. {message}", icon=":material/error:")
    elif state == "lost":
        st.error(message, icon=":material/link_off:")
    elif state == "timeout":
        st.warning(message, icon=":material/timer_off:")
    elif state == "cancelled":
        kept = "What was computed until then is kept." if some else "Nothing was computed yet."
        st.info(f"{message} {kept}", icon=":material/stop_circle:")


def _other_run(live: Run, verb: str) -> None:
    status = live.status
    count = f": {status.done:,} of {status.total:,}" if status.total else ""
    st.info(
        f"A run with other settings goes on ({live.job.label or 'training'}{count}). "
        f"Wait for its end, or press Stop; then {verb} runs these settings.",
        icon=":material/hourglass_top:",
    )


def _result(runs: Runs, job: Job[FoundT] | None) -> Result[FoundT] | None:
    run = None if job is None else runs.find(job)
    return None if run is None else run.result()
