# What a person or a machine may ask of this repository. `make` alone tells what there is.

.DEFAULT_GOAL := help
.PHONY: help demo setup build release install uninstall deb test test-browser test-image test-cluster chaos fuzz bench lint fmt generate

SEED ?= 20
MINUTES ?= 60
CASES ?= 100000
ONLY ?=
PREFIX ?= /usr/local
EACH ?= 10
PAST ?= 1000000

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup release ## install what is missing, build, and show a whole shop at work
	@tools/demo

setup: ## install the Debian packages that are missing (says which and why)
	@tools/setup

build: setup ## debug build
	@tools/progress "debug build" .build/logs/build.log -- swift build

release: setup ## optimised build of shopctl with the Swift runtime inside
	@tools/progress "release build" .build/logs/release.log -- \
		swift build -c release --static-swift-stdlib --product shopctl
	@echo "built $$(swift build -c release --static-swift-stdlib --show-bin-path | sed "s|^$(CURDIR)/||")/shopctl"

install: release ## the program, its manual pages and completions: make install PREFIX=/usr/local
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" tools/install

uninstall: ## removes what `make install` has installed
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" tools/install --remove

deb: release ## a Debian package, with systemd units for every role
	@tools/deb

test: setup ## build and run every test, against real servers of their own
	@tools/test

test-browser: setup ## the shop in a headless Chromium: its documentation page, a WebSocket, the console
	@tools/test-browser

test-image: release ## the Dockerfile's image, built and run without a container engine; needs root
	@tools/test-image

test-cluster: setup ## the shop past one machine: broker nodes, a standby, a replica, and each of them lost once
	@SHOPCTL_TEST_CLUSTER=1 SHOPCTL_TEST_LIMIT=15m tools/test --filter ClusterTests

chaos: setup ## two of every role under failures of everything: make chaos SEED=n MINUTES=m
	@SHOPCTL_CHAOS_SEED=$(SEED) SHOPCTL_CHAOS_MINUTES=$(MINUTES) \
		SHOPCTL_TEST_LIMIT=$$(($(MINUTES) + 30))m tools/test --filter ChaosTests

fuzz: setup ## random input as from clients, the broker and other services: make fuzz SEED=n CASES=m
	@SHOPCTL_FUZZ_SEED=$(SEED) SHOPCTL_FUZZ_CASES=$(CASES) SHOPCTL_TEST_LIMIT=24h tools/test --filter 'Fuzz|HostileBroker'

bench: setup release ## how fast the shop is, each figure beside an anchor: make bench ONLY="orders idle" EACH=seconds
	@tools/setup --bench
	@Benchmarks/run --seconds $(EACH) --past $(PAST) $(ONLY)

lint: ## format, layers, project rules, generated code up to date (changes nothing)
	@tools/setup --generate
	@tools/lint

fmt: ## format the sources in place
	@tools/swift-sources | xargs -0 swift format format --in-place --parallel

generate: ## write again what is generated: protocol stubs, embedded migrations, schemas and documents, man pages, completions
	@tools/setup --generate
	@tools/generate
