# make serve, make test, make check, make fix, make bench: each makes the environment it needs.
PORT ?= 8000
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
PARALLEL := --numprocesses auto --dist loadfile
BIN := $(VENV)/bin
SOURCES := $(shell find kb/data ontology kb/queries kb/questions -type f 2>/dev/null)
CODE := $(shell find kb server -name '*.py' 2>/dev/null)

.PHONY: serve test check fix bench build clean

serve: dist/dataset/manifest.json
	@$(BIN)/charterkb serve --port $(PORT)

test: $(VENV)/.dev
	$(BIN)/pytest $(PARALLEL)

check: $(VENV)/.dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/charterkb fmt --check
	$(BIN)/charterkb validate --severity warning
	$(BIN)/pytest $(PARALLEL) --cov --cov-report=term

fix: $(VENV)/.dev
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	$(BIN)/charterkb fmt

# Sizes: 10k, 100k, 1m, 10m, or all. Parts: base, speed, attack, isolation, lookup.
SIZES ?= 10k,100k
PARTS ?= base,speed,attack,isolation,lookup

bench: $(VENV)/.bench
	$(BIN)/python -m tests.bench --sizes $(SIZES) --parts $(PARTS)

build: dist/dataset/manifest.json

clean:
	rm -rf $(VENV) dist build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

# Validated, derived, written out; a failure leaves the former dataset as it was.
dist/dataset/manifest.json: $(VENV)/.run $(SOURCES) $(CODE)
	@echo "Validating and building the dataset"
	@$(BIN)/charterkb build --output dist/dataset

$(VENV)/.venv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or say make PYTHON=/its/path"; exit 1; }
	@echo "Setting up Python in $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt install python3-venv"; rm -rf $(VENV); exit 1; }
	@$(BIN)/python -m pip install -qq --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.run: $(VENV)/.venv pyproject.toml
	@echo "Installing what the knowledge base needs"
	@$(BIN)/python -m pip install -qq --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing what its tests need"
	@$(BIN)/python -m pip install -qq --group dev
	@touch $@

$(VENV)/.bench: $(VENV)/.dev
	@echo "Installing the servers it is compared with"
	@$(BIN)/python -m pip install -qq --group bench
	@touch $@
