# Everything runs from the virtual environment in .venv, made from the hash-locked requirements. `make demo` is the place to begin.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
# Values that only let the production checks load the settings; nothing is reached with them.
CHECK_ENV := LIFECYCLE_MODE=production SECRET_KEY=checks-only-0123456789-abcdefghij-klmnopqrst-uvwxyzABCD \
	PUBLIC_URL=https://shop.example DATABASE_URL=postgres://checks@127.0.0.1:1/checks REDIS_URL=redis://127.0.0.1:1/0 \
	EMAIL_URL=smtp://127.0.0.1:1

.PHONY: help install demo up test check format faults bench screenshots clean
.DEFAULT_GOAL := help

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

install: $(INSTALLED) ## make .venv from requirements-dev.lock

$(INSTALLED): requirements-dev.lock
	@if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then \
		{ test -x $(PY) || uv venv --quiet --no-python-downloads --python $(PYTHON) $(VENV); } && \
		uv pip install --quiet --python $(PY) --require-hashes --compile-bytecode -r requirements-dev.lock; \
	else \
		{ test -x $(PY) || $(PYTHON) -m venv $(VENV) || { \
			echo "A virtual environment cannot be made. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; } && \
		$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock; \
	fi
	@touch $@

demo: $(INSTALLED) ## run everything with a small shop to look at (data in .data/demo)
	@$(PY) manage.py up --demo

up: $(INSTALLED) ## run everything with your own data (in .data/up)
	@$(PY) manage.py up

test: $(INSTALLED) ## run the tests
	@$(PY) -m pytest -n 2

check: $(INSTALLED) ## lint, types, templates, deployment settings, missing migrations
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/djlint --quiet --lint templates
	$(CHECK_ENV) $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) -W "ignore:Got an error checking a consistent migration history" manage.py makemigrations --check --dry-run

format: $(INSTALLED) ## let ruff lay the code out
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

faults: $(INSTALLED) ## let processes die at every pair of places, try hundreds of lives, and send a hundred thousand mails through it
	@FAULTS=all $(PY) -m pytest -n 2 tests/faults $$(grep -rl --include='test_*.py' tests.thoroughness tests)
	@$(PY) -m tests.faults

bench: $(INSTALLED) ## measure
	@$(PY) manage.py with_services -- $(PY) -m bench

screenshots: $(INSTALLED) ## take the README's pictures of the demo
	@$(PY) docs/screenshots.py

clean: ## remove the demo's data and every cache; the data of `make up` stays
	rm -rf .data/demo .mypy_cache .ruff_cache .pytest_cache .hypothesis staticfiles
	find . -path ./$(VENV) -prune -o -path ./.data -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
