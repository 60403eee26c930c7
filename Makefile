# make demo and make test need only Python 3.10 to 3.14 with its venv module, and make itself.
# Another Python: make demo PYTHON=python3.12

PYTHON ?= python3
# Test files that run side by side; each may start workers and emulators of its own.
TESTS_AT_ONCE ?= 2
VENV := .venv
BIN := $(VENV)/bin
RUFF_PATHS := neuroevo tests benchmarks docs integrations
ROM_BUILDS := $(wildcard integrations/*/src/build.py)
# All of a game in its order: the ROM, the ways and states that belong to it, the pictures of both.
ROM_STEPS := src/build.py tools/rebuild.py tools/draw_pictures.py
ROM_SCRIPTS := $(foreach build,$(ROM_BUILDS),\
    $(wildcard $(addprefix $(build:src/build.py=),$(ROM_STEPS))))

# Stamps: what .venv holds. A change of the metadata installs again.
READY := $(VENV)/.created
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
METADATA := setup.cfg pyproject.toml

# A Python named by the caller is taken or refused; the default one may be replaced by a newer one.
CANDIDATES := $(PYTHON)
ifeq ($(origin PYTHON),file)
CANDIDATES += python3.13 python3.12 python3.11 python3.14 python3.10
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format format-check lint types imports coverage bench soak golden docs \
        roms check-roms install install-dev clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## Install, evolve a player of Wickling, draw the charts, film the champion
	$(BIN)/neuroevo demo

test: $(INSTALLED_DEV) ## Install and run all tests
	$(BIN)/python -m pytest -n $(TESTS_AT_ONCE) --dist loadfile

check: format-check lint types imports check-roms test ## Everything that continuous integration runs

format: $(INSTALLED_DEV) ## Rewrite the code in the project's format
	$(BIN)/ruff format $(RUFF_PATHS)
	$(BIN)/ruff check --fix $(RUFF_PATHS)

format-check: $(INSTALLED_DEV)
	$(BIN)/ruff format --check $(RUFF_PATHS)

lint: $(INSTALLED_DEV) ## Look for bugs and bad habits (ruff)
	$(BIN)/ruff check $(RUFF_PATHS)

types: $(INSTALLED_DEV) ## Check the types (mypy, strict)
	$(BIN)/mypy

imports: $(INSTALLED_DEV) ## Check that every room imports only downward (import-linter)
	$(BIN)/lint-imports --no-logo

coverage: $(INSTALLED_DEV) ## Run the quick tests without compilation and show what they miss
	rm -f .coverage .coverage.*
	NUMBA_DISABLE_JIT=1 $(BIN)/coverage run -m pytest tests/unit tests/properties tests/contracts
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: $(INSTALLED_DEV) ## Run the benchmarks (see benchmarks/README.md)
	@set -e; for script in $(sort $(wildcard benchmarks/bench_*.py)); do \
	    echo "$$script"; $(BIN)/python "$$script"; done

soak: $(INSTALLED_DEV) ## Kill, strike and spoil for some hours (see docs/reliability.md)
	$(BIN)/python tests/soak/run.py

golden: $(INSTALLED_DEV) ## Record the golden files again (then say why in CHANGELOG.md)
	@set -e; for script in $(sort $(wildcard tests/golden/record_*.py)); do \
	    echo "$$script"; $(BIN)/python "$$script"; done

docs: $(INSTALLED_DEV) ## Write the reference pages from the code
	@set -e; for script in $(sort $(wildcard docs/make_*.py)); do \
	    echo "$$script"; $(BIN)/python "$$script"; done

roms: $(INSTALLED) ## Build our own games: ROM, save states, pictures (needs cc65)
	@set -e; for script in $(ROM_SCRIPTS); do echo "$$script"; $(BIN)/python "$$script"; done

check-roms: $(READY) ## Check that the committed ROMs equal a fresh build (needs cc65)
	@set -e; for script in $(ROM_BUILDS); do $(BIN)/python "$$script" --check; done

install: $(INSTALLED) ## Make .venv with the neuroevo command
install-dev: $(INSTALLED_DEV) ## The same with the tools for tests and checks

clean: ## Remove what the tools made (.venv and runs/ stay)
	rm -rf build dist htmlcov *.egg-info .coverage .coverage.* \
	    .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find neuroevo tests benchmarks docs integrations -name __pycache__ -type d -prune \
	    -exec rm -rf {} +

$(READY):
	@chosen=; \
	for candidate in $(CANDIDATES); do \
	    if "$$candidate" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 14))' \
	        2>/dev/null; then chosen=$$candidate; break; fi; \
	done; \
	if [ -z "$$chosen" ]; then \
	    echo "PYTHON: must be Python 3.10 to 3.14; got $(PYTHON)" \
	        "($$($(PYTHON) --version 2>&1 | head -n 1))." \
	        "Install one and name it: make PYTHON=python3.12" >&2; \
	    exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$chosen" --version) ($$chosen)"; \
	if ! "$$chosen" -m venv --clear $(VENV); then \
	    rm -rf $(VENV); \
	    echo "$$chosen: must have its venv module; got the error above." \
	        "On Debian and Ubuntu: apt install python3-venv" >&2; \
	    exit 1; \
	fi; \
	touch $@

# stable-retro's source cannot be built, so a machine without a wheel should hear so at once.
PIP_INSTALL = $(BIN)/python -m pip install --disable-pip-version-check \
    --progress-bar off --only-binary stable-retro --editable
PIP_FAILED = { echo "pip: must be able to install what setup.cfg names; got the error above." \
    "stable-retro has wheels for Linux x86_64 and macOS arm64 only (on Windows use WSL2);" \
    "everything else needs the network once." >&2; exit 1; }

$(INSTALLED): $(READY) $(METADATA)
	@echo "Installing neuroevo (stable-retro alone is 123 MB, downloaded once)"
	@$(PIP_INSTALL) . || $(PIP_FAILED)
	@touch $@

$(INSTALLED_DEV): $(READY) $(METADATA)
	@echo "Installing neuroevo and the tools for its tests (stable-retro alone is 123 MB)"
	@$(PIP_INSTALL) '.[dev]' || $(PIP_FAILED)
	@touch $(INSTALLED) $@
