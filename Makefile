# make run    create the virtual environment, install, start the app, print its address
# make test   the whole suite: style, types, unit, live frameworks, real Chromium
# make help   the other commands

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8501
# Where servers listen: this machine alone, until HOST (or BNLAB_HOST) opens them to a network.
HOST   ?= $(or $(BNLAB_HOST),127.0.0.1)
SCHEDULER_PORT ?= 8786

.DEFAULT_GOAL := help
.PHONY: help python run scheduler worker test check unit browser benchmarks screenshots clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile
	@echo "make scheduler    a scheduler for workers on several machines (SCHEDULER_PORT=8786)"
	@echo "make worker SCHEDULER=tcp://HOST:8786 [WORKERS=2]   workers that join it, and the app"
	@echo "                  uses them: BNLAB_SCHEDULER=tcp://HOST:8786 make run"
	@echo "                  HOST=ADDRESS opens run, scheduler or worker to a network"
	@echo "make check        style and types only"
	@echo "make unit         the tests that need neither workers nor a browser"
	@echo "make benchmarks   the table of figures (also: $(BIN)/python -m benchmarks NAME)"
	@echo "make screenshots  photograph every page, light and dark, wide and narrow"
	@echo "make clean        remove the virtual environment and all caches"

python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "Batch Norm Lab needs Python 3.11 or newer, and there is no '$(PYTHON)' here."; \
	  echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Batch Norm Lab needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1)."; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12"; exit 1; }

# The stamps are touched last, so that an interrupted installation is taken up again.
$(VENV)/run.stamp: requirements.txt | python
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements-dev.txt $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: python $(VENV)/run.stamp
	@echo "Batch Norm Lab: http://localhost:$(PORT)  (Ctrl+C stops it)"
	$(BIN)/python -m streamlit run app.py --server.port $(PORT) --server.headless true --server.address $(HOST)

scheduler: python $(VENV)/run.stamp
	$(BIN)/python -m bncore.training.scheduler --host $(HOST) --port $(SCHEDULER_PORT) $(ARGS)

worker: python $(VENV)/run.stamp
	@test -n "$(SCHEDULER)" || { \
	  echo "Which scheduler? make worker SCHEDULER=tcp://HOST:8786"; exit 1; }
	$(BIN)/python -m bncore.training.workers $(SCHEDULER) --host $(HOST) \
	  $(if $(WORKERS),--workers $(WORKERS)) $(ARGS)

test: check browser
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: python $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: python $(VENV)/test.stamp
	$(BIN)/python -m pytest -m "not browser and not cluster and not keras"

# An installed Chromium or Chrome is used; otherwise Playwright's, or the system's package.
browser: python $(VENV)/test.stamp
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 \
	  || $(BIN)/python -m playwright install --with-deps chromium \
	  || { apt-get update -qq && apt-get install -y -qq chromium; } \
	  || { echo "The browser tests need Chromium: install it and run 'make test' again."; exit 1; }

benchmarks: python $(VENV)/test.stamp browser
	$(BIN)/python -m benchmarks

screenshots: python $(VENV)/test.stamp browser
	$(BIN)/python -m tools.screenshots

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
