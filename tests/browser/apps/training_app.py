"""A server with one page that trains, for the browser tests of `ui.training.panel`.

Its workers are real; the experiments are those of the tests. /jobs tells the states of all jobs,
/grace/SECONDS sets the grace of visitors who come from now on.
"""

import os
from contextlib import asynccontextmanager

import streamlit as st
from starlette.responses import JSONResponse
from starlette.routing import Route

import ui.training.runs
import ui.training.service
from bncore.training.service import start
from ui.server.news import news_route


@asynccontextmanager
async def lifespan(_app):
    os.environ.pop("BNLAB_SCHEDULER", None)
    service = start(("tests.experiments",), workers=1, warm=False)
    submit, jobs = service.submit, []
    service.submit = lambda *job, **by: jobs.append(submit(*job, **by)) or jobs[-1]
    ui.training.service.install(service)
    app.jobs = lambda: [service.status(job_id).state for job_id in jobs]
    yield
    service.close()


async def states(_request):
    return JSONResponse(app.jobs())


async def grace(request):
    ui.training.runs.GRACE_SECONDS = request.path_params["seconds"]
    return JSONResponse(ui.training.runs.GRACE_SECONDS)


routes = [
    Route("/jobs", states),
    Route("/grace/{seconds:float}", grace),
    news_route(),
]
app = st.App("training_page.py", lifespan=lifespan, routes=routes)
