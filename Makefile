# `make demo` and `make test` each make their own environment (.venv) and do the whole job;
# all they need is Python 3.11 or newer and make. Versions are pinned by constraints.txt.
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/installed

.PHONY: demo test lint real fuzz measure measure-kill pages templates locale

demo: $(STAMP)
	$(VENV)/bin/truecopy demo

test: $(STAMP)
	$(VENV)/bin/python -m pytest -n auto --dist worksteal -m "not real" -q

# Against real parts (LibreOffice, poppler, PostgreSQL, SoftHSM), which .ci/run installs first.
real: $(STAMP)
	$(VENV)/bin/python -m pytest -m real -q

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# A minute of fuzzing what reads bytes from outside; findings go to fuzz-findings/ and fail it.
fuzz: $(VENV)/fuzz-installed
	$(VENV)/bin/python tests/fuzz/fuzz.py --seconds 60

$(VENV)/fuzz-installed: $(STAMP)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,fuzz]"
	$(VENV)/bin/python -c "import pathlib; pathlib.Path('$(VENV)/fuzz-installed').touch()"

# How often paper is judged rightly (docs/measuring.md): hours of two cores; goes on where it was broken off. An
# environment of its own, since augraphy asks for an OpenCV whose files overwrite those of the headless one: it comes
# without its dependencies, and the extra has the others. SHARE=0.1 measures a tenth.
SHARE ?= 1
MEASURE := .venv-measure

measure: $(MEASURE)/installed
	nice $(MEASURE)/bin/python -m benchmarks.comparison all --set measure --share $(SHARE)

# kill -9 of processes that issue, at moments of chance, on SQLite and PostgreSQL (which must be installed): an hour of
# two cores for 200 kills each; goes on where it was broken off.
KILLS ?= 200

measure-kill: $(STAMP)
	nice $(VENV)/bin/python -m benchmarks.kills $(KILLS)

$(MEASURE)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(MEASURE)
	$(MEASURE)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[measure]"
	$(MEASURE)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps augraphy
	$(MEASURE)/bin/python -c "import pathlib; pathlib.Path('$(MEASURE)/installed').touch()"

# Every page of the test's forms and of the samples as Typst and as LibreOffice set it, side by side: pages/index.html.
pages: $(STAMP)
	$(VENV)/bin/python -m benchmarks.side_by_side pages

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
