# What a contributor runs. Needs make and Python 3.11 or newer; everything else is installed into $(VENV).
#
# Other versions, each in an environment of its own:
#   make test VENV=.venv-oldest CONSTRAINTS=constraints/oldest.txt    the oldest dependencies that we promise to work with
#   make test VENV=.venv-newest CONSTRAINTS=                          the newest that there are
#   make test VENV=.venv-3.13 PYTHON=python3.13                       another Python
# Some of the tests, by file or folder:
#   make test TESTS="tests/layers src/glassnet/layers"

PYTHON ?= python3
VENV ?= .venv
CONSTRAINTS ?= constraints/ci.txt
BIN := $(VENV)/bin
KILLS ?= 100
SHARE ?= 1

# Without bytecode every process that tests start, and there are hundreds, would compile all files anew.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.PHONY: help demo test test-all matrices quick lint locale replay docs epub bench accuracy parity hardening mutants browser wasm release lock locked clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed-all ## train, evaluate and save a network on a built-in table
	$(BIN)/glassnet demo

test: $(VENV)/.installed-test ## run the tests and the examples in the docstrings; of each matrix the sample of the day
	$(BIN)/pytest -n auto $(TESTS)

test-all: $(VENV)/.installed-test ## run the tests, every matrix whole
	$(BIN)/pytest -n auto --whole $(TESTS)

matrices: $(VENV)/.installed-test ## run the matrices whole and what is run once, and nothing else: what `make test` leaves of `make test-all`
	$(BIN)/pytest -n auto --whole -m "matrix and not parity and not browser" $(TESTS)

quick: $(VENV)/.installed-test ## run a few cases of each test that takes no time: in a minute what most mistakes fail
	$(BIN)/pytest -n auto --few 2 -m "not slow and not parity and not browser" $(TESTS)

# A worker on each of two cores (conftest.py): a BLAS that starts threads of its own in each would only be in the way.
test test-all matrices quick replay: export OMP_NUM_THREADS = 1

lint: $(VENV)/.installed-lint ## check style, format, types, which room imports which, translations, the size of rooms
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/codespell
	$(BIN)/python docs/translations.py --check
	$(BIN)/python -m benchmarks.size

locale: $(VENV)/.installed-lint ## put new messages into src/glassnet/locale, remove obsolete ones, compile what was translated
	$(BIN)/python docs/translations.py

replay: $(VENV)/.installed-test ## compare kernels, exported files and trained bits with those on record (benchmarks/replay)
	$(BIN)/python -W ignore -m benchmarks.replay

docs: $(VENV)/.installed-docs ## build the documentation into docs/_build/html
	$(BIN)/sphinx-build -q -W --keep-going -j 2 -b html docs docs/_build/html
	@echo "Built: docs/_build/html/index.html"

epub: $(VENV)/.installed-docs ## build the foundations as a book for readers, in both languages
	$(foreach language,en zh,$(BIN)/sphinx-build -q -W --keep-going -b epub -t $(language) -d docs/_build/epub/.$(language) docs docs/_build/epub/$(language) &&) echo "Built: docs/_build/epub"

bench: $(VENV)/.installed-bench ## measure gradients and speed (half an hour, alone); with DATA=folder (mnist.npz, tables) MNIST and exports, too
	$(BIN)/python benchmarks/gradients.py
	$(BIN)/python -m benchmarks.speed $(if $(DATA),--data $(DATA))
ifdef DATA
	$(BIN)/python benchmarks/mnist.py --data $(DATA)
	$(BIN)/python -m benchmarks.exports --data $(DATA)
endif

accuracy: $(VENV)/.installed-accuracy ## compare accuracy with other libraries on the tables of DATA=folder (hours, alone)
	@test -n "$(DATA)" || { echo "Name the folder of the tables: make accuracy DATA=folder" >&2; exit 1; }
	$(BIN)/python -m benchmarks.accuracy --data $(DATA)
	$(BIN)/python -m benchmarks.accuracy --data $(DATA) --compare glassnet ablations --name ablations
	$(BIN)/python -m benchmarks.accuracy --data $(DATA) --compare glassnet alternatives --name alternatives
	$(BIN)/python -m benchmarks.accuracy --data $(DATA) --curves

parity: $(VENV)/.installed-parity ## compare with PyTorch and Keras, and read what MLflow keeps (installs them)
	$(BIN)/pytest -m parity

browser: $(VENV)/.installed-test build/browser/.installed ## open pages in headless Chromium (needs it, and npm)
	$(BIN)/pytest -n auto --dist loadfile -m browser tests/browser

hardening: $(VENV)/.installed-test ## kill a hundred trainings at random moments, whose bits must be the same when they go on; read damaged files; see how time grows (minutes)
	$(BIN)/python benchmarks/kills.py --kills $(KILLS)
	$(BIN)/python -m benchmarks.fuzz --share $(SHARE)
	$(BIN)/python -m benchmarks.growth

mutants: $(VENV)/.installed-test ## put small mistakes into MODULES="conformal calibration" or all, one at a time: tests must notice (hours)
	$(BIN)/python -m benchmarks.mutants $(MODULES)

wasm: $(VENV)/.installed-test ## make what pages compute with: engine.wasm (needs wasm-ld, in Debian's lld), and formulas in JavaScript
	$(BIN)/python -m glassnet.engines.compiled.wasm src/glassnet/web
	$(BIN)/python -m glassnet.exchange.page.formulas src/glassnet/web

release: $(VENV)/.installed-test ## check what a release must pass: archives, the wheel alone with every command, tests of the source archive (minutes)
	$(BIN)/python -m benchmarks.release

lock: ## renew constraints/ci.txt with the newest versions that pyproject.toml allows
	$(PYTHON) -m venv --clear .venv-lock
	.venv-lock/bin/python -m pip install --quiet uv
	echo "hatchling editables" | tr ' ' '\n' | .venv-lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --custom-compile-command "make lock" --extra dev --extra mlflow \
	  --output-file constraints/ci.txt pyproject.toml -
	rm -rf .venv-lock

locked: $(VENV)/versions.txt ## install the very files of constraints/ci.txt, checked by their hashes, for everything but what PyTorch needs
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes --only-binary :all: --no-deps --requirement $(CONSTRAINTS)
	$(BIN)/python -m pip install --quiet --no-compile --no-deps --no-build-isolation --editable .
	touch $(addprefix $(VENV)/.installed-,all test lint docs)

clean: ## remove the environments and everything that was built
	rm -rf $(VENV) .venv-* build dist docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each extra: made again when the dependencies change, so that every other run starts at once. Of the files
# that are installed three quarters are never imported: what is, Python compiles then.
$(VENV)/.installed-%: pyproject.toml $(VENV)/versions.txt
	@echo "Installing glassnet[$*] into $(VENV)"
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --editable ".[$*]" --constraint $(VENV)/versions.txt
	@touch $@

# Where one version has a hash, pip wants one of everything, and a folder has none.
$(VENV)/versions.txt: $(CONSTRAINTS) | $(BIN)/python
	@sed 's/ *\\$$//; /--hash=/d' $(or $(CONSTRAINTS),/dev/null) > $@

# What drives the browser and looks for faults; with versions, so that a new rule does not fail an old page.
build/browser/.installed: tests/browser/package.json
	@mkdir -p build/browser
	@cp tests/browser/package.json build/browser/
	@npm install --prefix build/browser --no-package-lock --no-audit --no-fund --silent
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "glassnet needs Python 3.11 or newer. Name one: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
