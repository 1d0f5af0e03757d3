# Needs Python 3.11 or newer, git and make. Everything else goes into .venv, once per change of the locked list.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BROWSER := $(VENV)/.browser
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest
BOTH_CORES := -n 2 --dist loadgroup
# Without compiled files every one of hundreds of processes would compile pytest's plugins and the tests again.
unexport PYTHONDONTWRITEBYTECODE
LOCK = $(BIN)/uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes \
  --no-annotate --no-header
# The engine's tests; not those that build packages, run examples and workflows, or hunt secrets through commands.
ENGINE := $(filter-out $(wildcard tests/test_canaries.py tests/test_package.py tests/test_examples.py \
  tests/test_workflows.py tests/test_requirements.py tests/test_manifests.py),$(wildcard tests/test_*.py))
SCRIPTS := .ci/run scripts/venv scripts/chromium $(wildcard .github/actions/*/*.sh examples/ci/*/*.sh)
DOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
PYTHON ?=
export PYTHON

.PHONY: help demo test quick lint types check fmt bench bench-page nightly test-browser pictures docs build lock clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(READY) ## the whole story on a sandbox
	@$(BIN)/gbsync demo

test: $(READY) ## the tests, with branch coverage
	$(PYTEST) $(BOTH_CORES) -m 'not browser' --cov --cov-report=term

quick: $(READY) ## the engine's own tests, without coverage: half a minute
	$(PYTEST) $(BOTH_CORES) -q -m 'not slow' $(ENGINE)

lint: $(READY) ## format, lint, types, shell, workflows, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/shellcheck $(SCRIPTS)
	$(BIN)/actionlint -shellcheck $(BIN)/shellcheck
	$(DOCS)

check: lint test ## all that a change must pass

fmt: $(READY) ## rewrite the code as the formatter wants it
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(READY) ## measure: a table and JSON
	$(BIN)/python -m benchmarks

bench-page: $(READY) ## measure, and write the table of docs/performance.md
	$(BIN)/python -m benchmarks --page docs/performance.md

nightly: $(READY) ## the tests with a night's worth of examples and faults
	GBSYNC_NIGHTLY=1 $(PYTEST) $(BOTH_CORES) -m 'not browser'

test-browser: $(BROWSER) ## the HTML report in real Chromium
	GBSYNC_CHROMIUM=$$(scripts/chromium) $(PYTEST) -m browser

pictures: $(BROWSER) ## the pictures of the README, made by the program itself
	GBSYNC_CHROMIUM=$$(scripts/chromium) $(BIN)/python scripts/pictures.py

docs: $(READY) ## the documents, without a warning
	$(DOCS)

build: $(READY) ## wheel and sdist in dist/
	$(BIN)/python -m build --no-isolation

lock: $(READY) ## resolve pyproject.toml into requirements/; UPGRADE=--upgrade for the newest
	$(PIP) install 'uv>=0.8'
	$(LOCK) --group dev -o requirements/dev.txt pyproject.toml >/dev/null
	$(LOCK) --group build -c requirements/dev.txt -o requirements/build.txt >/dev/null
	$(LOCK) --group browser -c requirements/dev.txt -o requirements/browser.txt >/dev/null

clean: ## what building and testing leave behind; .venv stays
	rm -rf build dist site htmlcov .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): requirements/build.txt requirements/dev.txt pyproject.toml
	@scripts/venv $(VENV)
	@echo 'installing what requirements/ lists into $(VENV): a minute, once' >&2
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --require-hashes --no-build-isolation --use-pep517 -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(BROWSER): $(READY) requirements/browser.txt
	@$(PIP) install --require-hashes -r requirements/browser.txt
	@scripts/chromium >/dev/null
	@touch $@
