# One purpose a target; the work is done by the scripts in tools/. `make help` lists them.
#
# PYTHON=/path/to/python3.12 make …   uses that interpreter instead of the newest one found.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help venv demo test interop unit lint format types bench docs dist clean

VENV := .venv
BIN := $(VENV)/bin

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: ## Virtual environment with the package and everything for its development
	@tools/venv.sh $(VENV) dev

demo: ## The whole exchange on this machine: node, worker, client, each step as a line to read
	@tools/venv.sh $(VENV)
	@tools/packages.sh gost || true
	@$(BIN)/mezhved demo

test: ## Lint, types and all of the tests; the unit tests on every suitable interpreter found
	@tools/test.sh

interop: ## Foreign SOAP clients from our WSDL alone, and what others say of our signatures
	@tools/venv.sh .venv-interop interop
	@tools/packages.sh gost php node jaxws gsoap xmlsec santuario
	@.venv-interop/bin/python -m pytest -q tests/conformance/peers/interop.py tests/conformance/peers/opinions.py

unit: venv ## The quick tests only
	@$(BIN)/python -m pytest -q tests/unit tests/property

lint: venv ## Style and common mistakes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: venv ## Rewrite the sources in the house's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: venv ## Static types, strictly
	@$(BIN)/mypy -p mezhved

bench: venv ## CPU of each primitive and of a whole exchange; BENCH="--rounds 100" is handed on
	@tools/packages.sh gost postgres || true
	@$(BIN)/python tools/bench.py $(BENCH)

docs: venv ## Write those pages of docs/reference that come from the code
	@$(BIN)/python tools/reference.py

dist: venv ## Source archive and wheel, in dist/
	@tools/dist.sh

clean: ## Remove what was made: environments, caches, archives
	@rm -rf .venv .venv-* build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
