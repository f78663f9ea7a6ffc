"""Truecopy (正本): formal paper copies whose every page can be proved, and compared when the paper comes back.

What scripts of other systems call is here; each name is imported when it is first used, so that ``check`` does not pay
for what ``verify`` needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.application.checks import check
    from toolkit.application.reading import load_application
    from toolkit.as_reference import verify_as
    from toolkit.bundling import export_bundle, import_bundle
    from toolkit.home import open_home
    from toolkit.inspecting import inspect
    from toolkit.issued import issued_before
    from toolkit.issuing import draft, issue
    from toolkit.receipt import receipt
    from toolkit.receiving import receive
    from toolkit.verdict import Outcome
    from toolkit.verifying import verify, verify_digits

__version__ = "0.1.0"

_HOMES = {
    "check": "toolkit.application.checks",
    "load_application": "toolkit.application.reading",
    "open_home": "toolkit.home",
    "draft": "toolkit.issuing",
    "issue": "toolkit.issuing",
    "issued_before": "toolkit.issued",
    "Outcome": "toolkit.verdict",
    "inspect": "toolkit.inspecting",
    "receive": "toolkit.receiving",
    "receipt": "toolkit.receipt",
    "export_bundle": "toolkit.bundling",
    "import_bundle": "toolkit.bundling",
    "verify": "toolkit.verifying",
    "verify_as": "toolkit.as_reference",
    "verify_digits": "toolkit.verifying",
}

__all__ = [
    "Outcome",
    "check",
    "draft",
    "export_bundle",
    "import_bundle",
    "inspect",
    "issue",
    "issued_before",
    "load_application",
    "open_home",
    "receipt",
    "receive",
    "verify",
    "verify_as",
    "verify_digits",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'toolkit' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
