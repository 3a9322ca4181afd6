# Everything a change must pass. `make check` is what CI runs.
BIN ?= .venv/bin

.PHONY: check lint types layers test bench setup

check: lint types layers test

setup:
	python3 -m venv .venv && .venv/bin/pip install --quiet -e '.[dev]'

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

layers:
	$(BIN)/lint-imports

test:
	$(BIN)/python -m pytest --cov=nudger.core --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

bench:
	$(BIN)/python -m benchmarks
