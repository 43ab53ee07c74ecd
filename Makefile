# What each target does is in its line with "##"; make alone prints these lines.

BIN       := bin/cxloop
DEVSERVER := bin/cxloop-devserver
TOOL      := go tool -modfile=tools/go.mod

# The race detector: make test RACE=1.
ifeq ($(CI),true)
RACE := 1
endif
RACE_FLAG := $(if $(RACE),-race)

# Without a version stamp, which Go cannot read in a checkout that belongs to another user.
BUILD_FLAGS := -buildvcs=false

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help build build-devserver run test lint bench chaos fuzz clean go race-compiler $(BIN)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r target does; do printf 'make %-16s %s\n' "$$target" "$$does"; done

build: $(BIN) ## compile cxloop into bin/cxloop

build-devserver: $(DEVSERVER) ## compile the Temporal server that make run and the tests start

run: $(BIN) $(DEVSERVER) ## start everything on this machine, without any account (ARGS="--help" lists options)
	@exec $(BIN) dev $(ARGS)

test: $(DEVSERVER) $(if $(RACE),race-compiler) ## run the tests (RACE=1: with the race detector)
	@tools/skipped
	@tools/compile "the packages to test" "" $(RACE_FLAG) ./...
	@echo "running the tests"
	@go test -timeout 20m $(RACE_FLAG) ./...
ifeq ($(CI),true)
	@cd devserver && go test -tags disable_grpc_modules ./...
endif

lint: go ## check format, vet, staticcheck, determinism of workflows, known vulnerabilities
	@echo gofmt; unformatted=$$(gofmt -l .) && if [ -n "$$unformatted" ]; then echo "run gofmt -w on:" $$unformatted; exit 1; fi
	@echo go vet; go vet ./...
	@echo staticcheck; $(TOOL) staticcheck ./...
	@echo workflowcheck; $(TOOL) workflowcheck ./...
	@tools/vulnerabilities $(TOOL)

bench: $(BIN) $(DEVSERVER) ## measure the speed and the cost of the loop (ARGS="--json": one object a line)
	@exec $(BIN) bench $(ARGS)

chaos: $(BIN) $(DEVSERVER) ## kill everything at random while the loop runs, and count what was lost (SEED= LOOPS= KILLS=)
	@exec $(BIN) chaos --seed $(or $(SEED),1) --loops $(or $(LOOPS),1000) --kills $(or $(KILLS),100)

fuzz: go ## feed what is unexpected to every parser of outside input (TIME=30s for each; ARGS="folders")
	@tools/fuzz $(or $(TIME),30s) $(ARGS)

clean: ## delete what was compiled, not the data
	rm -rf bin

# go itself knows what of it is up to date.
$(BIN): go
	@tools/compile cxloop $@ $(BUILD_FLAGS) -trimpath ./worker

$(DEVSERVER): $(wildcard devserver/*.go) devserver/go.mod devserver/go.sum | go
	@cd devserver && ../tools/compile "the Temporal server (the first time: several minutes)" ../$@ $(BUILD_FLAGS) -tags disable_grpc_modules -ldflags='-s -w' .
	@touch $@

go:
	@tools/go-version

race-compiler:
	@command -v "$$(go env CC)" >/dev/null || { echo "the race detector needs a C compiler: sudo apt-get install -y gcc libc6-dev" >&2; exit 1; }
