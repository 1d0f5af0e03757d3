# Needs Python 3.11 or newer, git and make. Everything else goes into .venv, once per change of a locked list:
# `make demo` installs what running gbsync takes, and what works on it adds the rest. No target needs another to have
# run before, and an install that was interrupted is made anew by the next one.

VENV := .venv
BIN := $(VENV)/bin
# One file for each locked list that is installed.
RUN := $(VENV)/.run
READY := $(VENV)/.dev
BENCH := $(VENV)/.bench
BROWSER := $(VENV)/.browser
UV := $(VENV)/.uv
BROKEN := $(shell scripts/venv --check $(VENV) || echo broken)
PYTEST := $(BIN)/python -m pytest
BOTH_CORES := -n 2 --dist loadgroup
# Without compiled files every one of hundreds of processes would compile pytest's plugins and the tests again.
unexport PYTHONDONTWRITEBYTECODE
# The tests of the packages that know nothing of GitBook.
ENGINE := $(wildcard tests/resources tests/lock tests/live tests/plan tests/apply tests/test_engine.py tests/test_pipeline.py)
SCRIPTS := .ci/run scripts/venv scripts/install scripts/chromium $(wildcard .github/actions/*/*.sh examples/ci/*/*.sh)
DOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
PYTHON ?=
export PYTHON

.PHONY: help demo test quick lint types check fmt bench bench-page nightly mutation vendor test-browser pictures docs build lock clean broken

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(RUN) ## the whole story on a sandbox
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

bench: $(BENCH) ## measure: a table and JSON
	$(BIN)/python -m benchmarks

bench-page: $(BENCH) ## measure, and write the table of docs/performance.md
	$(BIN)/python -m benchmarks --page docs/performance.md

nightly: $(READY) ## the tests with a night's worth of examples and faults
	GBSYNC_NIGHTLY=1 $(PYTEST) $(BOTH_CORES) -m 'not browser'

vendor: $(READY) ## what GitBook's newest API package has and gbsync lacks; needs npm
	rm -rf build/vendor && mkdir -p build/vendor
	cd build/vendor && npm pack --silent @gitbook/api && tar -xzf gitbook-api-*.tgz
	$(BIN)/python -m scripts.vendor build/vendor/package

mutation: $(READY) ## 200 faults in plan/ and apply/, one at a time: 95 of 100 are found
	$(BIN)/python -m tests.mutation

test-browser: $(BROWSER) ## the HTML report in real Chromium
	GBSYNC_CHROMIUM=$$(scripts/chromium) $(PYTEST) -m browser

pictures: $(BROWSER) ## the pictures of the README, made by the program itself
	GBSYNC_CHROMIUM=$$(scripts/chromium) $(BIN)/python scripts/pictures.py

docs: $(READY) ## the documents, without a warning
	$(DOCS)

build: $(READY) ## wheel and sdist in dist/
	$(BIN)/python -m build --no-isolation

lock: $(UV) ## resolve pyproject.toml into requirements/; UPGRADE=--upgrade for the newest
	$(BIN)/python scripts/lock.py $(UPGRADE)

clean: ## what building and testing leave behind; .venv stays
	rm -rf build dist site htmlcov .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(RUN): requirements/pip.txt requirements/run.txt pyproject.toml $(BROKEN)
	@scripts/install $(VENV) run

$(READY): requirements/pip.txt requirements/run.txt requirements/dev.txt pyproject.toml $(BROKEN)
	@scripts/install $(VENV) run dev

$(UV): requirements/pip.txt requirements/run.txt requirements/uv.txt $(BROKEN)
	@scripts/install $(VENV) run uv

$(BENCH): $(READY) requirements/bench.txt
	@scripts/install $(VENV) run dev bench

$(BROWSER): $(READY) requirements/browser.txt
	@scripts/chromium >/dev/null
	@scripts/install $(VENV) run dev browser
