# demo · test · check · golden · tables · bench · dev. Everything else here is a file that these need.

venv := .venv/bin
install := $(venv)/python -m pip install -qq --disable-pip-version-check
# pip writes the whole path of this folder, which Python refuses to read in the C locale when it is not ASCII.
anywhere := echo ../../../.. >"$$(ls .venv/lib/python3*/site-packages/_*envform.pth)"

.PHONY: demo test check golden tables bench dev

demo: .venv/ready
	@sh examples/demo
	@sh examples/demo-packages

# In several processes; `.venv/bin/python -m pytest` alone takes one, and three times as long.
test: .venv/ready-dev
	@sh tests/services/install
	@$(venv)/python -m pytest -n 3 --dist worksteal

check: .venv/ready-dev
	@$(venv)/python -m tests.house.side_by_side \
	    "mypy --strict" \
	    "ruff format --check" \
	    "ruff check --output-format concise" \
	    "lint-imports --no-logo" \
	    "python -m tests.house.shape" \
	    "python -m tests.house.purity"

golden: .venv/ready-dev
	@$(venv)/python -m pytest tests/test_golden.py tests/model/test_golden_hashes.py --rewrite-golden

# After a new python-hcl2: the tables of its grammar, which would else be made in each user's first run.
tables: .venv/ready-dev
	@$(venv)/python -c "from pathlib import Path; from reconciler.language.hcl import made_tables; \
	    Path('reconciler/language/tables.json').write_bytes(made_tables())"

bench: .venv/ready-dev
	@$(venv)/python bench/run.py

dev: .venv/ready-dev

.venv/ready: pyproject.toml | .venv/bin/pip
	@echo "Installing envform into .venv"
	@$(install) --editable .
	@$(anywhere)
	@touch $@

.venv/ready-dev: pyproject.toml | .venv/bin/pip
	@echo "Installing envform and its development tools into .venv"
	@$(install) --editable '.[conda,dev]'
	@$(anywhere)
	@touch .venv/ready $@

# The newest Python that is 3.11 or later and can make virtual environments; on Debian as root, one is installed if need be.
.venv/bin/pip:
	@sh tests/services/python
