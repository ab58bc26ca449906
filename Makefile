# Two commands do everything: `make demo` and `make test`. Each sets up what it needs, in .venv and nowhere else.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
export VIRTUAL_ENV := $(abspath $(VENV))

.PHONY: setup setup-dev system demo test test-long lint docs screenshots lock clean

setup: $(VENV)/.runtime

setup-dev: $(VENV)/.dev

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Byleave needs Python 3.11 or newer; set PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' || { echo "Python's venv module is incomplete; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.runtime: $(BIN)/uv requirements.lock pyproject.toml
	$(BIN)/uv pip install --require-hashes --compile-bytecode -r requirements.lock
	$(BIN)/uv pip install --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q device admin
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/uv pip install --require-hashes -r requirements-dev.lock
	@touch $@

system:
	@sh .ci/system

demo: setup
	$(BIN)/byleave demo

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: setup
	$(BIN)/python docs/generate.py

screenshots: system setup-dev
	$(BIN)/python -m docs.take_pictures

# Whole offices first and four at a time: they mostly wait for their doors.
PYTEST := $(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder tests/office tests/privacy tests

test: system lint
	$(PYTEST) -m "not long"

test-long: system lint
	$(PYTEST)

lock: $(BIN)/uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV)
