# Two commands: `make run` opens Sidetune on REPO, `make test` runs every test. Both make .venv first.
REPO ?= .
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP_ARGS ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c packaging/constraints.txt $(PIP_ARGS)
# Only the library is compiled, not llama.cpp's tools: half the build time. The variable reaches pip's build.
export SKBUILD_CMAKE_DEFINE := LLAVA_BUILD=OFF;CMAKE_PROJECT_llama.cpp_INCLUDE=$(CURDIR)/packaging/llama_cpp/library_only.cmake
SOURCES := app engine tests packaging bench

.DEFAULT_GOAL := help
.PHONY: help run test check bench faults screenshots format base-model clean

help:  ## list the commands
	@echo "make run [REPO=path]   open Sidetune on a repository (default: this one)"
	@echo "make test              run every test"
	@echo "make check             linters, types, import layers, links of the docs"
	@echo "make bench             speed, as ratios against the obvious implementation or the peer"
	@echo "make faults            kill indexing and damage its files again and again (a quarter of an hour)"
	@echo "make screenshots       take the pictures of the window again"
	@echo "make base-model        train the bundled model again (hours)"
	@echo "make clean             remove .venv and caches"

run: .venv/.installed
	@$(BIN)/sidetune "$(REPO)"

test: .venv/.test
	@echo "Running the tests (a few minutes)"
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/.test
	@echo "Checking style, types, import layers and links"
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python packaging/check_links.py

bench: .venv/.bench
	@$(BIN)/python -m bench

faults: .venv/.test
	@$(BIN)/python -m tests.faults.kill --times 100
	@$(BIN)/python -m tests.faults.damage --times 50
	@$(BIN)/python -m tests.faults.trees --empty 100000

screenshots: .venv/.test
	@PYTHONPATH=. $(BIN)/python -P packaging/screenshots.py docs/screenshots

base-model: .venv/.test
	@$(BIN)/python packaging/base_model/build.py --work build/base_model

format: .venv/.test
	@$(BIN)/ruff check --fix $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

.venv/bin/python:
	@PYTHON="$(PYTHON)" sh packaging/preflight.sh
	@echo "Making .venv with $(PYTHON)"
	@"$(PYTHON)" -m venv .venv

.venv/.installed: pyproject.toml packaging/constraints.txt packaging/llama_cpp/library_only.cmake | .venv/bin/python
	@PYTHON="$(PYTHON)" sh packaging/preflight.sh
	@echo "Installing Sidetune into .venv (the first time downloads about 400 MB and compiles llama.cpp, some minutes)"
	@$(PIP) -e .
	@touch $@

.venv/.test: .venv/.installed
	@echo "Installing the test tools into .venv"
	@$(PIP) -e ".[test]"
	@touch $@

.venv/.bench: .venv/.installed
	@echo "Installing the peers to compare with into .venv"
	@$(PIP) -e ".[test,bench]"
	@touch $@

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
