# Everything that is needed beside Go is fetched by Go itself, or by npx for the linters of the contract.
GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
APIDIFF       := go run golang.org/x/exp/cmd/apidiff@v0.0.0-20261014143641-f0251eb4aa3e
OASDIFF       := go run github.com/oasdiff/oasdiff@v1.33.0
REDOCLY       := npx --yes @redocly/cli@2.77.0
TSC           := npx --yes --package typescript@5.9.3 -- tsc
SPECTRAL      := npx --yes @stoplight/spectral-cli@6.16.3

# What go test leaves out without a word, for want of something on this machine.
SKIPPED = { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 || \
	echo "SKIPPED: all tests of the PostgreSQL store and of several servers on it; they need PostgreSQL" >&2; \
	{ [ "$$(uname)" = Linux ] && [ "$$(id -u)" = 0 ] && [ -e /dev/loop-control ]; } || \
	echo "SKIPPED: the power cut and the full disk; they need root and loop devices on Linux" >&2; \
	for program in curl node python3; do command -v $$program >/dev/null || \
	echo "SKIPPED: a quick start without Go; it needs $$program" >&2; done; \
	{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null || \
	echo "SKIPPED: all tests of the console and the docs page in a browser; they need Chromium" >&2

.DEFAULT_GOAL := help
.PHONY: help run test race fuzz bench bench-peers generate verify lint lint-go lint-contract lint-quickstart breaking apicheck build dist clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start the stub on http://127.0.0.1:8080 (ARGS="--store memory" and so on)
	go run ./server/cmd/cartwright $(ARGS)

test: ## run all tests
	go test ./...
	@$(SKIPPED)

race: ## run all tests with the race detector (needs a C compiler)
	go test -race ./...

FUZZTIME := 1m
fuzz: ## run each fuzz target for a while (FUZZTIME=1m)
	@for package in ./server ./server/catalog ./server/internal/recordgen ./server/jsonbytes; do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$package || exit 1; \
		done; \
	done

bench: ## measure what a request costs, as ratios to bare Echo; about 8 minutes (ARGS="-stores memory -ops create")
	go run ./server/bench $(ARGS)

bench-peers: ## the same with Prism beside the stub (needs Node)
	go run ./server/bench -peers $(ARGS)

generate: ## make gen/ from api/openapi.yaml
	go generate ./...

verify: generate ## fail if gen/ or go.mod is not what the sources make of it
	go mod tidy -diff
	git diff --exit-code -- gen
	@test -z "$$(git status --porcelain -- gen)" || { git status --short -- gen; echo 'gen/ has files that git does not know'; exit 1; }

lint: lint-go lint-contract lint-quickstart ## run all linters

lint-go: ## run go vet and golangci-lint
	go vet ./...
	$(GOLANGCI_LINT) run

lint-contract: ## run Redocly and Spectral on the contracts; no warning is let pass (needs npx)
	$(REDOCLY) lint --config .redocly.yaml api/openapi.yaml api/control.yaml
	$(SPECTRAL) lint --fail-severity hint api/openapi.yaml api/control.yaml

lint-quickstart: ## check the types of the quick start in TypeScript (needs npx)
	$(TSC) --noEmit --strict --erasableSyntaxOnly --target es2022 --module nodenext --lib es2022,dom,dom.iterable server/deploy/quickstart/buy.mts

breaking: ## report changes of the contract that break clients of the last release (BASE=v0.1.0)
	@base="$(BASE)"; base="$${base:-$$(git describe --tags --abbrev=0 2>/dev/null)}"; \
	test -n "$$base" || { echo 'There is no release to compare with.'; exit 0; }; \
	before="$$(mktemp)"; git show "$$base:api/openapi.yaml" >"$$before" && \
	$(OASDIFF) breaking "$$before" api/openapi.yaml --fail-on ERR; status=$$?; rm "$$before"; exit $$status

# The packages that programs and tests import, with those whose types they hand out.
PACKAGES := client client/auth gen/model server server/commerce server/faults server/journal server/servertest server/store

apicheck: ## report changes of the Go packages that break programs written for the last release (BASE=v0.1.0)
	@base="$(BASE)"; base="$${base:-$$(git describe --tags --abbrev=0 2>/dev/null)}"; \
	test -n "$$base" || { echo 'There is no release to compare with.'; exit 0; }; \
	old="$$(mktemp -d)"; trap 'rm -rf "$$old"' EXIT; mkdir "$$old/src"; status=0; \
	git archive -o "$$old/src.tar" "$$base" && tar -xf "$$old/src.tar" -C "$$old/src" || exit 1; \
	for package in $(PACKAGES); do \
		path="$$(go list -m)/$$package"; \
		test -d "$$old/src/$$package" || continue; \
		(cd "$$old/src" && $(APIDIFF) -w "$$old/api" "$$path") || exit 1; \
		broken="$$($(APIDIFF) -incompatible "$$old/api" "$$path")" || exit 1; \
		test -z "$$broken" || { echo "$$package, since $$base:"; echo "$$broken"; status=1; }; \
	done; exit $$status

build: ## build the binary ./dist/cartwright
	CGO_ENABLED=0 go build -trimpath -o dist/cartwright ./server/cmd/cartwright

dist: ## build archives of the binary for Linux, macOS and Windows into ./dist, with SHA256SUMS
	go run ./server/deploy/dist

clean: ## remove what was built, and the stub's database
	rm -rf dist cartwright.db cartwright.db-shm cartwright.db-wal
