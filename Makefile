# Requires make, Python 3.11 or newer, and Terraform 1.9 or newer. Everything else is installed into this folder.

PYTHON ?= python3
RUN = .venv/bin/python
LOCAL = .venv-local/bin/python
export PYTHONPATH := lambda:cli
# Python caches byte code even if the user disabled it: otherwise each test worker compiles all modules every time.
unexport PYTHONDONTWRITEBYTECODE
CODE = lambda cli tools tests examples $(wildcard benchmarks)
# Tests mostly wait, so more of them run at once than there are cores.
WORKERS ?= 4
# 'make check' leaves these out: they emulate AWS with moto, start processes, or process very large reports.
SLOW = adapters cli plugins protocol store domain/test_truncation.py handlers/test_redelivery.py usecases/test_hostile_rounds.py \
	usecases/test_hostile_reports.py usecases/test_no_turn.py
PARALLEL = -p tests.scheduler --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder
# Formatting needs no CLI configuration, and Terraform would warn about a missing one.
TERRAFORM = env -u TF_CLI_CONFIG_FILE $(or $(TF_BINARY),terraform)

PIN = .venv-audit/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make pins" $(PINS)

.DEFAULT_GOAL := help
.PHONY: audit bench check checkov clean collected coverage demo down evidence fmt format help installations integration key-changes \
	lint mutation oldest package package-check pins plan provider random release sbom schemas schemas-check secrets \
	security setup setup-local style templates test time-zones types unit up workflows
.DELETE_ON_ERROR:

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

setup: ## Install everything for the tests, the demo and the local run
	@$(MAKE) --no-print-directory --jobs 3 .venv/installed.txt setup-local

setup-local: .venv-local/installed.txt .venv-emulator/installed.txt

test: setup ## Run all checks and tests, as CI does
	@$(MAKE) --no-print-directory --jobs 3 installations collected package-check schemas-check style types format security secrets
	$(RUN) -m pytest $(PARALLEL)

check: .venv/installed.txt ## Run style, types and the quick unit tests, in less than a minute
	@$(MAKE) --no-print-directory style format
	$(RUN) -m mypy
	$(RUN) -m pytest --numprocesses 2 --dist loadscope --hypothesis-profile quick -q $(addprefix --ignore=tests/unit/,$(SLOW)) tests/unit

unit: .venv/installed.txt ## Run the unit tests (in memory)
	$(RUN) -m pytest $(PARALLEL) tests/unit

plan: .venv/installed.txt ## Run the tests that need Terraform
	$(RUN) -m pytest $(PARALLEL) tests/plan

integration: setup installations ## Run the tests against the emulated AWS
	$(RUN) -m pytest $(PARALLEL) tests/integration

random: setup installations ## Run all tests in random order and print the seed (SEED=N repeats an order)
	$(RUN) -m pytest $(PARALLEL) -p randomly $(addprefix --randomly-seed=,$(SEED))

# An installation takes a minute, mostly waiting, so the code is checked at the same time.
installations: .venv/installed.txt setup-local
	@$(RUN) -m tests.integration.installations

# Compiles all tests once: in a new clone each worker would do it. The workers report errors.
collected: .venv/installed.txt
	@$(RUN) -m pytest --collect-only -qq >/dev/null 2>&1 || true

lint: style types format security secrets audit ## Run all checks of the code

style: .venv/installed.txt
	$(RUN) -m ruff check $(CODE)
	$(RUN) -m ruff format --check $(CODE)

types: .venv/installed.txt
	$(RUN) -m mypy
	$(RUN) -m basedpyright

format:
	$(TERRAFORM) fmt -check -diff -recursive .

fmt: .venv/installed.txt ## Format the code
	$(RUN) -m ruff check --fix $(CODE)
	$(RUN) -m ruff format $(CODE)
	$(TERRAFORM) fmt -recursive .

# The tools start many processes; ruff's S602 and S605 ensure that they use no shell.
security: .venv/installed.txt
	$(RUN) -m bandit --quiet --recursive lambda cli
	$(RUN) -m bandit --quiet --recursive tools examples $(wildcard benchmarks) --skip B404,B603,B607

secrets: .venv/installed.txt
	$(RUN) -m tools.leaks

audit: checkov workflows sbom oldest provider key-changes ## Run the checks that 'make test' leaves out (slower still: coverage, mutation)

checkov: .venv-checkov/installed.txt ## Check the Terraform code against security policies
	.venv-checkov/bin/python -m checkov.main --config-file .checkov.yaml

oldest: .venv-oldest/installed.txt ## Run the package's tests with the versions in the oldest public layer
	.venv-oldest/bin/python -m pytest $(addprefix tests/unit/,adapters domain formats handlers store usecases)

coverage: .venv/installed.txt ## Measure the coverage of the unit tests; fail below 95 %
	mkdir -p build
	$(RUN) -m coverage run --source=alert_responder --data-file=build/.coverage -m pytest -q tests/unit
	$(RUN) -m coverage json --quiet --data-file=build/.coverage -o build/coverage.json
	$(RUN) -m coverage report --data-file=build/.coverage --fail-under=95

mutation: .venv-mutation/installed.txt ## Measure the mutation score of the unit tests; fail below 85 %
	.venv-mutation/bin/python tools/mutation.py

workflows: .venv-audit/installed.txt
	.venv-audit/bin/zizmor --offline --quiet .github

sbom: .venv-audit/installed.txt ## Write the software bill of materials of package and layer to build/
	.venv-audit/bin/python tools/sbom.py

provider: .venv/installed.txt build/provider/installed.txt ## Check the Terraform code against the schema of AWS provider 6
	PYTHONPATH=$(PYTHONPATH):build/provider $(RUN) -m tools.provider_schema

build/provider/installed.txt: requirements/provider.txt
	$(RUN) -m pip install --quiet --no-deps --only-binary :all: --require-hashes --upgrade --target build/provider --requirement $<
	touch $@

time-zones: .venv/installed.txt build/tzdata/installed.txt ## Write the time zones of policies into the package
	$(RUN) -m tools.time_zones

build/tzdata/installed.txt: requirements/tzdata.txt
	$(RUN) -m pip install --quiet --no-deps --only-binary :all: --require-hashes --upgrade --target build/tzdata --requirement $<
	touch $@

key-changes: setup installations ## Add, change and remove the KMS key of an installation on the emulated AWS
	$(RUN) -m pytest -q tests/integration/key_changes.py

release: setup package-check sbom ## Write the files and notes of a release to build/ (TAG=v1.2.3)
	$(RUN) -m tools.release $(TAG)

bench: setup ## Measure speed and cost (NUMBERS="20 23": only these promises)
	$(RUN) -m benchmarks $(NUMBERS)

# One after the other, so that they do not disturb each other; docs/evidence.md lists promises that are not met.
evidence: setup ## Check all promises and write docs/evidence.md (takes hours)
	rm -rf build/evidence build/bench
	-PROTOCOL_EXAMPLES=10000 KILLS=before,after RACES=20 $(RUN) -m pytest --timeout 0 --junitxml build/evidence/tests.xml
	-$(RUN) -m benchmarks
	-$(MAKE) coverage mutation
	$(RUN) -m tools.evidence

demo: ## Run AlertResponder on this machine with sample alerts, and check the results
	@$(MAKE) --no-print-directory --jobs 3 setup-local
	@$(LOCAL) -m tools.demo

# INSPECTOR (with TYPES and BATCH_SIZE), REVIEWER and EMITTER attach custom plug-ins, DETACH detaches them; see examples/local/README.md.
up: ## Start an installation that keeps running on this machine (INSPECTOR=whois.py attaches a plug-in)
	@$(MAKE) --no-print-directory --jobs 3 setup-local
	@$(LOCAL) -m tools.local up --inspector "$(INSPECTOR)" --types "$(TYPES)" --batch-size "$(BATCH_SIZE)" \
		--reviewer "$(REVIEWER)" --emitter "$(EMITTER)" --detach "$(DETACH)"

down: .venv-local/installed.txt ## Stop it and delete its reports
	@$(LOCAL) -m tools.local down

package: .venv/installed.txt ## Build the Lambda packages in dist/
	$(RUN) tools/package.py

package-check: .venv/installed.txt
	$(RUN) tools/package.py --check

templates: .venv/installed.txt ## Write the CloudFormation templates of modules for StackSets
	$(RUN) -m tests.plan.templates

schemas: .venv/installed.txt ## Write the JSON Schemas of the contracts
	$(RUN) -m tools.schemas

schemas-check: .venv/installed.txt
	$(RUN) -m tools.schemas --check

pins: .venv-audit/installed.txt ## Write requirements/*.txt from requirements/*.in (PINS=--upgrade: latest versions)
	for name in layer page local slack dev emulator oldest checkov audit mutation tzdata; do \
		$(PIN) --output-file requirements/$$name.txt requirements/$$name.in || exit 1; \
	done
	$(PIN) --no-deps --output-file requirements/provider.txt requirements/provider.in
	$(PIN) $(addprefix --no-emit-package ,anyio httpx2-jsfetch typing-extensions) \
		--output-file requirements/pagerduty.txt requirements/pagerduty.in

clean: ## Remove everything that was built or installed
	if [ -x $(LOCAL) ]; then $(LOCAL) -m tools.local down; fi
	rm -rf build .venv .venv-audit .venv-checkov .venv-emulator .venv-local .venv-mutation .venv-oldest
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/installed.txt: requirements/dev.txt
	@$(PYTHON) tools/environment.py .venv requirements/dev.txt

.venv-%/installed.txt: requirements/%.txt
	@$(PYTHON) tools/environment.py .venv-$* requirements/$*.txt
