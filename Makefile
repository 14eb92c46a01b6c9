# What a developer needs. `make` alone shows the list. The tools are pinned here and not in go.mod, which they would fill with modules of their own.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
DEADCODE := golang.org/x/tools/cmd/deadcode@v0.52.0
PACKAGES := ./... ./testdata ./testdata/generate

.DEFAULT_GOAL := help
.PHONY: help check fmt vet lint arrows deadcode test race crash torture torture-slice torture-mutations bench fuzz demo compose-config build

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: fmt vet arrows lint test ## everything that must be right before a commit

fmt: ## fail if a file is not formatted, and name it
	@files=$$(gofmt -l .) && if [ -n "$$files" ]; then echo "gofmt -w $$files"; exit 1; fi

vet: ## go vet
	go vet $(PACKAGES)

lint: ## golangci-lint, with the arrow rules
	GOFLAGS=-buildvcs=false go run $(GOLANGCI) run

arrows: ## who may import whom
	go test -count=1 -run Arrows ./cmd/taskport

deadcode: ## functions that nobody calls
	GOFLAGS=-buildvcs=false go run $(DEADCODE) -test $(PACKAGES)

test: ## all tests, with a real Postgres and Redis
	go test ./... ./testdata/generate

race: ## all tests under the race detector
	go test -race -short ./...

crash: ## the crash tests, 50 times
	go test -count=50 -run Crash ./worker

SEED ?= 1
SLICE := --for 150s --rounds 1 --files 8 --most-rows 8000 --pause 0 --patience 90s

torture: ## 1,000 faults over 200 imports at least, some 15 minutes; SEED=N
	go run ./cmd/torture --seed $(SEED)

torture-slice: ## the same for at most 5 minutes; SEED=N
	go run ./cmd/torture --seed $(SEED) $(SLICE)

torture-mutations: ## take guards out of the program, and make sure that the slice finds it
	go run ./cmd/torture --seed $(SEED) $(SLICE) --mutations

# From the second level of amd64 on, which every processor since 2009 has, counting bits takes one instruction without asking whether it is there:
# a lookup of a name is an eighth faster. Other architectures take no notice.
bench: export GOAMD64 := v2
bench: ## each benchmark
	go test -run '^$$' -bench . -benchmem ./...

fuzz: ## each fuzz target on a hundred thousand inputs
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime 100000x -fuzzminimizetime 1x $$package || exit 1; \
		done; \
	done

demo: ## the main job on sample data
	go run ./cmd/taskport demo --exit

compose-config: ## check docker-compose.yml, without an engine
	docker-compose -f docker-compose.yml config -q

build: export GOAMD64 := v2
build: ## a static binary in ./taskport
	CGO_ENABLED=0 go build -trimpath -o taskport ./cmd/taskport
