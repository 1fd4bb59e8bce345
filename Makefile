# For GNU make and bmake. `make demo` and `make test` each do all the set-up they need:
# Python 3.11 or later with its venv module is all that has to be there.

PYTHON = python3
VENV = .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready

all: demo

# The exact versions that are tested, in an environment of their own.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "synthtop needs Python 3.11 or later; try: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(READY)

demo: $(READY)
	$(BIN)/synthtop demo

test: lint types floors pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

floors: $(READY)
	$(BIN)/lint-imports --no-cache

pytest: $(READY)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: $(READY)
	$(BIN)/python -m benchmarks

screenshots: $(READY)
	$(BIN)/python screenshots/make.py

clean:
	rm -rf $(VENV) *.egg-info .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: all demo test lint types floors pytest bench screenshots clean
