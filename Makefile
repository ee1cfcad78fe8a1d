# demo · test · check · golden · bench · dev. Everything else here is a file that these need.

venv := .venv/bin
install := $(venv)/python -m pip install -qq --disable-pip-version-check

.PHONY: demo test check golden bench dev

demo: .venv/ready
	@sh examples/demo

test: .venv/ready-dev
	@sh tests/services/install
	@$(venv)/python -m pytest

check: .venv/ready-dev
	@$(venv)/ruff format --check
	@$(venv)/ruff check --output-format concise
	@$(venv)/mypy --strict
	@$(venv)/lint-imports --no-logo
	@$(venv)/python -m tests.house.shape
	@$(venv)/python -m tests.house.purity

golden: .venv/ready-dev
	@$(venv)/python -m pytest tests/test_golden.py tests/model/test_golden_hashes.py --rewrite-golden

bench: .venv/ready-dev
	@$(venv)/python bench/run.py

dev: .venv/ready-dev

.venv/ready: pyproject.toml | .venv/bin/pip
	@echo "Installing envform into .venv"
	@$(install) --editable .
	@touch $@

.venv/ready-dev: pyproject.toml | .venv/bin/pip
	@echo "Installing envform and its development tools into .venv"
	@$(install) --editable '.[dev]'
	@touch .venv/ready $@

# The newest Python that is 3.11 or later and can make virtual environments; on Debian as root, one is installed if need be.
.venv/bin/pip:
	@sh tests/services/python
