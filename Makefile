# `make help` lists the targets. `make demo` and `make test` need nothing prepared.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Cargo, pip and pytest share this machine and the environment: one after the other.
.NOTPARALLEL:

PYTHON ?= python3
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
MATURIN := VIRTUAL_ENV="$(VENV)" "$(BIN)/maturin" develop
PIP := "$(BIN)/python" -m pip --disable-pip-version-check install --quiet
REQUIREMENTS := requirements-dev.txt

# As maturin sets them, so that cargo alone does not build PyO3 a second time.
export PYO3_BUILD_EXTENSION_MODULE := 1
export PYO3_PYTHON := $(BIN)/python

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 16

.PHONY: check-tools
check-tools:
	@command -v $(PYTHON) >/dev/null || { echo "missing: $(PYTHON)"; echo "  get it: install Python 3.11 or newer"; exit 1; } >&2
	@$(PYTHON) scripts/check_tools.py

.PHONY: check-tools-dev
check-tools-dev: check-tools
	@$(PYTHON) scripts/check_tools.py --dev

$(VENV)/bin/python:
	$(PYTHON) -m venv "$(VENV)"

$(VENV)/.built-with: pyproject.toml | $(VENV)/bin/python
	$(PIP) 'maturin>=1.9.4,<2'
	@touch "$@"

$(VENV)/.developed-with: $(REQUIREMENTS) | $(VENV)/bin/python
	$(PIP) --requirement $(REQUIREMENTS)
	@touch "$@" "$(VENV)/.built-with"

.PHONY: setup
setup: check-tools-dev $(VENV)/.developed-with ## make .venv with all that development needs

# A module left over from another build or Python would be imported before the new one.
.PHONY: clean-module
clean-module:
	@rm -f python/pampax/*.so python/pampax/*.pyd

.PHONY: build
build: check-tools $(VENV)/.built-with clean-module ## build the package in release mode into .venv
	$(MATURIN) --release

.PHONY: build-dev
build-dev: setup clean-module ## build it in debug mode: compiles faster, runs slower, checks more
	$(MATURIN)

.PHONY: format
format: setup ## format Rust and Python
	cargo fmt --all
	"$(BIN)/ruff" check --fix --quiet .
	"$(BIN)/ruff" format .

# The quick checks come first; the type checkers need the built module.
.PHONY: lint-format
lint-format: setup
	cargo fmt --all --check
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .

.PHONY: lint
lint: lint-format build-dev ## check formatting, clippy, ruff, mypy, and the stub against the module
	cargo clippy --workspace --all-targets -- -D warnings
	"$(BIN)/mypy"
	cd python && "$(BIN)/python" -m mypy.stubtest pampax._core --mypy-config-file ../pyproject.toml

.PHONY: test-rust
test-rust: setup ## run the Rust tests only
	cargo test --workspace

.PHONY: test-python
test-python: build-dev ## run the Python tests only
	"$(BIN)/python" -m pytest

.PHONY: test
test: lint test-rust ## run everything that has to pass: lint, Rust tests, Python tests
	"$(BIN)/python" -m pytest

.PHONY: bench
bench: setup build ## measure the primitives and commands on a release build
	"$(BIN)/python" -m pytest -m bench --benchmark-only --benchmark-columns=min,median,ops tests/benchmarks

.PHONY: asv
asv: setup build ## measure this commit with asv, into asv_bench/results
	cd asv_bench && "$(BIN)/asv" run --python=same --set-commit-hash "$$(git rev-parse HEAD)"

.PHONY: demo
demo: build ## build, index this repository, ask it a question and assemble a bundle
	"$(BIN)/pampax" index .
	"$(BIN)/pampax" search "where are rankings fused" --limit 5
	"$(BIN)/pampax" assemble "make fusion of rankings faster" --budget 1500

.PHONY: clean
clean: clean-module ## remove all that was built, .venv included
	rm -rf target dist .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks

.PHONY: ci
ci: ## run what continuous integration runs
	.ci/run
