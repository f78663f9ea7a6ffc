"""Truecopy (正本): formal paper copies whose every page can be proved, and compared when the paper comes back."""

__version__ = "0.1.0"
