# Weir: everything a fresh machine needs is installed by `make setup`, which the other targets call.
# Only a Swift toolchain (6.2 or newer, 6.3 recommended) has to be there; `make setup` says how to get one.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PREFIX  ?= /usr/local
SWIFT   ?= swift
BUILD   := .build
MODEL   := $(BUILD)/models/all-MiniLM-L6-v2.weir
ARGS    ?=

ifeq ($(WEIR_DEBUG),1)
CONFIGURATION := debug
SWIFT_FLAGS   := -c debug
else
CONFIGURATION := release
# Dependencies too do without checks of exclusivity at run time, as Package.swift has it for Weir's own modules.
SWIFT_FLAGS   := -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked
endif
BINARY := $(BUILD)/$(CONFIGURATION)/weir

.PHONY: help setup setup-test build run test test-swift test-e2e soak bench bench-setup lint check check-paths docs \
        install uninstall clean distclean

help: ## Show the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: ## Install what is missing to build and run Weir
	@SWIFT="$(SWIFT)" Scripts/setup.sh build model

setup-test: ## ... and what the tests need besides (promtool, a Python environment in .venv)
	@SWIFT="$(SWIFT)" Scripts/setup.sh build model test

build: setup ## Build the weir binary (release; WEIR_DEBUG=1 for debug)
	@SWIFT="$(SWIFT)" Scripts/build.sh product $(SWIFT_FLAGS)
	@echo "built $(BINARY)"

run: build ## Build and start Weir (ARGS="..." are passed to `weir serve`)
	@exec $(BINARY) serve $(ARGS)

test: setup-test ## Run every test: unit, golden and end-to-end
	@SWIFT="$(SWIFT)" Scripts/test.sh all

test-swift: setup ## Run the Swift tests only (ARGS="--filter Name")
	@SWIFT="$(SWIFT)" Scripts/test.sh swift $(ARGS)

test-e2e: setup-test ## Run the end-to-end tests only (ARGS="-k words")
	@SWIFT="$(SWIFT)" Scripts/test.sh e2e $(ARGS)

soak: setup-test build ## Half an hour of load with random faults (MINUTES=...)
	@cd Tests/EndToEnd && WEIR_BIN="$(abspath $(BINARY))" "$(CURDIR)/.venv/bin/python" -m support.soak $(or $(MINUTES),30)

bench-setup: setup ## Install what the benchmark needs (nginx, wrk, Valgrind, a C compiler)
	@SWIFT="$(SWIFT)" Scripts/setup.sh bench

bench: bench-setup build ## Measure against direct and nginx, one table (QUICK=1: one minute)
	@$(MAKE) --no-print-directory -C Benchmarks WEIR="$(abspath $(BINARY))" QUICK="$(QUICK)"

lint: ## Show what swift format would say (does not fail)
	@$(SWIFT) format lint --recursive --configuration .swift-format Package.swift Sources Tests || true
	@python3 Scripts/check-sources.py

check: ## Check the house rules of the sources (fails)
	@python3 Scripts/check-sources.py --strict

check-paths: setup ## Compare the encoder's code for x86-64 and ARM, one of them emulated
	@Scripts/setup.sh paths
	@SWIFT="$(SWIFT)" Scripts/check-paths.sh $(MODEL)

docs: setup ## Write docs/config.md and the tables of docs/response-cache.md from the declarations
	@SWIFT="$(SWIFT)" Scripts/build.sh product -c debug
	@$(BUILD)/debug/weir check --reference > docs/config.md.new && mv docs/config.md.new docs/config.md
	@$(BUILD)/debug/weir check --cache-fields | python3 Scripts/write-between.py docs/response-cache.md fields

install: build ## Install to $(PREFIX)/bin, and the sentence encoder to $(PREFIX)/share/weir
	@install -d "$(DESTDIR)$(PREFIX)/bin"
	@install -m 0755 $(BINARY) "$(DESTDIR)$(PREFIX)/bin/weir"
	@strip "$(DESTDIR)$(PREFIX)/bin/weir" 2>/dev/null || true
	@echo "installed $(DESTDIR)$(PREFIX)/bin/weir"
	@if [ -f $(MODEL) ]; then \
		install -d "$(DESTDIR)$(PREFIX)/share/weir"; \
		install -m 0644 $(MODEL) "$(DESTDIR)$(PREFIX)/share/weir/"; \
		echo "installed $(DESTDIR)$(PREFIX)/share/weir/$(notdir $(MODEL))"; \
	fi

uninstall:
	@rm -f "$(DESTDIR)$(PREFIX)/bin/weir" "$(DESTDIR)$(PREFIX)/share/weir/$(notdir $(MODEL))"
	@rmdir "$(DESTDIR)$(PREFIX)/share/weir" 2>/dev/null || true

clean: ## Remove what was built of Weir itself (dependencies stay)
	@rm -rf $(BUILD)/*/debug/*[wW]eir* $(BUILD)/*/release/*[wW]eir* $(BUILD)/bench Benchmarks/results

distclean: ## Remove everything that was built or installed in this folder
	@rm -rf $(BUILD) .venv Benchmarks/results
