# The words of this house. `make run` is all that a newcomer needs.
PORT ?= 8000
HOST ?= 127.0.0.1
DEBUG ?= false
BENCH ?= all
# The first Python between 3.11 and 3.13 that is installed.
PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && command -v $$p && break; done)
PY := .venv/bin/python
PYTEST := $(PY) -m pytest
# The files in their order, so that the browser's long ones do not come last.
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder
CATALOGUES := $(wildcard config/locale/*/LC_MESSAGES/django.po)

.PHONY: run setup test test-fast test-all check bench pictures api-document pins translations

run: setup  ## start Engram (PORT=8000 HOST=127.0.0.1 DEBUG=false)
	@HTTPS=false DEBUG=$(DEBUG) $(PY) manage.py prepare --address http://$(if $(filter 0.0.0.0,$(HOST)),localhost,$(HOST)):$(PORT)/
	@HTTPS=false DEBUG=$(DEBUG) HOST=$(HOST) PORT=$(PORT) ENGRAM_SUPERVISORS="$$PPID $$$$" exec .venv/bin/honcho --no-prefix start

setup: .venv/stamp node_modules/stamp .env $(CATALOGUES:.po=.mo)  ## what run and test do first

.venv/stamp: requirements/dev.txt
	@test -n "$(PYTHON)" || { echo "Engram needs Python 3.11, 3.12 or 3.13."; exit 1; }
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

node_modules/stamp: package-lock.json
	npm ci --ignore-scripts --no-progress --loglevel=error
	@touch $@

.env:
	@mkdir -p var
	@umask 077; $(PYTHON) -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(50))' > $@

%.mo: %.po | .venv/stamp .env
	@mkdir -p var
	@HTTPS=false $(PY) manage.py translations compile

test: setup  ## the whole suite, real Keras and a real browser included
	$(PYTEST) $(PARALLEL) -m "not slow"

test-fast: setup  ## no browser, no Keras
	$(PYTEST) $(PARALLEL) -m "not slow and not browser and not keras" --ignore=tests/e2e

test-all: setup  ## everything, the long parity and kill tests too
	$(PYTEST) $(PARALLEL)

check: setup  ## style, types, deployment, migrations, API schema, translations
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	HTTPS=true $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(PY) manage.py translations check

bench: setup  ## BENCH=engine, web_runs, answers, reviews (SIZE= many), course_import, lesson_pages or statistics; all without
	$(PY) -m tests.benchmarks $(BENCH)

pictures: setup  ## let the browser tests make the README's picture anew
	$(PYTEST) tests/e2e/test_journey.py -k "whole_way and en"
	@mkdir -p docs && cp test-results/pictures/run.en.png docs/run.png

api-document: setup  ## write docs/openapi.yaml anew, after the API was meant to change
	$(PY) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

translations: setup  ## bring new texts into the catalogues
	$(PY) manage.py translations update

pins:  ## make requirements/ from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11.5 --extra scaled pyproject.toml -o requirements/prod.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11.5 --extra scaled --group dev pyproject.toml -o requirements/dev.txt
