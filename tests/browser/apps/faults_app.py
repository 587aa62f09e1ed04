"""The app's own server with two small pages, for the tests of faults.

Its workers are real; the experiments are those of the tests. /jobs tells the states of all jobs,
/grace/SECONDS sets how long a run goes on without its page, /graces tells how many graces last,
/expire lets the sessions go that have no page, as Streamlit does after two minutes.
What it runs in advance, where it does, is the first page as it opens (20 numbers).
`BNLAB_TEST_RELEASE` says which release of the pages is served (see `faults_pages.py`).
"""

import functools
import threading

import streamlit as st
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit.runtime import get_instance

import ui.server.prepared
import ui.training.runs
import ui.training.service
from app import lifespan, on_script_error
from bncore.training import service
from ui.page.registry import PageEntry
from ui.server.health import ROUTES
from ui.server.layers import middleware
from ui.server.news import news_route

service.start = functools.partial(service.start, ("tests.experiments",), workers=1, warm=False)
jobs = []


def install(training, install=ui.training.service.install):
    """Note the jobs that pages submit."""
    if training is not None:
        submit = training.submit
        training.submit = lambda *all, **more: jobs.append(submit(*all, **more)) or jobs[-1]
    install(training)


ui.training.service.install = install
ui.server.prepared.PAGES = (PageEntry("first", "First", "", ""),)


async def states(_request):
    training = ui.training.service.training_service()
    return JSONResponse([training.status(job_id).state for job_id in jobs])


async def grace(request):
    ui.training.runs.GRACE_SECONDS = request.path_params["seconds"]
    return JSONResponse(None)


async def graces(_request):
    return JSONResponse(sum(isinstance(each, threading.Timer) for each in threading.enumerate()))


async def expire(_request):
    get_instance()._session_mgr._session_storage._cache.clear()
    return JSONResponse(None)


app = st.App(
    "faults_pages.py",
    lifespan=lifespan,
    middleware=middleware(),
    on_script_error=on_script_error,
    routes=[
        *ROUTES,
        news_route(),
        Route("/jobs", states),
        Route("/grace/{seconds:float}", grace),
        Route("/graces", graces),
        Route("/expire", expire),
    ],
)
