# make run    create the virtual environment, install, start the app, print its address
# make test   the whole suite: style, types, unit, live frameworks, real Chromium
# make help   the other commands

# The first Python that TensorFlow supports, that runs (a name on the PATH need not) and that can
# make environments; else python3, whatever it is. `PYTHON=...` names another.
NEWEST_FIRST := python3.13 python3.12 python3.11
runs   = $(shell $(1) -c 'import ensurepip, venv' 2>/dev/null && echo $(1))
PYTHON ?= $(firstword $(foreach name,$(NEWEST_FIRST),$(call runs,$(name))) python3)
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8501
# Where servers listen: this machine alone, until HOST (or BNLAB_HOST) opens them to a network.
HOST   ?= $(or $(BNLAB_HOST),127.0.0.1)
SCHEDULER_PORT ?= 8786
# Where recorded runs are kept, so that a server that starts again has them at once.
RESULTS ?= $(or $(BNLAB_RESULTS),$(VENV)/results)

.DEFAULT_GOAL := help
.PHONY: help run scheduler worker test check unit browser benchmarks screenshots fuzz mutants audit clean

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
	@echo "make fuzz         all nasty input against a real server, for minutes"
	@echo "make mutants      small wrong changes to engine and answers that tests should notice:"
	@echo "                  hours; some modules: make mutants MODULES=\"bncore.paths ...\""
	@echo "make audit        known weaknesses of what is installed (asks the internet)"
	@echo "make clean        remove the virtual environment and all caches"

# $(PYTHON) is asked for only where something is installed: starting again costs no interpreter.
define install
@python="$(PYTHON)"; \
$$python -c '' 2>/dev/null || { \
  echo "Batch Norm Lab needs Python 3.11 or newer, and there is no '$$python' here."; \
  echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.13"; exit 1; }; \
$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
  echo "Batch Norm Lab needs Python 3.11 or newer; '$$python' is $$($$python -V 2>&1)."; \
  echo "Name another one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.13"; exit 1; }; \
$$python tools/install.py $(VENV) $<
@touch $@
endef

# The stamps are touched last, so that an interrupted installation is taken up again; they depend
# on the interpreter, so that one that is gone after an upgrade of the system is replaced.
$(VENV)/run.stamp: requirements.txt $(BIN)/python
	$(install)

$(VENV)/test.stamp: requirements-dev.txt $(VENV)/run.stamp
	$(install)

$(BIN)/python: ;

run: $(VENV)/run.stamp
	@echo "Batch Norm Lab: http://localhost:$(PORT)  (Ctrl+C stops it; another port: make run PORT=8502)"
	@BNLAB_RESULTS="$(RESULTS)" exec $(BIN)/python -m streamlit run app.py --server.port $(PORT) --server.headless true \
	  --server.address $(HOST)

scheduler: $(VENV)/run.stamp
	$(BIN)/python -m bncore.training.scheduler --host $(HOST) --port $(SCHEDULER_PORT) $(ARGS)

worker: $(VENV)/run.stamp
	@test -n "$(SCHEDULER)" || { \
	  echo "Which scheduler? make worker SCHEDULER=tcp://HOST:8786"; exit 1; }
	$(BIN)/python -m bncore.training.workers $(SCHEDULER) --host $(HOST) \
	  $(if $(WORKERS),--workers $(WORKERS)) $(ARGS)

test: check browser
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(VENV)/test.stamp
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

unit: $(VENV)/test.stamp
	$(BIN)/python -m pytest -m "not browser and not cluster and not keras"

# An installed Chromium or Chrome is used; otherwise Playwright's, or the system's package.
browser: $(VENV)/test.stamp
	@for name in chromium-headless-shell chromium chromium-browser google-chrome; do \
	  command -v $$name; done | grep -q . \
	  || $(BIN)/python -m playwright install --with-deps chromium \
	  || { apt-get update -qq && apt-get install -y -qq chromium; } \
	  || { echo "The browser tests need Chromium: install it and run 'make test' again."; exit 1; }

benchmarks: $(VENV)/test.stamp browser
	$(BIN)/python -m benchmarks

screenshots: $(VENV)/test.stamp browser
	$(BIN)/python -m tools.screenshots

fuzz: $(VENV)/test.stamp
	BNLAB_FUZZ=20 $(BIN)/python -m pytest tests/security

# Beside what the tests need: the changed engine runs in this environment.
mutants: $(VENV)/test.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "mutmut>=3.8,<4"
	$(BIN)/python -m mutmut run $(MODULES:%='%.*')
	$(BIN)/python -m tools.mutants

# In an environment of its own: pip-audit brings 15 packages that nothing else needs.
audit: $(VENV)/run.stamp
	$(BIN)/python -m venv build/audit
	build/audit/bin/python -m pip install --quiet --disable-pip-version-check "pip-audit>=2.10,<3"
	build/audit/bin/pip-audit --path \
	  "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis mutants
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
