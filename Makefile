# The README's two commands: `make quickstart` and `make test`. Both start from a bare machine with
# Python 3.11 to 3.13 and reach no model hub.
PYTHON ?= python3
VENV ?= .venv
OUT ?= quickstart-output
PIP := $(VENV)/bin/pip install --quiet --constraint constraints.txt

.PHONY: quickstart test lint benchmark clean

quickstart:  ## install the light core, then films -> graph -> 20,000 queries -> three of yours parsed
	$(PYTHON) -m venv $(VENV)
	$(PIP) .
	$(VENV)/bin/python examples/quickstart.py --out $(OUT)

test: $(VENV)/.test-installed lint  ## everything that must hold before a change lands
	HF_HUB_OFFLINE=1 $(VENV)/bin/python -m pytest

lint: $(VENV)/.test-installed
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

benchmark: $(VENV)/.test-installed  ## speed, as ratios against peers in the same run
	$(VENV)/bin/python benchmarks/build.py
	$(VENV)/bin/python benchmarks/graph.py
	$(VENV)/bin/python benchmarks/parse.py

$(VENV)/.test-installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[all,test]'
	touch $@

clean:
	rm -rf $(VENV) $(OUT) build dist
