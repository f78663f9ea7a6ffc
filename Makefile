# `make demo` and `make test` each make their own environment (.venv) and do the whole job;
# all they need is Python 3.11 or newer and make. Versions are pinned by constraints.txt.
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/installed

.PHONY: demo test lint real templates locale

demo: $(STAMP)
	$(VENV)/bin/truecopy demo

test: $(STAMP)
	$(VENV)/bin/python -m pytest -n auto --dist worksteal -m "not real" -q

# Against real parts (LibreOffice ...), which .ci/run installs first.
real: $(STAMP)
	$(VENV)/bin/python -m pytest -m real -q

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# Write the supplied Word templates and the samples' picture and attachments again, from templates/authoring/.
templates: $(STAMP)
	$(VENV)/bin/python -m templates.authoring

# After a message was added or changed: update the catalogue, then translate what it lists.
locale: $(STAMP)
	$(VENV)/bin/python -m toolkit.locale.catalogue

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Truecopy needs Python 3.11 or newer; set PYTHON=...')"
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	$(VENV)/bin/python -c "import pathlib; pathlib.Path('$(STAMP)').touch()"
