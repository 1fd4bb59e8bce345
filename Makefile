# For GNU make and bmake. `make demo` and `make test` each do all the set-up they need:
# Python 3.11 or later with its venv module is all that has to be there.

PYTHON = python3
VENV = .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
TOOLS = $(VENV)/.tools
# The exact versions that are tested. They hold for setuptools too, which pip takes into an environment of its own to
# build synthtop: older pips look at the first variable there, newer at the second.
INSTALL = PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check

# Whole screens, drawn a thousand times: their lines are counted where other tests reach them, in half the time.
DRAWN = tests/test_snapshots.py tests/test_looks.py tests/test_painting.py

all: demo

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "synthtop needs Python 3.11 or later; try: make PYTHON=python3.11")'
	@echo "Setting up $(VENV), once"
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -e .
	touch $(READY)

$(TOOLS): $(READY)
	@echo "Setting up what checks and measures need, once"
	$(INSTALL) -e '.[dev]'
	touch $(TOOLS)

demo: $(READY)
	$(BIN)/synthtop demo

test: lint types floors pytest

lint: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(TOOLS)
	$(BIN)/mypy

floors: $(TOOLS)
	$(BIN)/lint-imports --no-cache

pytest: $(TOOLS)
	$(BIN)/pytest -n auto $(DRAWN)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n auto $(DRAWN:%=--ignore=%)
	$(BIN)/coverage combine --quiet
	rm -f .coverage.*
	$(BIN)/coverage report

slow: $(TOOLS)
	$(BIN)/pytest -m slow

bench: $(TOOLS)
	$(BIN)/python -m benchmarks

fuzz: $(TOOLS)
	$(BIN)/python -m tests.fuzzing

screenshots: $(TOOLS)
	$(BIN)/python screenshots/make.py

clean:
	rm -rf $(VENV) *.egg-info .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: all demo test lint types floors pytest slow bench fuzz screenshots clean
