# What a developer needs. `make` alone shows the list. The tools are pinned here and not in go.mod,
# which they would fill with their own modules.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
DEADCODE := golang.org/x/tools/cmd/deadcode@v0.52.0
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
DIST := dist
# RACED are the packages that start goroutines. DATA_TESTS are their tests that compare many rows or
# measure memory: the race detector detects nothing more in them. SERVED are those that answer
# requests. One request after another meets no other, so of their tests those of AT_ONCE are run:
# requests that come together, streams, uploads, single tasks, and what follows other processes.
DATA_TESTS := RowByRow|LittleMemory
RACED := ./worker/... ./store ./internal/batch ./internal/embedded/... ./internal/web
SERVED := ./intake ./console
AT_ONCE := AtOnce|SameTime|Asynchron|Stream|Upload|RateLimit|Pressure|Overload|Beside|Revoked|Session|IdempotencyKey|$\
	Process|Standstill|Stalled|Away|Refusal|Submission|Backlog|CreateTask|Follow|Waiting|Retry|Retries|Undo|Panics|$\
	NotWhole|Queues|Decision|IsKnownAgain|Busy|Second|Share|Held|Metrics|LaterAndAgain|Appear

.DEFAULT_GOAL := help
.PHONY: help check fmt vet lint arrows words deadcode vuln test race sample crash torture torture-slice
.PHONY: torture-failover torture-mutations pooler bench fuzz screenshots demo compose-config build release

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: fmt vet arrows lint test ## everything that must be right before a commit

fmt: ## fail if a file is not formatted, and name it
	@files=$$(gofmt -l .) && if [ -n "$$files" ]; then echo "gofmt -w $$files"; exit 1; fi

vet: ## go vet
	go vet ./...

lint: ## golangci-lint, with the arrow rules
	GOFLAGS=-buildvcs=false go run $(GOLANGCI) run

arrows: ## which package may import which
	go test -count=1 -run Arrows ./cmd/taskport

words: ## long lines and sentences, phrases that we do not use, links of the documents
	go run ./internal/words

deadcode: ## functions that are never called
	GOFLAGS=-buildvcs=false go run $(DEADCODE) -test ./...

vuln: ## known vulnerabilities of the dependencies; skipped where their list cannot be reached
	@out=$$(GOFLAGS=-buildvcs=false go run $(GOVULNCHECK) ./... 2>&1); code=$$?; echo "$$out"; \
	if [ $$code -ne 0 ] && echo "$$out" | grep -q 'fetching vulnerabilities'; then \
		echo "skipped: the list of vulnerabilities cannot be reached"; exit 0; \
	fi; exit $$code

test: ## all tests, with a real Postgres and Redis
	go test ./...

race: ## the tests of the packages that start goroutines, under the race detector
	go test -race -short -skip '$(DATA_TESTS)' $(RACED)
	go test -race -short -run '$(AT_ONCE)' $(SERVED)

sample: ## write the sample in testdata again
	go run ./internal/sample

# POOLED are tests that go through a PgBouncer in .ci/run: a slice of the packages that ask the
# database.
POOLED := ./store ./worker ./intake
POOLED_TESTS := Pooler|Version|Single|Idempotency|Correction|Undo|OfADecision|Purge|Mirror|DeliveriesInTurn

pooler: ## a slice of the tests through PgBouncer, in session and in transaction mode
	@for mode in session transaction; do \
		TASKPORT_TEST_POOLER=$$mode go test -count=1 -short -run '$(POOLED_TESTS)' $(POOLED) || exit 1; \
	done

crash: ## the crash tests, 50 times
	go test -count=50 -run Crash ./worker

SEED ?= 1
SLICE := --for 150s --rounds 1 --files 8 --most-rows 8000 --pause 0 --patience 90s

torture: ## at least 1,000 faults over 200 imports, about 15 minutes; SEED=N
	go run ./cmd/torture --seed $(SEED)

torture-slice: ## the same for at most 5 minutes; SEED=N
	go run ./cmd/torture --seed $(SEED) $(SLICE)

torture-failover: ## the database replaced under load: by standbys, and by a backup; about 4 minutes; SEED=N
	go run ./cmd/torture --seed $(SEED) --failover sync
	go run ./cmd/torture --seed $(SEED) --failover async
	go run ./cmd/torture --seed $(SEED) --failover restore

torture-mutations: ## remove guards from the program, and check that the slice detects each absence
	go run ./cmd/torture --seed $(SEED) $(SLICE) --mutations

# From the second level of amd64 on, which every processor since 2009 has, counting bits takes one
# instruction: a lookup of a name is an eighth faster. Other architectures ignore the setting.
bench: export GOAMD64 := v2
bench: ## each benchmark
	go test -run '^$$' -bench . -benchmem ./...

fuzz: ## each fuzz target on 30,000 inputs
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime 30000x -fuzzminimizetime 1x $$package || exit 1; \
		done; \
	done

screenshots: ## the screenshots of the console in the documents
	TASKPORT_SCREENSHOTS=$(CURDIR)/docs/screenshots go test -count=1 -run Screenshots ./console

demo: ## an import of sample data, from start to report
	go run ./cmd/taskport demo --exit

compose-config: ## check docker-compose.yml, without an engine
	docker-compose -f docker-compose.yml config -q

build: export GOAMD64 := v2
build: ## a static binary in ./taskport
	CGO_ENABLED=0 go build -trimpath -o taskport ./cmd/taskport

# A release runs on every processor of its architecture; `make build` sets GOAMD64=v2.
release: ## static binaries for all platforms in ./dist, with their checksums
	@rm -rf $(DIST) && mkdir -p $(DIST)
	@set -e; for platform in $(PLATFORMS); do \
		os=$${platform%/*}; arch=$${platform#*/}; file=$(DIST)/taskport-$$os-$$arch; \
		[ $$os = windows ] && file=$$file.exe; \
		echo "$$file"; CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags='-s -w' -o $$file ./cmd/taskport; \
	done; cd $(DIST) && sha256sum taskport-* >SHA256SUMS
