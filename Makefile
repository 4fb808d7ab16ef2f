# `make run` and `make test` are all that a newcomer needs. Both say in one line what is missing.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run dev build web types test test-go test-web test-e2e pictures fuzz faults bench lint lint-go lint-web fix up down

GO ?= go
TOOL := $(GO) tool -modfile=tools.mod
FUZZTIME ?= 30s

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: ## a node with the demo show; needs Go and nothing else
	@command -v $(GO) >/dev/null || { echo "make run needs Go 1.26: https://go.dev/dl"; exit 1; }
	$(GO) build -o kinoautomat .
	./kinoautomat serve --demo first $(ARGS)

dev: web/node_modules ## the same with hot reload of the pages, on port 5173
	$(GO) build -o kinoautomat .
	@trap 'kill 0' EXIT; ./kinoautomat serve --demo first $(ARGS) & cd web && npm run dev

build: web ## the pages, then the binary with them inside
	$(GO) build -o kinoautomat .

web: web/node_modules ## the pages, into web/dist
	cd web && npm run build

types: ## web/src/proto/gen.ts, from the Go types of the wire
	$(GO) test ./web -run TestTypes -update

web/node_modules: web/package.json web/package-lock.json
	@command -v npm >/dev/null || { echo "this needs Node 20 or newer with npm: https://nodejs.org"; exit 1; }
	cd web && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

test: test-go test-web test-e2e ## everything; installs or names what is missing

test-go: ## Go tests with the race detector, two minutes of broken nodes, and a short fuzz of each target
	./cluster/redistest/install.sh
	KINO_TEST_REDIS=1 $(GO) test -race -timeout 5m ./...
	KINO_TEST_REDIS=1 KINO_FAULTS=short $(GO) test -timeout 5m -run TestFaults ./faults
	$(MAKE) --no-print-directory fuzz FUZZTIME=3s

faults: ## breaks nodes and Redis under load, each fault often, for a quarter of an hour; the summary is JSON, faults.json
	./cluster/redistest/install.sh
	KINO_TEST_REDIS=1 KINO_FAULTS=long KINO_FAULTS_REPORT=$(CURDIR)/faults.json $(GO) test -timeout 15m -v -run TestFaults ./faults

test-web: web/node_modules ## types and unit tests of the pages, and whether web/dist is what its sources give
	cd web && npm run check && npm test
	./web/dist-is-current.sh

test-e2e: web/node_modules ## whole shows in real browsers on a real node
	./e2e/run.sh

pictures: web/node_modules ## docs/pictures anew, from the pages as they are
	./e2e/run.sh e2e/pages.test.mjs
	@mkdir -p docs/pictures && for p in room-desktop room-phone screen-desktop overlay-desktop; do for l in en zh; do \
		cp e2e/artifacts/$$p-$$l-poll.png docs/pictures/$$p-$$l.png; done; done

fuzz: ## each fuzz target for FUZZTIME
	@set -e; for target in FuzzStory:./story FuzzLoad:./recommend FuzzDecodeCounts:./recommend FuzzStream:./narrator/gate FuzzCheck:./narrator/gate FuzzLine:./narrator/gate FuzzMark:./narrator/gate \
		FuzzCheck:./narrator/memory FuzzParse:./narrator/plan FuzzFrame:./room FuzzCommand:./room FuzzState:./room; do \
		$(GO) test -run '^$$' -fuzz "^$${target%%:*}$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x "$${target##*:}"; done

bench: ## Go benchmarks, then the load benchmarks against a node of their own
	$(GO) test -run '^$$' -bench . -benchmem ./...
	$(GO) build -o kinoautomat .
	./kinoautomat bench fanout
	./kinoautomat bench vote
	./kinoautomat bench narrator

lint: lint-go lint-web ## formatting, vet, modernizers, staticcheck, eslint, prettier

lint-go:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt-ed (make fix):"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) fix -diff ./...
	$(GO) mod tidy -diff
	$(TOOL) staticcheck ./...

lint-web: web/node_modules
	cd web && npm run lint

fix: web/node_modules ## mends what lint can mend
	gofmt -w $$(git ls-files '*.go')
	$(GO) fix ./...
	$(GO) mod tidy
	cd web && npm run fix

up: ## two nodes, their Redis and a proxy in containers, with the rooms in a volume
	docker compose up --build --detach --wait

down: ## stops it; the volume stays
	docker compose down
