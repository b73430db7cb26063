# Yanji in one command each. Needs Python 3.11 or newer, nothing else.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: up test check bench demo lock clean

up:      ## prepare everything and serve http://127.0.0.1:8000 until Ctrl-C
	@$(PYTHON) tools/install.py
	@$(BIN)/yanji up $(ARGS)

test:    ## check the source, then run every test
	@$(PYTHON) tools/install.py --dev --browser
	@$(BIN)/python tools/check.py
	@$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

check:   ## format, lint, types, who imports whom, migrations, scripts, locks
	@$(PYTHON) tools/install.py --dev
	@$(BIN)/python tools/check.py

bench:   ## measure against raw PostgreSQL; prints ratios, writes build/bench.json
	@$(PYTHON) tools/install.py --dev
	@$(BIN)/python bench/run.py $(ARGS)

demo:    ## load the demo hospital into an empty database: make demo ARGS="--seed 7"
	@$(PYTHON) tools/install.py
	@$(BIN)/yanji demo $(ARGS)

lock:    ## resolve dependencies anew within pyproject.toml and package.json
	@$(PYTHON) tools/install.py --dev
	@$(BIN)/python tools/lock.py

clean:   ## remove what was built; the data in .yanji stays
	rm -rf .venv build node_modules
