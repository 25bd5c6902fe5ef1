# The two commands are `make run` and `make test`; each installs what it needs and is missing.
# SHORT=1 makes test quick, AGAIN=1 tries once more what failed. ADDR=127.0.0.1:9000 moves the demo.

SHELL    := /bin/bash
ADDR     ?= 127.0.0.1:8080
PLUGINS  := examples/catalog examples/counter examples/fractal examples/tablelens examples/weatherboard examples/attendee examples/seats
FUZZTIME ?= 30s
short    := $(if $(SHORT),-short)
again    := $(if $(AGAIN),$(CURDIR)/scripts/again.sh)
# The race detector leaves wazero's compiler and interpreter alone (RATIONALE.md).
race     := -race '-gcflags=github.com/tetratelabs/wazero/internal/engine/...=-race=false'

.PHONY: run test check build generate kernels bench fuzz soak clean

run: build ## build the example plugins and show them in a page
	bin/vitrine serve --demo --listen $(ADDR)

build: ## build the example plugins from source, then the binary that embeds them
	@scripts/need.sh go
	go run ./cmd/vitrine build $(PLUGINS)
	go build -trimpath -o bin/vitrine ./cmd/vitrine

test: build ## everything: Go with the race detector, TypeScript, a real browser
	@scripts/need.sh cc node chromium wabt binaryen
	go vet ./...
	$(again) go test $(race) -timeout 12m $(short) ./...
	$(again) go test $(race) -timeout 12m $(short) -tags wasmtime ./runtime ./runtime/engine ./runtime/memory
	$(again) go -C bench/peers test -timeout 12m -short -tags wasmtime ./...
	cd shell && npm ci --silent && $(again) npm test
	cd test/browser && npm ci --silent && VITRINE=$(CURDIR)/bin/vitrine $(again) npm test

check: generate ## formatting, tidy modules, and that nothing generated or built is stale
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	go mod tidy -diff
	cd shell && npm ci --silent && npm run check
	git diff --exit-code

generate: ## what is generated or built from sources and committed
	@scripts/need.sh go node wabt
	go generate ./...
	cd shell && npm ci --silent && npm run build

kernels: ## the C and Rust programs of benchmarks and canaries, committed as wasm
	@scripts/need.sh clang rust
	RUSTC=/usr/bin/rustc sh bench/metering/kernels/build.sh
	sh bench/reset/fresh/testdata/build.sh
	RUSTC=/usr/bin/rustc sh runtime/testdata/canary/build.sh

bench: build ## everything that is measured, beside the peers and in a browser: an hour; CASES=call,reset some of it, MINUTES=40 what fits
	@scripts/need.sh cc node chromium
	scripts/bench.sh

fuzz: ## every fuzz target for FUZZTIME
	scripts/fuzz.sh $(FUZZTIME)

soak: build ## what hunts for long: 10,000 replacements, 100,000 canaries of each guest, a million pairs of trees, 1,000 cuts
	VITRINE_SOAK=10000 go test -timeout 30m -run TestReplacements ./bench/reload
	VITRINE_SOAK=100000 go test $(race) -timeout 60m -run 'TestCanaries' ./runtime
	VITRINE_SOAK=84 go test -timeout 60m -run 'TestDiffRandom|TestWalk' ./bridge
	cd test/browser && npm ci --silent && VITRINE=$(CURDIR)/bin/vitrine VITRINE_CUTS=1000 VITRINE_PEOPLE=10 node --test cuts.test.js

clean:
	rm -rf bin build shell/node_modules test/browser/node_modules
	find examples -name '*.wasm' -delete
