# make run    sets everything up and opens the app on the bundled sample
# make test   sets everything up and passes the tests
# make validate recomputes the tables of METHODS.md on speed from real tiles, where they are beside the project
# make load   measures the app with many visitors at once
# make pictures takes the README's pictures anew
# make lint bench sample lock clean

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8501
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test lint bench pictures load validate sample lock clean

run: $(READY)
	$(BIN)/python -m geo serve --port $(PORT)

test: $(READY)
	$(BIN)/python -m geo build data/binh_phuoc --if-changed --quiet
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m geo build data/binh_phuoc --if-changed --quiet
	$(BIN)/python -m tests.bench

load: $(READY)
	$(BIN)/python -m geo build data/binh_phuoc --if-changed --quiet
	$(BIN)/python -m tests.load

pictures: $(READY)
	$(BIN)/python -m geo build data/binh_phuoc --if-changed --quiet
	$(BIN)/python -m tests.pictures

validate: $(READY)
	$(BIN)/python -m tests.validate

sample: $(READY)
	$(BIN)/python -m data.make_sample

# every version with its hashes, for Python 3.11 and newer, with no index address
lock:
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -q -o requirements.lock

clean:
	rm -rf $(VENV) static data/*/built .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m layers.assets
	touch $(READY)
