# What a developer runs; CONTRIBUTING.md says when.

CARGO  ?= cargo
PYTHON ?= python3
# Minutes of fuzzing for each target.
MINUTES ?= 10
# Runs of `fuzz-cli`, and where their random numbers start.
RUNS ?= 25000
SEED ?= $(shell date +%s)
# Arrays of `bench-sizes`.
ARRAYS ?= 300
# Where virtual environments of the peers are made.
PEERS := target/peers
export PAGINUM_PEERS := $(abspath $(PEERS))

# The virtual environment in which the Python package is built and tested.
PYTHON_TESTS := target/python-tests

# What `dist` builds beside the default features: `FEATURES=cloud,ftp`.
FEATURES ?=
BUILDS := $(or $(CARGO_TARGET_DIR),target)
DIST = paginum-$(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)-$(shell rustc -vV | sed -n 's/^host: //p')

# The stores that the command has by feature only: their tests run with all others.
STORES := paginum/ftp,paginum/cloud
# A workspace of its own, over the same builds.
PCO_1_0 = CARGO_TARGET_DIR="$(abspath target)" $(CARGO) test --manifest-path tests/pco_1_0/Cargo.toml

RIVAL_FLAGS := -C target-feature=+bmi1,+bmi2,+lzcnt,+avx2 -C no-vectorize-slp
RIVAL_TARGET := target/rival

.PHONY: help demo dist test test-arm check-targets test-python test-scale bench-python wheel test-long check fuzz bench bench-rival bench-sizes bench-pv peers crash mutants fuzz-cli

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

demo: ## Compress the arrays that ship here, read them back, read a few rows
	@CARGO="$(CARGO)" sh examples/demo.sh

dist: ## The stripped command, its manual pages and completions: a folder under target, and an archive of it
	$(CARGO) build --locked --profile dist --bin paginum --features "$(FEATURES)"
	rm -rf "$(BUILDS)/$(DIST)"
	cd "$(BUILDS)" && mkdir -p "$(DIST)/bin" "$(DIST)/share/bash-completion/completions" "$(DIST)/share/zsh/site-functions" \
	  "$(DIST)/share/fish/vendor_completions.d"
	cp "$(BUILDS)/dist/paginum" "$(BUILDS)/$(DIST)/bin"
	cp README.md CHANGELOG.md SECURITY.md LICENSE-MIT LICENSE-APACHE "$(BUILDS)/$(DIST)"
	cd "$(BUILDS)/$(DIST)" && bin/paginum man share/man/man1 && \
	  bin/paginum completions bash > share/bash-completion/completions/paginum && \
	  bin/paginum completions zsh > share/zsh/site-functions/_paginum && \
	  bin/paginum completions fish > share/fish/vendor_completions.d/paginum.fish
	tar -C "$(BUILDS)" -czf "$(BUILDS)/$(DIST).tar.gz" "$(DIST)"
	@echo "$(BUILDS)/$(DIST).tar.gz"

test: ## Every test: about 20 minutes on two cores, 2 GB of builds, 2 GB of Python environments
	@echo "make test: about 20 minutes on two cores the first time; 2 GB for builds, and 2 GB for Python environments, in target/"
	@CARGO="$(CARGO)" PYTHON="$(PYTHON)" PAGINUM_PYTHON_TESTS="$(PYTHON_TESTS)" PAGINUM_FEATURES="$(STORES)" sh tests/run.sh
	$(PCO_1_0)
	$(MAKE) test-python

test-python: ## The tests of the Python package, in an environment of its own: about 5 minutes the first time
	@PYTHON="$(PYTHON)" sh python/tests/run.sh "$(PYTHON_TESTS)"

test-scale: ## A cluster of Dask, an object store and a gigabyte, on this machine, with workers that die: minutes
	PAGINUM_TEST_SCALE=1 "$(PYTHON_TESTS)/bin/python" -m pytest -q -p no:cacheprovider python/tests/test_scale.py

bench-python: ## The Python package beside the wheel of pcodec on PAGINUM_BENCH_DATA, by CPU time; builds and installs the wheel
	$(MAKE) wheel
	"$(PYTHON_TESTS)/bin/pip" install --quiet --force-reinstall --no-deps target/wheels/paginum-*.whl
	"$(PYTHON_TESTS)/bin/python" -I python/benches/pcodec_wheel.py "$(PAGINUM_BENCH_DATA)"

wheel: ## The wheel of the Python package, under target/wheels
	@PYTHON="$(PYTHON)" sh python/tests/environment.sh "$(PYTHON_TESTS)"
	"$(PYTHON_TESTS)/bin/maturin" build --release --locked --out target/wheels

test-long: ## The full products and random seeds: for releases, hours
	PAGINUM_TEST_LONG=1 $(CARGO) test --workspace --features "$(STORES)" -- --include-ignored
	$(PCO_1_0)

# In the profile of the tests: what builds C is built once.
check: ## The quick half of what CI asks: format, lints, documentation
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --profile test --workspace --all-targets --all-features -- -D warnings
	$(CARGO) clippy --workspace --no-default-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --profile test --workspace --no-deps --all-features

check-targets: ## Lints for processors that no test runs on: 64-bit ARM, WebAssembly; fetches their standard libraries
	@CARGO="$(CARGO)" sh tests/targets.sh

test-arm: ## The engine's tests for 64-bit ARM, emulated (packages qemu-user, gcc-aarch64-linux-gnu): half an hour
	@CARGO="$(CARGO)" sh tests/arm.sh

fuzz: ## Each fuzz target for MINUTES=10 (needs a nightly toolchain)
	sh fuzz/run.sh $$(( $(MINUTES) * 60 ))

fuzz-cli: ## Every verb over RUNS=25000 damaged files from SEED: no panic, no signal, 2 GiB, ten seconds each
	PAGINUM_FUZZ_CLI_RUNS=$(RUNS) PAGINUM_FUZZ_CLI_SEED=$(SEED) $(CARGO) test --test cli mutations:: -- --nocapture

bench: ## This project beside its peers, on your arrays (PAGINUM_BENCH_DATA) or generated ones
	$(CARGO) bench --bench peers

bench-rival: ## The same, with pco built with its fastest flags as a second rival
	RUSTFLAGS="$(RIVAL_FLAGS)" CARGO_TARGET_DIR="$(RIVAL_TARGET)" $(CARGO) bench --bench peers --no-run
	$(CARGO) bench --bench peers -- --rival "$$(ls -t $(RIVAL_TARGET)/release/deps/peers-* | grep -v '\.d$$' | head -n 1)"

bench-sizes: ## Sizes beside pco, level by level, on PAGINUM_BENCH_DATA and ARRAYS=300 arrays composed at random; the worst twenty
	$(CARGO) run --release -p paginum-wrapped --example sizes -- $(subst :, ,$(PAGINUM_BENCH_DATA)) --gauntlet $(ARRAYS)

bench-pv: ## .pv files beside pyvista-zstd 0.7.0, up to a gigabyte; makes the Python environment that it needs
	@PYTHON="$(PYTHON)" sh tests/peers/environments.sh "$(PEERS)" 0.7.0
	$(CARGO) bench --bench pv

peers: ## Every released version of the peers against our files, as a table
	@PYTHON="$(PYTHON)" sh tests/peers/environments.sh "$(PEERS)" 0.2.0 0.2.3 0.2.4 0.3.1 0.4.2 0.5.0 0.6.0 0.7.0
	$(CARGO) test --release --test pv_peers -- --nocapture --test-threads 1

crash: ## Kill points outside the process (needs strace)
	sh tests/crash/run.sh

mutants: ## Changes that tests must notice, in the code that keeps data safe (AREAS="storage edit" for some); hours
	$(CARGO) install cargo-mutants --locked --quiet --root target/mutants-tool
	CARGO="$(CARGO)" PATH="$(abspath target/mutants-tool/bin):$$PATH" sh tests/mutants/run.sh $(AREAS)
