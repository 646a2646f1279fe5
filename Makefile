# The verbs of this project. `make help` lists them; each says more in docs/running.md.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run rehearse api-check bench bench-ledger bench-imports bench-turns guards oracle hostile hostile-spoken \
  soak test test-quick lint doctor pins

help: ## list the verbs
	@sed -n 's/^\([a-z-]*\):.*## /make \1	/p' $(MAKEFILE_LIST) | expand -t 18

run: ## start everything and print the address and the logins (PORT=8000)
	@$(PYTHON) -m stack run --with-parent

bench: ## measures whole calls: words, amounts, audio, delays
	@$(PYTHON) -m stack install --with-parent
	$(VENV)/python -m bench.calls --calls 16

bench-turns: ## 30 interruptions on real calls: how soon the agent is silent, and at what it is not
	@$(PYTHON) -m stack install --with-parent
	$(VENV)/python -m bench.turn_taking $(ARGS)

bench-ledger: ## the ledger at 20,000 and 200,000 invoices on PostgreSQL: time, statements, plans
	@$(PYTHON) -m stack install --with-parent
	$(VENV)/python -m bench.ledger $(ARGS)

bench-imports: ## a file of 5,000 and one of 50,000 rows: time and memory (ARGS="--kind invoices")
	@$(PYTHON) -m stack install --with-parent
	$(VENV)/python -m bench.imports $(ARGS)

oracle: ## the contact gate against the law written a second time, 100,000 decisions
	@$(PYTHON) -m stack install --with-parent
	$(VENV)/python -m tests.policy.agree --count 100000

api-check: ## every operation of the API asked 50 times what its schema promises
	@$(PYTHON) -m stack install --with-parent
	API_EXAMPLES=50 $(VENV)/python -m pytest tests/api/test_api_schema_kept.py -o log_cli=true -o log_cli_level=INFO $(ARGS)

guards: ## every guard of the conversation taken out, one at a time: a test has to notice (ARGS="hears-stop")
	@$(PYTHON) -m stack install --with-parent
	$(VENV)/python -m tests.guards $(ARGS)

hostile: ## a thousand random conversations with a model that does whatever it likes
	@$(PYTHON) -m stack install --with-parent
	HOSTILE_RUNS=1000 $(VENV)/python -m pytest -q tests/conversations/test_hostile_model.py $(ARGS)

hostile-spoken: ## twenty spoken calls with a model that does whatever it likes (ARGS="--calls 3")
	@$(PYTHON) -m stack install --with-parent
	$(VENV)/python -m tests.system.hostile $(ARGS)

soak: ## requests by the hundred while processes are killed at random (ARGS="--requests 20")
	@$(PYTHON) -m stack install --with-parent
	$(VENV)/python -m tests.faults.soak $(ARGS)

rehearse: ## real calls with simulated customers (ARGS="--calls 3")
	@$(PYTHON) -m stack rehearse --with-parent -- $(ARGS)

test: ## everything, on SQLite and PostgreSQL
	@$(PYTHON) -m stack test --with-parent -- $(ARGS)

test-quick: ## what needs neither the running stack nor a browser
	@$(PYTHON) -m stack test --quick --with-parent -- $(ARGS)

lint: ## style, types, and which folder may import which
	@$(PYTHON) -m stack install --with-parent
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy phantompay invoices calls agent_worker rehearsal stack tests bench
	$(VENV)/lint-imports

doctor: ## what this machine has and misses
	@$(PYTHON) -m stack doctor

pins: ## compile requirements*.in into requirements*.txt
	@$(PYTHON) -m stack install --with-parent
	for name in requirements requirements-rehearsal requirements-dev; do \
	  $(VENV)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --custom-compile-command "make pins" $$name.in -o $$name.txt || exit 1; \
	done
