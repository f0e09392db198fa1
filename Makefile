# `make` alone prints this help. A target needs Python 3.11+, make and git; one that needs a JDK as well
# says so.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export DBT_SEND_ANONYMOUS_USAGE_STATS ?= false

# With -j too: the prerequisites of `deploy` are steps, one after the other.
.NOTPARALLEL:

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-17s %s\n", $$1, $$2}'

# uv, which pip installs, installs the rest, in a quarter of pip's time. A lock is complete: nothing is
# resolved again.
UV_INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps
LOCKED := $(UV_INSTALL) --require-hashes -r

# The stamps make the one virtual environment follow the pinned requirements and nothing else.
.venv/.installed: requirements.txt requirements-laptop.txt requirements-uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "RetailPulse needs Python 3.11 to 3.13: make PYTHON=python3.11 …"; exit 1; }
	@echo "Making .venv, and installing uv there"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@echo "Installing the $$(grep -c == $<) packages of $<, and a PostgreSQL for the simulated web shop"
	@$(LOCKED) $< -r requirements-laptop.txt
	@$(UV_INSTALL) --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: requirements-dev.txt local_athena/pyproject.toml .venv/.installed
	@echo "Installing the $$(grep -c == $<) packages of $<"
	@$(LOCKED) $<
	@$(UV_INSTALL) --no-build-isolation --editable ./local_athena
	@touch $@

# pyspark comes as a source distribution: it is built with the setuptools that is pinned here.
.venv/.installed-bench: requirements-bench.txt .venv/.installed-dev
	@echo "Installing the $$(grep -c == $<) packages of $<"
	@$(LOCKED) $< --no-build-isolation
	@touch $@

.venv-infra/.installed: requirements-infra.txt .venv/.installed-dev
	@echo "Installing the $$(grep -c == $<) packages of $< into .venv-infra"
	@$(PYTHON) -m venv --without-pip .venv-infra
	@$(BIN)/uv pip install --quiet --python .venv-infra/bin/python --no-deps --require-hashes -r $<
	@touch $@

.PHONY: install
install: .venv/.installed ## Create .venv with the `retailpulse` command and dbt

.PHONY: install-dev
install-dev: .venv/.installed-dev ## The same, with the linters and the test tools

.PHONY: demo
demo: .venv/.installed ## See a retail business's orders become daily revenue
	$(BIN)/retailpulse demo

# SQL is read as dbt compiles it, in full and in incremental form, on a lakehouse made for that: first
# there is none, then an empty one.
LINTED := $(abspath build/lint)
ON_LINTED := RETAILPULSE_HOME=$(LINTED) DBT_TARGET_PATH=$(LINTED)/target DBT_LOG_PATH=$(LINTED)/logs

.PHONY: lint
lint: .venv/.installed-dev ## ruff, mypy, sqlfluff, generated files, and what was promised of events
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m ingestion.contract_generator --check
	@rm -rf $(LINTED)
	$(ON_LINTED) $(BIN)/sqlfluff lint --processes 2 models tests/dbt
	$(ON_LINTED) $(BIN)/dbt --quiet run --selector fast
	$(ON_LINTED) $(BIN)/sqlfluff lint --processes 2 models tests/dbt

# Built from source by Go, which checks them against its public log of hashes.
TFLINT := build/go/tflint-v0.64.0/tflint
ACTIONLINT := build/go/actionlint-v1.7.12/actionlint

$(TFLINT):
	@echo "Building tflint (some minutes the first time)"
	GOBIN=$(abspath $(@D)) go install github.com/terraform-linters/tflint@v0.64.0

$(ACTIONLINT):
	GOBIN=$(abspath $(@D)) go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

.PHONY: lint-infra
lint-infra: lint-infra-go .venv-infra/.installed ## Terraform, Dockerfile, workflows (Terraform, Go)
	@command -v terraform > /dev/null || { echo "make lint-infra needs Terraform 1.10 or later: https://developer.hashicorp.com/terraform/install"; exit 1; }
	terraform fmt -check -diff -recursive infra
	.venv-infra/bin/zizmor --offline --quiet .github
	.venv-infra/bin/hadolint Dockerfile
	.venv-infra/bin/checkov --config-file .checkov.yaml

.PHONY: lint-infra-go
ifneq ($(shell command -v go),)
lint-infra-go: $(TFLINT) $(ACTIONLINT)
	$(TFLINT) --chdir infra --recursive --config $(abspath .tflint.hcl)
	$(ACTIONLINT) -shellcheck= -pyflakes=
else
lint-infra-go:
	@echo "NOT CHECKED: tflint and actionlint need Go (https://go.dev/dl), which is not installed" >&2
	@test "$$CI" != true
endif

.PHONY: test
test: .venv/.installed-dev ## Every test that needs only Python
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder \
	  --ignore tests/athena --ignore tests/infra --ignore tests/databases

.PHONY: test-databases
test-databases: .venv/.installed-dev ## Following a database that is no PostgreSQL (needs MariaDB's server)
	$(BIN)/pytest tests/databases

.PHONY: test-athena
test-athena: .venv/.installed-dev ## The Athena target on a real Trino (needs JDK 25 and Maven)
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder tests/athena

.PHONY: test-cloud
test-cloud: lint-infra .venv/.installed-dev ## The whole of it on an emulated AWS (Linux; Terraform, JDK 25, Maven, Go)
	$(BIN)/pytest --numprocesses 2 --dist loadscope tests/infra

BASE ?= origin/main

# The demo's lakehouse as BASE builds it stands for the tables that are there already.
.PHONY: build-changed
build-changed: .venv/.installed ## Build and test what changed since BASE, on BASE's demo
	rm -rf build/base
	git worktree prune
	git worktree add --detach build/base $(BASE)
	$(MAKE) -C build/base demo
	RETAILPULSE_HOME=$(abspath build/base/lakehouse) $(BIN)/dbt build \
	  --select state:modified+ --state build/base/lakehouse/target

.PHONY: soak
soak: .venv/.installed-dev ## Kills, races, faulty storage, an outage, readers, a long run (an hour)
	$(BIN)/python -m tests.soak

.PHONY: soak-athena
soak-athena: .venv/.installed-dev ## Kills and seeded mistakes on Athena, half an hour (JDK 25, Maven)
	$(BIN)/python -m tests.soak_athena

ATHENA_HOME ?= build/local-athena

.PHONY: athena-up
athena-up: .venv/.installed-dev ## Start the local Athena, with a lake on it (JDK 25, Maven)
	$(BIN)/python -m local_athena up --home $(ATHENA_HOME)
	@set -e; . $(ATHENA_HOME)/environment; $(BIN)/python -m retailpulse.commands.athena_lake
	@echo 'Next: source $(ATHENA_HOME)/environment; dbt build --target athena'

.PHONY: athena-down
athena-down: .venv/.installed-dev ## Stop the local Athena
	$(BIN)/python -m local_athena down --home $(ATHENA_HOME)

.PHONY: format
format: .venv/.installed-dev ## Put code and SQL in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	rm -rf $(LINTED)
	$(ON_LINTED) $(BIN)/sqlfluff fix --force models tests/dbt

.PHONY: contracts
contracts: .venv/.installed ## Write what follows from ingestion/contracts: staging, lists, pages
	$(BIN)/python -m ingestion.contract_generator

.PHONY: sources
sources: .venv/.installed ## Write the contracts of feeds, and of databases' tables by their catalogs
	$(BIN)/python -m ingestion.sources $(SOURCES)

.PHONY: release-contracts
release-contracts: .venv/.installed ## At a release, record what the contracts promise producers
	$(BIN)/python -m ingestion.contract_generator --release

.PHONY: package
package: .venv/.installed-dev ## Build the Lambda packages (arm64 and x86_64) in dist/
	$(BIN)/python -m ingestion.package

# One image for every environment: pushed as it was built, so that its digest is the same. Docker's own
# builder cannot write an image to a file (docs.docker.com/build/exporters/oci-docker).
BUILDER := retailpulse

.PHONY: image
image: ## Build the image that runs dbt, for arm64, into dist/ (Docker)
	@mkdir -p dist
	@docker buildx inspect $(BUILDER) > /dev/null 2>&1 \
	  || docker buildx create --name $(BUILDER) --driver docker-container
	docker buildx build --builder $(BUILDER) --platform linux/arm64 --provenance false --output type=oci,dest=dist/dbt-image.tar .

.PHONY: push-image
push-image: ## Push it to the account's ECR, or REPOSITORY, and name it in dist/image (skopeo, AWS CLI)
	@set -e; repository="$(REPOSITORY)"; \
	repository="$${repository:-$$($(BIN)/retailpulse cloud repository)}"; \
	digest="$$(skopeo inspect --format '{{.Digest}}' oci-archive:dist/dbt-image.tar)"; \
	aws ecr get-login-password | skopeo login --username AWS --password-stdin "$${repository%%/*}"; \
	if ! skopeo inspect --raw "docker://$$repository@$$digest" > /dev/null 2>&1; then \
	  skopeo copy --preserve-digests oci-archive:dist/dbt-image.tar "docker://$$repository:$${digest#sha256:}"; \
	fi; \
	echo "$$repository@$$digest" | tee dist/image

.PHONY: image-codebuild
image-codebuild: .venv/.installed ## Build and push the commit's image on AWS, and name it in dist/image
	$(BIN)/retailpulse cloud build-image

# Before minutes are spent on the package.
.PHONY: check-image
check-image:
	@for tool in docker skopeo aws; do \
	  command -v $$tool > /dev/null || { \
	    echo "There is no $$tool, and the image is built with Docker, skopeo and the AWS CLI: install it," \
	      "or build the image on AWS (make image-codebuild) and name it, IMAGE=\"\$$(cat dist/image)\"" >&2; \
	    exit 1; \
	  }; \
	done

# CI has nobody to ask.
CONFIRMED := $(if $(filter true,$(CI)),--auto-approve)
PACKAGED := dist/ingester-arm64.zip

.PHONY: environment
environment:
	@test -n "$(ENV)" || { echo "Say which environment: make $(MAKECMDGOALS) ENV=dev" >&2; exit 1; }

.PHONY: bootstrap
bootstrap: environment .venv/.installed ## Once an account, ENV=dev: Terraform's state, the image's repository, CI's roles
	$(BIN)/retailpulse cloud bootstrap $(ENV) $(CONFIRMED)

# What is missing is told before anything is built.
.PHONY: check-cloud
check-cloud: environment .venv/.installed ## Check that ENV=dev can be deployed, and what governs the account
	$(BIN)/retailpulse cloud check $(ENV)

.PHONY: plan
plan: check-cloud $(if $(PACKAGE),,package) ## Show what `make deploy ENV=…` would change
	$(BIN)/retailpulse cloud plan $(ENV) --package $(or $(PACKAGE),$(PACKAGED)) \
	  $(if $(IMAGE),--image $(IMAGE))

.PHONY: deploy
deploy: check-cloud $(if $(IMAGE),,check-image) $(if $(PACKAGE),,package) $(if $(IMAGE),,image push-image) ## Make or update an environment, ENV=dev
	$(BIN)/retailpulse cloud deploy $(ENV) --image "$(or $(IMAGE),$$(cat dist/image))" \
	  --package $(or $(PACKAGE),$(PACKAGED)) $(CONFIRMED)

.PHONY: smoke
smoke: environment .venv/.installed ## Send an order to an environment, ENV=dev, and find it in gold
	$(BIN)/retailpulse cloud smoke $(ENV)

.PHONY: destroy
destroy: check-cloud $(if $(PACKAGE),,package) ## Delete an environment, ENV=dev
	$(BIN)/retailpulse cloud destroy $(ENV) --package $(or $(PACKAGE),$(PACKAGED)) $(CONFIRMED)

.PHONY: destroy-bootstrap
destroy-bootstrap: environment .venv/.installed ## Delete what `make bootstrap ENV=dev` made, after the environment
	$(BIN)/retailpulse cloud destroy-bootstrap $(ENV) $(CONFIRMED)

BENCHMARKS := handler ingest build incremental scattered many_types query live pull files

.PHONY: bench
bench: .venv/.installed-bench ## Measure everything against its baselines (most of an hour)
	@set -e; for name in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$name; done

.PHONY: $(BENCHMARKS:%=bench-%)
$(BENCHMARKS:%=bench-%): bench-%: .venv/.installed-dev
	$(BIN)/python -m benchmarks.$*
bench-build bench-pull: .venv/.installed-bench

.PHONY: bench-athena-cost
bench-athena-cost: .venv/.installed-dev ## Count what dbt sends to Athena (an hour or two; CASES=33k-rising)
	$(BIN)/python -m benchmarks.athena_cost $(CASES:%=--case %)

.PHONY: cost
cost: .venv/.installed ## The monthly bill of AWS (EVENTS_PER_DAY=…, EVERY_MINUTES=…, IDS=random)
	$(BIN)/python -m benchmarks.cloud_cost \
	  $(if $(EVENTS_PER_DAY),--events-per-day $(EVENTS_PER_DAY)) \
	  $(if $(EVERY_MINUTES),--every-minutes $(EVERY_MINUTES)) \
	  $(if $(IDS),--ids $(IDS))

.PHONY: lock
lock: .venv/.installed-dev ## Pin the requirements again, from the two pyproject.toml
	$(BIN)/uv pip compile $(LOCK) pyproject.toml local_athena/pyproject.toml --group dev -o requirements-dev.txt
	$(BIN)/uv pip compile $(LOCK) pyproject.toml -c requirements-dev.txt -o requirements.txt
	$(BIN)/uv pip compile $(LOCK) --group lambda -c requirements-dev.txt -o requirements-lambda.txt
	$(BIN)/uv pip compile $(LOCK) --group laptop -c requirements-dev.txt -o requirements-laptop.txt
	$(BIN)/uv pip compile $(LOCK) --group bench -c requirements-dev.txt -o requirements-bench.txt
	$(BIN)/uv pip compile $(LOCK) --group uv -c requirements-dev.txt -o requirements-uv.txt
	$(BIN)/uv pip compile $(LOCK) --group infra -o requirements-infra.txt
	@set -e; for version in 3.11 3.12 3.13; do for platform in $(PLATFORMS); do \
	  echo "Is there a wheel of everything for Python $$version on $$platform?"; \
	  $(LOCKED) requirements-dev.txt --dry-run --target build/none --only-binary :all: \
	    --python-version $$version --python-platform $$platform; \
	done; done
PLATFORMS := x86_64-manylinux_2_28 aarch64-manylinux_2_28 x86_64-apple-darwin aarch64-apple-darwin
LOCK := --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

# What arrived is in the lakehouse and may be nowhere else: whoever wants it gone deletes it by hand.
.PHONY: clean
clean: ## Remove everything built (not .venv, and no lakehouse)
	@if [ -e $(ATHENA_HOME)/state.json ]; then $(MAKE) athena-down; fi
	rm -rf target logs dist build .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@echo "The lakehouse stays. retailpulse rebuild makes its tables anew; rm -r $${RETAILPULSE_HOME:-lakehouse} deletes it, with all that arrived"
