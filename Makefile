# The README's two commands: `make quickstart` and `make test`. Both start from a bare machine with
# Python 3.11 to 3.13 and reach no model hub.
PYTHON ?= python3
VENV ?= .venv
OUT ?= quickstart-output
REPRODUCTION ?= reproduction
# processes that share the tests; each loads the catalogue and models for itself
WORKERS ?= 2
PIP := $(VENV)/bin/pip install --quiet --constraint constraints.txt

.PHONY: quickstart test lint benchmark reproduce grid clean

quickstart:  ## install the light core, then films -> graph -> 20,000 queries -> three of yours parsed
	$(PYTHON) -m venv $(VENV)
	$(PIP) .
	$(VENV)/bin/python examples/quickstart.py --out $(OUT)

test: $(VENV)/.test-installed lint  ## everything that must hold before a change lands
	HF_HUB_OFFLINE=1 $(VENV)/bin/python -m pytest --numprocesses $(WORKERS) --dist loadfile

lint: $(VENV)/.test-installed
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

benchmark: $(VENV)/.test-installed  ## our speed; a peer in the same run by --peer-python, see the head of each file
	$(VENV)/bin/python benchmarks/build.py
	$(VENV)/bin/python benchmarks/graph.py
	$(VENV)/bin/python benchmarks/parse.py
	$(VENV)/bin/python benchmarks/rewrite.py

$(VENV)/.test-installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[all,test]'
	touch $@

reproduce: $(VENV)/.train-installed  ## the paper's experiment on the nano base, on a CPU
	HF_HUB_OFFLINE=1 $(VENV)/bin/moviequery reproduce --preset nano --processes 2 \
		--out $(REPRODUCTION)

grid: $(VENV)/.train-installed  ## seven combinations of target layers, on 1,000 rows each
	test -d $(REPRODUCTION)/grid-queries || \
		$(VENV)/bin/moviequery build --n 2000 --seed 11 --out $(REPRODUCTION)/grid-queries
	HF_HUB_OFFLINE=1 $(VENV)/bin/moviequery train $(REPRODUCTION)/grid-queries --preset nano \
		--rows 1000 --set epochs=1 --learning-rate 0.001 --out $(REPRODUCTION)/grid --grid

$(VENV)/.train-installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[train]'
	touch $@

clean:
	rm -rf $(VENV) $(OUT) $(REPRODUCTION) build dist
