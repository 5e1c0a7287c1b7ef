# SPDX-License-Identifier: Apache-2.0
# The front door. Each target installs what it needs first; that takes a moment when nothing is missing.
PRESET ?= release
JOBS   ?= $(shell nproc)
ARGS   ?=
export KAREZ_JOBS = $(JOBS)

.DEFAULT_GOAL := help
.PHONY: help setup build deb run demo test test-long faults check format bench build-times clean

help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  PRESET=dev|asan|tsan|release (now $(PRESET)), JOBS=$(JOBS), ARGS='…' for run and demo, KAREZ_VERBOSE=1 shows all output"

setup: ## installs system packages for all targets (apt; root or sudo)
	@tools/setup test

build: ## builds the program and the console into build/$(PRESET)/bin and console/dist
	@tools/setup build
	@tools/step 1/3 "console: packages and build" tools/console build
	@tools/step 2/3 "configure $(PRESET)" cmake --preset $(PRESET)
	@tools/step 3/3 "build $(PRESET)" ninja -j $(JOBS) -C build/$(PRESET) karez_programs

run: build ## builds, then runs the platform: karez serve $(ARGS)
	@exec build/$(PRESET)/bin/karez serve $(ARGS)

demo: ## builds, then runs the platform with a simulated plant; Ctrl-C ends both
	@tools/setup demo
	@$(MAKE) --no-print-directory build
	@exec build/$(PRESET)/bin/karez demo $(ARGS)

deb: ## builds the Debian package build/karez_VERSION_ARCH.deb (Debian 13)
	@tools/setup deb
	@$(MAKE) --no-print-directory build PRESET=release
	@tools/deb

test: ## runs every check and test: unit, fuzz replay, integration, browser
	@tools/setup test
	@tools/test

test-long: ## runs ThreadSanitizer, long fuzzing and the long integration tests
	@tools/setup test
	@tools/test_long

faults: ## runs the fault matrix of the drivers against independent peers: bench/results/faults.json
	@tools/setup faults
	@tools/faults $(ARGS)

check: ## checks layers, files, format, lint and types
	@tools/setup test
	@tools/check

format: ## formats C++ in place and adds missing licence lines
	@tools/format

bench: ## builds and runs the benchmarks; the whole path beside VictoriaMetrics
	@tools/setup bench
	@tools/step 1/2 "configure bench" cmake --preset bench
	@tools/step 2/2 "build bench" ninja -j $(JOBS) -C build/bench karez_benches karez_programs
	@for b in $$(find build/bench -type f -name '*_bench' -perm -u+x | sort); do echo "== $${b##*/}"; $$b || exit 1; done
	@echo "== whole path: line protocol"; bench/line_protocol.py --karez build/bench/bin/karez

build-times: ## lists the slowest units of the dev build
	@python3 tools/build_times.py build/dev

clean: ## removes everything that was built
	@rm -rf build console/dist console/node_modules
