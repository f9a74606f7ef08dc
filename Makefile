# Every target sets up .venv by itself, and again when pyproject.toml changes.

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo app test check

demo: $(STAMP)  ## paint the built-in clip: demo.mp4
	$(BIN)/stytr-live demo --output demo.mp4 --overwrite

app: $(STAMP)  ## open the window
	@sh .ci/libraries $(BIN)/python
	$(BIN)/python main.py

test: $(STAMP)  ## run the tests, but the long ones and those that need a GPU
	@sh .ci/libraries $(BIN)/python
	$(BIN)/python -m pytest -m "not slow and not gpu"

check: $(STAMP)  ## style, types and floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A Python that is new enough and can make virtual environments; PYTHON=… chooses another.
$(STAMP): pyproject.toml
	@if [ ! -x $(BIN)/python ]; then \
	    for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python; do \
	        if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	            echo "Setting up $(VENV) with $$python"; \
	            "$$python" -m venv $(VENV) && break || exit 1; \
	        fi; \
	    done; \
	    if [ ! -x $(BIN)/python ]; then \
	        echo "There is no Python 3.11 or newer with venv here; install one, or name it: make PYTHON=/path/to/python3." >&2; \
	        exit 1; \
	    fi; \
	fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
