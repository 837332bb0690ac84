# Short forms for developers. All of them install what is missing first; see CONTRIBUTING.md.
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) installer/bootstrap.py
ARGS ?=

.PHONY: help demo run test test-all check bench

help: ## Show this list
	@sed -n 's/^\([a-z-]*\): .*## /\1\t/p' Makefile | expand -t 12

demo: ## Run all seven steps on the demo cells
	$(BOOTSTRAP) demo $(ARGS)

run: ## Open the window
	$(BOOTSTRAP) run $(ARGS)

test: ## Run the tests without the slow ones; ARGS="tests/engine -k parse" chooses
	$(BOOTSTRAP) test $(ARGS)

test-all: ## Run all tests
	$(BOOTSTRAP) test -m "slow or not slow" $(ARGS)

check: ## Check style, types and imports
	$(BOOTSTRAP) check

bench: ## Run the benchmarks one after the other; ARGS=NAME chooses one
	$(BOOTSTRAP) bench $(ARGS)
