# Two commands do everything, each with its own set-up:
#   make run    build, start on http://127.0.0.1:8080, seed and play the demo on the first start
#   make test   everything: unit tests, integration with real peers, plugins

SHELL := bash
SWIFT_FLAGS := -c release
BIN = $(shell swift build $(SWIFT_FLAGS) --show-bin-path)

.PHONY: help run build test fuzz lint docs bench soak failover doctor clean

help: ## show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: build ## build, start the development host, seed it and play the demo
	@"$(BIN)/panelhost" demo --data ./data $(ARGS)

build: ## build everything (installs missing system packages)
	@scripts/setup system
	@scripts/progress "building panelhost (a first build takes some minutes)" swift build $(SWIFT_FLAGS) --product panelhost
	@scripts/progress "building SandboxCell" swift build $(SWIFT_FLAGS) --product SandboxCell

test: ## run every test, with the real peers they need
	@scripts/setup system python postgres
	@scripts/check-rooms
	@scripts/check-requirements
	swift build $(SWIFT_FLAGS) --build-tests
	@if command -v node >/dev/null; then node --test examples/panel-client/; else echo "skipped: examples/panel-client, node was not found"; fi
	PANELHOST_TEST_PYTHON="$(CURDIR)/.venv/bin/python" swift test $(SWIFT_FLAGS) --skip-build --no-parallel
	scripts/cell-tests
	scripts/fuzz

fuzz: ## give every parser and every function of the sandbox a minute of generated input (ARGS: see scripts/fuzz --help)
	@scripts/setup system
	scripts/fuzz $(ARGS)

lint: ## check formatting and the borders between rooms
	scripts/check-rooms
	swift format lint --recursive --parallel --strict Package.swift Sources Tests Benchmarks Fuzz

docs: ## write the generated reference pages again
	PANELHOST_WRITE_DOCS=1 swift test $(SWIFT_FLAGS) --filter Reference

bench: ## measure the sandbox, storage, authorization, tokens and the edge against what others wrote, in one run
	@scripts/setup system python bench postgres
	swift build $(SWIFT_FLAGS)
	"$(BIN)/SandboxBenchmark"
	"$(BIN)/AuditBenchmark"
	"$(BIN)/CryptoBenchmark"
	.venv/bin/python Benchmarks/AuthorizationBenchmark/casbin.py "$(BIN)/AuthorizationBenchmark"
	"$(BIN)/StorageBenchmark"
	"$(BIN)/EdgeBenchmark"
	swift build $(SWIFT_FLAGS) --package-path Benchmarks/JWTKitBaseline
	Benchmarks/TokenBenchmark/compare "$(BIN)/TokenBenchmark" "$$(swift build $(SWIFT_FLAGS) --package-path Benchmarks/JWTKitBaseline --show-bin-path)/JWTKitBaseline"
	"$(BIN)/panelhost" gym --selftest | tail -n 1

soak: build ## 100,000 calls while 1,000 cells are killed at random; some minutes
	@"$(BIN)/panelhost" gym --soak $(ARGS)

failover: build ## kill the leader of a PostgreSQL cluster under two hosts and count what is lost; a minute or two
	@scripts/setup failover
	scripts/failover-test --panelhost "$(BIN)/panelhost" $(ARGS)

doctor: build ## show which of the sandbox's layers are in force here
	@"$(BIN)/panelhost" doctor

clean: ## remove what was built (never the data directory)
	swift package clean
